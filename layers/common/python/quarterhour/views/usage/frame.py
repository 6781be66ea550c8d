"""What the answers about one circuit have in common, and what a circuit is called."""

from collections.abc import Iterable
from typing import Any

from quarterhour.query.asked import Asked
from quarterhour.query.periods import FiguresOf, totals_and_items
from quarterhour.sites.house import House


def name(house: House, circuit_id: str) -> str:
    """Return what the catalogue calls a circuit, else its id."""
    entry = house.circuit(circuit_id)
    return entry.name if entry else circuit_id


def framed(
    question: Asked, house: House, rows: Iterable[int], figures_of: FiguresOf
) -> dict[str, Any]:
    """Return an answer about the asked circuit, of figures of these rows."""
    entry = house.circuit(question.circuit)
    described = {"description": entry.description} if entry else {}
    return {
        "view": f"usage.{question.circuit}",
        "interval": question.interval,
        "circuit": {
            "circuit_id": question.circuit,
            "name": name(house, question.circuit),
            **described,
        },
        **totals_and_items(rows, question, house.zone, figures_of),
    }
