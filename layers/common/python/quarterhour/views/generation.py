"""The view `generation`: what the sun gave, its best hour and day, and what was budgeted."""

from collections.abc import Mapping, Sequence
from typing import Any

from quarterhour.energy.aggregate import DAY
from quarterhour.energy.quantities import WH_PER_KWH
from quarterhour.query.asked import Asked, by_interval, grain, in_range
from quarterhour.query.periods import (
    clock,
    energy,
    label,
    present,
    total,
    totals_and_items,
    with_data,
)
from quarterhour.query.rows import Found, Grain, Plan
from quarterhour.sites import virtual_meters
from quarterhour.sites.house import SOLAR, House
from quarterhour.time.calendar import Zone
from quarterhour.views.budgets import budgeted
from quarterhour.views.extremes import least


def plan(question: Asked, house: House) -> Plan:
    """Want the house's energy by the asked interval, and solar by hour and by day."""
    meter = virtual_meters.energy(house)
    solar = meter.only(SOLAR)
    return {
        Grain.HOUR: in_range(solar, Grain.HOUR, question, house.zone),
        Grain.DAY: in_range(solar, Grain.DAY, question, house.zone),
        grain(question): by_interval(meter, question, house.zone),
    }


def answer(question: Asked, house: House, results: Found) -> dict[str, Any]:
    """Return kWh, negative when generating, of the rows with energy; the best hour in Wh."""
    solar = energy(results[grain(question)], SOLAR)

    def figures_of(rows: Sequence[int]) -> dict[str, float]:
        budget = budgeted(house, rows, lambda month: month.solar) if question.by_month else None
        return present(actual=total(solar, rows), estimated=budget)

    return {
        "view": "generation",
        "interval": question.interval,
        **_max_hour(energy(results[Grain.HOUR], SOLAR), house.zone),
        **_max_day(energy(results[Grain.DAY], SOLAR), house.zone),
        **totals_and_items(with_data(results[grain(question)]), question, house.zone, figures_of),
    }


def _max_hour(solar: Mapping[int, float], zone: Zone) -> dict[str, Any]:
    hour = least({at: kwh * WH_PER_KWH for at, kwh in solar.items()})
    return {"max_solar_hour": {"date": clock(hour[0], zone), "solar": hour[1]}} if hour else {}


def _max_day(solar: Mapping[int, float], zone: Zone) -> dict[str, Any]:
    day = least(solar)
    return {"max_solar_day": {"date": label(day[0], DAY, zone), "solar": day[1]}} if day else {}
