"""Answers: JSON and CSV, numbers as rule 9 of docs/semantics.md wants them."""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Annotated, Any, NamedTuple

from aws_lambda_powertools.event_handler import Response
from pydantic import ConfigDict, WithJsonSchema, with_config

from quarterhour.time import cuts
from quarterhour.time.calendar import BUCKET_MS, DAY_MS, UTC, day_text

Answer = Response[str]

# What the OpenAPI document says of members of answers: an instant of UTC, and an object that has
# figures by name beside its own members.
Time = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time"})]
figures_beside = with_config(
    ConfigDict(json_schema_extra={"additionalProperties": {"type": "number"}})
)

_LEAST_SHARE = 0.000001
# The times of a day's quarter hours.
CLOCK = [f"T{nth // 4:02}:{nth % 4 * 15:02}:00Z" for nth in range(DAY_MS // BUCKET_MS)]
_QUOTED = re.compile(r'[",\r\n]')
# Between these a float has at most fifteen digits with six decimals, and no exponent as JSON.
_LEAST_PLAIN, _MOST_PLAIN = 0.0001, 1e9


def number(value: float) -> float | int:
    """Return the value with at most six decimals, whole numbers without a fraction.

    >>> number(0.6666666666), number(3.0), number(-0.0)
    (0.666667, 3, 0)
    """
    rounded = round(value, 6)
    return int(rounded) if rounded.is_integer() else rounded


def figures(values: Iterable[float]) -> list[str]:
    """Return numbers as JSON text: `json.dumps(number(value))` of each, at a quarter of its cost.

    >>> figures([0.6666666666, 3.0, 1e20])
    ['0.666667', '3', '100000000000000000000']
    """
    # Of fifteen digits no two texts are one float, so six decimals are the shortest text.
    return [
        f"{value:.6f}".rstrip("0").rstrip(".")
        if _LEAST_PLAIN <= value < _MOST_PLAIN
        else _figure(value)
        for value in values
    ]


def _figure(value: float) -> str:
    rounded = round(value, 6)
    return str(int(rounded)) if rounded.is_integer() else repr(rounded)


def share(covered: float) -> float | int:
    """Return a covered share, which is above 0 and at most 1: what nothing covers is absent."""
    return max(number(covered), _LEAST_SHARE)


def times(starts: Sequence[int]) -> list[str]:
    """Return beginnings of quarter hours or of longer periods as JSON has them, without quotes.

    >>> times([1535068800000, 1535069700000])
    ['2018-08-24T00:00:00Z', '2018-08-24T00:15:00Z']
    """
    texts: list[str] = []
    for day_ms, first, last in cuts.days(starts, UTC):
        date = day_text(day_ms)
        texts += [date + clock for clock in _clocks(day_ms, starts[first:last])]
    return texts


def _clocks(day_ms: int, starts: Sequence[int]) -> Sequence[str]:
    """Return the times of these quarter hours of a day."""
    if len(starts) == len(CLOCK):
        return CLOCK
    return [CLOCK[(at - day_ms) // BUCKET_MS] for at in starts]


def answer(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    """Return a JSON answer."""
    return json_answer(compact(body), status, headers)


def compact(body: Any) -> str:
    """Return JSON text without spaces."""
    return json.dumps(body, separators=(",", ":"))


def json_answer(text: str, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    """Return an answer of JSON text."""
    return Response(status, "application/json", text, headers=dict(headers or {}))


def empty_answer(status: int, headers: Mapping[str, str]) -> Answer:
    """Return an answer without a body."""
    return Response(status, body="", headers=dict(headers))


class Table(NamedTuple):
    """An answer that can be had in several forms: its JSON text, its columns and its rows."""

    json: Callable[[], str]
    columns: Sequence[str]
    rows: Iterable[Sequence[Any]]


class Form(NamedTuple):
    """A form of answers: its Content-Type and what writes it."""

    content_type: str
    text: Callable[[Table], str]

    @property
    def media_type(self) -> str:
        """The Content-Type without its parameters."""
        return self.content_type.partition(";")[0]


def _csv(table: Table) -> str:
    """Return CSV (RFC 4180) with a header line; values need no quoting."""
    lines = [",".join(table.columns), *(",".join(map(str, row)) for row in table.rows)]
    return "".join(f"{line}\r\n" for line in lines)


# The forms that `format` names: one is added here.
FORMS = {
    "json": Form("application/json", lambda table: table.json()),
    "csv": Form("text/csv; charset=utf-8; header=present", _csv),
}


def csv_download(
    columns: Sequence[str], rows: Iterable[Sequence[Any]], name: str, headers: Mapping[str, str]
) -> Answer:
    """Return an answer of CSV to be kept as a file of that name; None is an empty cell."""
    lines = [columns, *rows]
    text = "".join(f"{','.join(map(_cell, line))}\r\n" for line in lines)
    kept_as = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return Response(200, FORMS["csv"].content_type, text, headers={**kept_as, **headers})


def _cell(value: Any) -> str:
    """Return a value of CSV, quoted where it has to be.

    >>> _cell(None), _cell(0.5), _cell("Hall, upper")
    ('', '0.5', '"Hall, upper"')
    """
    text = "" if value is None else str(value)
    return '"{}"'.format(text.replace('"', '""')) if _QUOTED.search(text) else text


def formed(table: Table, name: str) -> Answer:
    """Return a table in one of the FORMS."""
    form = FORMS[name]
    return Response(200, form.content_type, form.text(table))
