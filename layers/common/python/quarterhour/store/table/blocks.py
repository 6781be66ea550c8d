"""Derived blocks of one source: a day's buckets, a month's days, a year's months (docs/table.md).

A block carries `s`, the mark counter it was derived at, and `v`, the version of the rules; it is
valid only while both are what they were. Floats are packed as they are, so that a stored figure
and one computed now have the same bytes.
"""

import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from itertools import pairwise
from math import isnan, nan
from typing import Any, NamedTuple

from quarterhour.energy.aggregate import Buckets, Row
from quarterhour.energy.quantities import Quantity
from quarterhour.energy.readings import Series
from quarterhour.energy.resample import Bucket
from quarterhour.store.table.codec import number
from quarterhour.store.table.keys import month_sort, year_sort
from quarterhour.time.calendar import BUCKET_MS, DAY_MS, Zone, periods
from quarterhour.time.intervals import Stretch

RULE = 2  # what a bucket is; a change makes every block invalid at once, a rebuild brings them back
BUCKETS = DAY_MS // BUCKET_MS

_MOST_IN_TWO_BYTES = 0xFFFF
# A bucket that is covered in part: its place in the day above its milliseconds, in four bytes.
_PART = struct.Struct("<I")
_MS_BITS = 20
# A bucket of a gauge in which its value changed: its place, the least and the most.
_SPREAD = struct.Struct("<Bdd")
# A row of sums: the sum and the milliseconds covered; of gauges: the sum of the hours' means, the
# number of hours, the least and the most. NaN is a row without data.
_FORMS = {
    False: (struct.Struct("<dI"), (nan, 0)),
    True: (struct.Struct("<dIdd"), (nan, 0, nan, nan)),
}

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
    day_ms: int, buckets: Buckets, marks: int, quantity: Quantity = Quantity.ENERGY
) -> dict[str, Any]:
    """Return the attributes of a day block; a bucket that nothing covers is NaN."""
    figures = [nan] * BUCKETS
    parts, spreads = [], []
    for at, bucket in buckets.items():
        place = (at - day_ms) // BUCKET_MS
        figures[place] = bucket.value
        if bucket.covered_ms < BUCKET_MS:
            parts.append(_PART.pack(place << _MS_BITS | bucket.covered_ms))
        if bucket.least != bucket.most:
            spreads.append(_SPREAD.pack(place, bucket.least, bucket.most))
    block: dict[str, Any] = {
        "s": number(marks),
        "v": number(RULE),
        "k": {"S": quantity.value},
        "e": pack_floats(figures),
        "c": {"B": b"".join(parts)},
    }
    return block | ({"x": {"B": b"".join(spreads)}} if quantity.is_gauge else {})


def day_buckets(day_ms: int, block: Item) -> dict[int, Bucket]:
    """Return the buckets of a day block, ascending."""
    covered = [BUCKET_MS] * BUCKETS
    for (part,) in _PART.iter_unpack(block["c"]["B"]):
        covered[part >> _MS_BITS] = part & ((1 << _MS_BITS) - 1)
    starts = range(day_ms, day_ms + DAY_MS, BUCKET_MS)
    rows = zip(starts, floats(block["e"]), covered, strict=True)
    if Quantity(block["k"]["S"]).is_gauge:  # `x` may be left over from when it was one
        spreads = _spreads(day_ms, block)
        return {
            at: Bucket(mean, covered_ms, *spreads.get(at, (mean, mean)))
            for at, mean, covered_ms in rows
            if not isnan(mean)
        }
    return {
        at: Bucket(figure, covered_ms)
        for at, figure, covered_ms in rows
        if figure == figure  # noqa: PLR0124  not NaN, at a third of the cost of isnan
    }


def _spreads(day_ms: int, block: Item) -> dict[int, tuple[float, float]]:
    packed = _SPREAD.iter_unpack(block["x"]["B"])
    return {day_ms + place * BUCKET_MS: (least, most) for place, least, most in packed}


