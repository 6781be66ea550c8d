"""Readings aggregated to buckets, hours, days, months and years (docs/semantics.md, rule 9).

An hour or a day is made from its buckets, a month from its days, a year from its months; gauges,
and degree days of a temperature, are made from hours. Sums are exact sums rounded once, so that an
answer has the same bytes whether it was aggregated now or stored before.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise, repeat
from math import fsum

from quarterhour.energy import degree_days, gauges, resample
from quarterhour.energy.profile import Profile, joined, profile
from quarterhour.energy.quantities import Quantity
from quarterhour.energy.readings import Reading, Series
from quarterhour.time import cuts
from quarterhour.time.calendar import BUCKET_MS, DAY_MS, HOUR_MS, UTC, Zone
from quarterhour.time.cuts import Cuts

QUARTER_HOURS, HOUR, DAY, MONTH, YEAR = "15min", "hour", "day", "month", "year"

_LENGTHS_MS = {QUARTER_HOURS: BUCKET_MS, HOUR: HOUR_MS, DAY: DAY_MS}

# Of each measure its quarter hours, hours, days or months.
Profiles = dict[Series, Profile]
# Returns the hours, or the like, of a measure's buckets.
Aggregate = Callable[[Profile, Quantity, Zone], Profile]


# --- Buckets of any measure -----------------------------------------------------------------------


def bucketed(measure: Series) -> Series:
    """Return the measure whose buckets this one is made from."""
    quantity = measure.quantity.of_hours
    if quantity is Quantity.HEATING:
        quantity = Quantity.TEMPERATURE
    return measure if quantity is measure.quantity else Series(measure.channel, quantity)


def buckets(
    series: Mapping[Series, Sequence[Reading]],
    measure: Series,
    start_ms: int,
    end_ms: int,
    now_ms: int | None = None,
) -> Profile:
    """Return the buckets of a source's readings that begin in [start_ms, end_ms).

    Powers and gauges hold no further than `now_ms`; None where all of it is to be told.
    """
    channel, quantity = bucketed(measure)
    if quantity is Quantity.ENERGY:
        return resample.buckets(series, channel, start_ms, end_ms, now_ms)
    readings = series.get(Series(channel, quantity), ())
    if quantity.is_gauge:
        return gauges.gauge_buckets(readings, start_ms, end_ms, now_ms)
    return resample.energy_buckets(readings, start_ms, end_ms)


def derived(
    series: Mapping[Series, Sequence[Reading]],
    measures: Iterable[Series],
    start_ms: int,
    end_ms: int,
    now_ms: int | None = None,
) -> Profiles:
    """Return the buckets of a device's readings that its measures are made from, up to now."""
    return {
        measure: buckets(series, measure, start_ms, end_ms, now_ms)
        for measure in dict.fromkeys(map(bucketed, measures))
    }


def chosen(members: Sequence[Mapping[Series, Profile]]) -> Profiles:
    """Return one source of several, the one that counts first in front.

    In each bucket the first member that has any of its measures there gives all of them.
    """
    taken: set[int] = set()
    parts: dict[Series, list[Profile]] = {}
    for member in members:
        for measure, found in member.items():
            own = found.where([at not in taken for at in found.starts]) if taken else found
            parts.setdefault(measure, []).append(own)
        taken.update(*(found.starts for found in member.values()))
    return {measure: joined(of_members) for measure, of_members in parts.items()}


# --- Longer periods -------------------------------------------------------------------------------


def quarter_hours(found: Profile, quantity: Quantity, _: Zone) -> Profile:
    """Return the quarter hours of buckets; of a gauge each counts once, as an hour does."""
    if not quantity.is_gauge:
        return found
    return _of_gauge(found, cuts.each(found.starts))


def hours(found: Profile, quantity: Quantity, zone: Zone) -> Profile:
    """Return the local hours of buckets that have data; of HEATING their degree days."""
    if quantity.is_hourly:
        of_hours = hours(found, quantity.of_hours, zone)
        shown = of_hours.totals
        return profile(of_hours.starts, shown, repeat(1, len(shown)), shown, shown)
    by_hour = cuts.hours(found.starts, zone)
    if quantity.is_gauge:
        return _of_gauge(found, by_hour)
    if quantity is Quantity.HEATING:
        means = _of_gauge(found, by_hour)
        heating = map(degree_days.of_hour, means.totals)
        return profile(means.starts, heating, repeat(0, len(means)))
    return folded(found, by_hour)


def days(found: Profile, quantity: Quantity, zone: Zone) -> Profile:
    """Return the local days of buckets that have data."""
    if quantity.is_gauge or quantity is Quantity.HEATING:
        found = hours(found, quantity, zone)
    return folded(found, cuts.days(found.starts, zone))


def by_measure(
    found: Mapping[Series, Profile], measures: Iterable[Series], aggregate: Aggregate, zone: Zone
) -> Profiles:
    """Return each measure's `quarter_hours`, `hours` or `days` of the buckets it needs."""
    return {
        measure: aggregate(found[bucketed(measure)], measure.quantity, zone) for measure in measures
    }


def folded(found: Profile, longer: Cuts) -> Profile:
    """Return the longer periods that a profile is cut by.

    What is put together are sums: an amount's buckets, hours, days or months; a gauge's hours or
    what was made of them.
    """
    edges = longer.edges
    totals, covered = found.totals.tolist(), found.covered.tolist()  # cut faster than arrays are
    return profile(
        longer.begins,
        [fsum(totals[first:last]) for first, last in pairwise(edges)],
        [sum(covered[first:last]) for first, last in pairwise(edges)],
        *(_extremes(found, edges) if found.least else ()),
    )


def lengths_ms(starts: Sequence[int], interval: str) -> Sequence[int]:
    """Return how long the UTC periods with these beginnings are, whatever is covered of them."""
    if interval == MONTH:
        return [UTC.next_month(start_ms) - start_ms for start_ms in starts]
    return [_LENGTHS_MS[interval]] * len(starts)


def _of_gauge(found: Profile, hours: Cuts) -> Profile:
    """Return the hours of a gauge, or less: each mean counts once however much is covered."""
    totals, covered = found.totals.tolist(), found.covered.tolist()
    lows, highs = _extremes(found, hours.edges)
    means = [
        gauges.weighed(totals[first:last], covered[first:last], low, high)
        for (first, last), low, high in zip(pairwise(hours.edges), lows, highs, strict=True)
    ]
    return profile(hours.begins, means, [1] * len(means), lows, highs)


def _extremes(found: Profile, edges: Sequence[int]) -> tuple[list[float], list[float]]:
    """Return the least and the most of the parts of a gauge."""
    least, most = found.least.tolist(), found.most.tolist()
    return (
        [min(least[first:last]) for first, last in pairwise(edges)],
        [max(most[first:last]) for first, last in pairwise(edges)],
    )
