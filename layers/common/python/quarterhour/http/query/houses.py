"""The parameters of questions about a house, as text: read when house and view are known.

So an unknown house is a 404 whatever else is wrong, and what a view does not have is ignored. An
empty parameter is as none at all.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Any, NamedTuple

from aws_lambda_powertools.event_handler.openapi.params import Path
from pydantic import BaseModel, BeforeValidator, Field, WithJsonSchema

from quarterhour.energy.readings import MAX_VALUE
from quarterhour.errors import NotFound
from quarterhour.http.query.parameters import MAX_HOUSES, AfterId, Limit
from quarterhour.http.query.texts import (
    A_STRING,
    IN_EACH,
    RangeParameters,
    Read,
    form_field,
    interval_of,
    read,
    text_field,
)
from quarterhour.query.asked import Asked, check_order
from quarterhour.query.intervals import OF_VIEWS
from quarterhour.time.calendar import Zone
from quarterhour.views.by_name import PARAMETERS, VIEWS

_N = "[0-9]{1,20}"
_BASE = re.compile(rf"-?(?:{_N}\.?|(?:{_N})?\.{_N})(?:[eE][+-]?[0-9]{{1,3}})?")


class ListParameters(BaseModel):
    """A page of the list of houses: those of ids above `after`."""

    after: AfterId = None
    limit: Limit = MAX_HOUSES


class AskedView(NamedTuple):
    """What is asked of a view, and the form of its answer."""

    question: Asked
    form: str


class ViewParameters(RangeParameters):
    """The parameters of all views."""

    circuit: str | None = text_field(
        "Of `usage`: `summary`, `all`, `all_other` or a circuit; default `summary`.", A_STRING
    )
    base: str | None = text_field(
        "Of `basetemp` and `usage`: base temperature, degF; default 65.", {"type": "number"}
    )
    location: str | None = text_field(
        "Of `temperature`: the id of a device with a temperature; default 0.",
        {"type": "integer", "minimum": 0},
    )
    form: str | None = form_field()

    def asked(self, view: str, zone: Zone) -> AskedView:
        """Return what is asked of a view; BadRequest names all its parameters that are wrong."""
        known = {*PARAMETERS[view], "format"}
        texts = {name: text for name, text in self.texts().items() if name in known}
        values = read(texts, _OF_VIEWS)
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


def _between(values: Mapping[str, Any], zone: Zone) -> dict[str, Any]:
    """Return the range of an Asked; a duration needs a start, and counts in the place of an end."""
    start, end, duration = (values.get(name) for name in ("start", "end", "duration"))
    if start and duration:
        after, until_ms = duration.after(start, zone)
        return {"start": start, "end": after, "until_ms": until_ms, "by_duration": True}
    check_order(*(zone.begin(day) if day else None for day in (start, end)))
    return {"start": start, "end": end}


def _base_f(text: str) -> float:
    if not _BASE.fullmatch(text) or abs(float(text)) > MAX_VALUE:
        raise ValueError(
            f"must be a number from {-MAX_VALUE:.0f} to {MAX_VALUE:.0f}, as 65 or 62.5"
        )
    return float(text)


_OF_VIEWS: dict[str, Read] = {
    **IN_EACH,
    "interval": interval_of(OF_VIEWS),
    "circuit": str,
    "base": _base_f,
    "location": str,
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