def is_current(block: Item, marks: int, quantity: Quantity = Quantity.ENERGY) -> bool:
    """Return whether a day block was of this mark counter, quantity and rule."""
    return _is_valid(block, marks) and bool(block["k"]["S"] == quantity)


def _is_valid(block: Item, marks: int) -> bool:
    return int(block["v"]["N"]) == RULE and int(block["s"]["N"]) == marks


class Periods(NamedTuple):
    """Blocks of sums: where a source's are kept, and the parts a period has in a zone."""

    key: Callable[[str, str], str]
    form: str
    period_of: Callable[[Zone, int], int]
    following: Callable[[Zone, int], int]
    part_after: Callable[[Zone, int], int]

    def sort(self, zone: Zone, device: str, period_ms: int) -> str:
        """Return the sort key of a source's block of a period."""
        return self.key(device, zone.date_of(period_ms).strftime(self.form))

    def between(self, zone: Zone, start_ms: int, end_ms: int) -> list[int]:
        """Return the periods that [start_ms, end_ms) touches."""
        return periods(self.period_of(zone, start_ms), end_ms, partial(self.following, zone))

    def parts(self, zone: Zone, period_ms: int) -> list[Stretch]:
        """Return the half-open parts of a period: the days of a month, the months of a year."""
        end = self.following(zone, period_ms)
        begins = periods(period_ms, end, partial(self.part_after, zone))
        return [*pairwise([*begins, end])]


MONTHS = Periods(month_sort, "%Y-%m", Zone.month_of, Zone.next_month, Zone.next_day)
YEARS = Periods(year_sort, "%Y", Zone.year_of, Zone.next_year, Zone.next_month)


def sums_block(
    parts: Sequence[Stretch],
    by_measure: Mapping[Series, Sequence[Row]],
    marks: int,
    upto_ms: int,
    zone: Zone,
) -> dict[str, Any]:
    """Return the attributes of a month or year block that is complete up to `upto_ms`.

    `of` names the measures it speaks of: what an older catalogue left beside them says nothing.
    """
    block: dict[str, Any] = {
        "s": number(marks),
        "v": number(RULE),
        "tz": {"S": zone.name},
        "upto": number(upto_ms),
        "of": {"S": " ".join(map(_name, by_measure))},
    }
    for measure, rows in by_measure.items():
        form, nothing = _FORMS[measure.quantity.is_gauge]
        figures = {row.start_ms: row[1 : 1 + len(nothing)] for row in rows}
        block[_name(measure)] = {
            "B": b"".join(form.pack(*figures.get(begin, nothing)) for begin, _ in parts)
        }
    return block


def kept_rows(
    parts: Sequence[Stretch], block: Item, marks: int, measures: Sequence[Series], zone: Zone
) -> dict[Stretch, dict[Series, Row]]:
    """Return what a block says of each part: measures without data in it are left out.

    `marks` are the counters of the days that the period touches, all together, read after the
    block. A block that is not there, not valid, of other rules or another zone, or that does not
    speak of all the measures says nothing.
    """
    if not block or not _is_valid(block, marks) or block["tz"]["S"] != zone.name:
        return {}
    if not {*map(_name, measures)} <= {*block["of"]["S"].split()}:
        return {}
    by_part: dict[Stretch, dict[Series, Row]] = {
        part: {} for part in parts if part[1] <= int(block["upto"]["N"])
    }
    for measure in measures:
        form, _ = _FORMS[measure.quantity.is_gauge]
        packed = form.iter_unpack(block[_name(measure)]["B"])
        for part, figures in zip(by_part, packed, strict=False):
            if not isnan(figures[0]):
                by_part[part][measure] = Row(part[0], *figures)
    return by_part


def _name(measure: Series) -> str:
    return f"{measure.channel}.{measure.quantity}"
