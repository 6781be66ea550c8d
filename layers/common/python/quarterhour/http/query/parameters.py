"""The parameters of queries, each checked in one place."""

from typing import Annotated, Any, Literal

from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import BeforeValidator, WithJsonSchema

from quarterhour.time import instants

MAX_SHIP_ID = 2**53 - 1
MAX_COUNT = 1000


def text(value: Any) -> str:
    """Return the string; ValueError for any other type."""
    if not isinstance(value, str):
        raise ValueError("must be a string")  # noqa: TRY004  pydantic reports only ValueError
    return value


def _whole(given: Any, least: int, most: int) -> int:
    digits = text(given)
    is_number = digits.isascii() and digits.isdigit() and len(digits) <= len(str(most))
    if not is_number or not least <= int(digits) <= most:
        raise ValueError(f"must be a whole number from {least} to {most}")
    return int(digits)


ShipId = Annotated[
    int,
    Query(description="The ship."),
    BeforeValidator(lambda given: _whole(given, 0, MAX_SHIP_ID)),
    WithJsonSchema({"type": "integer", "minimum": 0, "maximum": MAX_SHIP_ID}),
]
Instant = Annotated[
    int,
    Query(description="ISO 8601 with Z or an offset; also as 2018-08-24T00-00-00Z."),
    BeforeValidator(lambda given: instants.parse_query(text(given))),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
OptionalInstant = Annotated[
    int | None,
    Query(description="As any time; absent: where the fleet's data begin or end."),
    BeforeValidator(lambda given: instants.parse_query(text(given))),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
Count = Annotated[
    int,
    Query(description="How many ships."),
    BeforeValidator(lambda given: _whole(given, 1, MAX_COUNT)),
    WithJsonSchema({"type": "integer", "minimum": 1, "maximum": MAX_COUNT}),
]
Interval = Annotated[
    Literal["15min", "hour", "day", "month"], Query(description="The period of a row, UTC.")
]
Format = Annotated[Literal["json", "csv"], Query(alias="format", description="The answer's form.")]
