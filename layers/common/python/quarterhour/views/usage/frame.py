"""What the answers about one circuit have in common, and what a circuit is called."""

from collections.abc import Iterable
from typing import Any

from quarterhour.query.asked import Asked
from quarterhour.query.periods import Told, totals_and_items
from quarterhour.sites.house import House


def name(house: House, circuit_id: str) -> str:
    """Return what the catalogue calls a circuit, else its id."""
    known = house.circuit(circuit_id)
    return known.name if known else circuit_id


def framed(asked: Asked, house: House, rows: Iterable[int], told: Told) -> dict[str, Any]:
    """Return an answer about the asked circuit, of figures of these rows."""
    known = house.circuit(asked.circuit)
    described = {"description": known.description} if known else {}
    return {
        "view": f"usage.{asked.circuit}",
        "interval": asked.interval,
        "circuit": {
            "circuit_id": asked.circuit,
            "name": name(house, asked.circuit),
            **described,
        },
        **totals_and_items(rows, asked, house.zone, told),
    }
