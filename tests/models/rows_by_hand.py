"""Buckets put together to hours, days and months one by one, as plainly as it can be said.

The definition that profiles are compared with: dicts of buckets and lists of rows, every bucket
asked for its own period. In floats, as the bytes of answers are those of exact sums rounded once.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from math import fsum

from quarterhour.energy.profile import Row
from quarterhour.energy.quantities import Quantity
from quarterhour.energy.readings import Series
from quarterhour.time.calendar import Zone
from tests.profiles import Bucket, Buckets

PeriodOf = Callable[[int], int]


def quarter_hours(buckets: Buckets, quantity: Quantity) -> list[Row]:
    """Return buckets as rows."""
    if quantity.is_gauge:
        return [gauge(at, [bucket]) for at, bucket in sorted(buckets.items())]
    return [Row(at, *bucket) for at, bucket in sorted(buckets.items())]


def hours(buckets: Buckets, quantity: Quantity, zone: Zone) -> list[Row]:
    """Return the local hours that have data; of HEATING their degree days at 65 degF."""
    if not (quantity.is_gauge or quantity is Quantity.HEATING):
        return summed(buckets, zone.hour_of)
    rows = [
        gauge(start_ms, [buckets[at] for at in group])
        for start_ms, group in groupby(sorted(buckets), zone.hour_of)
    ]
    if quantity.is_gauge:
        return rows
    return [Row(row.start_ms, max(0.0, 65 - row.mean) / 24, 0) for row in rows]


def days(buckets: Buckets, quantity: Quantity, zone: Zone) -> list[Row]:
    """Return the local days that have data."""
    if quantity.is_gauge or quantity is Quantity.HEATING:
        return folded(hours(buckets, quantity, zone), zone.day_of)
    return summed(buckets, zone.day_of)


def summed(buckets: Buckets, period_of: PeriodOf) -> list[Row]:
    """Return the sums of an amount's buckets by the period they lie in."""
    return [
        together(start_ms, [buckets[at] for at in group])
        for start_ms, group in groupby(sorted(buckets), period_of)
    ]


def folded(rows: Iterable[Row], period_of: PeriodOf) -> list[Row]:
    """Return rows of sums or of a gauge by the longer period they lie in."""
    return [
        together(start_ms, [row[1:] for row in group])
        for start_ms, group in groupby(rows, lambda row: period_of(row.start_ms))
    ]


def together(start_ms: int, figures: Iterable[tuple[float, int, float, float]]) -> Row:
    """Return what rows or an amount's buckets show, put together."""
    totals, covered, least, most = zip(*figures, strict=True)
    return Row(start_ms, fsum(totals), sum(covered), min(least), max(most))


def gauge(start_ms: int, parts: Sequence[Bucket]) -> Row:
    """Return an hour, or less, of a gauge: its mean by the time that is covered counts once."""
    low, high = min(part.least for part in parts), max(part.most for part in parts)
    if low == high:
        return Row(start_ms, low, 1, low, high)
    weights = [part.value * part.covered_ms for part in parts]
    return Row(start_ms, fsum(weights) / sum(part.covered_ms for part in parts), 1, low, high)


def chosen(members: Sequence[Mapping[Series, Buckets]]) -> dict[Series, Buckets]:
    """Return one source of several: in each bucket the first that has any of its measures."""
    merged: dict[Series, Buckets] = {}
    taken = set[int]()
    for member in members:
        own = {at for by_start in member.values() for at in by_start} - taken
        for measure, by_start in member.items():
            merged.setdefault(measure, {}).update(
                {at: by_start[at] for at in by_start if at in own}
            )
        taken |= own
    return merged
