"""`usage?circuit=all_other`: what no circuit accounts for."""

from collections.abc import Sequence
from typing import Any

from quarterhour.query.asked import Asked
from quarterhour.query.periods import present, unaccounted, with_data
from quarterhour.query.rows import Found, Plan
from quarterhour.sites import virtual_meters
from quarterhour.sites.house import House
from quarterhour.views.usage import circuit
from quarterhour.views.usage.frame import framed


def plan(question: Asked, house: House) -> Plan:
    """Want what any circuit wants."""
    return circuit.plan(question, house)


def answer(question: Asked, house: House, results: Found) -> dict[str, Any]:
    """Return kWh used by the circuits' meter that no circuit accounts for."""
    circuits, ids = results["circuits"], virtual_meters.circuit_ids(house)

    def figures_of(rows: Sequence[int]) -> dict[str, float]:
        return present(actual=unaccounted(circuits, ids, rows))

    return framed(question, house, with_data(circuits), figures_of)
