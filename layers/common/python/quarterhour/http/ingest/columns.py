"""The one way that readings of any body go: their times, and the values of each channel."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from quarterhour.energy.quantities import Unit
from quarterhour.energy.readings import MAX_VALUE, Posted, Series
from quarterhour.http.ingest.faults import Faults
from quarterhour.http.query.parameters import text
from quarterhour.sites.site import Channel
from quarterhour.time import instants

REQUIRED = "is required"

_NUMBERS = {int, float}  # bool is none


# A reading of a body: its index, its members, and its instant (ms), which is None where it is bad.
Row = tuple[int, Mapping[str, Any], int | None]


class Column:
    """What a batch has of one channel.

    Where `unit` is known before the values are, they are kept in the stored unit, else as posted.
    """

    def __init__(self, channel: Channel, unit: Unit | None = None) -> None:
        self.channel = channel
        self.unit = unit
        self.is_used = False
        self._least = channel.least
        self._kept_as = unit.stored if unit else None
        self._values: dict[int, tuple[int, float]] = {}  # index and value, by instant

    def fault(self, value: Any) -> str | None:
        """Return what is wrong with a value."""
        if type(value) not in _NUMBERS:
            return "must be a number"
        if value < self._least:
            return f"must be greater than or equal to {self._least:.0f}"
        if value > MAX_VALUE:
            return f"must be less than or equal to {MAX_VALUE:.0f}"
        return None

    def keep(self, index: int, at_ms: int, value: float) -> str | None:
        """Keep a good value, unless there is another for its instant: return that this is wrong."""
        if self._kept_as:
            value = self._kept_as(value)
        place, kept = self._values.setdefault(at_ms, (index, value))
        if kept != value:
            return f"the reading at index {place} has another value for this instant"
        return None

    def posted(self) -> list[Posted]:
        """Return the values in the stored unit, by instant; -0 is 0. None without a unit."""
        if not self.unit:
            return []
        stored = float if self._kept_as else self.unit.stored
        return [
            Posted(index, at_ms, stored(value) + 0.0)
            for at_ms, (index, value) in sorted(self._values.items())
        ]


def rows(
    data: Sequence[Any], faults: Faults
) -> Iterator[tuple[int, Mapping[str, Any], int | None]]:
    """Yield the readings of a body: index, members, and instant (ms), None where that is bad."""
    for index, reading in enumerate(data):
        if type(reading) is dict:
            yield index, reading, _instant(index, reading, faults)
        else:
            faults.add("must be an object", "data", index)


def series(columns: Iterable[Column]) -> dict[Series, list[Posted]]:
    """Return the values of the columns that have any, by series."""
    return {
        Series(column.channel.name, column.unit.quantity): posted
        for column in columns
        if column.unit and (posted := column.posted())
    }


def _instant(index: int, reading: Mapping[str, Any], faults: Faults) -> int | None:
    try:
        return instants.parse(text(reading["datetime"]))
    except KeyError:
        faults.add(REQUIRED, "datetime", index)
    except ValueError as error:
        faults.add(str(error), "datetime", index)
    return None
