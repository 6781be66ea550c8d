"""The view `water`: gallons of cold and hot water, and the kWh that heated and pumped it."""

from collections.abc import Sequence
from typing import Any

from quarterhour.errors import BadRequest
from quarterhour.query.asked import Asked, by_interval
from quarterhour.query.periods import energy, present, total, totals_and_items, with_data
from quarterhour.query.rows import Found, Plan
from quarterhour.sites import virtual_meters
from quarterhour.sites.house import HOT_WATER, MAIN_WATER, House

HEATER, PUMP = "water_heater", "water_pump"


def plan(asked: Asked, house: House) -> Plan:
    """Want months of both water meters, of the two circuits and of the house's energy."""
    if not asked.by_month:
        raise BadRequest("Interval not available.")
    wanted = {
        "energy": virtual_meters.energy(house),
        "main": virtual_meters.water(house, MAIN_WATER),
        "hot": virtual_meters.water(house, HOT_WATER),
        "circuits": virtual_meters.circuits(house).only(HEATER, PUMP),
    }
    return {name: by_interval(meter, asked, house.zone) for name, meter in wanted.items()}


def answer(asked: Asked, house: House, found: Found) -> dict[str, Any]:
    """Return gallons and kWh of the months that have energy."""
    main, hot = found["main"].only_sum, found["hot"].only_sum
    heater, pump = (energy(found["circuits"], one) for one in (HEATER, PUMP))

    def told(rows: Sequence[int]) -> dict[str, float]:
        of_main, of_hot = total(main, rows), total(hot, rows)
        return present(
            cold=None if of_main is None or of_hot is None else of_main - of_hot,
            hot=of_hot,
            main=of_main,
            water_heater=total(heater, rows),
            water_pump=total(pump, rows),
        )

    return {
        "view": "water",
        "interval": asked.interval,
        **totals_and_items(with_data(found["energy"]), asked, house.zone, told),
    }
