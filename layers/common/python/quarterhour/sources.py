"""Sources: what posts readings. A ship is its own owner; a house owns its devices."""

from typing import NamedTuple


class Source(NamedTuple):
    """An owner's meter. The name of the source is what the table is keyed by."""

    owner: str
    device: str = ""

    @property
    def name(self) -> str:
        """`S1` for a ship, `H5.2` for device 2 of house 5."""
        return f"{self.owner}.{self.device}" if self.device else self.owner


def ship(spaceship_id: int) -> Source:
    """Return the source of a ship."""
    return Source(f"S{spaceship_id}")


def ship_id(ship: Source) -> int:
    """Return the id of a ship's source."""
    return int(ship.owner[1:])
