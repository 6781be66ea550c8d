"""The parameters of questions about a house, as text: read when house and view are known.

So an unknown house is a 404 whatever else is wrong, and what a view does not have is ignored. An
empty parameter is as none at all.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Annotated, Any, NamedTuple

from aws_lambda_powertools.event_handler.openapi.params import Path
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from quarterhour.energy.readings import MAX_VALUE
from quarterhour.errors import Detail, NotFound, invalid
from quarterhour.http.answers.forms import FORMS
from quarterhour.http.query.parameters import MAX_HOUSES, AfterId, Limit, name_of
from quarterhour.query.asked import Asked, AskedRange, check_order
from quarterhour.query.intervals import OF_VALUES, OF_VIEWS
from quarterhour.time import dates
from quarterhour.time.calendar import Zone
from quarterhour.time.moments import after, moment
from quarterhour.values.pages import Place
from quarterhour.views.by_name import PARAMETERS, VIEWS

# What reads a parameter's text; ValueError says what is wrong with it.
Read = Callable[[str], Any]

MOST_NAMED = 100  # characters of a name that is none

_N = "[0-9]{1,20}"
_BASE = re.compile(rf"-?(?:{_N}\.?|(?:{_N})?\.{_N})(?:[eE][+-]?[0-9]{{1,3}})?")

_A_DATE = {
    "type": "string",
    "pattern": r"^20[0-9]{2}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?$",
}
_A_DURATION = {"type": "string", "pattern": "^[0-9]{1,3}(hour|day|month|year)s?$"}
_A_STRING = {"type": "string"}


def _text(description: str, schema: Mapping[str, Any], alias: str | None = None) -> Any:
    """Return the field of a text that may be left out, in the document of that schema."""

    def replace(described: dict[str, Any]) -> None:
        del described["anyOf"]
        described |= schema

    return Field(None, alias=alias, description=description, json_schema_extra=replace)


def _form() -> Any:
    return _text("The answer's form; default json.", {"type": "string", "enum": [*FORMS]}, "format")


def _interval_text(names: Iterable[str]) -> Any:
    return _text("The period of an item. Required.", {"type": "string", "enum": [*names]})


class ListParameters(BaseModel):
    """A page of the list of houses: those of ids above `after`."""

    after: AfterId = None
    limit: Limit = MAX_HOUSES


class _Range(BaseModel):
    """What all of them have; `interval` is required, though `_read` refuses where there is none."""

    model_config = ConfigDict(json_schema_extra={"required": ["interval"]})

    interval: str | None = _interval_text(OF_VIEWS)
    start: str | None = _text(
        "The first local day: `2013`, `2013-01` or `2013-01-05`. Empty: open.", _A_DATE
    )
    end: str | None = _text("The local day after the last. Empty: open.", _A_DATE)
    duration: str | None = _text(
        "In the place of `end`, from `start` on: `1day`, `12months`.", _A_DURATION
    )

    def texts(self) -> dict[str, str]:
        """Return the parameters that are written, by name."""
        written = self.model_dump(by_alias=True)
        return {name: text for name, text in written.items() if text}


class AskedValues(NamedTuple):
    """What is asked of values; without fields all of them, `after` is where the last page ended."""

    range: AskedRange
    fields: list[str]
    after: Place | None
    form: str


class ValueParameters(_Range):
    """The parameters of values; there are no others."""

    interval: str | None = _interval_text(OF_VALUES)
    start: str | None = _text(
        "Where items begin: a date, which is its local midnight, or a time, local or with an "
        "offset. Empty: open.",
        _A_STRING,
    )
    end: str | None = _text("Where they end, likewise. Empty: open.", _A_STRING)
    fields: str | None = _text(
        "Those of an item's figures that are wanted, as `used,net`; default all.", _A_STRING
    )
    after: str | None = _text("Where the page before ended: `next` has it.", _A_STRING)
    form: str | None = _form()

    def asked(self, zone: Zone, names: Iterable[str]) -> AskedValues:
        """Return what is asked; BadRequest names all parameters that are wrong, or are none.

        `names` are those of all parameters that were sent.
        """
        unknown = [name for name in names if name not in _OF_VALUES]
        moments = {name: partial(moment, zone=zone) for name in ("start", "end")}
        values = _read(self.texts(), {**_OF_VALUES, **moments}, unknown)
        question = AskedRange(values["interval"], *_moments(values, zone))
        return AskedValues(
            question, values.get("fields", []), values.get("after"), values.get("format", "json")
        )


class AskedView(NamedTuple):
    """What is asked of a view, and the form of its answer."""

    question: Asked
    form: str


class ViewParameters(_Range):
    """The parameters of all views."""

    circuit: str | None = _text(
        "Of `usage`: `summary`, `all`, `all_other` or a circuit; default `summary`.", _A_STRING
    )
    base: str | None = _text(
        "Of `basetemp` and `usage`: base temperature, degF; default 65.", {"type": "number"}
    )
    location: str | None = _text(
        "Of `temperature`: the id of a device with a temperature; default 0.",
        {"type": "integer", "minimum": 0},
    )
    form: str | None = _form()

    def asked(self, view: str, zone: Zone) -> AskedView:
        """Return what is asked of a view; BadRequest names all its parameters that are wrong."""
        known = {*PARAMETERS[view], "format"}
        texts = {name: text for name, text in self.texts().items() if name in known}
        values = _read(texts, _OF_VIEWS)
        own: dict[str, Any] = {
            name: values[name] for name in ("circuit", "location") if name in values
        }
        if "base" in values:
            own |= {"base_f": values["base"], "base_text": texts["base"]}
        question = Asked(values["interval"], **_between(values, zone), **own)
        return AskedView(question, values.get("format", "json"))


class DefaultParameters(BaseModel):
    """The parameters of the view `default`."""

    interval: str = Field(
        "months",
        description="`months` (the default) or `days`.",
        json_schema_extra={"enum": ["months", "days"]},
    )


def _read(
    texts: Mapping[str, str], reads: Mapping[str, Read], unknown: Iterable[str] = ()
) -> dict[str, Any]:
    """Return what the parameters say; BadRequest names all that are wrong. `interval` must be."""
    values = dict[str, Any]()
    details = [Detail("is no parameter here", name[:MOST_NAMED]) for name in unknown]
    for name, text in {"interval": "", **texts}.items():
        try:
            values[name] = reads[name](text)
        except ValueError as error:
            details.append(Detail(str(error), name))
    if details:
        raise invalid(details)
    return values


def _between(values: Mapping[str, Any], zone: Zone) -> dict[str, Any]:
    """Return the range of an Asked; a duration needs a start, and counts in the place of an end."""
    start, end, duration = (values.get(name) for name in ("start", "end", "duration"))
    if start and duration:
        after, until_ms = duration.after(start, zone)
        return {"start": start, "end": after, "until_ms": until_ms, "by_duration": True}
    check_order(*(zone.begin(day) if day else None for day in (start, end)))
    return {"start": start, "end": end}


def _moments(values: Mapping[str, Any], zone: Zone) -> tuple[int | None, int | None]:
    """Return the instants of a range, as `_between` does the dates of one."""
    start_ms, end_ms, duration = (values.get(name) for name in ("start", "end", "duration"))
    if start_ms is not None and duration:
        return start_ms, after(duration, start_ms, zone)
    check_order(start_ms, end_ms)
    return start_ms, end_ms


def _interval(spellings: Mapping[str, str]) -> Read:
    """Return what reads an interval, of which these are all spellings."""
    reason = f"must be one of {', '.join(spellings)}"

    def read(text: str) -> str:
        if text not in spellings:
            raise ValueError(reason if text else f"is required: {reason}")
        return spellings[text]

    return read


def _names(text: str) -> list[str]:
    return list(dict.fromkeys(text.split(",")))


def _base_f(text: str) -> float:
    if not _BASE.fullmatch(text) or abs(float(text)) > MAX_VALUE:
        raise ValueError(
            f"must be a number from {-MAX_VALUE:.0f} to {MAX_VALUE:.0f}, as 65 or 62.5"
        )
    return float(text)


_RANGE: dict[str, Read] = {"start": dates.day, "end": dates.day, "duration": dates.duration}
_OF_VALUES: dict[str, Read] = {
    "interval": _interval(OF_VALUES),
    **_RANGE,
    "fields": _names,
    "after": Place.read,
    "format": name_of(FORMS),
}
_OF_VIEWS: dict[str, Read] = {
    "interval": _interval(OF_VIEWS),
    **_RANGE,
    "circuit": str,
    "base": _base_f,
    "location": str,
    "format": name_of(FORMS),
}


def _known(name: str) -> str:
    if name not in VIEWS:
        raise NotFound(f"There is no view {name[:40]}.")
    return name


ViewName = Annotated[
    str,
    Path(description="The view."),
    BeforeValidator(_known),
    WithJsonSchema({"type": "string", "enum": [*VIEWS]}),
]
