"""The answers of views: figures rounded, and no more of them than an answer can hold."""

from collections.abc import Mapping
from typing import Any

from quarterhour.energy.aggregate import HOUR
from quarterhour.errors import BadRequest, Detail
from quarterhour.http.answers.forms import Answer, compact, json_answer, number
from quarterhour.query.intervals import LONGEST_DAYS

MOST_HOURS = 24 * LONGEST_DAYS[HOUR]
# Lambda takes answers of 6 MB, and counts the body as JSON in JSON.
MAX_BYTES = 5_800_000


def view_answer(body: Mapping[str, Any]) -> Answer:
    """Return the answer of a view; BadRequest where it is longer than an answer may be."""
    hours = body.get("items", body.get("points", ())) if body.get("interval") == HOUR else ()
    if len(hours) > MOST_HOURS:
        raise _too_long(f"{MOST_HOURS:,} hours with data")
    text = compact(rounded(body))
    if len(text) + text.count('"') + text.count("\\") > MAX_BYTES:
        raise _too_long(f"{MAX_BYTES:,} bytes")
    return json_answer(text)


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
