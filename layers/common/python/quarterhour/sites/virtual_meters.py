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
from quarterhour.sites.sources import Source, blend, device

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

    def only(self, *channels: str) -> "Meter":
        """Return the meter with these of its channels, as far as it has them."""
        return self._replace(
            measures=tuple(one for one in self.measures if one.channel in channels)
        )


def energy(house: House) -> Meter:
    """Return what gives the house's `used` and `solar`."""
    found = [one for one in house.devices if _energies(one) & OTHERS]
    return _joined(house, "e", found, [Series(USED), Series(SOLAR)])


def circuits(house: House) -> Meter:
    """Return what gives the circuits, and in circuit views `used` and `solar`.

    Its measures are those of all its devices: of whatever channel there are data, that device
    counts in that quarter hour.
    """
    found = by_rank([one for one in house.devices if _energies(one) - NO_CIRCUITS])
    measures = dict.fromkeys(channel.measure for one in found for channel in one.channels)
    return _joined(house, "c", found, [*measures])


def circuit_ids(house: House) -> list[str]:
    """Return the circuits, as the device that counts first lists them, then those of the others."""
    names = dict.fromkeys(
        one.channel for one in circuits(house).measures if one.quantity is Quantity.ENERGY
    )
    return [name for name in names if name not in NO_CIRCUITS]


def outdoor(house: House) -> Device | None:
    """Return the outdoor sensor that counts."""
    found = [one for one in house.devices if one.location == OUTDOOR]
    return next((one for one in by_rank(found) if one.of_quantity(Quantity.TEMPERATURE)), None)


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
    return Meter(source, tuple(Series(one.channel, Quantity.HEATING) for one in measures))


def water(house: House, role: str) -> Meter:
    """Return the gallons of the device of a role."""
    return _first(house, house.of_role(role), Quantity.VOLUME)


def all_of(house: House, one: Device) -> Meter:
    """Return everything a device measures."""
    return Meter(device(house.owner, one.id), tuple(channel.measure for channel in one.channels))


def settled(house: House) -> list[Meter]:
    """Return what a rollup settles: every device, and the meters made of several of them."""
    made = [one for one in (energy(house), circuits(house)) if one.source.members]
    return [*(_with_heating(all_of(house, one)) for one in house.devices), *made]


def _with_heating(meter: Meter) -> Meter:
    heating = [one for one in meter.measures if one.quantity is Quantity.TEMPERATURE]
    return Meter(
        meter.source,
        (*meter.measures, *(Series(one.channel, Quantity.HEATING) for one in heating)),
    )


def _energies(one: Device) -> set[str]:
    return {measure.channel for measure in one.of_quantity(Quantity.ENERGY)}


def _first(house: House, one: Device | None, quantity: Quantity) -> Meter:
    measures = one.of_quantity(quantity)[:1] if one else []
    return Meter(device(house.owner, one.id if one else 0), tuple(measures))


def _joined(house: House, name: str, found: Sequence[Device], measures: Sequence[Series]) -> Meter:
    """Return one meter of the devices; if it is of several, named after all that decides it."""
    ranked = by_rank(found)
    if not ranked:
        return Meter(device(house.owner, 0), ())
    parts = tuple(_part(house, one, measures) for one in ranked)
    if len(parts) == 1:
        return parts[0]
    known = {measure for part in parts for measure in part.measures}
    kept = tuple(one for one in measures if one in known)
    told = [
        (part.source.device, *(f"{channel}.{quantity}" for channel, quantity in part.measures))
        for part in parts
    ]
    named = f"{name}{crc32(repr(told).encode()):08x}"
    return Meter(blend(house.owner, named, [one.id for one in ranked]), kept, parts)


def _part(house: House, one: Device, measures: Sequence[Series]) -> Meter:
    own = {channel.measure for channel in one.channels}
    return Meter(device(house.owner, one.id), tuple(each for each in measures if each in own))
