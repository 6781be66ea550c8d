"""The parameters of values: interval and range as of views, the fields, and a page's beginning."""

import re
from typing import NamedTuple

from quarterhour.energy.aggregate import QUARTER_HOURS
from quarterhour.http.query.paths import path_id
from quarterhour.http.query.range_parameters import RANGE, Read, between, checked, interval
from quarterhour.query.asked import INTERVALS, Asked
from quarterhour.time.calendar import DAY_MS
from quarterhour.time.instants import FIRST_MS, LAST_MS
from quarterhour.time.zones import Zone
from quarterhour.values.pages import Place

ALL_INTERVALS = {QUARTER_HOURS: QUARTER_HOURS, **INTERVALS}

_PLACE = re.compile(r"([0-9]{1,15})\.([a-z0-9_]*)")


class AskedValues(NamedTuple):
    """What is asked of values; without fields all of them, `after` is where the last page ended."""

    range: Asked
    fields: list[str]
    after: Place | None


class ValueParameters(NamedTuple):
    """The parameters as they were written; an empty one is as none at all."""

    interval: str | None
    start: str | None
    end: str | None
    duration: str | None
    fields: str | None
    after: str | None

    def asked(self, zone: Zone) -> AskedValues:
        """Return what is asked; BadRequest names all parameters that are wrong."""
        said = checked({name: text for name, text in self._asdict().items() if text}, _READ)
        asked = Asked(said["interval"], **between(said, zone))
        return AskedValues(asked, said.get("fields", []), said.get("after"))


def device_ids(text: str) -> list[int]:
    """Return the ids of `1,2`, each once; NotFound for what is none."""
    return list(dict.fromkeys(path_id(one, "device") for one in text.split(",")))


def circuit_ids(text: str) -> list[str]:
    """Return the ids of `ashp,stove`, each once."""
    return list(dict.fromkeys(text.split(",")))


def place_text(place: Place) -> str:
    """Return a place as `after` says it.

    >>> place_text(Place(1357362000000, "5")), _place("1357362000000.5")
    ('1357362000000.5', Place(at_ms=1357362000000, id='5'))
    """
    return f"{place.at_ms}.{place.id}"


def _place(text: str) -> Place:
    found = _PLACE.fullmatch(text)
    # The first local day may begin before the first accepted instant.
    if not found or not FIRST_MS - DAY_MS <= int(found[1]) <= LAST_MS + 1:
        raise ValueError("must be as the `next` of a page has it")
    return Place(int(found[1]), found[2])


def _fields(text: str) -> list[str]:
    return list(dict.fromkeys(text.split(",")))


_READ: dict[str, Read] = {
    "interval": interval(ALL_INTERVALS),
    **RANGE,
    "fields": _fields,
    "after": _place,
}
