"""`usage?circuit=X`: what one circuit used, of the rows in which its meter has data at all."""

from collections.abc import Sequence
from typing import Any

from quarterhour import meters
from quarterhour.houses import ADJUSTED_LOAD, SOLAR, USED, House
from quarterhour.views.asked import Asked
from quarterhour.views.figures import Found, Plan
from quarterhour.views.items import energy, net, with_data
from quarterhour.views.rows import present, total
from quarterhour.views.usage.frame import framed
from quarterhour.views.wants import day_grain, in_range


def plan(asked: Asked, house: House) -> Plan:
    """Want all that the circuits' meter has: data of any channel make a row."""
    circuits = meters.circuits(house)
    return {"circuits": in_range(circuits, day_grain(asked), asked, house.zone)}


def answer(asked: Asked, house: House, found: Found) -> dict[str, Any]:
    """Return kWh of a circuit, of `used` or `solar`; the adjusted load is their net."""
    circuits = found["circuits"]

    def actual(rows: Sequence[int]) -> float | None:
        if asked.circuit == ADJUSTED_LOAD:
            return net(total(energy(circuits, USED), rows), total(energy(circuits, SOLAR), rows))
        return total(energy(circuits, asked.circuit), rows)

    return framed(asked, house, with_data(circuits), lambda rows: present(actual=actual(rows)))
