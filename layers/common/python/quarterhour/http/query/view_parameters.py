"""The parameters of views, each checked in one place."""

import re
from typing import Annotated, Any, NamedTuple

from aws_lambda_powertools.event_handler.openapi.params import Path
from pydantic import BeforeValidator, WithJsonSchema

from quarterhour.energy.readings import MAX_VALUE
from quarterhour.errors import NotFound
from quarterhour.http.query.range_parameters import RANGE, Read, between, checked, interval
from quarterhour.query.asked import INTERVALS, Asked
from quarterhour.time.zones import Zone
from quarterhour.views.by_name import PARAMETERS, VIEWS

_N = "[0-9]{1,20}"
_BASE = re.compile(rf"-?(?:{_N}\.?|(?:{_N})?\.{_N})(?:[eE][+-]?[0-9]{{1,3}})?")


class ViewParameters(NamedTuple):
    """The parameters of all views as they were written; an empty one is as none at all."""

    interval: str | None = None
    start: str | None = None
    end: str | None = None
    duration: str | None = None
    circuit: str | None = None
    base: str | None = None
    location: str | None = None

    def asked(self, view: str, zone: Zone) -> Asked:
        """Return what is asked of a view; BadRequest names all its parameters that are wrong."""
        given = self._asdict().items()
        texts = {name: text for name, text in given if text and name in PARAMETERS[view]}
        said = checked(texts, _READ)
        own: dict[str, Any] = {name: said[name] for name in ("circuit", "location") if name in said}
        if "base" in said:
            own |= {"base_f": said["base"], "base_text": texts["base"]}
        return Asked(said["interval"], **between(said, zone), **own)


def _base_f(text: str) -> float:
    if not _BASE.fullmatch(text) or abs(float(text)) > MAX_VALUE:
        raise ValueError(
            f"must be a number from {-MAX_VALUE:.0f} to {MAX_VALUE:.0f}, as 65 or 62.5"
        )
    return float(text)


_READ: dict[str, Read] = {
    "interval": interval(INTERVALS),
    **RANGE,
    "circuit": str,
    "base": _base_f,
    "location": str,
}


def _known(given: str) -> str:
    if given not in VIEWS:
        raise NotFound(f"There is no view {given[:40]}.")
    return given


ViewName = Annotated[
    str,
    Path(description="The view."),
    BeforeValidator(_known),
    WithJsonSchema({"type": "string", "enum": [*VIEWS]}),
]
