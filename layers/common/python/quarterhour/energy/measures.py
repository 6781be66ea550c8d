"""What can be read of a source: a channel's sums, or what a gauge showed (docs/semantics.md)."""

from enum import StrEnum
from typing import NamedTuple

from quarterhour.energy.readings import USED


class Kind(StrEnum):
    """What a channel's figures are, and how they are made. The value is its code in the table."""

    ENERGY = "e"  # kWh, of an energy or a power series
    VOLUME = "v"  # gallons
    DEGREE_DAYS = "d"  # degree days F, posted
    TEMPERATURE = "t"  # degF
    HUMIDITY = "h"  # %
    HEATING = "x"  # degree days F at 65 degF, of a temperature's hours

    @property
    def is_gauge(self) -> bool:
        """Whether figures are means and extremes, not sums."""
        return self in {Kind.TEMPERATURE, Kind.HUMIDITY}


class Measure(NamedTuple):
    """A channel and what is read of it."""

    channel: str
    kind: Kind = Kind.ENERGY


ENERGY_USED = Measure(USED)
