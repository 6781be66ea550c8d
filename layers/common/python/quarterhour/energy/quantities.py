"""Quantities, and the units they are posted in (docs/semantics.md, "Quantities")."""

from collections.abc import Callable, Collection
from enum import StrEnum
from typing import NamedTuple, Self


class Quantity(StrEnum):
    """What a series measures. The value is its code in the table's attribute names.

    `is_amount`: a reading is an amount that is spread over its time, and amounts add up.
    `is_gauge`: a reading is what a gauge shows: it has a mean, and no sum.
    `is_hourly`: hours of an amount, or of heating, as a gauge would show them; never posted. What
    is kept of days and months has the least and the most of them.
    """

    ENERGY = "e", "amount"
    POWER = "p", "rate"
    VOLUME = "v", "amount"
    DEGREE_DAYS = "d", "amount"
    TEMPERATURE = "t", "gauge"
    HUMIDITY = "h", "gauge"
    HEATING = "x", "derived"  # degree days F at 65 degF of a temperature's hours; never posted
    HOURLY_ENERGY = "E", "hourly"
    HOURLY_DEGREE_DAYS = "D", "hourly"
    HOURLY_HEATING = "X", "hourly"

    is_amount: bool
    is_gauge: bool
    is_hourly: bool

    def __new__(cls, code: str, nature: str = "") -> Self:
        """Return the quantity of a code."""
        quantity = str.__new__(cls, code)
        quantity._value_ = code
        quantity.is_amount = nature == "amount"
        quantity.is_gauge = nature in {"gauge", "hourly"}
        quantity.is_hourly = nature == "hourly"
        return quantity

    @property
    def word(self) -> str:
        """The name that catalogue entries and answers have for it."""
        return self.name.lower()

    @property
    def read_as(self) -> "Quantity":
        """What is read of a channel of it: energy where power is measured, else the same."""
        return Quantity.ENERGY if self is Quantity.POWER else self

    @property
    def of_hours(self) -> "Quantity":
        """The quantity whose hours it shows; itself where it is not hourly."""
        return Quantity(self.value.lower())

    @property
    def by_hour(self) -> "Quantity":
        """The hourly quantity of an energy, of degree days or of heating.

        >>> Quantity.ENERGY.by_hour
        <Quantity.HOURLY_ENERGY: 'E'>
        """
        return Quantity(self.value.upper())


_NOT_POSTED = {Quantity.HEATING, *(quantity for quantity in Quantity if quantity.is_hourly)}
POSTED = tuple(quantity for quantity in Quantity if quantity not in _NOT_POSTED)
BY_NAME = {quantity.word: quantity for quantity in POSTED}


class Unit(NamedTuple):
    """A posted unit: the quantity it measures and the way to the stored unit."""

    quantity: Quantity
    stored: Callable[[float], float]


def _as_posted(value: float) -> float:
    return value


def _thousandth(value: float) -> float:
    return value / 1000


def _thousandfold(value: float) -> float:
    return value * 1000


LITRES_OF_GALLON = 3.785411784
WH_PER_KWH = 1000
MJ_OF_KWH = 3.6
# 12 x 12 x 12 cubic inches, and 231.
GALLONS_OF_CUBIC_FOOT = 1728 / 231


def _kwh_of_joules(joules: float) -> float:
    return joules / (MJ_OF_KWH * 1e6)


def _kwh_of_kilojoules(kilojoules: float) -> float:
    return kilojoules / (MJ_OF_KWH * 1e3)


def _kwh_of_megajoules(megajoules: float) -> float:
    return megajoules / MJ_OF_KWH


def _kwh_of_gigajoules(gigajoules: float) -> float:
    return gigajoules * 1000 / MJ_OF_KWH


def _gal_of_hectolitres(hectolitres: float) -> float:
    return hectolitres * 100 / LITRES_OF_GALLON


def _gal_of_cubic_feet(cubic_feet: float) -> float:
    return cubic_feet * GALLONS_OF_CUBIC_FOOT


def _gal_of_hundred_cubic_feet(hundreds: float) -> float:
    return hundreds * 100 * GALLONS_OF_CUBIC_FOOT


def _gal_of_litres(litres: float) -> float:
    return litres / LITRES_OF_GALLON


def _gal_of_cubic_metres(cubic_metres: float) -> float:
    return cubic_metres * 1000 / LITRES_OF_GALLON


def _degf_of_degc(degc: float) -> float:
    return degc * 9 / 5 + 32


UNITS = {
    "kW": Unit(Quantity.POWER, _as_posted),
    "W": Unit(Quantity.POWER, _thousandth),
    "MW": Unit(Quantity.POWER, _thousandfold),
    "kWh": Unit(Quantity.ENERGY, _as_posted),
    "Wh": Unit(Quantity.ENERGY, _thousandth),
    "MWh": Unit(Quantity.ENERGY, _thousandfold),
    "J": Unit(Quantity.ENERGY, _kwh_of_joules),
    "kJ": Unit(Quantity.ENERGY, _kwh_of_kilojoules),
    "MJ": Unit(Quantity.ENERGY, _kwh_of_megajoules),
    "GJ": Unit(Quantity.ENERGY, _kwh_of_gigajoules),
    "gal": Unit(Quantity.VOLUME, _as_posted),
    "L": Unit(Quantity.VOLUME, _gal_of_litres),
    "hL": Unit(Quantity.VOLUME, _gal_of_hectolitres),
    "m3": Unit(Quantity.VOLUME, _gal_of_cubic_metres),
    "ft3": Unit(Quantity.VOLUME, _gal_of_cubic_feet),
    "CCF": Unit(Quantity.VOLUME, _gal_of_hundred_cubic_feet),
    "hdd": Unit(Quantity.DEGREE_DAYS, _as_posted),
    "degF": Unit(Quantity.TEMPERATURE, _as_posted),
    "degC": Unit(Quantity.TEMPERATURE, _degf_of_degc),
    "%": Unit(Quantity.HUMIDITY, _as_posted),
}
_BY_ANY_CASE = {name.lower(): unit for name, unit in UNITS.items()}

POWER_AND_ENERGY = (Quantity.POWER, Quantity.ENERGY)


def stored_unit(quantity: Quantity) -> str:
    """Return the unit in which the readings of a quantity are kept.

    >>> stored_unit(Quantity.ENERGY), stored_unit(Quantity.TEMPERATURE)
    ('kWh', 'degF')
    """
    return next(
        name
        for name, unit in UNITS.items()
        if unit.quantity is quantity and unit.stored is _as_posted
    )


def units_of(quantities: Collection[Quantity]) -> list[str]:
    """Return the names of the units of these quantities.

    >>> units_of([Quantity.TEMPERATURE])
    ['degF', 'degC']
    """
    return [name for name, unit in UNITS.items() if unit.quantity in quantities]


def unit(name: str, quantities: Collection[Quantity] = POSTED) -> Unit:
    """Return the unit of that name, in any case; ValueError says which these quantities have."""
    posted_unit = _BY_ANY_CASE.get(name.lower()) if name.isascii() else None
    if posted_unit is None or posted_unit.quantity not in quantities:
        raise ValueError(f"must be one of {', '.join(units_of(quantities))}")
    return posted_unit
