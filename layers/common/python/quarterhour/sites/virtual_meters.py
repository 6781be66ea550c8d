"""The meters of a house: which sources give its energy, its circuits, its degree days, its water.

A meter of several devices gives, in each quarter hour, the figures of the first of them that has
any of its measures there: nothing is added twice (docs/semantics.md, "Several meters").
"""

from collections.abc import Sequence
from typing import NamedTuple
from zlib import crc32

from quarterhour.energy.quantities import Quantity
from quarterhour.energy.readings import Series
from quarterhour.sites.house import HDD_STATION, NO_CIRCUITS, OUTDOOR, SOLAR, USED, House
from quarterhour.sites.site import Device, by_rank
from quarterhour.sites.sources import Source, blend
from quarterhour.sites.sources import device as device_source

OTHERS = {USED, SOLAR}


class Meter(NamedTuple):
    """A source and what is read of it; without measures there is nothing to read.

    `parts` are the devices it is made of, where it is made of several, the one that counts first,
    each with all its measures: any of them decides, also where only some are read.
    """

    source: Source
    measures: tuple[Series, ...]
    parts: tuple["Meter", ...] = ()

    @property
    def devices(self) -> tuple["Meter", ...]:
        """The devices that have the readings: the parts, or this one."""
        return self.parts or (self,)

    @property
    def is_hourly(self) -> bool:
        """Whether it is of hours; its days are those of the meter of which it is the hours."""
        return any(measure.quantity.is_hourly for measure in self.measures)

    def only(self, *channels: str) -> "Meter":
        """Return the meter with these of its channels, as far as it has them."""
        return self._replace(
            measures=tuple(measure for measure in self.measures if measure.channel in channels)
        )


def energy(house: House) -> Meter:
    """Return what gives the house's `used` and `solar`."""
    devices = [device for device in house.devices if _energies(device) & OTHERS]
    return _joined(house, "e", devices, [Series(USED), Series(SOLAR)])


def circuits(house: House) -> Meter:
    """Return what gives the circuits, and in circuit views `used` and `solar`.

    Its measures are those of all its devices: of whatever channel there are data, that device
    counts in that quarter hour.
    """
    devices = by_rank([device for device in house.devices if _energies(device) - NO_CIRCUITS])
    measures = dict.fromkeys(channel.measure for device in devices for channel in device.channels)
    return _joined(house, "c", devices, [*measures])


def circuit_ids(house: House) -> list[str]:
    """Return the circuits, as the device that counts first lists them, then those of the others."""
    names = dict.fromkeys(
        measure.channel
        for measure in circuits(house).measures
        if measure.quantity is Quantity.ENERGY
    )
    return [name for name in names if name not in NO_CIRCUITS]


def outdoor(house: House) -> Device | None:
    """Return the outdoor sensor that counts."""
    sensors = [device for device in house.devices if device.location == OUTDOOR]
    return next(
        (device for device in by_rank(sensors) if device.of_quantity(Quantity.TEMPERATURE)), None
    )


def temperature(house: House, sensor: Device | None) -> Meter:
    """Return the temperature of a sensor."""
    return _first(house, sensor, Quantity.TEMPERATURE)


def humidity(house: House, sensor: Device | None) -> Meter:
    """Return the humidity of a sensor."""
    return _first(house, sensor, Quantity.HUMIDITY)


def degree_days(house: House) -> Meter:
    """Return the house's heating degree days: its station's, else of its outdoor sensor's hours."""
    station = house.of_role(HDD_STATION)
    if station:
        return _first(house, station, Quantity.DEGREE_DAYS)
    source, measures, _ = temperature(house, outdoor(house))
    return Meter(source, tuple(Series(measure.channel, Quantity.HEATING) for measure in measures))


def hourly(meter: Meter) -> Meter:
    """Return the hours of a meter's energies or degree days as a gauge would show them."""
    measures = (Series(channel, quantity.by_hour) for channel, quantity in meter.measures)
    return meter._replace(measures=tuple(measures))


def water(house: House, role: str) -> Meter:
    """Return the gallons of the device of a role."""
    return _first(house, house.of_role(role), Quantity.VOLUME)


def all_of(house: House, device: Device) -> Meter:
    """Return everything a device measures."""
    return Meter(
        device_source(house.owner, device.id), tuple(channel.measure for channel in device.channels)
    )


def settled(house: House) -> list[Meter]:
    """Return what a rollup settles: every device, and the meters made of several of them.

    And, as meters of their own, the hours of the house's energy and of its degree days.
    """
    blends = [meter for meter in (energy(house), circuits(house)) if meter.source.members]
    hours = [hourly(meter) for meter in (energy(house), degree_days(house)) if meter.measures]
    return [*(_with_heating(all_of(house, device)) for device in house.devices), *blends, *hours]


def _with_heating(meter: Meter) -> Meter:
    heating = [measure for measure in meter.measures if measure.quantity is Quantity.TEMPERATURE]
    return Meter(
        meter.source,
        (*meter.measures, *(Series(measure.channel, Quantity.HEATING) for measure in heating)),
    )


def _energies(device: Device) -> set[str]:
    return {measure.channel for measure in device.of_quantity(Quantity.ENERGY)}


def _first(house: House, device: Device | None, quantity: Quantity) -> Meter:
    if device is None:
        return _no_meter(house)
    return Meter(device_source(house.owner, device.id), tuple(device.of_quantity(quantity)[:1]))


def _no_meter(house: House) -> Meter:
    return Meter(device_source(house.owner, 0), ())


def _joined(
    house: House, name: str, devices: Sequence[Device], measures: Sequence[Series]
) -> Meter:
    """Return one meter of the devices; if it is of several, named after all that decides it."""
    ranked = by_rank(devices)
    if not ranked:
        return _no_meter(house)
    parts = tuple(_part(house, device, measures) for device in ranked)
    if len(parts) == 1:
        return parts[0]
    part_measures = {measure for part in parts for measure in part.measures}
    joint_measures = tuple(measure for measure in measures if measure in part_measures)
    composition = [
        (part.source.device, *(f"{channel}.{quantity}" for channel, quantity in part.measures))
        for part in parts
    ]
    blend_name = f"{name}{crc32(repr(composition).encode()):08x}"
    return Meter(
        blend(house.owner, blend_name, [device.id for device in ranked]), joint_measures, parts
    )


def _part(house: House, device: Device, measures: Sequence[Series]) -> Meter:
    own = {channel.measure for channel in device.channels}
    return Meter(
        device_source(house.owner, device.id),
        tuple(measure for measure in measures if measure in own),
    )
