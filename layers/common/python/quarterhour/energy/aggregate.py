"""Readings aggregated to buckets, hours, days, months and years (docs/semantics.md, rule 9).

An hour or a day is made from its buckets, a month from its days, a year from its months; gauges,
and degree days of a temperature, are made from hours. Sums are exact sums rounded once, so that an
answer has the same bytes whether it was aggregated now or stored before.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from math import fsum
from typing import NamedTuple

from quarterhour.energy import degree_days, gauges, resample
from quarterhour.energy.quantities import Quantity
from quarterhour.energy.readings import Reading, Series
from quarterhour.energy.resample import Bucket
from quarterhour.time.calendar import BUCKET_MS, DAY_MS, HOUR_MS, UTC, Zone

QUARTER_HOURS, HOUR, DAY, MONTH, YEAR = "15min", "hour", "day", "month", "year"

_LENGTHS_MS = {QUARTER_HOURS: BUCKET_MS, HOUR: HOUR_MS, DAY: DAY_MS}

Buckets = dict[int, Bucket]  # by their beginnings, ascending
PeriodOf = Callable[[int], int]
RowsOf = Callable[[Buckets, Quantity, Zone], list["Row"]]


class Row(NamedTuple):
    """What was measured in the period that begins at `start_ms`.

    Of amounts `total` is the sum, in the stored unit, and `covered` the milliseconds covered. Of a
    gauge `total` is the sum of its hours' means, `covered` the number of these hours, and `least`
    and `most` are the extremes.
    """

    start_ms: int
    total: float
    covered: int
    least: float = 0.0
    most: float = 0.0

    @property
    def mean(self) -> float:
        """The plain mean of a gauge's hours with data."""
        return self.total / self.covered


# --- Buckets of any measure -----------------------------------------------------------------------


def bucketed(measure: Series) -> Series:
    """Return the measure whose buckets this one is made from."""
    return (
        Series(measure.channel, Quantity.TEMPERATURE)
        if measure.quantity is Quantity.HEATING
        else measure
    )


def buckets(
    series: Mapping[Series, Sequence[Reading]], measure: Series, start_ms: int, end_ms: int
) -> Buckets:
    """Return the buckets of a source's readings that begin in [start_ms, end_ms), ascending."""
    channel, quantity = bucketed(measure)
    if quantity is Quantity.ENERGY:
        return resample.buckets(series, channel, start_ms, end_ms)
    readings = series.get(Series(channel, quantity), ())
    if quantity.is_gauge:
        return gauges.gauge_buckets(readings, start_ms, end_ms)
    return resample.energy_buckets(readings, start_ms, end_ms)


def derived(
    series: Mapping[Series, Sequence[Reading]],
    measures: Iterable[Series],
    start_ms: int,
    end_ms: int,
) -> dict[Series, Buckets]:
    """Return the buckets of a device's readings that its measures are made from."""
    return {
        measure: buckets(series, measure, start_ms, end_ms)
        for measure in dict.fromkeys(map(bucketed, measures))
    }


def chosen(members: Sequence[Mapping[Series, Buckets]]) -> dict[Series, Buckets]:
    """Return one source of several, the one that counts first in front.

    In each bucket the first member that has any of its measures there gives all of them.
    """
    taken: set[int] = set()
    merged: dict[Series, Buckets] = {}
    for member in members:
        own = {at for by_start in member.values() for at in by_start} - taken
        for measure, by_start in member.items():
            own_buckets = {at: by_start[at] for at in by_start if at in own}
            merged.setdefault(measure, {}).update(own_buckets)
        taken |= own
    return {measure: dict(sorted(by_start.items())) for measure, by_start in merged.items()}


# --- Longer periods -------------------------------------------------------------------------------


def quarter_hours(buckets: Buckets, quantity: Quantity, _: Zone) -> list[Row]:
    """Return buckets as rows, ascending."""
    if quantity.is_gauge:
        return [_gauge(at, [bucket]) for at, bucket in sorted(buckets.items())]
    return [Row(at, *bucket) for at, bucket in sorted(buckets.items())]


def hours(buckets: Buckets, quantity: Quantity, zone: Zone) -> list[Row]:
    """Return the local hours that have data, ascending; of HEATING their degree days."""
    if not (quantity.is_gauge or quantity is Quantity.HEATING):
        return summed(buckets, zone.hour_of)
    rows = [
        _gauge(start_ms, [buckets[at] for at in group])
        for start_ms, group in groupby(sorted(buckets), zone.hour_of)
    ]
    if quantity.is_gauge:
        return rows
    return [Row(row.start_ms, degree_days.of_hour(row.mean), 0) for row in rows]


def days(buckets: Buckets, quantity: Quantity, zone: Zone) -> list[Row]:
    """Return the local days that have data, ascending."""
    if quantity.is_gauge or quantity is Quantity.HEATING:
        return folded(hours(buckets, quantity, zone), zone.day_of)
    return summed(buckets, zone.day_of)


def by_measure(
    by_series: Mapping[Series, Buckets], measures: Iterable[Series], rows_of: RowsOf, zone: Zone
) -> dict[Series, list[Row]]:
    """Return each measure's rows (`quarter_hours`, `hours` or `days`) of the buckets it needs."""
    return {
        measure: rows_of(by_series[bucketed(measure)], measure.quantity, zone)
        for measure in measures
    }


def summed(buckets: Buckets, period_of: PeriodOf) -> list[Row]:
    """Return the sums of an amount's buckets by the period they lie in, ascending."""
    return [
        together(start_ms, [buckets[at] for at in group])
        for start_ms, group in groupby(sorted(buckets), period_of)
    ]


def folded(rows: Iterable[Row], period_of: PeriodOf) -> list[Row]:
    """Return ascending rows of sums or of a gauge by the longer period they lie in."""
    return [
        together(start_ms, [row[1:] for row in group])
        for start_ms, group in groupby(rows, lambda row: period_of(row.start_ms))
    ]


def together(start_ms: int, figures: Iterable[tuple[float, int, float, float]]) -> Row:
    """Return what rows or an amount's buckets show, put together; there must be any."""
    totals, covered, least, most = zip(*figures, strict=True)
    return Row(start_ms, fsum(totals), sum(covered), min(least), max(most))


def lengths_ms(rows: Sequence[Row], interval: str) -> list[int]:
    """Return how long the UTC period of each row is, whatever is covered of it."""
    if interval == MONTH:
        return [UTC.next_month(row.start_ms) - row.start_ms for row in rows]
    return [_LENGTHS_MS[interval]] * len(rows)


def _gauge(start_ms: int, parts: Iterable[Bucket]) -> Row:
    """Return an hour, or less, of a gauge: its mean counts once however much is covered."""
    bucket = gauges.weighed(parts)
    return Row(start_ms, bucket.value, 1, bucket.least, bucket.most)
