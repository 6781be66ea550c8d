"""The shape of a posted batch, and what is answered when it is stored."""

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from typing_extensions import TypedDict

from quarterhour.energy.quantities import POWER_AND_ENERGY, Unit, unit, units_of
from quarterhour.energy.readings import (
    MAX_READINGS,
    MAX_VALUE,
    USED,
    Posted,
    Reading,
    Series,
    check_span,
    distinct,
)
from quarterhour.energy.warnings import of_batch
from quarterhour.errors import TooLarge
from quarterhour.http.answers.forms import Answer, Time, answer
from quarterhour.http.query.parameters import MAX_SHIP_ID, text
from quarterhour.time import durations, instants
from quarterhour.time.instants import iso

_A_TIME = {"type": "string", "format": "date-time", "examples": ["2018-08-24T00:00:00Z"]}
_AN_INTERVAL = {"type": "string", "examples": ["PT15M", "PT1H"]}
_A_UNIT = {"type": "string", "enum": units_of(POWER_AND_ENERGY)}


def _few_enough(data: Any) -> Any:
    if isinstance(data, list) and len(data) > MAX_READINGS:
        raise TooLarge(f"More than {MAX_READINGS} readings: post them in parts.")
    return data


class PostedReading(BaseModel):
    """One reading: the time it begins, and its value from then on."""

    model_config = ConfigDict(strict=True)

    datetime: Annotated[
        int, BeforeValidator(lambda value: instants.parse(text(value))), WithJsonSchema(_A_TIME)
    ]
    value: Annotated[float, Field(ge=0, le=MAX_VALUE, allow_inf_nan=False)]


class ShipBatch(BaseModel):
    """A ship's readings of one unit, in any order."""

    model_config = ConfigDict(strict=True)

    spaceship_id: Annotated[int, Field(ge=0, le=MAX_SHIP_ID)]
    units: Annotated[
        Unit,
        BeforeValidator(lambda value: unit(text(value), POWER_AND_ENERGY)),
        WithJsonSchema(_A_UNIT),
    ]
    interval: Annotated[
        int,
        BeforeValidator(lambda value: durations.interval_ms(text(value))),
        WithJsonSchema(_AN_INTERVAL),
    ] = Field(default=0, json_schema_extra={"default": None})
    # Powertools writes a route's arguments into a debug message, wanted or not: not these.
    data: Annotated[
        list[PostedReading], BeforeValidator(_few_enough), Field(min_length=1, repr=False)
    ]

    def readings(self) -> list[Posted]:
        """Return the distinct readings, sorted, in the stored unit; BadRequest where they clash."""
        stored = self.units.stored
        found = distinct(
            Posted(index, reading.datetime, stored(reading.value) + 0.0)  # makes -0 a 0
            for index, reading in enumerate(self.data)
        )
        check_span(found)
        return found

    @property
    def series(self) -> Series:
        """The series these readings belong to."""
        return Series(USED, self.units.quantity)

    def stored(self, readings: Sequence[Posted]) -> dict[Series, list[Reading]]:
        """Return the readings as they are stored."""
        interval_ms = self.interval
        return {self.series: [Reading(one.at_ms, one.value, interval_ms) for one in readings]}


class Warned(TypedDict):
    """Something accepted that looks wrong: `gap`, `overlap` or `jump`."""

    code: str
    message: str
    index: int


class Saved(TypedDict):
    """What was stored: how many distinct instants, the first and the last of them, and doubts."""

    message: str
    spaceship_id: int
    accepted: int
    start: Time
    end: Time
    warnings: list[Warned]


def saved(
    batch: ShipBatch, readings: Sequence[Posted], before: dict[Series, list[Reading]]
) -> Answer:
    """Return the answer to a stored batch; `before` is what its bucket held, where known."""
    found = of_batch(readings, batch.units.quantity, batch.interval, before.get(batch.series, ()))
    warnings = [Warned(code=one.code, message=one.message, index=one.index) for one in found]
    return answer(
        Saved(
            message=f"Data saved successfully for ship {batch.spaceship_id}",
            spaceship_id=batch.spaceship_id,
            accepted=len(readings),
            start=iso(readings[0].at_ms),
            end=iso(readings[-1].at_ms),
            warnings=warnings,
        )
    )
