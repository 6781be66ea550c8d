"""The answers of views: figures rounded, and no more of them than an answer can hold."""

from collections.abc import Mapping, Sequence
from typing import Any

from quarterhour.energy.aggregate import HOUR
from quarterhour.errors import BadRequest, Detail
from quarterhour.http.answers.forms import Answer, compact, csv_download, json_answer, number
from quarterhour.query.intervals import LONGEST_DAYS, MOST_PACKED_POINTS
from quarterhour.query.periods import Label
from quarterhour.time.calendar import Zone

MOST_HOURS = 24 * LONGEST_DAYS[HOUR]
# Lambda takes answers of 6 MB, and counts the body as JSON in JSON.
MAX_BYTES = 5_800_000
# Of those that are packed, before they are: four times as much, as more would take too long.
MAX_UNPACKED_BYTES = 4 * MAX_BYTES

# What the items of a view are called: each has one of these.
_ITEMS = ("items", "points", "days", "hours", "circuits")
_DAY = len("2013-01-05")


def view_answer(body: Mapping[str, Any], *, is_packed: bool = False) -> Answer:
    """Return the answer of a view; BadRequest where it is longer than an answer may be."""
    _check_hours(body, is_packed)
    text = compact(rounded(body))
    _check_length(text, is_packed)
    return json_answer(text)


def view_csv(body: Mapping[str, Any], zone: Zone, name: str, *, is_packed: bool) -> Answer:
    """Return the items of a view as CSV, their dates with the time and its offset."""
    _check_hours(body, is_packed)
    items: Sequence[Mapping[str, Any]] = next(body[kind] for kind in _ITEMS if kind in body)
    columns = dict.fromkeys(column for item in items for column in item)
    rows = ([_of_csv(item.get(column), zone) for column in columns] for item in items)
    answer = csv_download([*columns] or ["date"], rows, name, {})
    _check_length(str(answer.body), is_packed)
    return answer


def _of_csv(value: Any, zone: Zone) -> Any:
    if not isinstance(value, Label):
        return rounded(value)
    return zone.iso_of(zone.day_of(value.at_ms) if len(value) == _DAY else value.at_ms)


def _check_hours(body: Mapping[str, Any], is_packed: bool) -> None:  # noqa: FBT001
    hours = body.get("items", body.get("points", ())) if body.get("interval") == HOUR else ()
    most = MOST_PACKED_POINTS if is_packed else MOST_HOURS
    if len(hours) > most:
        raise _too_long(f"{most:,} hours with data")


def _check_length(text: str, is_packed: bool) -> None:  # noqa: FBT001
    most = MAX_UNPACKED_BYTES if is_packed else MAX_BYTES
    if len(text) + text.count('"') + text.count("\\") > most:
        raise _too_long(f"{most:,} bytes")


def rounded(value: Any) -> Any:
    """Return a value, its figures with at most six decimals.

    >>> rounded({"items": [{"date": "2013-01-05", "actual": 0.6666666666, "hdd": -0.0}], "n": 2})
    {'items': [{'date': '2013-01-05', 'actual': 0.666667, 'hdd': 0}], 'n': 2}
    """
    if isinstance(value, float):
        return number(value)
    if isinstance(value, dict):
        return {name: rounded(member) for name, member in value.items()}
    if isinstance(value, list):
        return [rounded(member) for member in value]
    return value


def _too_long(limit: str) -> BadRequest:
    reason = f"a longer one, or a shorter range: an answer has at most {limit}"
    return BadRequest(f"The answer would have more than {limit}.", [Detail(reason, "interval")])
