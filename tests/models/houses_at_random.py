"""Catalogue entries of houses, by chance; and what can become of them while a history runs."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from random import Random
from typing import Any

Entry = dict[str, Any]

ZONES = ("America/New_York", "America/New_York", "Europe/Berlin", "Europe/Berlin", "Asia/Kolkata")


def house(random: Random) -> Entry:
    """Return a house in a zone: two energy meters, two of circuits, sensors, or some of these."""
    groups = random.sample((_meters, _circuits, _sensors, _water), random.choice((1, 1, 2)))
    devices = [one for group in (_meters, _circuits, _sensors, _water) if group in groups
               for one in group(random)]  # fmt: skip
    random.shuffle(devices)
    return {
        "name": "A house",
        "sname": "house",
        "timezone": random.choice(ZONES),
        "devices": devices,
    }


def _device(device_id: int, channels: dict[str, str], **more: Any) -> Entry:
    said: dict[str, Any] = {name: {"quantity": quantity} for name, quantity in channels.items()}
    for name in {"solar"} & channels.keys():
        said[name]["signed"] = True
    return {"id": device_id, "name": f"device {device_id}", "channels": said, **more}


def _meters(random: Random) -> Iterator[Entry]:
    yield _device(1, {"used": "energy", "solar": "energy"}, priority=random.choice((None, 2)))
    channels = random.choice(({"used": "power"}, {"solar": "energy", "used": "energy"}))
    yield _device(2, channels, priority=random.choice((None, 0, 2)))


def _circuits(random: Random) -> Iterator[Entry]:
    first = random.choice(({"used": "energy"}, {"panel": "temperature"}, {}))
    yield _device(3, {**first, "dryer": "energy"}, priority=random.choice((None, 9)))
    yield _device(4, {"ashp": "energy", "dryer": "power", "adjusted_load": "energy"})


def _sensors(random: Random) -> Iterator[Entry]:
    channels = {"temperature": "temperature", "humidity": "humidity"}
    yield _device(5, channels, location="outdoor")
    if random.random() < 0.3:
        yield _device(6, channels, location="outdoor", priority=random.choice((None, 1)))
    if random.random() < 0.2:
        yield _device(7, {"hdd": "degree_days"}, role="hdd_station")


def _water(_random: Random) -> Iterator[Entry]:
    yield _device(8, {"main": "volume"}, role="main_water")


def changed(random: Random, now: Entry, first: Entry) -> Entry:
    """Return an entry with one thing changed, or brought back from what was put first."""
    entry = deepcopy(now)
    random.choice(_CHANGES)(random, entry, first)
    return entry


def _ranks(random: Random, entry: Entry, _first: Entry) -> None:
    for device in entry["devices"]:
        device["priority"] = random.choice((None, 0, 5, 9, 20))


def _without_device(random: Random, entry: Entry, _first: Entry) -> None:
    if len(entry["devices"]) > 1:
        entry["devices"].remove(random.choice(entry["devices"]))


def _without_channel(random: Random, entry: Entry, _first: Entry) -> None:
    device = random.choice(entry["devices"])
    if len(device["channels"]) > 1:
        del device["channels"][random.choice([*device["channels"]])]


def _all_back(_random: Random, entry: Entry, first: Entry) -> None:
    entry["devices"] = deepcopy(first["devices"])


def _quantity(random: Random, entry: Entry, _first: Entry) -> None:
    device = random.choice(entry["devices"])
    name = random.choice([*device["channels"]])
    others = ("energy", "power", "volume", "temperature", "humidity", "degree_days")
    device["channels"][name] = {"quantity": random.choice(others)}


def _timezone(random: Random, entry: Entry, _first: Entry) -> None:
    entry["timezone"] = random.choice(ZONES)


_CHANGES: tuple[Callable[[Random, Entry, Entry], None], ...] = (
    _ranks, _ranks, _without_device, _without_channel, _all_back, _all_back, _quantity, _timezone,
)  # fmt: skip
