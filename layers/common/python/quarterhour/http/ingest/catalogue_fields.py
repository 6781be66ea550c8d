"""What single members of a catalogue entry and of budgets may be."""

import re
from collections.abc import Callable
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator, WithJsonSchema

from quarterhour.energy.quantities import BY_NAME
from quarterhour.energy.readings import MAX_VALUE
from quarterhour.http.query.parameters import MAX_ID, text
from quarterhour.time.calendar import zone
from quarterhour.time.declared import LABELS, interval_or_period

MAX_WORD = 40
MAX_NAME = 200
MAX_DESCRIPTION = 1000
MAX_AREA = 1e9
MAX_FACTOR = 1e6

WORD = f"^[a-z][a-z0-9_]{{0,{MAX_WORD - 1}}}$"
MONTH = "^20[0-9]{2}-(0[1-9]|1[0-2])$"


def _word(value: Any) -> str:
    if not re.fullmatch(WORD.strip("^$"), text(value)):
        raise ValueError(f"must be a word: at most {MAX_WORD} of a-z, 0-9 and _, a letter first")
    return str(value)


def _month(value: Any) -> str:
    if not re.fullmatch(MONTH.strip("^$"), text(value)):
        raise ValueError("must be a month from 2000-01 to 2099-12")
    return str(value)


def _quantity(value: Any) -> str:
    if text(value) not in BY_NAME:
        raise ValueError(f"must be one of {', '.join(BY_NAME)}")
    return str(value)


def _interval(value: Any) -> str:
    interval_or_period(text(value))
    return str(value)


def _label(value: Any) -> str:
    if text(value) not in LABELS:
        raise ValueError(f"must be one of {', '.join(LABELS)}")
    return str(value)


def _factor(value: Any) -> float:
    factor = _within(-MAX_FACTOR, MAX_FACTOR)(value)
    if not factor:
        raise ValueError("must not be 0")
    return factor


def _within(least: float, most: float) -> Callable[[Any], float]:
    """Return the check of a number; it stays as it was written, but for -0, which is 0."""

    def checked(value: Any) -> float:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or not least <= value <= most:
            raise ValueError(f"must be a number from {least:.0f} to {most:.0f}")
        return value + 0  # type: ignore[no-any-return]

    return checked


Word = Annotated[str, BeforeValidator(_word), WithJsonSchema({"type": "string", "pattern": WORD})]
Name = Annotated[str, Field(min_length=1, max_length=MAX_NAME)]
Description = Annotated[str, Field(max_length=MAX_DESCRIPTION)]
TimeZone = Annotated[
    str,
    AfterValidator(lambda name: zone(name).name),
    WithJsonSchema({"type": "string", "examples": ["America/New_York"]}),
]
Quantity = Annotated[
    str,
    BeforeValidator(_quantity),
    WithJsonSchema({"type": "string", "enum": [*BY_NAME]}),
]
Interval = Annotated[
    str,
    BeforeValidator(_interval),
    WithJsonSchema({"type": "string", "examples": ["PT15M", "PT20S", "P1D", "P1M"]}),
]
Label = Annotated[
    str, BeforeValidator(_label), WithJsonSchema({"type": "string", "enum": [*LABELS]})
]
Factor = Annotated[
    int | float,
    PlainValidator(_factor),
    WithJsonSchema({"type": "number", "minimum": -MAX_FACTOR, "maximum": MAX_FACTOR}),
]
Area = Annotated[
    int | float,
    PlainValidator(_within(0, MAX_AREA)),
    WithJsonSchema({"type": "number", "minimum": 0, "maximum": MAX_AREA}),
]
Figure = Annotated[
    int | float,
    PlainValidator(_within(-MAX_VALUE, MAX_VALUE)),
    WithJsonSchema({"type": "number", "minimum": -MAX_VALUE, "maximum": MAX_VALUE}),
]
Month = Annotated[
    str, BeforeValidator(_month), WithJsonSchema({"type": "string", "pattern": MONTH})
]
Id = Annotated[int, Field(ge=0, le=MAX_ID)]
Priority = Annotated[int, Field(ge=-MAX_ID, le=MAX_ID)]
