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


def plan(asked: Asked, house: House) -> Plan:
    """Want hours of the heat pump's circuit and of the outdoor temperature."""
    wanted = {
        "circuits": virtual_meters.circuits(house).only(asked.circuit),
        "outdoor": virtual_meters.temperature(house, virtual_meters.outdoor(house)),
    }
    return {name: in_range(meter, Grain.HOUR, asked, house.zone) for name, meter in wanted.items()}


def answer(asked: Asked, house: House, found: Found) -> dict[str, Any]:
    """Return kWh and degree days F of the hours that have both kWh and a temperature."""
    kwh = energy(found["circuits"], asked.circuit)
    hdd = {
        at: degree_days.of_hour(one.mean, asked.base_f)
        for at, one in found["outdoor"].only_gauge.items()
    }

    def told(rows: Sequence[int]) -> dict[str, float]:
        return present(actual=total(kwh, rows), hdd=total(hdd, rows))

    return framed(asked, house, kwh.keys() & hdd.keys(), told)
