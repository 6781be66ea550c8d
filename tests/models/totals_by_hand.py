"""Totals of days, months and years, spread evenly over their local days: each day has a share."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from tests.models.attributes import Item
from tests.models.local_time import instant, later, midnight, wall
from tests.models.meters_by_hand import Measured, Meter
from tests.models.quarter_hours import Outcome

Totals = dict[tuple[str, Measured], dict[date, float]]  # the shares of days, by device
Shares = tuple[tuple[str, Measured, float], ...]

_MONTHS = {"P1M": 1, "P1Y": 12}


def spread(zone: str, sort: str, item: Item, begin: int, end: int) -> Totals:
    """Return the shares of the days that begin in [begin, end), from an item of the table."""
    if "amount" not in item:
        return {}
    _, start, device, channel = sort.split("#")
    first = wall(zone, instant(start)).date()
    period = item["interval"]["S"]
    until = later(first, _MONTHS[period]) if period in _MONTHS else first + _days(period)
    days = [first + timedelta(n) for n in range((until - first).days)]
    share = float(item["amount"]["N"]) / len(days)
    measure = Measured(channel, item["quantity"]["S"])
    asked = [day for day in days if begin <= midnight(zone, day) < end]
    return {(device, measure): dict.fromkeys(asked, share)}


def _days(period: str) -> timedelta:
    return timedelta(int(period.removeprefix("P").removesuffix("D")))


def added(totals: Iterable[Totals]) -> Totals:
    """Return what several totals give each day together."""
    sums: Totals = {}
    for total in totals:
        for at, shares_of_days in total.items():
            days = sums.setdefault(at, {})
            for day, share in shares_of_days.items():
                days[day] = days.get(day, 0.0) + share
    return sums


def shares(totals: Totals, meter: Meter, day: date) -> Iterator[tuple[str, Measured, float]]:
    """Yield the shares of a day in totals of what its devices measure."""
    for part in meter.parts:
        for one in part.measures:
            if day in totals.get((part.device, one), {}):
                yield part.device, one, totals[part.device, one][day]


def counted(of_day: Shares, meter: Meter, measured: set[Measured]) -> dict[Measured, Outcome]:
    """Return the shares of the first device that has any, where nobody has interval data."""
    for part in meter.parts:
        own = {
            one: (share, 0)
            for device, one, share in of_day
            if device == part.device and one not in measured
        }
        if own:
            return {one: outcome for one, outcome in own.items() if one in meter.measures}
    return {}
