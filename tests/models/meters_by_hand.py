"""The meters of a ship, and of a house by its catalogue entry; shares no code with the package.

A measure is a channel and the code of what is read of it: e(nergy), v(olume), d(egree days),
t(emperature), h(umidity), or x, the degree days of a temperature's hours. In capitals it is the
hours of an amount, or of x, as a gauge would show them.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

Document = Mapping[str, Any]

CODES = {
    "energy": "e",
    "power": "e",
    "volume": "v",
    "degree_days": "d",
    "temperature": "t",
    "humidity": "h",
}
GAUGES = ("t", "h", "E", "D", "X")
HEATING = "x"
NO_CIRCUITS = {"used", "solar", "adjusted_load"}


class Measured(NamedTuple):
    """A channel and what is read of it."""

    channel: str
    code: str

    @property
    def is_gauge(self) -> bool:
        """Whether it has means and extremes instead of sums."""
        return self.code in GAUGES


class Part(NamedTuple):
    """A device and those of its measures that count."""

    device: str
    measures: tuple[Measured, ...]


class Meter(NamedTuple):
    """Devices, the one that counts first in front, and what is read of them together."""

    parts: tuple[Part, ...]
    measures: tuple[Measured, ...]

    def only(self, channel: str) -> "Meter":
        """Return what is read of one channel; who counts is decided by all of them."""
        return self._replace(measures=tuple(m for m in self.measures if m.channel == channel))


NOTHING = Meter((), ())
USED = Measured("used", "e")
SHIP = Meter((Part("", (USED,)),), (USED,))


def energy(entry: Document) -> Meter:
    """Return what gives the house's energy."""
    wanted = [USED, Measured("solar", "e")]
    parts = [_part(one, wanted) for one in _ranked(entry)]
    return _joined([one for one in parts if one.measures], wanted)


def circuits(entry: Document) -> Meter:
    """Return what gives the circuits: every channel of the devices that monitor one."""
    found = [one for one in _ranked(entry) if _monitors_circuits(one)]
    measures = [measure for one in found for measure in _measures(one)]
    return _joined([_part(one, measures) for one in found], measures)


def degree_days(entry: Document) -> Meter:
    """Return the degree days of the station, where there is one, else of the outdoor sensor."""
    for one in entry["devices"]:
        if one.get("role") == "hdd_station":
            return _first(one, "d")
    parts, measures = outdoor(entry, "t")
    heating = tuple(Measured(one.channel, HEATING) for one in measures)
    return Meter(tuple(one._replace(measures=heating) for one in parts), heating)


def outdoor(entry: Document, code: str) -> Meter:
    """Return the temperature or the humidity of the outdoor sensor that counts."""
    for one in _ranked(entry):
        if one.get("location") == "outdoor" and any(m.code == "t" for m in _measures(one)):
            return _first(one, code)
    return NOTHING


def water(entry: Document) -> Meter:
    """Return the gallons of the main meter."""
    for one in entry["devices"]:
        if one.get("role") == "main_water":
            return _first(one, "v")
    return NOTHING


def all_of(entry: Document, device: int) -> Meter:
    """Return everything that a device measures."""
    (one,) = (one for one in entry["devices"] if one["id"] == device)
    return _joined([_part(one, _measures(one))], _measures(one))


def hourly(meter: Meter) -> Meter:
    """Return the hours of what a meter measures."""
    return meter._replace(
        measures=tuple(one._replace(code=one.code.upper()) for one in meter.measures)
    )


def settled(entry: Document) -> list[Meter]:
    """Return what a rollup settles: every device, and what is made of several of them."""
    devices = [_with_heating(all_of(entry, one["id"])) for one in entry["devices"]]
    blends = [one for one in (energy(entry), circuits(entry)) if len(one.parts) > 1]
    hours = [hourly(one) for one in (energy(entry), degree_days(entry)) if one.measures]
    return [*devices, *blends, *hours]


def _with_heating(meter: Meter) -> Meter:
    """Return a device's meter with the degree days of its temperatures."""
    heating = tuple(Measured(one.channel, HEATING) for one in meter.measures if one.code == "t")
    parts = tuple(one._replace(measures=(*one.measures, *heating)) for one in meter.parts)
    return Meter(parts, (*meter.measures, *heating))


def _ranked(entry: Document) -> list[Document]:
    """Return the devices by priority, which is the id where none is said; of equals by id."""

    def rank(one: Document) -> tuple[int, int]:
        priority = one.get("priority")
        return (one["id"] if priority is None else priority, one["id"])

    return sorted(entry["devices"], key=rank, reverse=True)


def _measures(one: Document) -> list[Measured]:
    return [Measured(name, CODES[said["quantity"]]) for name, said in one["channels"].items()]


def _monitors_circuits(one: Document) -> bool:
    return any(m.code == "e" and m.channel not in NO_CIRCUITS for m in _measures(one))


def _part(one: Document, wanted: list[Measured]) -> Part:
    return Part(str(one["id"]), tuple(m for m in dict.fromkeys(wanted) if m in _measures(one)))


def _first(one: Document, code: str) -> Meter:
    found = [m for m in _measures(one) if m.code == code][:1]
    return _joined([_part(one, found)], found) if found else NOTHING


def _joined(parts: list[Part], wanted: list[Measured]) -> Meter:
    known = {measure for one in parts for measure in one.measures}
    return Meter(tuple(parts), tuple(m for m in dict.fromkeys(wanted) if m in known))
