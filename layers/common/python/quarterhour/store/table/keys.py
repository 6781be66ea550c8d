"""Keys and attribute names of the table (docs/table.md).

>>> bucket_partition(Source("S1")), bucket_sort(1_535_069_700_000)
('R#S1', '2018-08-24T00:15')
>>> attribute(Series("used", Quantity.POWER), 1_535_070_000_500)
'p300_500'
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple
from zlib import crc32

from quarterhour.energy.quantities import POSTED, Quantity
from quarterhour.energy.readings import USED, Series
from quarterhour.sites.sources import Source, is_of_house
from quarterhour.time.calendar import (
    BUCKET_MS,
    DAY_MS,
    HOUR_MS,
    MINUTE_MS,
    bucket_of,
    bucket_text,
    day_number,
    day_text,
    month_text,
)
from quarterhour.time.instants import EPOCH, iso, parse

# What every item has beside its attributes.
OF_ALL_ITEMS = frozenset({"pk", "sk"})


def bucket_partition(source: Source) -> str:
    """Return the partition of a source's readings."""
    return f"R#{source.name}"


def bucket_sort(bucket_ms: int) -> str:
    """Return the sort key of a bucket item."""
    return bucket_text(bucket_ms)


def bucket_ms(sort: str) -> int:
    """Return the beginning of the bucket of a sort key."""
    return _day_ms(sort[:10]) + int(sort[11:13]) * HOUR_MS + int(sort[14:16]) * MINUTE_MS


@lru_cache(maxsize=4096)
def _day_ms(day: str) -> int:
    return (datetime.fromisoformat(f"{day}T00:00:00+00:00") - EPOCH) // timedelta(milliseconds=1)


def begin_ms(period: str) -> int:
    """Return the beginning of a period of a sort key: `2018`, `2018-08` or `2018-08-24`."""
    return _day_ms(f"{period}-01-01"[:10])


def between(after_ms: int, before_ms: int) -> tuple[str, str]:
    """Return the first and last bucket that hold instants inside the open interval, inclusive."""
    return bucket_text(bucket_of(after_ms + 1)), bucket_text(bucket_of(before_ms - 1))


def head_sort(month_ms: int) -> str:
    """Return the sort key of an owner's mark counters of a month."""
    return f"h#{month_text(month_ms)}"


def mark(source: Source, day_ms: int) -> str:
    """Return the attribute of a day's mark counter in the head."""
    number = day_number(day_ms)
    return f"{source.device}.{number}" if source.device else number


def marks_of(head: Mapping[str, Any]) -> Iterator[tuple[str, int, int]]:
    """Yield the devices ("" is a ship) and days a head has counters for, with their counters."""
    month = begin_ms(head["sk"]["S"].removeprefix("h#"))
    for name, value in head.items():
        device, _, number = name.rpartition(".")
        if number.isdigit():
            yield device, month + (int(number) - 1) * DAY_MS, int(value["N"])


class SiteKind(NamedTuple):
    """Ships or houses: where they are listed, what is to be settled of them, and up to when."""

    registry: str
    todo: str
    mark: str

    def todo_partition(self, shard: int) -> str:
        """Return the partition of what is to be settled in a shard."""
        return f"{self.todo}#{shard}"

    def todo_partitions(self, shards: int) -> list[str]:
        """Return the partitions of what is to be settled in all shards."""
        return [self.todo_partition(shard) for shard in range(shards)]

    @property
    def old_todo(self) -> str:
        """The one partition of all shards that older releases had."""
        return self.todo

    def registry_partition(self, shard: int) -> str:
        """Return the partition of the registry that lists the sites of a shard."""
        return f"{self.registry}#{shard}"

    def watermark(self, shard: int) -> str:
        """Return the sort key of a shard's watermark."""
        return f"{self.mark}{shard}"


SHIPS = SiteKind(registry="G", todo="T", mark="")
HOUSES = SiteKind(registry="C", todo="TH", mark="H")


def todo_partition(source: Source, shards: int) -> str:
    """Return the partition of what is to be settled in a source's shard, of ships or of houses."""
    kind = HOUSES if is_of_house(source) else SHIPS
    return kind.todo_partition(shard_of(source, shards))


def todo_sort(source: Source, month_ms: int) -> str:
    """Return the sort key of the list of a source's marked days of a month."""
    return f"{month_text(month_ms)}#{source.name}"


def day_sort(device: str, channel: str, day_ms: int) -> str:
    """Return the sort key of a day block."""
    return f"d#{device}#{channel}#{day_text(day_ms)}"


def month_sort(device: str, month: str) -> str:
    """Return the sort key of a block of a `2018-08`."""
    return f"m#{device}#{month}"


def year_sort(device: str, year: str) -> str:
    """Return the sort key of a block of a `2018`."""
    return f"y#{year}#{device}"


def sums_sort(first: str, nth: int) -> str:
    """Return the sort key of the nth item, from 0, of the block of a month or year.

    >>> sums_sort("m#2#2018-08", 0), sums_sort("m#2#2018-08", 1)
    ('m#2#2018-08', 'm#2#2018-08#1')
    """
    return f"{first}#{nth}" if nth else first


