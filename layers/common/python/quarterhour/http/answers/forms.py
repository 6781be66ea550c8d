"""Answers: JSON and CSV, numbers as rule 9 of docs/semantics.md wants them."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Annotated, Any, NamedTuple

from aws_lambda_powertools.event_handler import Response
from pydantic import ConfigDict, WithJsonSchema, with_config

Answer = Response[str]

# What the OpenAPI document says of members of answers: an instant of UTC, and an object that has
# figures by name beside its own members.
Time = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time"})]
figures_beside = with_config(
    ConfigDict(json_schema_extra={"additionalProperties": {"type": "number"}})
)


def number(value: float) -> float | int:
    """Return the value with at most six decimals, whole numbers without a fraction.

    >>> number(0.6666666666), number(3.0), number(-0.0)
    (0.666667, 3, 0)
    """
    rounded = round(value, 6)
    return int(rounded) if rounded.is_integer() else rounded


def figure(value: float) -> str:
    """Return a number as JSON text: `json.dumps(number(value))`, at half its cost.

    >>> figure(0.6666666666), figure(3.0), figure(1e20)
    ('0.666667', '3', '100000000000000000000')
    """
    rounded = round(value, 6)
    return str(int(rounded)) if rounded.is_integer() else repr(rounded)


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


def formed(table: Table, name: str) -> Answer:
    """Return a table in one of the FORMS."""
    form = FORMS[name]
    return Response(200, form.content_type, form.text(table))
