"""`usage?circuit=X`: what one circuit used, of the rows in which its meter has data at all."""

from collections.abc import Sequence
from typing import Any

from quarterhour.query.asked import Asked, day_grain, in_range
from quarterhour.query.periods import energy, net_of, present, total, with_data
from quarterhour.query.rows import Found, Plan
from quarterhour.sites import virtual_meters
from quarterhour.sites.house import ADJUSTED_LOAD, House
from quarterhour.views.usage.frame import framed


def plan(question: Asked, house: House) -> Plan:
    """Want all that the circuits' meter has: data of any channel make a row."""
    circuits = virtual_meters.circuits(house)
    return {"circuits": in_range(circuits, day_grain(question), question, house.zone)}


def answer(question: Asked, house: House, results: Found) -> dict[str, Any]:
    """Return kWh of a circuit, of `used` or `solar`; the adjusted load is their net."""
    circuits = results["circuits"]

    def actual(rows: Sequence[int]) -> float | None:
        if question.circuit == ADJUSTED_LOAD:
            return net_of(circuits, rows)
        return total(energy(circuits, question.circuit), rows)

    return framed(question, house, with_data(circuits), lambda rows: present(actual=actual(rows)))
