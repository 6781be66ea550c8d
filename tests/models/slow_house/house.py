"""The house: its catalogue entry, budgets and readings, and the meters that views read."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Any, TypeVar

from tests.models.slow_house import meters, sensors
from tests.models.slow_house.clock import Clock
from tests.models.slow_house.devices import Device
from tests.models.slow_house.meters import Figures, Meter
from tests.models.slow_house.posted import DEGREES, HUMIDITY, TEMPERATURE, VOLUME, Body, Posted
from tests.models.slow_house.sensors import Gauge

K = TypeVar("K")
HOUSE_ENERGY = ("used", "solar")


class House:
    """A house as it was put and posted; everything is computed once, when it is first needed."""

    def __init__(
        self,
        house_id: int,
        entry: Mapping[str, Any],
        budgets: Iterable[Mapping[str, Any]],
        posts: Mapping[int, Sequence[Body]],
    ) -> None:
        """Take the id; the entry and the budgets as they were PUT; device id -> bodies POSTed."""
        self.id = house_id
        self.entry = entry
        self.budgets = {said["month"]: said for said in budgets}
        self.clock = Clock(entry["timezone"])
        self.devices = [
            Device(said, Posted(posts.get(said["id"], ()), entry["timezone"], said["channels"]))
            for said in entry["devices"]
        ]
        self._meters: dict[int, Meter] = {}
        self._gauges: dict[tuple[int, str], dict[int, Gauge]] = {}

    def by_rank(self, devices: Iterable[Device]) -> list[Device]:
        """Return devices, the one that counts first in front."""
        return sorted(devices, key=lambda one: one.rank, reverse=True)

    def device(self, device_id: int) -> Device | None:
        """Return the device of that id."""
        return next((one for one in self.devices if one.id == device_id), None)

    def of_role(self, role: str) -> Device | None:
        """Return the device of that role."""
        return next((one for one in self.devices if one.entry.get("role") == role), None)

    def circuit(self, circuit_id: str) -> Mapping[str, Any] | None:
        """Return what the catalogue says of a circuit."""
        circuits = self.entry.get("circuits") or ()
        return next((one for one in circuits if one["circuit_id"] == circuit_id), None)

    def budget(self, month: date, name: str) -> float | None:
        """Return a month's budget."""
        said = self.budgets.get(f"{month:%Y-%m}", {}).get(name)
        return None if said is None else float(said)

    @cached_property
    def energy_devices(self) -> list[Device]:
        """What may give the house's `used` and `solar`, the one that counts first in front."""
        return self.by_rank(one for one in self.devices if {*HOUSE_ENERGY} & {*one.energies})

    @cached_property
    def circuit_devices(self) -> list[Device]:
        """What monitors circuits, the one that counts first in front."""
        return self.by_rank(one for one in self.devices if one.circuits)

    @cached_property
    def circuit_ids(self) -> list[str]:
        """The circuits in the order of `usage.summary`."""
        return [*dict.fromkeys(name for one in self.circuit_devices for name in one.circuits)]

    @cached_property
    def energy(self) -> Meter:
        """The house's `used` and `solar`."""
        return meters.metered(self.clock, self.energy_devices, HOUSE_ENERGY)

    @cached_property
    def circuits(self) -> Meter:
        """The circuits, and `used` and `solar` beside them."""
        return meters.metered(self.clock, self.circuit_devices)

    @cached_property
    def hdd(self) -> Meter:
        """Heating degree days, on the channel `hdd`: the station's, else of the outdoor hours."""
        station = self.of_role("hdd_station")
        if station is None:
            return meters.of_hours(self.clock, sensors.heating(self.outdoor))
        return only(self.of_device(station), station.first(DEGREES), "hdd")

    def gallons(self, role: str) -> Meter:
        """Return the meter of the device of a role, on the channel `gallons`."""
        device = self.of_role(role)
        return only(self.of_device(device), device.first(VOLUME), "gallons") if device else Meter()

    def of_device(self, device: Device) -> Meter:
        """Return all that one device says, but what its gauges show."""
        if device.id not in self._meters:
            self._meters[device.id] = meters.metered(self.clock, [device])
        return self._meters[device.id]

    def sensor_at(self, location: str) -> Device | None:
        """Return the temperature sensor of a location that counts."""
        there = [one for one in self.devices if one.entry.get("location") == location]
        return next((one for one in self.by_rank(there) if one.first(TEMPERATURE)), None)

    def temperature(self, device: Device | None) -> dict[int, Gauge]:
        """Return a sensor's hours."""
        return self._shown(device, TEMPERATURE)

    def humidity(self, device: Device | None) -> dict[int, Gauge]:
        """Return a sensor's hours of humidity."""
        return self._shown(device, HUMIDITY)

    @cached_property
    def outdoor(self) -> dict[int, Gauge]:
        """The hours of the outdoor temperature."""
        return self.temperature(self.sensor_at("outdoor"))

    @cached_property
    def outdoor_days(self) -> dict[date, Gauge]:
        """The days of the outdoor temperature."""
        return sensors.by(self.outdoor, self.clock.date_of)

    def _shown(self, device: Device | None, quantity: str) -> dict[int, Gauge]:
        if device is None:
            return {}
        channel = device.first(quantity)
        return self.gauge(device, channel) if channel else {}

    def gauge(self, device: Device, channel: str) -> dict[int, Gauge]:
        """Return the hours of a device's gauge."""
        key = device.id, channel
        if key not in self._gauges:
            self._gauges[key] = sensors.of_channel(self.clock, device, channel)
        return self._gauges[key]


def only(meter: Meter, channel: str | None, name: str) -> Meter:
    """Return one channel of a meter under another name."""
    return Meter(
        _renamed(meter.hours, channel, name),
        _renamed(meter.days, channel, name),
        _renamed(meter.months, channel, name),
    )


def _renamed(rows: Mapping[K, Figures], channel: str | None, name: str) -> dict[K, Figures]:
    return {at: {name: row[channel]} for at, row in rows.items() if channel and channel in row}
