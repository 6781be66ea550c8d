"""What single parameters of ships and of the fleet may be, each said in one place."""

from collections.abc import Callable, Iterable
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema

from quarterhour.http.answers.forms import FORMS
from quarterhour.query.intervals import OF_SHIPS
from quarterhour.time import instants

MAX_SHIP_ID = 2**53 - 1
MAX_COUNT = 1000


def text(value: Any) -> str:
    """Return the string; ValueError for any other type."""
    if not isinstance(value, str):
        raise ValueError("must be a string")  # noqa: TRY004  pydantic reports only ValueError
    return value


def _whole(least: int, most: int) -> Callable[[Any], int]:
    def read(value: Any) -> int:
        digits = text(value)
        is_number = digits.isascii() and digits.isdigit() and len(digits) <= len(str(most))
        if not is_number or not least <= int(digits) <= most:
            raise ValueError(f"must be a whole number from {least} to {most}")
        return int(digits)

    return read


def _name_of(names: Iterable[str]) -> Callable[[Any], str]:
    *others, last = map(repr, names)
    reason = f"must be {', '.join(others)} or {last}"

    def read(value: Any) -> str:
        if value not in names:
            raise ValueError(reason)
        return text(value)

    return read


def _instant(value: Any) -> int:
    return instants.parse_query(text(value))


_AN_INSTANT = WithJsonSchema({"type": "string", "format": "date-time"})

ShipId = Annotated[
    int,
    Field(description="The ship."),
    BeforeValidator(_whole(0, MAX_SHIP_ID)),
    WithJsonSchema({"type": "integer", "minimum": 0, "maximum": MAX_SHIP_ID}),
]
Instant = Annotated[
    int,
    Field(description="ISO 8601 with Z or an offset; also as 2018-08-24T00-00-00Z."),
    BeforeValidator(_instant),
    _AN_INSTANT,
]
OptionalInstant = Annotated[
    int | None,
    Field(description="As any time; absent: where the fleet's data begin or end."),
    BeforeValidator(_instant),
    _AN_INSTANT,
]
Count = Annotated[
    int,
    Field(description="How many ships."),
    BeforeValidator(_whole(1, MAX_COUNT)),
    WithJsonSchema({"type": "integer", "minimum": 1, "maximum": MAX_COUNT}),
]
Interval = Annotated[
    str,
    Field(description="The period of a row, UTC."),
    BeforeValidator(_name_of(OF_SHIPS)),
    WithJsonSchema({"type": "string", "enum": OF_SHIPS}),
]
Form = Annotated[
    str,
    Field(alias="format", description="The answer's form."),
    BeforeValidator(_name_of(FORMS)),
    WithJsonSchema({"type": "string", "enum": [*FORMS]}),
]
