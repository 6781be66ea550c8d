"""Writes of what is posted to a house's device: readings as a ship's, or totals of periods."""

from collections.abc import Callable
from typing import NamedTuple

from quarterhour.sites.house import House
from quarterhour.sites.postings import Posting
from quarterhour.sites.sources import device
from quarterhour.store.table import period_totals
from quarterhour.store.table.calls import Calls
from quarterhour.store.table.house_entries import HouseEntries
from quarterhour.store.table.items import Readings
from quarterhour.store.write.known_houses import KnownHouses
from quarterhour.store.write.writer import Writer


class Written(NamedTuple):
    """What was stored, and what its bucket held before as far as `Writer.post` tells."""

    house: House
    posting: Posting
    before: Readings


class HouseWriter:
    """The table as one write to a house sees it."""

    def __init__(
        self, calls: Calls, entries: HouseEntries, known: KnownHouses, writer: Writer
    ) -> None:
        self._calls = calls
        self._entries = entries
        self._known = known
        self._writer = writer

    def post(self, house_id: int, posting_to: Callable[[House], Posting]) -> Written:
        """Store what is posted to a house, which may refuse it; NotFound without such a house.

        A device is not registered: the catalogue knows it. Busy is as in `Writer.post`.
        """
        house, posting = self._known.checked(house_id, posting_to)
        if posting.has_totals:
            self._entries.mark_totals(house)
            period_totals.put(self._calls, house.owner, posting.totals())
            return Written(house, posting, {})
        source = device(house.owner, posting.device_id)
        return Written(house, posting, self._writer.post(source, posting.readings()))
