"""Houses that an environment remembers for a while, so that a POST need not read the catalogue."""

from collections.abc import Callable, MutableMapping
from contextlib import suppress
from typing import NamedTuple, TypeVar

from quarterhour.errors import QuarterhourError
from quarterhour.sites.house import House
from quarterhour.store.table.house_entries import HouseEntries

REMEMBERED_S = 60.0
MAX_REMEMBERED = 1000

Checked = TypeVar("Checked")


class Remembered(NamedTuple):
    """A house as it was read, and when."""

    read_s: float
    house: House


class KnownHouses:
    """The houses that this environment remembers, at the time `now_s` (seconds)."""

    def __init__(
        self, entries: HouseEntries, remembered: MutableMapping[int, Remembered], now_s: float
    ) -> None:
        self._entries = entries
        self._remembered = remembered
        self._now_s = now_s

    def checked(self, house_id: int, check: Callable[[House], Checked]) -> tuple[House, Checked]:
        """Return a house and what a check makes of it; NotFound where there is no such house.

        What the check refuses of a house as it is remembered, it is asked again of what the table
        has now: so nothing is ever refused because of an entry that was replaced.
        """
        known = self._fresh(house_id)
        if known:
            with suppress(QuarterhourError):
                return known, check(known)
        house = self._read(house_id)
        return house, check(house)

    def _fresh(self, house_id: int) -> House | None:
        known = self._remembered.get(house_id)
        return known.house if known and self._now_s - known.read_s < REMEMBERED_S else None

    def _read(self, house_id: int) -> House:
        if len(self._remembered) >= MAX_REMEMBERED:
            self._remembered.clear()
        house = self._entries.get(house_id)
        self._remembered[house_id] = Remembered(self._now_s, house)
        return house
