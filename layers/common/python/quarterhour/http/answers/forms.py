"""Answers: JSON and CSV, numbers as rule 9 of docs/semantics.md wants them."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any

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
    return json_answer(json.dumps(body, separators=(",", ":")), status, headers)


def json_answer(text: str, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    """Return an answer of JSON text."""
    return Response(status, "application/json", text, headers=dict(headers or {}))


def empty_answer(status: int, headers: Mapping[str, str]) -> Answer:
    """Return an answer without a body."""
    return Response(status, body="", headers=dict(headers))


def csv_answer(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Answer:
    """Return a CSV answer (RFC 4180) with a header line; its values need no quoting."""
    lines = [",".join(columns), *(",".join(map(str, row)) for row in rows)]
    text = "".join(f"{line}\r\n" for line in lines)
    return Response(200, "text/csv; charset=utf-8; header=present", text)
