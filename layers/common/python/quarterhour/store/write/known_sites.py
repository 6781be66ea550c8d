"""Sites that an environment remembers for a while, so that a POST need not read the catalogue."""

from collections.abc import MutableMapping
from typing import NamedTuple

from quarterhour.sites.house import House
from quarterhour.store.table.clock import Moment
from quarterhour.store.table.house_entries import HouseEntries

# For so long a POST may be accepted for what a channel was before its house was put anew.
REMEMBERED_S = 5.0
MAX_REMEMBERED = 1000


class Remembered(NamedTuple):
    """A house as it was read, and a moment before that."""

    asked: Moment
    house: House


class KnownSites:
    """The sites as one POST sees them, from the moment it began: remembered, or read."""

    def __init__(
        self, entries: HouseEntries, remembered: MutableMapping[int, Remembered], began: Moment
    ) -> None:
        self._entries = entries
        self._remembered = remembered
        self._began = began
        self._read = set[int]()

    def get(self, house_id: int) -> House:
        """Return a house, perhaps as it was 5 seconds ago; NotFound where there is none."""
        remembered = self._remembered.get(house_id)
        if remembered and remembered.asked.age_s(self._began) < REMEMBERED_S:
            return remembered.house
        return self.read(house_id)

    def read(self, house_id: int) -> House:
        """Return a house as the table has it now; NotFound where there is none."""
        if len(self._remembered) >= MAX_REMEMBERED:
            self._remembered.clear()
        self._read.add(house_id)
        house = self._entries.get(house_id)
        self._remembered[house_id] = Remembered(self._began, house)
        return house

    def is_read(self, house_id: int) -> bool:
        """Return whether this POST has read the house: reading it again would change nothing."""
        return house_id in self._read
