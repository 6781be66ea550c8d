"""What single parameters may be, each said in one place.

What is no id in a path is an unknown house or device, so 404.
"""

import re
from collections.abc import Callable, Iterable
from typing import Annotated, Any
from urllib.parse import parse_qsl

from aws_lambda_powertools.event_handler.openapi.params import Path
from pydantic import BaseModel, BeforeValidator, Field, WithJsonSchema

from quarterhour.errors import Detail, NotFound, invalid
from quarterhour.http.answers.forms import FORMS
from quarterhour.query.intervals import OF_SHIPS
from quarterhour.time import instants

MAX_ID = 2**53 - 1
MAX_COUNT = 1000
MAX_HOUSES = 1000
MAX_CHANNELS = 20  # that one correction names: its audit item has them

_CHANNEL = re.compile("[a-z][a-z0-9_]{0,39}")
_NO_PARAMETER = "is not a parameter here"


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


def _flag(value: Any) -> bool:
    if value not in _FLAGS:
        raise ValueError("must be true or false")
    return _FLAGS[value]


_FLAGS = {"true": True, "false": False}


def name_of(names: Iterable[str]) -> Callable[[Any], str]:
    """Return what reads one of these names."""
    *others, last = map(repr, names)
    reason = f"must be {', '.join(others)} or {last}"

    def read(value: Any) -> str:
        if value not in names:
            raise ValueError(reason)
        return text(value)

    return read


def check_known(query: str, model: type[BaseModel]) -> None:
    """Refuse parameters that a model does not have: BadRequest names them.

    Where a slip of the pen is not to be taken for something else: `unit=kWh` deletes no kW.
    """
    known = {field.alias or name for name, field in model.model_fields.items()}
    given = dict.fromkeys(name for name, _ in parse_qsl(query, keep_blank_values=True))
    if details := [Detail(_NO_PARAMETER, name[:100]) for name in given if name not in known]:
        raise invalid(details)


def _channels(value: Any) -> str:
    names = text(value).split(",")
    if len(names) > MAX_CHANNELS or not all(map(_CHANNEL.fullmatch, names)):
        raise ValueError(f"must be up to {MAX_CHANNELS} names of channels, as used,solar")
    return ",".join(dict.fromkeys(names))


def _instant(value: Any) -> int:
    return instants.parse_query(text(value))


_AN_INSTANT = WithJsonSchema({"type": "string", "format": "date-time"})

ShipId = Annotated[
    int,
    Field(description="The ship."),
    BeforeValidator(_whole(0, MAX_ID)),
    WithJsonSchema({"type": "integer", "minimum": 0, "maximum": MAX_ID}),
]
Instant = Annotated[
    int,
    Field(description="ISO 8601 with Z or an offset; also as 2018-08-24T00-00-00Z, or Unix time."),
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
Limit = Annotated[
    int,
    Field(description="How many houses at most."),
    BeforeValidator(_whole(1, MAX_HOUSES)),
    WithJsonSchema({"type": "integer", "minimum": 1, "maximum": MAX_HOUSES}),
]
ShipLimit = Annotated[
    int,
    Field(description="How many ships at most."),
    BeforeValidator(_whole(1, MAX_COUNT)),
    WithJsonSchema({"type": "integer", "minimum": 1, "maximum": MAX_COUNT}),
]
AfterId = Annotated[
    int | None,
    Field(description="Where the page before ended: `next` has it."),
    BeforeValidator(_whole(0, MAX_ID)),
    WithJsonSchema({"type": "integer", "minimum": 0, "maximum": MAX_ID}),
]
IntervalName = Annotated[
    str,
    Field(description="The period of a row, UTC."),
    BeforeValidator(name_of(OF_SHIPS)),
    WithJsonSchema({"type": "string", "enum": OF_SHIPS}),
]
Form = Annotated[
    str,
    Field(alias="format", description="The answer's form."),
    BeforeValidator(name_of(FORMS)),
    WithJsonSchema({"type": "string", "enum": [*FORMS]}),
]
Partial = Annotated[
    bool,
    Field(description="Whether readings that are not valid are left out, and the others stored."),
    BeforeValidator(_flag),
    WithJsonSchema({"type": "boolean"}),
]
DryRun = Annotated[
    bool,
    Field(description="Whether nothing is changed, and the answer says what would be."),
    BeforeValidator(_flag),
    WithJsonSchema({"type": "boolean"}),
]
# What it may be is said where the body is read: there are no two ways to refuse it.
OfCsv = Annotated[
    str | None,
    Field(description="Of a CSV body: as the member of a JSON body."),
    WithJsonSchema({"type": "string"}),
]


Channels = Annotated[
    str | None,
    Field(description="Only these channels, as `used,solar`; when left out, all."),
    BeforeValidator(_channels),
    WithJsonSchema({"type": "string", "pattern": "^[a-z][a-z0-9_]*(,[a-z][a-z0-9_]*)*$"}),
]


# --- In paths ------------------------------------------------------------------------------------


def path_id(text: Any, what: str) -> int:
    """Return an id written in ASCII digits; NotFound names `what` there is not.

    >>> path_id("12", "house")
    12
    """
    is_id = text.isascii() and text.isdigit() and len(text) <= len(str(MAX_ID))
    if not is_id or int(text) > MAX_ID:
        raise NotFound(f"There is no {what} {text[:40]}.")
    return int(text)


def device_ids(text: str) -> list[int]:
    """Return the ids of `1,2`, each once; NotFound for what is none."""
    return list(dict.fromkeys(path_id(part, "device") for part in text.split(",")))


def circuit_ids(text: str) -> list[str]:
    """Return the ids of `ashp,stove`, each once."""
    return list(dict.fromkeys(text.split(",")))


_AN_ID = WithJsonSchema({"type": "integer", "minimum": 0, "maximum": MAX_ID})

HouseId = Annotated[
    int,
    Path(description="The house."),
    BeforeValidator(lambda text: path_id(text, "house")),
    _AN_ID,
]
ShipOfPath = Annotated[
    int,
    Path(description="The ship."),
    BeforeValidator(lambda text: path_id(text, "ship")),
    _AN_ID,
]
DeviceId = Annotated[
    int,
    Path(description="The device."),
    BeforeValidator(lambda text: path_id(text, "device")),
    _AN_ID,
]
# Read when the house is known: one that is not is a 404 whatever its devices.
DeviceIds = Annotated[
    str,
    Path(description="Devices: `1` or `1,2`."),
    WithJsonSchema({"type": "string", "pattern": "^[0-9]+(,[0-9]+)*$"}),
]
CircuitIds = Annotated[
    str,
    Path(
        description="Circuits: `ashp` or `ashp,used`; also `used`, `solar`, `adjusted_load`, "
        "`all_other`."
    ),
    WithJsonSchema({"type": "string", "pattern": "^[a-z0-9_]+(,[a-z0-9_]+)*$"}),
]
