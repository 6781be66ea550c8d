"""Period totals: amounts of days, a month or a year, over whole local days (semantics, rule 2).

A total counts from the local day of its instant for its period, and each of these days has an equal
share of it. It is in no quarter hour and no hour.
"""

from bisect import bisect_left
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from math import fsum
from typing import NamedTuple

from quarterhour.energy.profile import Profile, filled, profile
from quarterhour.energy.readings import Series
from quarterhour.time.calendar import DAY_MS, Zone
from quarterhour.time.declared import MAX_DAYS, first_after
from quarterhour.time.intervals import Interval

# From the instant of a total, its days end earlier than this: the most days of a period, the part
# of a day before the instant, and an hour that clocks may be put back.
LONGEST_MS = (MAX_DAYS + 1) * DAY_MS


@dataclass(frozen=True, slots=True)
class Total:
    """What a device's channel came to, in its stored unit, in the period from `start_ms` on."""

    device: str
    measure: Series
    start_ms: int
    period: str
    amount: float


class _Spread(NamedTuple):
    """What shares days: the totals of one device and measure for the same days are one."""

    device: str
    measure: Series
    days: Interval


# Each day's share, by device and measure.
Shares = Mapping[str, Mapping[Series, Mapping[int, float]]]


def span(at_ms: int, period: str, zone: Zone) -> Interval:
    """Return the local days of a period, half-open, from that of an instant on."""
    first = zone.date_of(at_ms)
    return zone.begin(first), zone.begin(first_after(first, period))


def days(total: Total, zone: Zone) -> Sequence[int]:
    """Return the beginnings of the local days that share a total."""
    return zone.days_between(*span(total.start_ms, total.period, zone))


def shares(totals: Iterable[Total], zone: Zone, start_ms: int, end_ms: int) -> Shares:
    """Return each day's share of the totals, for the days that begin in [start_ms, end_ms)."""
    spreads: dict[_Spread, list[float]] = {}
    for total in totals:
        spread_over = span(total.start_ms, total.period, zone)
        spread = _Spread(total.device, total.measure, spread_over)
        spreads.setdefault(spread, []).append(total.amount)
    if not spreads:
        return {}
    begins = [spread.days[0] for spread in spreads]
    all_days = zone.days_between(min(begins), max(spread.days[1] for spread in spreads))
    lowest, highest = bisect_left(all_days, start_ms), bisect_left(all_days, end_ms)
    parts: dict[str, dict[Series, dict[int, list[float]]]] = {}
    for (device, measure, (begin, end)), amounts in spreads.items():
        first, last = bisect_left(all_days, begin), bisect_left(all_days, end)
        share = fsum(amounts) / (last - first)
        by_day = parts.setdefault(device, {}).setdefault(measure, {})
        for day in all_days[max(first, lowest) : min(last, highest)]:
            by_day.setdefault(day, []).append(share)
    return {
        device: {
            measure: {day: fsum(by_day[day]) for day in sorted(by_day)}
            for measure, by_day in measures.items()
        }
        for device, measures in parts.items()
    }


def with_totals(
    found: Mapping[Series, Profile],
    shares_of: Shares,
    devices: Sequence[str],
    measured: Mapping[Series, Collection[int]],
) -> dict[Series, Profile]:
    """Return the days of a meter, by its measures, with the totals of its devices.

    `devices` begins with the one that counts first; `measured` are the days that have interval
    data of a measure on any device, beside those that are found: there totals do not count. Of the
    others the first device that has any of the measures' totals for a day gives all of them.
    """
    there = {measure: {*days.starts, *measured.get(measure, ())} for measure, days in found.items()}
    counted = {measure: profile() for measure in found}
    taken = set[int]()
    for device in devices:
        own = {
            measure: {
                day: share
                for day, share in shares_of.get(device, {}).get(measure, {}).items()
                if not (day in taken or day in there[measure])
            }
            for measure in found
        }
        for measure, share in own.items():
            of_device = profile(share, share.values(), repeat(0, len(share)))
            counted[measure] = filled(counted[measure], of_device)
        taken.update(*own.values())
    return {measure: filled(days, counted[measure]) for measure, days in found.items()}
