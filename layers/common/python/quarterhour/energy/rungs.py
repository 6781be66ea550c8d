"""Any measure up its ladder: readings to buckets, to hours, days, months (semantics, rule 9).

An hour or a day is made from its buckets, a month from its days, a year from its months. Gauges
and degree days of a temperature are made from hours: a longer period is the plain mean, or the
sum, of its hours.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from math import fsum
from typing import cast

from quarterhour.energy import gauges, ladder, resample
from quarterhour.energy.gauges import GaugeBucket
from quarterhour.energy.ladder import Gauge, Sum
from quarterhour.energy.measures import Kind, Measure
from quarterhour.energy.quantities import Quantity
from quarterhour.energy.readings import Reading, Series
from quarterhour.energy.resample import Bucket
from quarterhour.time.zones import Zone

BALANCE_F = 65.0

AnyBucket = Bucket | GaugeBucket
Buckets = Mapping[int, AnyBucket]
Row = Sum | Gauge
Rows = Sequence[Row]
PeriodOf = Callable[[int], int]


def bucketed(measure: Measure) -> Measure:
    """Return the measure whose buckets this one is made from."""
    return Measure(measure.channel, Kind.TEMPERATURE) if measure.kind is Kind.HEATING else measure


def buckets(
    series: Mapping[Series, Sequence[Reading]], measure: Measure, start_ms: int, end_ms: int
) -> Buckets:
    """Return the buckets of a source's readings that begin in [start_ms, end_ms), ascending."""
    channel, kind = bucketed(measure)
    if kind is Kind.ENERGY:
        return resample.buckets(series, channel, start_ms, end_ms)
    readings = series.get(Series(channel, Quantity(kind.value)), ())
    if kind.is_gauge:
        return gauges.gauge_buckets(readings, start_ms, end_ms)
    return resample.energy_buckets(readings, start_ms, end_ms)


def chosen(members: Sequence[Mapping[Measure, Buckets]]) -> dict[Measure, Buckets]:
    """Return one source of several, the one that counts first in front.

    In each bucket the first member that has any of its measures there gives all of them.
    """
    taken: set[int] = set()
    found: dict[Measure, dict[int, AnyBucket]] = {}
    for member in members:
        own = {at for of_measure in member.values() for at in of_measure} - taken
        for measure, of_measure in member.items():
            kept = {at: of_measure[at] for at in of_measure if at in own}
            found.setdefault(measure, {}).update(kept)
        taken |= own
    return {measure: dict(sorted(of_measure.items())) for measure, of_measure in found.items()}


def quarters(found: Buckets, kind: Kind, _: Zone) -> Rows:
    """Return the quarter hours of sums or of a gauge, ascending."""
    if not kind.is_gauge:
        return ladder.of_buckets(cast("Mapping[int, Bucket]", found))
    of_gauge = cast("Mapping[int, GaugeBucket]", found)
    return [gauges.hour(at, [bucket]) for at, bucket in sorted(of_gauge.items())]


def hours(found: Buckets, kind: Kind, zone: Zone) -> Rows:
    """Return the local hours that have data, ascending."""
    if kind is Kind.HEATING:
        return [_heating(one) for one in _gauge_hours(found, zone)]
    return _gauge_hours(found, zone) if kind.is_gauge else _sums(found, zone.hour_of)


def days(found: Buckets, kind: Kind, zone: Zone) -> Rows:
    """Return the local days that have data, ascending."""
    if kind is Kind.HEATING or kind.is_gauge:
        return folded(hours(found, kind, zone), zone.day_of)
    return _sums(found, zone.day_of)


def folded(rows: Rows, period_of: PeriodOf) -> Rows:
    """Return the next rung: ascending rows put together by the period they lie in."""
    if rows and isinstance(rows[0], Gauge):
        return [_gauge(at, group) for at, group in groupby(rows, lambda one: period_of(one[0]))]
    return ladder.summed(cast("Sequence[Sum]", rows), period_of)


def _sums(found: Buckets, period_of: PeriodOf) -> list[Sum]:
    return ladder.summed(ladder.of_buckets(cast("Mapping[int, Bucket]", found)), period_of)


def _gauge_hours(found: Buckets, zone: Zone) -> list[Gauge]:
    of_gauge = cast("Mapping[int, GaugeBucket]", found)
    return [
        gauges.hour(begin, [of_gauge[at] for at in of_hour])
        for begin, of_hour in groupby(of_gauge, zone.hour_of)
    ]


def _gauge(start_ms: int, parts: Iterable[Row]) -> Gauge:
    _, totals, counts, least, most = zip(*cast("Iterable[Gauge]", parts), strict=True)
    return Gauge(start_ms, fsum(totals), sum(counts), min(least), max(most))


def _heating(one: Gauge) -> Sum:
    """Return the degree days of an hour: what its mean is below the balance point, a 24th."""
    return Sum(one.start_ms, max(0.0, BALANCE_F - one.mean) / 24, 0)


def derived(
    series: Mapping[Series, Sequence[Reading]],
    measures: Iterable[Measure],
    start_ms: int,
    end_ms: int,
) -> dict[Measure, Buckets]:
    """Return the buckets of a device's readings that its measures are made from."""
    return {
        one: buckets(series, one, start_ms, end_ms)
        for one in dict.fromkeys(map(bucketed, measures))
    }
