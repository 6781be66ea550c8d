"""The scheduled rollup of houses: as that of ships, device by device, without a fleet above.

The catalogue says what there is to settle: every device, and the meters made of several. What it
does not name any more is left to be read from the readings, should it come back.
"""

from collections.abc import Iterable, Sequence
from itertools import groupby

from quarterhour.sites import virtual_meters
from quarterhour.sites.virtual_meters import Meter
from quarterhour.store.rollup.settler import Settler
from quarterhour.store.rollup.ships import first_open_day
from quarterhour.store.table import keys
from quarterhour.store.table.calls import Calls
from quarterhour.store.table.house_entries import HouseEntries
from quarterhour.store.table.todo import Todo, of_shard, portions, strike
from quarterhour.store.table.watermarks import Watermarks
from quarterhour.time.calendar import DAY_MS, year_of


class HouseRollup:
    """One run: `now_ms` decides what is closed, for all of it."""

    def __init__(
        self, calls: Calls, settler: Settler, entries: HouseEntries, shards: int, now_ms: int
    ) -> None:
        self._calls = calls
        self._settler = settler
        self._entries = entries
        self._shards = shards
        self._open_ms = first_open_day(now_ms)
        self._marks = Watermarks(calls, self._created)

    def run_shard(self, shard: int) -> None:
        """Settle what is marked in the houses of a shard, then close their due days."""
        listed = of_shard(self._calls, shard, self._shards, self._open_ms, of=keys.HOUSES_TODO)
        for _, of_year in groupby(listed, key=lambda one: year_of(one.month)):
            for todo in portions(of_year):
                self._settle_marked(todo)
        self._close(shard)

    def _settle_marked(self, todo: Sequence[Todo]) -> None:
        """Settle marked days and all that is made from them, house by house; then strike them."""
        by_house: dict[str, list[Todo]] = {}
        for one in todo:
            by_house.setdefault(one.source.owner, []).append(one)
        for owner, of_house in by_house.items():
            house = self._entries.of_owner(owner)
            days = {meter: self._closed(meter, of_house) for meter in virtual_meters.settled(house)}
            self._settler.settle_all(days)
            made = [
                self._settler.settle_sums(meter, house.zone, of_meter, self._open_ms)
                for meter, of_meter in days.items()
            ]
            for one in of_house:
                if all(made) and len(one.closed(self._open_ms)) == len(one.days):
                    strike(self._calls, one)

    def _closed(self, meter: Meter, todo: Iterable[Todo]) -> list[int]:
        """Return the marked days of a meter's parts that may be settled."""
        return sorted(
            {
                day
                for one in todo
                if one.source in meter.source.parts
                for day in one.closed(self._open_ms)
            }
        )

    def _close(self, shard: int) -> None:
        """Settle the days that are due for every house, and move the watermark over each."""
        mark = keys.houses_mark(shard)
        until = self._marks.until(mark)
        while until is not None and until + DAY_MS < self._open_ms:
            day = until + DAY_MS
            for owner in self._entries.owners(shard):
                house = self._entries.of_owner(owner)
                made = virtual_meters.settled(house)
                self._settler.settle_all({meter: [day] for meter in made})
                for meter in made:
                    self._settler.settle_sums(meter, house.zone, [day], self._open_ms)
            self._marks.move(mark, until, day)
            until = self._marks.until(mark)

    def _created(self) -> list[int]:
        """Return when each house was first put."""
        return [
            created for shard in range(self._shards) for created in self._entries.created(shard)
        ]
