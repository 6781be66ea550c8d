"""How a site stands: what it used today, yesterday, this month and ever."""

from collections.abc import Mapping
from math import fsum
from typing import NamedTuple

from quarterhour.energy.aggregate import MONTH
from quarterhour.energy.readings import Series
from quarterhour.query.asked import Asked, by_interval
from quarterhour.query.rows import Figures, Found, Grain, Plan, RowQuery
from quarterhour.sites import virtual_meters
from quarterhour.sites.ends import Ends
from quarterhour.sites.house import House
from quarterhour.time.calendar import DAY_MS, Zone
from quarterhour.time.intervals import Interval

DAYS, MONTHS = "days", "months"


class Standing(NamedTuple):
    """Energy, kWh, of local days and of all time; 0 where there is none."""

    today: float
    yesterday: float
    month: float
    total: float


NOTHING = Standing(0.0, 0.0, 0.0, 0.0)


def recent_days(now_ms: int, zone: Zone) -> Interval:
    """Return the local days that `today`, `yesterday` and `month` are made of."""
    today = zone.day_of(now_ms)
    return min(zone.month_of(now_ms), zone.day_of(today - 1)), zone.next_day(today)


def all_months(ends: Ends, now_ms: int, zone: Zone) -> Interval:
    """Return the local months in which readings are; a last one lasts at most a day and a bit."""
    oldest_ms = now_ms if ends.oldest_ms is None else ends.oldest_ms
    newest_ms = now_ms if ends.newest_ms is None else ends.newest_ms
    return zone.month_of(oldest_ms), zone.next_month(newest_ms + 2 * DAY_MS)


def standing(
    days: Mapping[int, float], months: Mapping[int, float], now_ms: int, zone: Zone
) -> Standing:
    """Return how a site stands by its recent days and all its months."""
    today = zone.day_of(now_ms)
    of_month = [kwh for day, kwh in days.items() if day >= zone.month_of(now_ms)]
    yesterday = days.get(zone.day_of(today - 1), 0.0)
    return Standing(days.get(today, 0.0), yesterday, fsum(of_month), fsum(months.values()))


def plan(house: House, ends: Ends, now_ms: int) -> Plan:
    """Want the recent days and all months of a house's energy; totals may lie outside of `ends`."""
    meter, zone = virtual_meters.energy(house), house.zone
    days = RowQuery(meter, Grain.DAY, *recent_days(now_ms, zone))
    if house.has_totals or house.has_early_totals:
        return {DAYS: days, MONTHS: by_interval(meter, Asked(MONTH), zone)}
    return {DAYS: days, MONTHS: RowQuery(meter, Grain.MONTH, *all_months(ends, now_ms, zone))}


def of_house(house: House, results: Found, channel: str, now_ms: int) -> Standing:
    """Return how a channel of a house's energy stands."""
    days, months = (_rows(results[name], channel) for name in (DAYS, MONTHS))
    return standing(days, months, now_ms, house.zone)


def _rows(figures: Figures, channel: str) -> Mapping[int, float]:
    return figures.sums.get(Series(channel), {})
