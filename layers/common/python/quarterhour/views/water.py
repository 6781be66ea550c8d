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


def plan(question: Asked, house: House) -> Plan:
    """Want months of both water meters, of the two circuits and of the house's energy."""
    if not question.by_month:
        raise BadRequest("Interval not available.")
    meters = {
        "energy": virtual_meters.energy(house),
        "main": virtual_meters.water(house, MAIN_WATER),
        "hot": virtual_meters.water(house, HOT_WATER),
        "circuits": virtual_meters.circuits(house).only(HEATER, PUMP),
    }
    return {name: by_interval(meter, question, house.zone) for name, meter in meters.items()}


def answer(question: Asked, house: House, results: Found) -> dict[str, Any]:
    """Return gallons and kWh of the months that have energy."""
    main, hot = results["main"].only_sum, results["hot"].only_sum
    heater, pump = (energy(results["circuits"], circuit) for circuit in (HEATER, PUMP))

    def figures_of(rows: Sequence[int]) -> dict[str, float]:
        main_gal, hot_gal = total(main, rows), total(hot, rows)
        return present(
            cold=None if main_gal is None or hot_gal is None else main_gal - hot_gal,
            hot=hot_gal,
            main=main_gal,
            water_heater=total(heater, rows),
            water_pump=total(pump, rows),
        )

    return {
        "view": "water",
        "interval": question.interval,
        **totals_and_items(with_data(results["energy"]), question, house.zone, figures_of),
    }
