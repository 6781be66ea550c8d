"""The view `summary`: what the house used, generated and took from the grid; degree days."""

from collections.abc import Sequence
from typing import Any

from quarterhour.query.asked import Asked, by_interval
from quarterhour.query.periods import energy, net, present, total, totals_and_items, with_data
from quarterhour.query.rows import Found, Plan
from quarterhour.sites import virtual_meters
from quarterhour.sites.house import SOLAR, USED, House


def plan(question: Asked, house: House) -> Plan:
    """Want the house's energy and degree days by the asked interval."""
    return {
        "energy": by_interval(virtual_meters.energy(house), question, house.zone),
        "hdd": by_interval(virtual_meters.degree_days(house), question, house.zone),
    }


def answer(question: Asked, house: House, results: Found) -> dict[str, Any]:
    """Return kWh and degree days: of the months with energy, of days and hours with either."""
    used, solar = energy(results["energy"], USED), energy(results["energy"], SOLAR)
    hdd = results["hdd"].only_sum

    def figures_of(rows: Sequence[int]) -> dict[str, float]:
        used_kwh, solar_kwh = total(used, rows), total(solar, rows)
        return present(
            net=net(used_kwh, solar_kwh), solar=solar_kwh, used=used_kwh, hdd=total(hdd, rows)
        )

    rows = with_data(results["energy"])
    if not question.by_month:
        rows |= with_data(results["hdd"])
    return {
        "view": "summary",
        "interval": question.interval,
        **totals_and_items(rows, question, house.zone, figures_of),
    }
