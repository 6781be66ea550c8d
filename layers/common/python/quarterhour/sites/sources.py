"""Sources: what posts readings. A ship is its own owner; a house owns its devices."""

from collections.abc import Iterable
from typing import NamedTuple


class Source(NamedTuple):
    """An owner's meter. The name of the source is what the table is keyed by.

    A source with `members` is made of several devices, the one that counts first; it has blocks
    of its own, but no readings and no marks: those are its members'.
    """

    owner: str
    device: str = ""
    members: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """`S1` for a ship, `H5.2` for device 2 of house 5."""
        return f"{self.owner}.{self.device}" if self.device else self.owner

    @property
    def parts(self) -> list["Source"]:
        """The sources that have readings: the members, or this one."""
        return [Source(self.owner, member) for member in self.members] or [self]


def ship(spaceship_id: int) -> Source:
    """Return the source of a ship."""
    return Source(f"S{spaceship_id}")


def ship_id(ship: Source) -> int:
    """Return the id of a ship's source."""
    return int(ship.owner[1:])


def house_owner(house_id: int) -> str:
    """Return the name of a house: the partition of all that it owns but readings.

    >>> house_owner(5), house_id("H5")
    ('H5', 5)
    """
    return f"H{house_id}"


def house_id(owner: str) -> int:
    """Return the id of a house of that name."""
    return int(owner.removeprefix("H"))


def is_of_house(source: Source) -> bool:
    """Return whether a source is a house, or a device of one.

    >>> is_of_house(Source("H5")), is_of_house(Source("S5"))
    (True, False)
    """
    return source.owner.startswith("H")


def device(owner: str, device_id: int) -> Source:
    """Return the source of a house's device."""
    return Source(owner, str(device_id))


def blend(owner: str, name: str, device_ids: Iterable[int]) -> Source:
    """Return the source made of several devices of a house, the one that counts first."""
    return Source(owner, name, tuple(map(str, device_ids)))


def named(name: str) -> Source:
    """Return the source of a name.

    >>> named("H5.2")
    Source(owner='H5', device='2', members=())
    """
    owner, _, meter = name.partition(".")
    return Source(owner, meter)
