"""What is posted of a house's device: readings of many channels, and totals of periods."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from quarterhour.energy.quantities import UNITS, unit, units_of
from quarterhour.energy.readings import MAX_READINGS
from quarterhour.errors import TooLarge
from quarterhour.http.csv_body import CsvTable
from quarterhour.http.ingest.columns import Column, check_begins, periods, series
from quarterhour.http.ingest.csv_rows import rows_of
from quarterhour.http.ingest.examined import Examination
from quarterhour.http.ingest.readings import A_LABEL, A_TIME, REQUIRED, Faults, said_of_all
from quarterhour.sites.batch import Batch
from quarterhour.sites.house import House
from quarterhour.time.calendar import Zone
from quarterhour.time.declared import interval_or_period

_NO_CHANNEL = "is not a channel of this device"

_A_UNIT = {"type": "string", "enum": [*UNITS]}
_UNITS = {"anyOf": [_A_UNIT, {"type": "object", "additionalProperties": _A_UNIT}]}
_AN_INTERVAL = {"type": "string", "examples": ["PT15M", "PT1H", "P1D", "P1M"]}
_A_VALUE = {"anyOf": [{"type": "number"}, {"type": "null"}]}
_A_READING = {
    "type": "object",
    "properties": {
        "datetime": A_TIME,
        "end": A_TIME,
        "values": {"type": "object", "additionalProperties": _A_VALUE},
    },
    "required": ["datetime", "values"],
}
_DATA = {"type": "array", "items": _A_READING, "minItems": 1}


def _few_enough(data: Any) -> Any:
    """Count values; null is none. What is no reading counts as one."""
    count = 0  # of CSV when the device's channels are known
    for reading in data if isinstance(data, list) else ():
        values = reading.get("values") if isinstance(reading, dict) else None
        count += len(values) - [*values.values()].count(None) if isinstance(values, dict) else 1
        if count > MAX_READINGS:
            raise TooLarge(f"More than {MAX_READINGS} values: post them in parts.")
    return data


class HouseBatch(BaseModel):
    """Readings of some or all channels of a device, in any order; null is no value.

    `units` is one unit of all channels, or an object of the unit of each. They may be judged by the
    house's catalogue entry as it was up to 5 seconds before.
    """

    # What is wrong with a member can be said with the device at hand: so all of it is, by `batch`.

    model_config = ConfigDict(json_schema_extra={"required": ["units", "data"]})

    # Powertools writes a route's arguments into a debug message, wanted or not: not these.
    units: Annotated[Any, WithJsonSchema(_UNITS)] = Field(default=None, repr=False)
    interval: Annotated[Any, WithJsonSchema(_AN_INTERVAL)] = Field(default=None, repr=False)
    label: Annotated[Any, WithJsonSchema(A_LABEL)] = Field(default=None, repr=False)
    data: Annotated[Any, BeforeValidator(_few_enough), WithJsonSchema(_DATA)] = Field(
        default=None, repr=False
    )

    def batch(self, house: House, device_id: int, now_ms: int, *, partial: bool = False) -> Batch:
        """Return what is posted now to a device; BadRequest says all that is wrong.

        Of a `partial` one what is valid, if anything is. NotFound where the house has no such
        device.
        """
        device = house.known_device(device_id)
        faults = Faults(partial=partial)
        said = said_of_all(self, interval_or_period, faults)
        columns = {
            channel.name: Column(channel, said.over(channel.declared), house.zone)
            for channel in device.channels
        }
        # The data are taken first, as units are looked for where there are values.
        _take_data(self.data, columns, house.zone, faults)
        _take_units(self.units, columns, faults)
        _check_amounts(columns, faults)
        check_begins([*columns.values()], said, faults)
        examination = Examination(now_ms, faults)
        found = examination.possible(series(columns.values()))
        totals = periods(columns.values())
        examination.times(found, totals)
        kept, kept_totals = examination.kept(found), examination.kept_totals(totals)
        faults.check_valid(kept or kept_totals)
        noted = examination.kept_warnings()
        batch = Batch(house, device, kept, kept_totals, noted, faults.rejected)
        batch.check()
        return batch


Columns = Mapping[str, Column]


def _take_data(data: Any, columns: Columns, zone: Zone, faults: Faults) -> None:
    if not isinstance(data, list | CsvTable):
        faults.add(REQUIRED if data is None else "must be a list", "data")
        return
    rows, shares = rows_of(data, columns, faults, zone)
    for index, reading, at_ms, own in rows:
        values = reading.get("values")
        if not isinstance(values, dict):
            faults.add("must be an object" if "values" in reading else REQUIRED, "values", index)
            continue
        for name, value in values.items():
            column = columns.get(name)
            if column is None:
                faults.add(_NO_CHANNEL, name, index)
            elif value is not None:
                column.is_used = True
                fault = column.fault(value)
                if fault is None and at_ms is not None:
                    if shares:
                        fault = column.keep_share(index, at_ms, value, shares.get((index, name)))
                    else:
                        fault = column.keep(index, at_ms, value, own)
                if fault:
                    faults.add(fault, name, index)


def _take_units(units: Any, columns: Columns, faults: Faults) -> None:
    """Take the unit of all channels, or an object with the unit of each."""
    if isinstance(units, str):
        _take_unit(units, columns, faults)
    elif isinstance(units, dict):
        _take_unit_of_each(units, columns, faults)
    else:
        is_given = units is not None
        faults.add("must be a string or an object of strings" if is_given else REQUIRED, "units")


def _take_unit(name: str, columns: Columns, faults: Faults) -> None:
    common = faults.parsed(unit, name, "units", None)
    if common is None:
        return
    for channel, column in _used(columns).items():
        if common.quantity in column.channel.quantities:
            column.unit = common
        else:
            takes = ", ".join(units_of(column.channel.quantities))
            faults.add(f"{channel} takes {takes}", "units")


def _take_unit_of_each(units: Mapping[str, Any], columns: Columns, faults: Faults) -> None:
    for channel, name in units.items():
        if column := columns.get(channel):
            column.unit = faults.parsed(column.unit_of, name, f"units.{channel}", None)
        else:
            faults.add(_NO_CHANNEL, f"units.{channel}")
    for channel in _used(columns):
        if channel not in units:
            faults.add(REQUIRED, f"units.{channel}")


def _check_amounts(columns: Columns, faults: Faults) -> None:
    """Refuse totals of what does not add up."""
    for channel, column in _used(columns).items():
        if not column.unit or column.unit.quantity.is_amount or not column.totals:
            continue
        reason = f"is for amounts, and {channel} is a {column.unit.quantity.name.lower()}"
        if column.declared.is_total:
            faults.add(f"{column.declared.interval} {reason}", "interval")
            continue
        for index in column.totals:
            faults.add(f"a period of days {reason}", "end", index)


def _used(columns: Columns) -> Columns:
    return {channel: column for channel, column in columns.items() if column.is_used}
