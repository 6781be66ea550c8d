"""Sites that an environment remembers for a while, so that a POST need not read the catalogue."""

from collections.abc import MutableMapping
from typing import NamedTuple

from quarterhour.sites.house import House
from quarterhour.store.table.house_entries import HouseEntries

REMEMBERED_S = 60.0
MAX_REMEMBERED = 1000


class Remembered(NamedTuple):
    """A house as it was read, and when."""

    read_s: float
    house: House


class KnownSites:
    """The sites as one POST sees them, which began at `now_s` (seconds): remembered, or read."""

    def __init__(
        self, entries: HouseEntries, remembered: MutableMapping[int, Remembered], now_s: float
    ) -> None:
        self._entries = entries
        self._remembered = remembered
        self._now_s = now_s
        self._read = set[int]()

    def get(self, house_id: int) -> House:
        """Return a house, perhaps as it was a minute ago; NotFound where there is none."""
        remembered = self._remembered.get(house_id)
        is_fresh = remembered and self._now_s - remembered.read_s < REMEMBERED_S
        return remembered.house if remembered and is_fresh else self.read(house_id)

    def read(self, house_id: int) -> House:
        """Return a house as the table has it now; NotFound where there is none."""
        if len(self._remembered) >= MAX_REMEMBERED:
            self._remembered.clear()
        self._read.add(house_id)
        house = self._entries.get(house_id)
        self._remembered[house_id] = Remembered(self._now_s, house)
        return house

    def is_read(self, house_id: int) -> bool:
        """Return whether this POST has read the house: reading it again would change nothing."""
        return house_id in self._read
