"""Catalogue entries: the house that a document describes, and what must hold of it as a whole."""

from collections.abc import Hashable, Iterable, Iterator, Mapping
from typing import Any

from quarterhour.energy.quantities import BY_NAME, POWER_AND_ENERGY
from quarterhour.errors import Detail, invalid
from quarterhour.sites.house import Budget, Circuit, House
from quarterhour.sites.site import Channel, Device
from quarterhour.sites.sources import house_owner

# Answers have these beside the channels of a device; and these beside the circuits of a house, or
# in the place of a circuit.
BESIDE_CHANNELS = {"date", "device", "net"}
BESIDE_CIRCUITS = {
    *("all", "all_other", "summary"),
    *("hdd", "outdoor_deg_max", "outdoor_deg_min"),
}


def house(house_id: int, entry: Mapping[str, Any], **known: Any) -> House:
    """Return the house of a catalogue entry as it was put; `known` is what the entry cannot say.

    Members that are null or not there are as if nothing was said.
    """
    return House(
        owner=house_owner(house_id),
        name=entry["name"],
        sname=entry["sname"],
        timezone=entry["timezone"],
        areas={k: area for k, area in (entry.get("areas") or {}).items() if area is not None},
        devices=tuple(map(_device, entry["devices"])),
        circuits=tuple(map(_circuit, entry.get("circuits") or ())),
        **known,
    )


def budget(said: Mapping[str, Any]) -> Budget:
    """Return the budget of a month as it was put."""
    return Budget(said.get("solar"), said.get("used"), said.get("hdd"), said.get("water"))


def check(put: House) -> None:
    """Refuse a house of which two things are named alike; BadRequest names them all."""
    found = [*_twice(put), *_unlawful(put)]
    if found:
        raise invalid(found)


def _device(said: Mapping[str, Any]) -> Device:
    channels = said["channels"].items()
    return Device(
        id=said["id"],
        name=said["name"],
        channels=tuple(_channel(name, channel) for name, channel in channels),
        location=said.get("location"),
        role=said.get("role"),
        priority=said.get("priority"),
    )


def _channel(name: str, said: Mapping[str, Any]) -> Channel:
    return Channel(name, BY_NAME[said["quantity"]], said.get("signed", False))


def _circuit(said: Mapping[str, Any]) -> Circuit:
    return Circuit(said["circuit_id"], said["name"], said.get("description") or "")


def _twice(put: House) -> Iterator[Detail]:
    yield from _repeated("devices", "id", (one.id for one in put.devices))
    yield from _repeated("devices", "role", (one.role for one in put.devices))
    yield from _repeated("circuits", "circuit_id", (one.circuit_id for one in put.circuits))


def _repeated(members: str, field: str, values: Iterable[Hashable]) -> Iterator[Detail]:
    """Yield those of the values that are there before; None is no value."""
    first: dict[Hashable, int] = {}
    for index, value in enumerate(values):
        if first.setdefault(value, index) != index and value is not None:
            reason = f"is that of {members}[{first[value]}], too"
            yield Detail(reason, f"{members}[{index}].{field}", index)


def _unlawful(put: House) -> Iterator[Detail]:
    temperatures = {f"{one.location}_temp" for one in put.devices if one.location}
    for index, device in enumerate(put.devices):
        for channel in device.channels:
            place = f"devices[{index}].channels.{channel.name}"
            taken = BESIDE_CHANNELS
            if channel.quantity in POWER_AND_ENERGY:
                taken = BESIDE_CHANNELS | BESIDE_CIRCUITS | temperatures
            if channel.name in taken:
                yield Detail("has a name that answers have for something else", place, index)
            if channel.signed and channel.quantity not in POWER_AND_ENERGY:
                yield Detail("is for energy and power alone", f"{place}.signed", index)
