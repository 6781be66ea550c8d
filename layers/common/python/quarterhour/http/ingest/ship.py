"""What is posted of a ship: readings of one unit."""

from collections.abc import Callable, Mapping
from math import isinf
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SkipValidation, WithJsonSchema

from quarterhour.energy.quantities import POWER_AND_ENERGY, UNITS, units_of
from quarterhour.energy.readings import MAX_READINGS, MAX_VALUE
from quarterhour.errors import TooLarge
from quarterhour.http.csv_body import CsvTable
from quarterhour.http.ingest.columns import Column, check_begins, series
from quarterhour.http.ingest.csv_rows import VALUE, rows_of
from quarterhour.http.ingest.examined import Examination
from quarterhour.http.ingest.readings import A_LABEL, A_TIME, REQUIRED, Faults, said_of_all
from quarterhour.http.query.parameters import MAX_ID
from quarterhour.sites.batch import Batch
from quarterhour.sites.site import Site
from quarterhour.time.declared import UNDECLARED, interval_ms

_AN_ID = {"type": "integer", "minimum": 0, "maximum": MAX_ID}
_AN_INTERVAL = {"type": "string", "examples": ["PT15M", "PT1H"]}
_A_UNIT = {"type": "string", "enum": units_of(POWER_AND_ENERGY)}

_Member = TypeVar("_Member")


def _few_enough(data: Any) -> Any:
    """Count readings; those of null are none."""
    if isinstance(data, list) and len(data) > MAX_READINGS:
        nulls = sum(isinstance(reading, dict) and _is_null(reading) for reading in data)
        if len(data) - nulls > MAX_READINGS:
            raise TooLarge(f"More than {MAX_READINGS} readings: post them in parts.")
    return data


def _is_null(reading: Mapping[str, Any]) -> bool:
    return "value" in reading and reading["value"] is None


class PostedReading(BaseModel):
    """One reading: the time it begins, its value from then on, and perhaps where it ends.

    `null` is no value.
    """

    datetime: Annotated[Any, WithJsonSchema(A_TIME)]
    value: Annotated[float, Field(ge=0, le=MAX_VALUE)] | None
    end: Annotated[Any, WithJsonSchema(A_TIME)] = None


class ShipBatch(BaseModel):
    """A ship's readings of one unit, in any order."""

    # All that is wrong is said at once, by `batch`: here members are only described.

    model_config = ConfigDict(json_schema_extra={"required": ["spaceship_id", "units", "data"]})

    # Powertools writes a route's arguments into a debug message, wanted or not: not these.
    spaceship_id: Annotated[Any, WithJsonSchema(_AN_ID)] = Field(default=None, repr=False)
    units: Annotated[Any, WithJsonSchema(_A_UNIT)] = Field(default=None, repr=False)
    interval: Annotated[Any, WithJsonSchema(_AN_INTERVAL)] = Field(default=None, repr=False)
    label: Annotated[Any, WithJsonSchema(A_LABEL)] = Field(default=None, repr=False)
    data: Annotated[
        list[PostedReading], Field(min_length=1), SkipValidation, BeforeValidator(_few_enough)
    ] = Field(default_factory=list, repr=False)

    def batch(self, now_ms: int, *, partial: bool = False) -> Batch:
        """Return what is posted now; BadRequest names all that is wrong.

        Of a `partial` one what is valid, if anything is.
        """
        faults = Faults(partial=partial)
        clashes = faults if partial else Faults()
        site = Site.of_ship(self._member("spaceship_id", _ship_id, 0, faults))
        (device,) = site.devices
        said = said_of_all(self, interval_ms, faults)
        used = Column(device.channels[0], said.over(UNDECLARED), site.zone)
        used.unit = self._member("units", used.unit_of, UNITS["kW"], faults)
        data: Any = self._member("data", _readings, [], faults)
        rows, shares = rows_of(data, {VALUE: used}, faults)
        for index, reading, at_ms, own in rows:
            value = reading.get("value")
            if value is None:
                if "value" not in reading:
                    faults.add(REQUIRED, "value", index)
            elif fault := used.fault(value):
                is_infinite = isinstance(value, float) and isinf(value)
                faults.add("must be a finite number" if is_infinite else fault, "value", index)
            elif at_ms is not None:
                if shares:
                    clash = used.keep_share(index, at_ms, value, shares.get((index, VALUE)))
                else:
                    clash = used.keep(index, at_ms, value, own)
                if clash:
                    clashes.add(clash, "value", index)
        check_begins([used], said, faults)
        examination = Examination(now_ms, faults, "value")
        found = examination.possible(series([used]))
        examination.times(found)
        kept = examination.kept(found)
        faults.check_valid(kept)
        if not partial:
            clashes.check("The batch has two values for one instant.")
        noted = examination.kept_warnings()
        batch = Batch(site, device, kept, noted=noted, rejected=faults.rejected)
        batch.check()
        return batch

    def _member(
        self, name: str, parse: Callable[[Any], _Member], default: _Member, faults: Faults
    ) -> _Member:
        if name in self.model_fields_set:
            return faults.parsed(parse, getattr(self, name), name, default)
        faults.add(REQUIRED, name)
        return default


def _ship_id(value: Any) -> int:
    if type(value) is not int:
        raise ValueError("must be a whole number")
    if value < 0:
        raise ValueError("must be greater than or equal to 0")
    if value > MAX_ID:
        raise ValueError(f"must be less than or equal to {MAX_ID}")
    return value


def _readings(value: Any) -> Any:
    if isinstance(value, CsvTable):
        return value
    if not isinstance(value, list):
        raise ValueError("must be a list")  # noqa: TRY004  as in `text`
    if not value:
        raise ValueError("Value should have at least 1 item after validation, not 0")
    return value
