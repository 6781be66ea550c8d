"""Readings: one series' values at instants, and the limits of a batch of them."""

from typing import NamedTuple

from quarterhour.energy.quantities import Quantity
from quarterhour.time.declared import Interval

USED = "used"
MAX_SPAN_DAYS = 400
MAX_READINGS = 20_000
MAX_VALUE = 1e9


class Series(NamedTuple):
    """A channel of a source in one quantity; W and kW are one series, Wh and kWh another.

    What is read of a channel is a series, too: that of energy stands for its power as well, and
    the one of HEATING is made of its temperature.
    """

    channel: str
    quantity: Quantity = Quantity.ENERGY


ENERGY_USED = Series(USED)


class Reading(NamedTuple):
    """A value in its stored unit from `at_ms` on, and how long it was declared to last (or 0)."""

    at_ms: int
    value: float
    interval_ms: int = 0


class Posted(NamedTuple):
    """A reading of a batch with its place in it, to point at.

    `interval` are the milliseconds that it was declared to last (0: none), or the period of which
    it is the total.
    """

    place: int
    at_ms: int
    value: float
    interval: Interval = 0
