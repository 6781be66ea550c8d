"""Answers about houses: what there are, what they have, and where to ask on."""

from collections.abc import Iterable, Sequence
from typing import NotRequired

from typing_extensions import TypedDict

from quarterhour.sites.house import Circuit, House
from quarterhour.sites.site import Device
from quarterhour.views.by_name import LISTED


class HouseOfList(TypedDict):
    """A house of the list; `url` is absolute."""

    house_id: int
    name: str
    sname: str
    url: str


class Houses(TypedDict):
    """A page of the houses, by id; `next` is the URL of the page after it, where more follow."""

    houses: list[HouseOfList]
    next: NotRequired[str]


class HouseCard(TypedDict):
    """A house, and the absolute URLs of what it has."""

    id: int
    name: str
    sname: str
    devices: str
    circuits: str
    views: str


class OneHouse(TypedDict):
    """A single house."""

    house: HouseCard


class DeviceOfList(TypedDict):
    """A device."""

    id: int
    name: str


class Devices(TypedDict):
    """The devices of a house, by id."""

    devices: list[DeviceOfList]


class CircuitOfList(TypedDict):
    """A circuit, as the catalogue names it."""

    circuit_id: str
    name: str
    description: str


class Circuits(TypedDict):
    """The circuits that a house's catalogue names, by id."""

    circuits: list[CircuitOfList]


class Views(TypedDict):
    """The absolute URLs of a house's views."""

    views: list[str]


def url(origin: str, house_id: int, *path: str) -> str:
    """Return an absolute URL of a house or of something below it.

    >>> url("https://example.org", 5, "views", "usage")
    'https://example.org/api/houses/5/views/usage/'
    """
    return "/".join((origin, "api", "houses", str(house_id), *path, ""))


def house_card(origin: str, house: House) -> HouseCard:
    """Return a house with its URLs."""
    return HouseCard(
        id=house.id,
        name=house.name,
        sname=house.sname,
        devices=url(origin, house.id, "devices"),
        circuits=url(origin, house.id, "circuits"),
        views=url(origin, house.id, "views"),
    )


def houses(origin: str, listed: Sequence[tuple[int, str, str]], limit: int | None) -> Houses:
    """Return a page of houses, each as (id, name, short name); `limit` is for the next, if any."""
    page = Houses(
        houses=[
            HouseOfList(house_id=house_id, name=name, sname=sname, url=url(origin, house_id))
            for house_id, name, sname in listed
        ]
    )
    if limit:
        page["next"] = f"{origin}/api/houses/?limit={limit}&after={listed[-1][0]}"
    return page


def devices(listed: Iterable[Device]) -> Devices:
    """Return devices by id."""
    by_id = sorted(listed, key=lambda device: device.id)
    return Devices(devices=[DeviceOfList(id=device.id, name=device.name) for device in by_id])


def circuits(listed: Iterable[Circuit]) -> Circuits:
    """Return circuits by id."""
    by_id = sorted(listed, key=lambda circuit: circuit.circuit_id)
    return Circuits(
        circuits=[
            CircuitOfList(
                circuit_id=circuit.circuit_id, name=circuit.name, description=circuit.description
            )
            for circuit in by_id
        ]
    )


def views(origin: str, house: House) -> Views:
    """Return where the views of a house are."""
    return Views(views=[url(origin, house.id, "views", name) for name in LISTED])
