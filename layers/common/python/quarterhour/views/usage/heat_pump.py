"""`usage?circuit=ashp`: what the heat pump used, beside the degree days at a base temperature."""

from collections.abc import Sequence
from typing import Any

from quarterhour.energy import degree_days
from quarterhour.query.asked import Asked, in_range
from quarterhour.query.periods import energy, present, total
from quarterhour.query.rows import Found, Grain, Plan
from quarterhour.sites import virtual_meters
from quarterhour.sites.house import House
from quarterhour.views.usage.frame import framed


def plan(question: Asked, house: House) -> Plan:
    """Want hours of the heat pump's circuit and of the outdoor temperature."""
    meters = {
        "circuits": virtual_meters.circuits(house).only(question.circuit),
        "outdoor": virtual_meters.temperature(house, virtual_meters.outdoor(house)),
    }
    return {
        name: in_range(meter, Grain.HOUR, question, house.zone) for name, meter in meters.items()
    }


def answer(question: Asked, house: House, results: Found) -> dict[str, Any]:
    """Return kWh and degree days F of the hours that have both kWh and a temperature."""
    kwh = energy(results["circuits"], question.circuit)
    hdd = {
        at: degree_days.of_hour(row.mean, question.base_f)
        for at, row in results["outdoor"].only_gauge.items()
    }

    def figures_of(rows: Sequence[int]) -> dict[str, float]:
        return present(actual=total(kwh, rows), hdd=total(hdd, rows))

    return framed(question, house, kwh.keys() & hdd.keys(), figures_of)