def first_of_sums(sort: str) -> str:
    """Return the sort key of the first item of a month's or year's block, by that of any.

    >>> first_of_sums("m#2#2018-08#1"), first_of_sums("m##2018-08")
    ('m#2#2018-08', 'm##2018-08')
    """
    return "#".join(sort.split("#")[:3])


def total_sort(start_ms: int, device: str, channel: str) -> str:
    """Return the sort key of a device's period total.

    >>> total_sort(1_535_068_800_000, "2", "main")
    't#2018-08-24T00:00:00Z#2#main'
    """
    return f"t#{iso(start_ms)}#{device}#{channel}"


def totals_between(start_ms: int, end_ms: int) -> tuple[str, str]:
    """Return the first and the last sort key of a house's period totals of [start_ms, end_ms).

    These are of whole days: an instant with milliseconds is sorted before its second's beginning.
    """
    return f"t#{day_text(start_ms)}", f"t#{day_text(end_ms)}~"


def total_of(sort: str) -> tuple[int, str, str]:
    """Return the instant, device and channel of a period total's sort key."""
    _, start, device, channel = sort.split("#")
    return parse(start), device, channel


# The period totals that releases before stored, as `p#2#main#2018-08-24T00:00:00Z`.
EARLY_TOTALS = ("p#", "p#~")


def early_total_of(sort: str) -> tuple[int, str, str]:
    """Return the instant, device and channel of such a sort key."""
    _, device, channel, start = sort.split("#")
    return parse(start), device, channel


# A house's own items; one Query has all that describes it.
CATALOGUE = "c#catalogue"
BUDGETS = "c#budgets"
DESCRIPTION = ("c#", "c#~")

FLEET = "F"
WATERMARKS = "W"
FLEET_MARK = "fleet"
FENCE = "fence"


def lease_sort(name: str) -> str:
    """Return the sort key of the lease of a shard or the fleet, beside the watermarks."""
    return f"lease#{name}"


# How many ships each shard has.
SIZES = "N"


# What was taken back, by whom: all corrections of all sites, by time.
AUDIT = "A"


def audit_sort(at_ms: int, token: str = "") -> str:
    """Return the sort key of the audit item of a correction that began then: sorted by time.

    Without a token, what is before all those of that instant.

    >>> audit_sort(1_535_069_700_000, "6f3a")
    '2018-08-24T00:15:00.000Z#6f3a'
    """
    second_ms = at_ms - at_ms % 1000
    return f"{iso(second_ms)[:-1]}.{at_ms % 1000:03}Z#{token}"


def audited_ms(sort: str) -> int:
    """Return when the correction of a sort key began; ValueError for what is none."""
    return parse(sort.partition("#")[0])


def shard_of(source: Source, shards: int) -> int:
    """Return the shard a ship, or the house of a device, is in."""
    return crc32(source.owner.encode()) % shards


def shard_partition(period: str) -> str:
    """Return the partition of all shards' items of a `2018-08-24`, `2018-08` or `2018`."""
    return f"Q#{period}"


def fleet_day_sort(day_ms: int) -> str:
    """Return the sort key of the fleet's day."""
    return f"d#{day_text(day_ms)}"


def fleet_month_sort(month_ms: int) -> str:
    """Return the sort key of the fleet's month."""
    return f"m#{month_text(month_ms)}"


# A reading's attribute is channel, quantity, offset in the bucket: `p300` is `used` power 300 s in,
# `solare0_500` the energy of `solar` half a second in. `used`, the most common, is written as
# nothing. The quantity is the last letter, so any channel name can be told from it.
_READING = re.compile(r"(.*)([a-z])([0-9]+)(?:_([0-9]{3}))?")


def attribute(series: Series, at_ms: int) -> str:
    """Return the attribute that holds the reading of a series at an instant."""
    return attribute_of(prefix(series), at_ms % BUCKET_MS)


def prefix(series: Series) -> str:
    """Return what the attributes of all readings of a series begin with."""
    return ("" if series.channel == USED else series.channel) + series.quantity


@lru_cache(maxsize=8192)
def attribute_of(prefix: str, offset_ms: int) -> str:
    """Return the attribute of a reading at an offset in its bucket; `prefix` is its series'."""
    seconds, ms = divmod(offset_ms, 1000)
    return f"{prefix}{seconds}_{ms:03}" if ms else f"{prefix}{seconds}"


@lru_cache(maxsize=65_536)
def reading_of(name: str) -> tuple[Series, int] | None:
    """Return the series and offset (ms) an attribute holds a reading of; None for other names."""
    if not (match := _READING.fullmatch(name)):
        return None
    channel, quantity, seconds, ms = match.groups()
    offset_ms = int(seconds) * 1000 + int(ms or 0)
    if quantity not in POSTED or offset_ms >= BUCKET_MS:
        return None
    return Series(channel or USED, Quantity(quantity)), offset_ms
