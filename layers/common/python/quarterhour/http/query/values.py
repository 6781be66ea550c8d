"""The parameters of values: what devices, circuits and sensors measured."""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any, NamedTuple

from quarterhour.http.query.texts import (
    A_STRING,
    IN_EACH,
    RangeParameters,
    Read,
    form_field,
    interval_field,
    interval_of,
    read,
    text_field,
)
from quarterhour.query.asked import AskedRange, check_order
from quarterhour.query.intervals import OF_VALUES
from quarterhour.time.calendar import Zone
from quarterhour.time.moments import after, moment
from quarterhour.values.pages import Place


class AskedValues(NamedTuple):
    """What is asked of values; without fields all of them, `after` is where the last page ended."""

    range: AskedRange
    fields: list[str]
    after: Place | None
    form: str


class ValueParameters(RangeParameters):
    """The parameters of values; there are no others."""

    interval: str | None = interval_field(OF_VALUES)
    start: str | None = text_field(
        "Where items begin: a date, which is its local midnight, or a time, local or with an "
        "offset. Empty: open.",
        A_STRING,
    )
    end: str | None = text_field("Where they end, likewise. Empty: open.", A_STRING)
    fields: str | None = text_field(
        "Those of an item's figures that are wanted, as `used,net`; default all.", A_STRING
    )
    after: str | None = text_field("Where the page before ended: `next` has it.", A_STRING)
    form: str | None = form_field()

    def asked(self, zone: Zone, names: Iterable[str]) -> AskedValues:
        """Return what is asked; BadRequest names all parameters that are wrong, or are none.

        `names` are those of all parameters that were sent.
        """
        unknown = [name for name in names if name not in _OF_VALUES]
        moments = {name: partial(moment, zone=zone) for name in ("start", "end")}
        values = read(self.texts(), {**_OF_VALUES, **moments}, unknown)
        question = AskedRange(values["interval"], *_moments(values, zone))
        return AskedValues(
            question, values.get("fields", []), values.get("after"), values.get("format", "json")
        )


def _moments(values: Mapping[str, Any], zone: Zone) -> tuple[int | None, int | None]:
    """Return the instants of a range; a duration from a start is as an end."""
    start_ms, end_ms, duration = (values.get(name) for name in ("start", "end", "duration"))
    if start_ms is not None and duration:
        return start_ms, after(duration, start_ms, zone)
    check_order(start_ms, end_ms)
    return start_ms, end_ms


def _names(text: str) -> list[str]:
    return list(dict.fromkeys(text.split(",")))


_OF_VALUES: dict[str, Read] = {
    **IN_EACH,
    "interval": interval_of(OF_VALUES),
    "fields": _names,
    "after": Place.read,
}
