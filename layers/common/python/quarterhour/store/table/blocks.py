"""Derived blocks of one source: a day's buckets, and where months and years are (docs/table.md).

A block carries `s`, the mark counter it was derived at, and `v`, the version of the rules; it is
valid only while both are what they were. Floats are packed as they are, so that a stored figure
and one computed now have the same bytes.
"""

import struct
from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import partial
from itertools import pairwise
from math import isnan, nan
from typing import Any, NamedTuple

from quarterhour.energy.profile import Profile, profile
from quarterhour.energy.quantities import Quantity
from quarterhour.sites.virtual_meters import Meter
from quarterhour.store.table.codec import number
from quarterhour.store.table.keys import month_sort, year_sort
from quarterhour.time.calendar import BUCKET_MS, DAY_MS, Zone, periods
from quarterhour.time.intervals import Interval

RULE = 2  # what a bucket is; a change makes every block invalid at once, a rebuild brings them back
BUCKETS = DAY_MS // BUCKET_MS

_VERSION = number(RULE)
# After the name of a device, which has figures only, or of several, in hexadecimal.
_HOURS = "h"
_MOST_IN_TWO_BYTES = 0xFFFF
_STARTS = struct.Struct(f"{BUCKETS}q")
# A bucket that is covered in part: its place in the day above its milliseconds, in four bytes.
_PART = struct.Struct("<I")
_MS_BITS = 20
# A bucket of a gauge in which its value changed: its place, the least and the most.
_SPREAD = struct.Struct("<Bdd")

Item = Mapping[str, Any]


def pack_floats(values: Iterable[float]) -> dict[str, bytes]:
    """Return float64s as one binary value."""
    figures = [*values]
    return {"B": struct.pack(f"<{len(figures)}d", *figures)}


def floats(value: Item) -> tuple[float, ...]:
    """Return the float64s of a binary value."""
    packed: bytes = value["B"]
    return struct.unpack(f"<{len(packed) // 8}d", packed)


def pack_counts(values: Iterable[int]) -> dict[str, bytes]:
    """Return whole numbers as one binary value, in two bytes each if that is enough, else four."""
    numbers = [*values]
    code = "H" if max(numbers, default=0) <= _MOST_IN_TWO_BYTES else "I"
    return {"B": struct.pack(f"<{len(numbers)}{code}", *numbers)}


def counts(value: Item, how_many: int) -> tuple[int, ...]:
    """Return that many whole numbers of a binary value."""
    packed: bytes = value["B"]
    code = "H" if len(packed) == 2 * how_many else "I"
    return struct.unpack(f"<{how_many}{code}", packed)


def day_block(
    day_ms: int, buckets: Profile, marks: int, quantity: Quantity = Quantity.ENERGY
) -> dict[str, Any]:
    """Return the attributes of a day block; a bucket that nothing covers is NaN."""
    figures = [nan] * BUCKETS
    parts, spreads = [], []
    for at, figure, covered_ms, least, most in buckets.rows():
        place = (at - day_ms) // BUCKET_MS
        figures[place] = figure
        if covered_ms < BUCKET_MS:
            parts.append(_PART.pack(place << _MS_BITS | covered_ms))
        if least != most:
            spreads.append(_SPREAD.pack(place, least, most))
    block: dict[str, Any] = {
        "s": number(marks),
        "v": _VERSION,
        "k": {"S": quantity.value},
        "e": pack_floats(figures),
        "c": {"B": b"".join(parts)},
    }
    return block | ({"x": {"B": b"".join(spreads)}} if quantity.is_gauge else {})


def day_buckets(day_ms: int, block: Item) -> Profile:
    """Return the buckets of a day block."""
    figures = floats(block["e"])
    starts = array("q", _STARTS.pack(*range(day_ms, day_ms + DAY_MS, BUCKET_MS)))
    covered = array("q", [BUCKET_MS]) * BUCKETS
    for (part,) in _PART.iter_unpack(block["c"]["B"]):
        covered[part >> _MS_BITS] = part & ((1 << _MS_BITS) - 1)
    # `x` may be left over from when it was a gauge.
    of_gauge = Quantity(block["k"]["S"]).is_gauge
    spreads = _spreads(block, figures) if of_gauge else ()
    day = profile(starts, figures, covered, *spreads)
    if not isnan(sum(figures)):  # all of them are there
        return day
    return day.where([not isnan(figure) for figure in figures])


def _spreads(block: Item, means: Sequence[float]) -> tuple[list[float], list[float]]:
    """Return the least and the most of a gauge's buckets: where it did not change, its mean."""
    lows, highs = [*means], [*means]
    for place, least, most in _SPREAD.iter_unpack(block["x"]["B"]):
        lows[place], highs[place] = least, most
    return lows, highs


def is_current(block: Item, marks: int, quantity: Quantity = Quantity.ENERGY) -> bool:
    """Return whether a day block was of this mark counter, quantity and rule."""
    return _is_valid(block, marks) and bool(block["k"]["S"] == quantity)


def _is_valid(block: Item, marks: int) -> bool:
    # What a block of another rule looks like is for that rule to know.
    return block.get("v") == _VERSION and int(block["s"]["N"]) == marks


class Periods(NamedTuple):
    """Blocks of sums: where a source's are kept, and the parts a period has in a zone."""

    key: Callable[[str, str], str]
    form: str
    period_of: Callable[[Zone, int], int]
    following: Callable[[Zone, int], int]
    part_after: Callable[[Zone, int], int]
    place: int  # of the period's name in a sort key

    def sort(self, zone: Zone, meter: Meter, period_ms: int) -> str:
        """Return the sort key of a meter's block of a period; of its first item.

        Hours have blocks of their own, so that who reads no hours reads no more.
        """
        device = f"{meter.source.device}{_HOURS}" if meter.is_hourly else meter.source.device
        return self.key(device, zone.date_of(period_ms).strftime(self.form))

    def begin(self, zone: Zone, sort: str) -> int:
        """Return the beginning of the period of a block, by the sort key of any of its items."""
        return zone.begin(date.fromisoformat(f"{sort.split('#')[self.place]}-01-01"[:10]))

    def between(self, zone: Zone, start_ms: int, end_ms: int) -> list[int]:
        """Return the periods that [start_ms, end_ms) touches."""
        return periods(self.period_of(zone, start_ms), end_ms, partial(self.following, zone))

    def parts(self, zone: Zone, period_ms: int) -> list[Interval]:
        """Return the half-open parts of a period: the days of a month, the months of a year."""
        end = self.following(zone, period_ms)
        begins = periods(period_ms, end, partial(self.part_after, zone))
        return [*pairwise([*begins, end])]


MONTHS = Periods(month_sort, "%Y-%m", Zone.month_of, Zone.next_month, Zone.next_day, 2)
YEARS = Periods(year_sort, "%Y", Zone.year_of, Zone.next_year, Zone.next_month, 1)
