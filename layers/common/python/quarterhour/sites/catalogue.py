"""Catalogue entries: the house that a document describes, and what must hold of it as a whole."""

from collections.abc import Hashable, Iterable, Iterator, Mapping
from typing import Any

from quarterhour.energy.quantities import BY_NAME, POWER_AND_ENERGY
from quarterhour.errors import Detail, invalid
from quarterhour.sites.house import Budget, Circuit, House
from quarterhour.sites.site import Channel, Device
from quarterhour.sites.sources import house_owner
from quarterhour.time.declared import LABELS, START, Declared, interval_or_period

# A house's day is a block a channel, its year 1,000 sums of twelve months.
MAX_CHANNELS_OF_HOUSE = 1_000
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


def budget(entry: Mapping[str, Any]) -> Budget:
    """Return the budget of a month as it was put."""
    return Budget(entry.get("solar"), entry.get("used"), entry.get("hdd"), entry.get("water"))


def check(house: House) -> None:
    """Refuse a house with too much, or two things named alike; BadRequest names them all."""
    details = [*_too_many(house), *_twice(house), *_unlawful(house)]
    if details:
        raise invalid(details)


def _device(entry: Mapping[str, Any]) -> Device:
    channels = entry["channels"].items()
    return Device(
        id=entry["id"],
        name=entry["name"],
        channels=tuple(_channel(name, channel) for name, channel in channels),
        location=entry.get("location"),
        role=entry.get("role"),
        priority=entry.get("priority"),
    )


def _channel(name: str, entry: Mapping[str, Any]) -> Channel:
    interval = entry.get("interval")
    lasts = interval_or_period(interval) if interval else 0
    return Channel(
        name,
        BY_NAME[entry["quantity"]],
        entry.get("signed", False),
        Declared(lasts, LABELS[entry.get("label") or START]),
        entry.get("factor") or 1,
    )


def _circuit(entry: Mapping[str, Any]) -> Circuit:
    return Circuit(entry["circuit_id"], entry["name"], entry.get("description") or "")


def _too_many(house: House) -> Iterator[Detail]:
    if sum(len(device.channels) for device in house.devices) > MAX_CHANNELS_OF_HOUSE:
        yield Detail(f"more than {MAX_CHANNELS_OF_HOUSE:,} channels in all", "devices")


def _twice(house: House) -> Iterator[Detail]:
    yield from _repeated("devices", "id", (device.id for device in house.devices))
    yield from _repeated("devices", "role", (device.role for device in house.devices))
    yield from _repeated(
        "circuits", "circuit_id", (circuit.circuit_id for circuit in house.circuits)
    )


def _repeated(members: str, field: str, values: Iterable[Hashable]) -> Iterator[Detail]:
    """Yield those of the values that are there before; None is no value."""
    first: dict[Hashable, int] = {}
    for index, value in enumerate(values):
        if first.setdefault(value, index) != index and value is not None:
            reason = f"is that of {members}[{first[value]}], too"
            yield Detail(reason, f"{members}[{index}].{field}", index)


def _unlawful(house: House) -> Iterator[Detail]:
    temperatures = {f"{device.location}_temp" for device in house.devices if device.location}
    for index, device in enumerate(house.devices):
        for channel in device.channels:
            place = f"devices[{index}].channels.{channel.name}"
            reserved_names = BESIDE_CHANNELS
            if channel.quantity in POWER_AND_ENERGY:
                reserved_names = BESIDE_CHANNELS | BESIDE_CIRCUITS | temperatures
            if channel.name in reserved_names:
                yield Detail("has a name that answers have for something else", place, index)
            if channel.signed and channel.quantity not in POWER_AND_ENERGY:
                yield Detail("is for energy and power alone", f"{place}.signed", index)
            if channel.factor < 0 and not channel.signed:
                yield Detail("is below 0, and the channel is not signed", f"{place}.factor", index)
            if channel.declared.is_total and channel.quantity.is_gauge:
                reason = f"is a period, and a {channel.quantity.word} has no totals"
                yield Detail(reason, f"{place}.interval", index)
