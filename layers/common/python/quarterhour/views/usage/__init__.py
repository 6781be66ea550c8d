"""The view `usage`: what the house and its circuits used, each circuit a view of its own."""

from typing import Any

from quarterhour.errors import Detail, NotFound
from quarterhour.query.asked import Asked
from quarterhour.query.rows import Found, Plan
from quarterhour.sites import virtual_meters
from quarterhour.sites.house import NO_CIRCUITS, House
from quarterhour.views.usage import circuit, everything, heat_pump, other, summary
from quarterhour.views.view import ViewModule

_OF_ANY_HOUSE: dict[str, ViewModule] = {
    "summary": summary,
    "all": everything,
    "all_other": other,
    **dict.fromkeys(NO_CIRCUITS, circuit),
}
_OF_A_CIRCUIT: dict[str, ViewModule] = {"ashp": heat_pump}


def plan(question: Asked, house: House) -> Plan:
    """Want what the asked circuit needs; NotFound where the house has no such circuit."""
    return _view(question, house).plan(question, house)


def answer(question: Asked, house: House, results: Found) -> dict[str, Any]:
    """Return kWh of the asked circuit."""
    return _view(question, house).answer(question, house, results)


def _view(question: Asked, house: House) -> ViewModule:
    if question.circuit in _OF_ANY_HOUSE:
        return _OF_ANY_HOUSE[question.circuit]
    if question.circuit not in virtual_meters.circuit_ids(house):
        raise NotFound(
            f"There is no circuit {question.circuit[:40]}.",
            [Detail("must be summary, all, all_other or a circuit of the house", "circuit")],
        )
    return _OF_A_CIRCUIT.get(question.circuit, circuit)
