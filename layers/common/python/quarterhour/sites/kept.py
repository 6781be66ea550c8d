"""Readings and period totals as they are kept, page by page."""

import re
from collections.abc import Sequence
from typing import NamedTuple, Self

from quarterhour.energy.quantities import POSTED
from quarterhour.energy.readings import Series

_PLACE = re.compile(r"([0-9]{1,13})[.]([a-z][a-z0-9_]*)[.]([a-z]~?)")


class KeptPlace(NamedTuple):
    """Where a reading is among those of its source: they are sorted by it, and no two share it."""

    at_ms: int
    channel: str
    kind: str  # the letter of the quantity, and of a period total a `~` after it

    @classmethod
    def read(cls, text: str) -> Self:
        """Return the place of a text; ValueError for what no page has as its `next`.

        >>> KeptPlace.read("1535068800000.used.e").text
        '1535068800000.used.e'
        """
        written = _PLACE.fullmatch(text)
        if not written or written[3][0] not in POSTED:
            raise ValueError("must be as the `next` of a page has it")
        return cls(int(written[1]), written[2], written[3])

    @property
    def text(self) -> str:
        """The place as `after` and `next` have it."""
        return f"{self.at_ms}.{self.channel}.{self.kind}"


class KeptReading(NamedTuple):
    """A value in its stored unit, and how long it was declared to last: `PT1H`, `P1M`, or ``."""

    at_ms: int
    series: Series
    value: float
    interval: str = ""
    is_total: bool = False

    @property
    def place(self) -> KeptPlace:
        """Where it is among those of its source."""
        letter = self.series.quantity.value
        return KeptPlace(self.at_ms, self.series.channel, letter + "~" * self.is_total)


class KeptPage(NamedTuple):
    """Readings, by their places; and where they end if more follow."""

    readings: Sequence[KeptReading]
    end: KeptPlace | None = None
