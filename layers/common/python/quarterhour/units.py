"""Quantities, and the units they are posted in (docs/semantics.md, "Quantities")."""

from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple


class Quantity(StrEnum):
    """What a series measures. The value is its code in the table's attribute names."""

    POWER = "p"
    ENERGY = "e"


class Unit(NamedTuple):
    """A posted unit: the quantity it measures and the way to the stored unit."""

    quantity: Quantity
    stored: Callable[[float], float]


def _as_posted(value: float) -> float:
    return value


def _thousandth(value: float) -> float:
    return value / 1000


UNITS = {
    "kW": Unit(Quantity.POWER, _as_posted),
    "W": Unit(Quantity.POWER, _thousandth),
    "kWh": Unit(Quantity.ENERGY, _as_posted),
    "Wh": Unit(Quantity.ENERGY, _thousandth),
}
_BY_ANY_CASE = {name.lower(): unit for name, unit in UNITS.items()}


def unit(name: str) -> Unit:
    """Return the unit of that name, in any case; ValueError says which there are."""
    found = _BY_ANY_CASE.get(name.lower()) if name.isascii() else None
    if found is None:
        raise ValueError(f"must be one of {', '.join(UNITS)}")
    return found
