"""How readings of any body are read: what is good of them, by channel, and all that is wrong."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from quarterhour.energy.quantities import Unit, unit
from quarterhour.energy.readings import MAX_VALUE, Posted, Series
from quarterhour.errors import BadRequest, Detail, invalid
from quarterhour.http.query.parameters import text
from quarterhour.sites.site import Channel
from quarterhour.time import instants

# Lambda takes answers of 6 MB, and counts the body as JSON in JSON. The 40,000 faults that 20,000
# readings of one channel can have are 5 MB; channels that the body made up could be any number.
MAX_BYTES = 5_800_000
_BYTES_BESIDE = 52
_LONGEST_FIELD = 100

REQUIRED = "is required"

_NUMBERS = {int, float}  # bool is none

# A reading of a body: its index, its members, and its instant (ms), which is None where it is bad.
Row = tuple[int, Mapping[str, Any], int | None]

Parsed = TypeVar("Parsed")


class Faults:
    """Faults of a batch, as many of them as an answer can hold."""

    def __init__(self) -> None:
        self._details: list[Detail] = []
        self._room = MAX_BYTES

    def add(self, reason: str, field: str, index: int | None = None) -> None:
        """Note what is wrong with a field of a reading, or with a member of the body."""
        if self._room <= 0:
            return
        detail = Detail(reason, field[:_LONGEST_FIELD], index)
        self._room -= _BYTES_BESIDE + len(reason) + len(json.dumps(json.dumps(detail.field)))
        if self._room <= 0:
            detail = Detail("more is wrong than an answer can hold", "data")
        self._details.append(detail)

    def parsed(
        self, parse: Callable[[Any], Parsed], value: Any, field: str, default: Parsed
    ) -> Parsed:
        """Return a member of the body as `parse` reads it; the default where it is bad."""
        try:
            return parse(value)
        except ValueError as error:
            self.add(str(error), field)
            return default

    def check(self, sentence: str = "") -> None:
        """Refuse the batch if anything is wrong with it; the sentence says what, if one can."""
        if not self._details:
            return
        bad = len({detail.index for detail in self._details} - {None})
        if not bad and not sentence:
            raise invalid(self._details)
        which = "reading is" if bad == 1 else "readings are"
        raise BadRequest(sentence or f"Nothing was stored: {bad} {which} not valid.", self._details)


class Column:
    """What a batch has of one channel, in the unit that it is posted in once that is known."""

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self.unit: Unit | None = None
        self.is_used = False
        self._least = channel.least
        self._values: dict[int, tuple[int, float]] = {}  # index and value, by instant

    def unit_of(self, name: Any) -> Unit:
        """Return the unit of this name; ValueError if it is none of the channel's."""
        return unit(text(name), self.channel.quantities)

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
        place, earlier = self._values.setdefault(at_ms, (index, value))
        if earlier == value or (self.unit and self.unit.stored(earlier) == self.unit.stored(value)):
            return None
        return f"the reading at index {place} has another value for this instant"

    def posted(self, unit: Unit) -> list[Posted]:
        """Return the values in the stored unit, by instant; -0 is 0."""
        stored = unit.stored
        return [
            Posted(index, at_ms, stored(value) + 0.0)
            for at_ms, (index, value) in sorted(self._values.items())
        ]


def rows(data: Sequence[Any], faults: Faults) -> Iterator[Row]:
    """Yield the readings of a body."""
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
        if column.unit and (posted := column.posted(column.unit))
    }


def _instant(index: int, reading: Mapping[str, Any], faults: Faults) -> int | None:
    try:
        return instants.parse(text(reading["datetime"]))
    except KeyError:
        faults.add(REQUIRED, "datetime", index)
    except ValueError as error:
        faults.add(str(error), "datetime", index)
    return None
