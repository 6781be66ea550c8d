"""The interval and range of a question about a house, as views and values have them."""

from collections.abc import Callable, Mapping
from typing import Any

from quarterhour.errors import Detail
from quarterhour.http.refusals import bad_request
from quarterhour.query.ranges import check_order
from quarterhour.time import dates
from quarterhour.time.zones import Zone

# What reads a parameter's text; ValueError says what is wrong with it.
Read = Callable[[str], Any]

RANGE: Mapping[str, Read] = {"start": dates.day, "end": dates.day, "duration": dates.duration}


def interval(known: Mapping[str, str]) -> Read:
    """Return what reads an interval, of which these are all spellings."""
    reason = f"must be one of {', '.join(known)}"

    def read(text: str) -> str:
        if text not in known:
            raise ValueError(reason if text else f"is required: {reason}")
        return known[text]

    return read


def checked(texts: Mapping[str, str], reads: Mapping[str, Read]) -> dict[str, Any]:
    """Return what the parameters say; BadRequest names all that are wrong. `interval` must be."""
    said, wrong = dict[str, Any](), list[Detail]()
    for name, text in {"interval": "", **texts}.items():
        try:
            said[name] = reads[name](text)
        except ValueError as error:
            wrong.append(Detail(str(error), name))
    if wrong:
        raise bad_request(wrong, 0)
    return said


def between(said: Mapping[str, Any], zone: Zone) -> dict[str, Any]:
    """Return the range of an Asked; a duration needs a start, and counts in the place of an end."""
    start, end, duration = (said.get(name) for name in RANGE)
    if start and duration:
        after, until_ms = duration.after(start, zone)
        return {"start": start, "end": after, "until_ms": until_ms, "by_duration": True}
    check_order(*(zone.begin(one) if one else None for one in (start, end)))
    return {"start": start, "end": end}
