"""Corrections: what of a source is to be taken back."""

from typing import NamedTuple

from quarterhour.energy.quantities import Quantity
from quarterhour.energy.readings import Series
from quarterhour.sites.sources import Source


class Correction(NamedTuple):
    """The readings of a source that begin in [start_ms, end_ms), to be deleted.

    Of one quantity, or of all; of some channels, or, where none is named, of all.
    """

    source: Source
    start_ms: int
    end_ms: int
    quantity: Quantity | None = None
    channels: tuple[str, ...] = ()

    def takes(self, series: Series, at_ms: int) -> bool:
        """Return whether a reading of a series at an instant is to be deleted."""
        return (
            self.start_ms <= at_ms < self.end_ms
            and (self.quantity is None or series.quantity is self.quantity)
            and (not self.channels or series.channel in self.channels)
        )


class Audited(NamedTuple):
    """A correction as its audit item tells it; `done` is None if it was cut short, or goes on."""

    id: str
    at_ms: int
    who: str
    correction: Correction
    planned: int
    done: int | None
