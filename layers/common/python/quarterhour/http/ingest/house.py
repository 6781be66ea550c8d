"""The shape of a batch of many channels of a device, and what is answered when it is stored."""

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from typing_extensions import TypedDict

from quarterhour.energy.quantities import UNITS
from quarterhour.energy.readings import MAX_READINGS, Posted, check_span
from quarterhour.errors import BadRequest, Detail, NotFound, TooLarge
from quarterhour.http.answers.forms import Answer, Time, answer
from quarterhour.http.ingest.columns import Columns
from quarterhour.http.ingest.faults import Faults
from quarterhour.http.ingest.ship import Warned
from quarterhour.sites.house import House
from quarterhour.sites.postings import Posting
from quarterhour.store.write.house_writer import Written
from quarterhour.time.instants import iso

_A_UNIT = {"type": "string", "enum": [*UNITS]}
_UNITS = {"anyOf": [_A_UNIT, {"type": "object", "additionalProperties": _A_UNIT}]}
_AN_INTERVAL = {"type": "string", "examples": ["PT15M", "PT1H", "P1M"]}
_A_VALUE = {"anyOf": [{"type": "number"}, {"type": "null"}]}
_A_READING = {
    "type": "object",
    "properties": {
        "datetime": {"type": "string", "format": "date-time", "examples": ["2018-08-24T00:00:00Z"]},
        "values": {"type": "object", "additionalProperties": _A_VALUE},
    },
    "required": ["datetime", "values"],
}
_DATA = {"type": "array", "items": _A_READING, "minItems": 1}


def _few_enough(data: Any) -> Any:
    """Count values; null is none. What is no reading counts as one."""
    count = 0
    for one in data if isinstance(data, list) else ():
        values = one.get("values") if isinstance(one, dict) else None
        count += sum(v is not None for v in values.values()) if isinstance(values, dict) else 1
        if count > MAX_READINGS:
            raise TooLarge(f"More than {MAX_READINGS} values: post them in parts.")
    return data


class HouseBatch(BaseModel):
    """Readings of some or all channels of a device, in any order; null is no value.

    `units` is one unit of all channels, or an object of the unit of each.
    """

    # What is wrong with a member can be said with the device at hand: so all of it is, by posting.

    model_config = ConfigDict(json_schema_extra={"required": ["units", "data"]})

    # Powertools writes a route's arguments into a debug message, wanted or not: not these.
    units: Annotated[Any, WithJsonSchema(_UNITS)] = Field(default=None, repr=False)
    interval: Annotated[Any, WithJsonSchema(_AN_INTERVAL)] = Field(default=None, repr=False)
    data: Annotated[Any, BeforeValidator(_few_enough), WithJsonSchema(_DATA)] = Field(
        default=None, repr=False
    )

    def posting(self, house: House, *, device_id: int) -> Posting:
        """Return what is posted to a device; BadRequest names all that is wrong, NotFound it."""
        device = house.device(device_id)
        if not device:
            raise NotFound(f"House {house.id} has no device {device_id}.")
        faults = Faults()
        columns = Columns(device, faults)
        if isinstance(self.data, list):
            columns.take_data(self.data)
        else:
            faults.add("is required" if self.data is None else "must be a list", "data")
        columns.take_units(self.units)
        is_declared = "interval" in self.model_fields_set
        interval = columns.take_interval(self.interval) if is_declared else 0
        faults.check()
        found = Posting(device_id, interval, columns.series())
        _check(found)
        return found


def _check(posting: Posting) -> None:
    """Refuse a batch that has nothing in it, or too long a time."""
    posted = [one for of_series in posting.series.values() for one in of_series]
    if not posted:
        reason = "must have at least one value"
        raise BadRequest("The batch has no values.", [Detail(reason, "data")])
    if not posting.has_totals:
        check_span(_ends(posted))


def _ends(posted: Sequence[Posted]) -> list[Posted]:
    return [min(posted, key=lambda one: one.at_ms), max(posted, key=lambda one: one.at_ms)]


class HouseSaved(TypedDict):
    """What was stored: how many distinct instants have values, the first and last, and doubts."""

    message: str
    house_id: int
    device: int
    accepted: int
    start: Time
    end: Time
    warnings: list[Warned]


def saved_of_house(written: Written) -> Answer:
    """Return the answer to a stored batch."""
    house, posting, before = written
    found = posting.doubts(house.zone, before)
    return answer(
        HouseSaved(
            message=f"Data saved successfully for device {posting.device_id} of house {house.id}",
            house_id=house.id,
            device=posting.device_id,
            accepted=len(posting.instants),
            start=iso(posting.instants[0]),
            end=iso(posting.instants[-1]),
            warnings=[Warned(code=one.code, message=one.message, index=one.index) for one in found],
        )
    )
