"""The view `hdd`: heating degree days beside their budget, the coldest times, the season."""

from collections.abc import Mapping, Sequence
from typing import Any

from quarterhour.energy.aggregate import DAY
from quarterhour.query.asked import Asked, by_interval, grain, in_range
from quarterhour.query.periods import clock, energy, label, present, total, totals_and_items
from quarterhour.query.rows import Figures, Found, Grain, Plan
from quarterhour.sites import virtual_meters
from quarterhour.sites.house import House
from quarterhour.time.calendar import Zone
from quarterhour.views.budgets import budgeted
from quarterhour.views.extremes import greatest, least

HEAT_PUMP = "ashp"
OUTSIDE_HEATING_SEASON = range(5, 10)  # May to September


def plan(question: Asked, house: House) -> Plan:
    """Want degree days by the asked interval and by day, outdoor hours, the heat pump's days."""
    hdd = virtual_meters.degree_days(house)
    outdoor = virtual_meters.temperature(house, virtual_meters.outdoor(house))
    heat_pump = virtual_meters.circuits(house).only(HEAT_PUMP)
    return {
        "outdoor": in_range(outdoor, Grain.HOUR, question, house.zone),
        HEAT_PUMP: in_range(heat_pump, Grain.DAY, question, house.zone),
        Grain.DAY: in_range(hdd, Grain.DAY, question, house.zone),
        grain(question): by_interval(hdd, question, house.zone),
    }


def answer(question: Asked, house: House, results: Found) -> dict[str, Any]:
    """Return degree days F of the rows that have any, degF of the coldest hour."""
    hdd, days = results[grain(question)].only_sum, results[Grain.DAY].only_sum

    def figures_of(rows: Sequence[int]) -> dict[str, float]:
        budget = budgeted(house, rows, lambda month: month.hdd) if question.by_month else None
        return present(actual=total(hdd, rows), estimated=budget)

    rows = totals_and_items(hdd, question, house.zone, figures_of)
    rows["totals"] |= _heating_season(energy(results[HEAT_PUMP], HEAT_PUMP), days, house.zone)
    return {
        "view": "hdd",
        "interval": question.interval,
        **_coldest_hour(results["outdoor"], house.zone),
        **_coldest_day(days, house.zone),
        **present(iga=house.areas.get("iga")),
        **rows,
    }


def _heating_season(
    heat_pump: Mapping[int, float], hdd: Mapping[int, float], zone: Zone
) -> dict[str, float]:
    """Return kWh and degree days of the days of the heating season with data of the heat pump."""
    days = [at for at in heat_pump if zone.date_of(at).month not in OUTSIDE_HEATING_SEASON]
    return present(ashp_heating_season=total(heat_pump, days), hdd_heating_season=total(hdd, days))


def _coldest_hour(outdoor: Figures, zone: Zone) -> dict[str, Any]:
    hour = least({at: row.mean for at, row in outdoor.only_gauge.items()})
    return {"coldest_hour": {"date": clock(hour[0], zone), "temperature": hour[1]}} if hour else {}


def _coldest_day(hdd: Mapping[int, float], zone: Zone) -> dict[str, Any]:
    """Return the day of the most degree days: its `temperature` is these, too."""
    if not (day := greatest(hdd)):
        return {}
    at, most = day
    return {"coldest_day": {"date": label(at, DAY, zone), "temperature": most, "hdd": most}}
