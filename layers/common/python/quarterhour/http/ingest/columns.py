"""The values of many channels, each checked against what the device measures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from quarterhour.energy.quantities import Unit, unit, units_of
from quarterhour.energy.readings import MAX_VALUE, Posted, Series
from quarterhour.http.ingest.faults import Faults
from quarterhour.http.query.parameters import text
from quarterhour.sites.site import Channel, Device
from quarterhour.time import instants
from quarterhour.time.durations import interval_or_period

_NUMBERS = {int, float}  # bool is none
_NO_CHANNEL = "is not a channel of this device"


@dataclass(slots=True)
class Column:
    """What a batch has of one channel: by instant the reading's index, and the value as posted.

    `unit` is None until a good one is found for it.
    """

    channel: Channel
    unit: Unit | None = None
    is_used: bool = False
    found: dict[int, tuple[int, float]] = field(default_factory=dict)

    def take(self, index: int, at_ms: int | None, value: Any) -> str | None:
        """Keep a value, of a reading whose time may be bad; return what is wrong with it."""
        self.is_used = True
        if type(value) not in _NUMBERS:
            return "must be a number"
        if value < self.channel.least:
            return f"must be greater than or equal to {self.channel.least:.0f}"
        if value > MAX_VALUE:
            return f"must be less than or equal to {MAX_VALUE:.0f}"
        if at_ms is None:
            return None
        place, kept = self.found.setdefault(at_ms, (index, value))
        if kept != value:
            return f"the reading at index {place} has another value for this instant"
        return None

    def posted(self, unit: Unit) -> list[Posted]:
        """Return the values in the stored unit, by instant; -0 is 0."""
        return [
            Posted(index, at_ms, unit.stored(value) + 0.0)
            for at_ms, (index, value) in sorted(self.found.items())
        ]


class Columns:
    """The channels of a device, filled with what a batch says, whatever that is.

    The data are taken first, as units are looked for where there are values.
    """

    def __init__(self, device: Device, faults: Faults) -> None:
        self._columns = {one.name: Column(one) for one in device.channels}
        self._faults = faults

    def take_data(self, data: Sequence[Any]) -> None:
        """Take the readings."""
        for index, one in enumerate(data):
            if not isinstance(one, dict):
                self._faults.add("must be an object", "data", index)
                continue
            at_ms = self._instant(index, one)
            for name, value in self._values(index, one).items():
                column = self._columns.get(name)
                if column is None:
                    self._faults.add(_NO_CHANNEL, name, index)
                elif value is not None and (reason := column.take(index, at_ms, value)):
                    self._faults.add(reason, name, index)

    def take_units(self, units: Any) -> None:
        """Take the unit of all channels, or an object with the unit of each."""
        if isinstance(units, str):
            self._take_unit(units)
        elif isinstance(units, dict):
            self._take_units(units)
        else:
            said = "is required" if units is None else "must be a string or an object of strings"
            self._faults.add(said, "units")

    def take_interval(self, given: Any) -> int | str:
        """Return the interval in milliseconds, or the period that all values are totals of."""
        try:
            interval = interval_or_period(text(given))
        except ValueError as error:
            self._faults.add(str(error), "interval")
            return 0
        if isinstance(interval, str):
            self._check_amounts(interval)
        return interval

    def series(self) -> dict[Series, list[Posted]]:
        """Return the values by series."""
        return {
            Series(name, column.unit.quantity): column.posted(column.unit)
            for name, column in self._columns.items()
            if column.unit and column.found
        }

    def _instant(self, index: int, one: Mapping[str, Any]) -> int | None:
        if "datetime" not in one:
            self._faults.add("is required", "datetime", index)
            return None
        try:
            return instants.parse(text(one["datetime"]))
        except ValueError as error:
            self._faults.add(str(error), "datetime", index)
            return None

    def _values(self, index: int, one: Mapping[str, Any]) -> Mapping[str, Any]:
        values = one.get("values")
        if isinstance(values, dict):
            return values
        said = "must be an object" if "values" in one else "is required"
        self._faults.add(said, "values", index)
        return {}

    def _take_unit(self, name: str) -> None:
        try:
            given = unit(name)
        except ValueError as error:
            self._faults.add(str(error), "units")
            return
        for column in self._used():
            if given.quantity in column.channel.quantities:
                column.unit = given
            else:
                takes = ", ".join(units_of(column.channel.quantities))
                self._faults.add(f"{column.channel.name} takes {takes}", "units")

    def _take_units(self, units: Mapping[str, Any]) -> None:
        for name, given in units.items():
            if name not in self._columns:
                self._faults.add(_NO_CHANNEL, f"units.{name}")
                continue
            column = self._columns[name]
            try:
                column.unit = unit(text(given), column.channel.quantities)
            except ValueError as error:
                self._faults.add(str(error), f"units.{name}")
        for column in self._used():
            if column.channel.name not in units:
                self._faults.add("is required", f"units.{column.channel.name}")

    def _check_amounts(self, period: str) -> None:
        for column in self._used():
            if column.unit and not column.unit.quantity.is_amount:
                name, which = column.channel.name, column.unit.quantity.name.lower()
                self._faults.add(f"{period} is for amounts, and {name} is a {which}", "interval")

    def _used(self) -> list[Column]:
        return [column for column in self._columns.values() if column.is_used]
