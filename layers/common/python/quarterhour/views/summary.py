"""The view `summary`: what the house used, generated and took from the grid; degree days."""

from collections.abc import Sequence
from typing import Any

from quarterhour.query.asked import Asked, by_interval
from quarterhour.query.periods import energy, net, present, total, totals_and_items, with_data
from quarterhour.query.rows import Found, Plan
from quarterhour.sites import virtual_meters
from quarterhour.sites.house import SOLAR, USED, House


def plan(asked: Asked, house: House) -> Plan:
    """Want the house's energy and degree days by the asked interval."""
    return {
        "energy": by_interval(virtual_meters.energy(house), asked, house.zone),
        "hdd": by_interval(virtual_meters.degree_days(house), asked, house.zone),
    }


def answer(asked: Asked, house: House, found: Found) -> dict[str, Any]:
    """Return kWh and degree days: of the months with energy, of days and hours with either."""
    used, solar = energy(found["energy"], USED), energy(found["energy"], SOLAR)
    hdd = found["hdd"].only_sum

    def told(rows: Sequence[int]) -> dict[str, float]:
        of_used, of_solar = total(used, rows), total(solar, rows)
        return present(
            net=net(of_used, of_solar), solar=of_solar, used=of_used, hdd=total(hdd, rows)
        )

    rows = with_data(found["energy"])
    if not asked.by_month:
        rows |= with_data(found["hdd"])
    return {
        "view": "summary",
        "interval": asked.interval,
        **totals_and_items(rows, asked, house.zone, told),
    }
