"""How readings of any body are read: their times, and all that is wrong with them."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol, TypeVar

from quarterhour.errors import BadRequest, Detail, invalid
from quarterhour.http.query.parameters import text
from quarterhour.sites.batch import Rejected
from quarterhour.time import instants
from quarterhour.time.calendar import Zone
from quarterhour.time.declared import LABELS, MIN_DECLARED_MS, Declared, Interval, until

# Lambda takes answers of 6 MB, and counts the body as JSON in JSON. The 40,000 faults that 20,000
# readings of one channel can have are 5 MB; channels that the body made up could be any number.
MAX_BYTES = 5_800_000
_BYTES_BESIDE = 52
_LONGEST_FIELD = 100

REQUIRED = "is required"

# As the OpenAPI document says it; a number is Unix time.
A_TIME = {
    "anyOf": [{"type": "string", "format": "date-time"}, {"type": "number"}],
    "examples": ["2018-08-24T00:00:00Z", 1535068800],
}
A_LABEL = {"type": "string", "enum": [*LABELS]}

NUMBERS = {int, float}  # bool is none
MAX_REJECTED = 100  # named ones
TIMES = ("datetime", "end")

# A reading of a body: its index, its members, its instant (ms), which is None where it is bad, and
# the interval up to its own `end`, None where it has none.
Row = tuple[int, Mapping[str, Any], int | None, Interval | None]

Parsed = TypeVar("Parsed")


class Declares(Protocol):
    """A body that may declare how long its readings last."""

    interval: Any
    label: Any

    @property
    def model_fields_set(self) -> set[str]:
        """The members that are there."""


class Faults:
    """Faults of a batch, as many of them as an answer can hold.

    Of a `partial` one, readings that are not valid are left out, and the others stored.
    """

    def __init__(self, *, partial: bool = False) -> None:
        self.is_partial = partial
        self._details: list[Detail] = []
        self._room = MAX_BYTES
        self._left_out: set[tuple[int, str]] = set()

    def add(self, reason: str, field: str, index: int | None = None) -> None:
        """Note what is wrong with a field of a reading, or with a member of the body."""
        if self.is_partial and index is not None:
            self._left_out.add((index, field))
            if len(self._left_out) > MAX_REJECTED:
                return
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

    def has(self, index: int, field: str) -> bool:
        """Return whether a value of a reading is left out: it, or a time of the reading, is bad."""
        left_out = self._left_out
        return any((index, name) in left_out for name in (field, *TIMES))

    @property
    def rejected(self) -> Rejected:
        """The readings of which something is left out."""
        count = len({index for index, _ in self._left_out})
        return Rejected([detail for detail in self._details if detail.index is not None], count)

    def check_valid(self, found: Mapping[Any, Any]) -> None:
        """Refuse the batch if anything is wrong with it; of a partial one, if nothing is valid.

        Or if that is not about a reading, as its units are.
        """
        is_of_readings = all(detail.index is not None for detail in self._details)
        if not (self.is_partial and is_of_readings and found):
            self.check()

    def check(self, sentence: str = "") -> None:
        """Refuse the batch if anything is wrong with it; the sentence says what, if one can."""
        if not self._details:
            return
        named = len({detail.index for detail in self._details} - {None})
        bad = max(named, self.rejected.readings)
        if not bad and not sentence:
            raise invalid(self._details)
        which = "reading is" if bad == 1 else "readings are"
        raise BadRequest(sentence or f"Nothing was stored: {bad} {which} not valid.", self._details)


class SaidOfAll(NamedTuple):
    """What a body declares of all its readings; None where it says nothing."""

    interval: Interval | None
    is_end: bool | None

    def over(self, channel: Declared) -> Declared:
        """Return what holds for the readings of a channel: what the body says counts first."""
        return Declared(
            channel.interval if self.interval is None else self.interval,
            channel.is_end if self.is_end is None else self.is_end,
        )


def said_of_all(body: Declares, parse: Callable[[str], Interval], faults: Faults) -> SaidOfAll:
    """Return what a body declares; `parse` reads its interval."""
    given = body.model_fields_set
    lasts: Interval | None = None
    if "interval" in given:
        any_interval: Interval = MIN_DECLARED_MS
        lasts = faults.parsed(
            lambda value: parse(text(value)), body.interval, "interval", any_interval
        )
    is_end = None
    if "label" in given:
        is_end = faults.parsed(_is_end, body.label, "label", default=False)
    return SaidOfAll(lasts, is_end)


def _is_end(label: Any) -> bool:
    if not isinstance(label, str) or label not in LABELS:
        raise ValueError(f"must be one of {', '.join(LABELS)}")
    return LABELS[label]


def rows(data: Sequence[Any], faults: Faults, zone: Zone | None = None) -> Iterator[Row]:
    """Yield the readings of a body; those of a zone may be totals of its days."""
    for index, reading in enumerate(data):
        if type(reading) is dict:
            at_ms = _instant(index, reading, "datetime", faults)
            if "end" not in reading:
                yield index, reading, at_ms, None
                continue
            end_ms = _instant(index, reading, "end", faults)
            if at_ms is None or end_ms is None:
                yield index, reading, None, None
                continue
            try:
                yield index, reading, at_ms, until(at_ms, end_ms, zone)
            except ValueError as error:
                faults.add(str(error), "end", index)
                yield index, reading, None, None
        else:
            faults.add("must be an object", "data", index)


def _instant(index: int, reading: Mapping[str, Any], field: str, faults: Faults) -> int | None:
    try:
        value = reading[field]
        if type(value) is str:
            return instants.parse(value)
        if type(value) in NUMBERS:
            return instants.of_unix(value)
        raise ValueError("must be an ISO 8601 time or a number of Unix time")  # noqa: TRY301
    except KeyError:
        faults.add(REQUIRED, field, index)
    except ValueError as error:
        faults.add(str(error), field, index)
    return None
