"""Derived blocks of one source: a day's buckets, a month's days, a year's months (docs/table.md).

A block carries `s`, the mark counter it was derived at, and `v`, the version of the rules; it is
valid only while both are what they were. Floats are packed as they are, so that a stored figure
and one computed now have the same bytes.
"""

import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from math import isnan, nan
from typing import Any, NamedTuple

from quarterhour.calendar import BUCKET_MS, DAY_MS, next_month, next_year
from quarterhour.ladder import Sum
from quarterhour.resample import Bucket
from quarterhour.runs import Stretch
from quarterhour.store.keys import month_sort, year_sort

RULE = 1  # what a bucket is; a change makes every block invalid at once, a rebuild brings them back
UTC = "UTC"
BUCKETS = DAY_MS // BUCKET_MS

_MOST_IN_TWO_BYTES = 0xFFFF
# A bucket that is covered in part: its place in the day above its milliseconds, in four bytes.
_PART = struct.Struct("<I")
_MS_BITS = 20

Item = Mapping[str, Any]


def pack_floats(values: Iterable[float]) -> dict[str, bytes]:
    """Return float64s as one binary value."""
    found = [*values]
    return {"B": struct.pack(f"<{len(found)}d", *found)}


def floats(value: Item) -> tuple[float, ...]:
    """Return the float64s of a binary value."""
    packed: bytes = value["B"]
    return struct.unpack(f"<{len(packed) // 8}d", packed)


def pack_counts(values: Iterable[int]) -> dict[str, bytes]:
    """Return whole numbers as one binary value, in two bytes each if that is enough, else four."""
    found = [*values]
    code = "H" if max(found, default=0) <= _MOST_IN_TWO_BYTES else "I"
    return {"B": struct.pack(f"<{len(found)}{code}", *found)}


def counts(value: Item, how_many: int) -> tuple[int, ...]:
    """Return that many whole numbers of a binary value."""
    packed: bytes = value["B"]
    code = "H" if len(packed) == 2 * how_many else "I"
    return struct.unpack(f"<{how_many}{code}", packed)


def number(value: int) -> dict[str, str]:
    """Return a whole number as an attribute value."""
    return {"N": str(value)}


def day_block(day_ms: int, buckets: Mapping[int, Bucket], marks: int) -> dict[str, Any]:
    """Return the attributes of a day block; a bucket that nothing covers is NaN."""
    energy = [nan] * BUCKETS
    parts = []
    for at, (kwh, covered_ms) in buckets.items():
        place = (at - day_ms) // BUCKET_MS
        energy[place] = kwh
        if covered_ms < BUCKET_MS:
            parts.append(_PART.pack(place << _MS_BITS | covered_ms))
    return {
        "s": number(marks),
        "v": number(RULE),
        "e": pack_floats(energy),
        "c": {"B": b"".join(parts)},
    }


def day_buckets(day_ms: int, block: Item) -> dict[int, Bucket]:
    """Return the buckets of a day block, ascending."""
    covered = [BUCKET_MS] * BUCKETS
    for (part,) in _PART.iter_unpack(block["c"]["B"]):
        covered[part >> _MS_BITS] = part & ((1 << _MS_BITS) - 1)
    starts = range(day_ms, day_ms + DAY_MS, BUCKET_MS)
    return {
        at: Bucket(kwh, covered_ms)
        for at, kwh, covered_ms in zip(starts, floats(block["e"]), covered, strict=True)
        if kwh == kwh  # noqa: PLR0124  not NaN, at a third of the cost of isnan
    }


def is_current(block: Item, marks: int) -> bool:
    """Return whether a block was derived at this mark counter, by today's rules."""
    return int(block["s"]["N"]) == marks and int(block["v"]["N"]) == RULE


class Kind(NamedTuple):
    """A block of sums: where a device's is kept, and the parts a period has."""

    sort: Callable[[str, int], str]
    following: Callable[[int], int]
    part_after: Callable[[int], int]

    def parts(self, period_ms: int) -> list[Stretch]:
        """Return the half-open parts of a period: the days of a month, the months of a year."""
        found = []
        begin, end = period_ms, self.following(period_ms)
        while begin < end:
            found.append((begin, self.part_after(begin)))
            begin = found[-1][1]
        return found


MONTH = Kind(month_sort, next_month, lambda day: day + DAY_MS)
YEAR = Kind(year_sort, next_year, next_month)


def sums_block(
    parts: Iterable[Stretch], by_channel: Mapping[str, Mapping[int, Sum]], marks: int, upto_ms: int
) -> dict[str, Any]:
    """Return the attributes of a month or year block that is complete up to `upto_ms`."""
    block: dict[str, Any] = {
        "s": number(marks),
        "v": number(RULE),
        "tz": {"S": UTC},
        "upto": number(upto_ms),
    }
    for channel, sums in by_channel.items():
        found = [sums.get(begin, Sum(begin, nan, 0)) for begin, _ in parts]
        block[f"e.{channel}"] = pack_floats(one.kwh for one in found)
        block[f"c.{channel}"] = pack_counts(one.covered_ms for one in found)
    return block


def kept_sums(
    parts: Sequence[Stretch], block: Item, counters: Mapping[int, int], channel: str
) -> dict[Stretch, Sum | None]:
    """Return what a block says of each part, None where there is no data; all it cannot say is out.

    `counters` are the days' mark counters, read after the block. A block that is not there, not
    valid or of other rules says nothing.
    """
    if not block:
        return {}
    marks = sum(counters.get(day, 0) for day in range(parts[0][0], parts[-1][1], DAY_MS))
    if not is_current(block, marks) or block["tz"]["S"] != UTC:
        return {}
    kept = [part for part in parts if part[1] <= int(block["upto"]["N"])]
    if f"e.{channel}" not in block:
        return dict.fromkeys(kept)
    covered = counts(block[f"c.{channel}"], len(parts))
    rows = zip(kept, floats(block[f"e.{channel}"]), covered, strict=False)
    return {part: None if isnan(kwh) else Sum(part[0], kwh, ms) for part, kwh, ms in rows}
