"""The scheduled rollup of ships: settles marked days, then closes the days that are due.

Idempotent; may be killed anywhere and run any number of times at once (docs/table.md). What it has
not finished is found again by the next run: a todo item goes last, and a watermark moves after
everything below it is written.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby

from quarterhour.energy.reach import closed_from
from quarterhour.energy.readings import ENERGY_USED
from quarterhour.sites.sources import Source
from quarterhour.sites.virtual_meters import Meter
from quarterhour.store.read.rows import UTC
from quarterhour.store.rollup.fleet import FleetSettler
from quarterhour.store.rollup.settler import Settler
from quarterhour.store.table import keys
from quarterhour.store.table.calls import Calls
from quarterhour.store.table.todo import Todo, of_shard, portions, strike
from quarterhour.store.table.watermarks import Watermarks
from quarterhour.time.calendar import DAY_MS, day_of, month_of, year_of


class Rollup:
    """One run: `now_ms` decides what is closed, for all of it."""

    def __init__(
        self, calls: Calls, settler: Settler, fleet: FleetSettler, shards: int, now_ms: int
    ) -> None:
        self._calls = calls
        self._settler = settler
        self._fleet = fleet
        self._shards = shards
        self._open_ms = first_open_day(now_ms)
        self._marks = Watermarks(calls, self._created)

    def run_shard(self, shard: int) -> None:
        """Settle what is marked in a shard, close its due days, then the fleet's."""
        listed = of_shard(self._calls, shard, self._shards, self._open_ms)
        for _, of_year in groupby(listed, key=lambda one: year_of(one.month)):
            for todo in portions(of_year):
                self._settle_marked(shard, todo)
        self._close_shard(shard)
        self._close_fleet()

    def _settle_marked(self, shard: int, todo: Sequence[Todo]) -> None:
        """Settle marked days of one year and all that is made from them; then strike them."""
        by_ship: dict[Source, list[int]] = {}
        for one in todo:
            by_ship.setdefault(one.source, []).extend(one.closed(self._open_ms))
        for ship, days in by_ship.items():
            self._settler.settle(of_ship(ship), sorted(days))
        held = {
            ship: self._settler.settle_sums(of_ship(ship), UTC, days, self._open_ms)
            for ship, days in by_ship.items()
        }
        self._make_shard(shard, sorted({day for days in by_ship.values() for day in days}))
        for one in todo:
            if held[one.source] and len(one.closed(self._open_ms)) == len(one.days):
                self._strike(one)

    def _strike(self, todo: Todo) -> None:
        strike(self._calls, todo)

    def _make_shard(self, shard: int, days: Sequence[int]) -> None:
        """Make the shard's and the fleet's items of these days, from the bottom up."""
        months = list(dict.fromkeys(map(month_of, days)))
        years = list(dict.fromkeys(map(year_of, days)))
        steps: Iterable[tuple[Callable[[int], None], Iterable[int]]] = (
            (lambda day: self._fleet.shard_day(shard, day), days),
            (self._fleet.fleet_day, days),
            (lambda month: self._fleet.shard_month(shard, month), months),
            (lambda year: self._fleet.shard_year(shard, year), years),
            (self._fleet.fleet_month, months),
        )
        for make, periods in steps:
            for period in periods:
                make(period)

    def _close_shard(self, shard: int) -> None:
        """Settle the days that are due for every ship, and move the shard's watermark over each."""
        until = self._marks.until(str(shard))
        while until is not None and until + DAY_MS < self._open_ms:
            day = until + DAY_MS
            ships = [of_ship(ship) for ship in self._fleet.ships(shard)]
            for ship in ships:
                self._settler.settle(ship, [day])
            for ship in ships:
                self._settler.settle_sums(ship, UTC, [day], self._open_ms)
            self._fleet.shard_day(shard, day)
            self._fleet.shard_month(shard, month_of(day))
            self._fleet.shard_year(shard, year_of(day))
            self._marks.move(str(shard), until, day)
            until = self._marks.until(str(shard))

    def _close_fleet(self) -> None:
        """Make the fleet's days that every shard has closed, and move its watermark over each."""
        shards = [self._marks.until(str(shard)) for shard in range(self._shards)]
        last = min((until for until in shards if until is not None), default=None)
        until = self._marks.until(keys.FLEET_MARK)
        while last is not None and None not in shards and until is not None and until < last:
            day = until + DAY_MS
            self._fleet.fleet_day(day)
            self._fleet.fleet_month(month_of(day))
            self._marks.move(keys.FLEET_MARK, until, day)
            until = self._marks.until(keys.FLEET_MARK)

    def _created(self) -> list[int]:
        """Return when each ship was registered."""
        return [
            int(ship["created"]["N"])
            for shard in range(self._shards)
            for ship in self._fleet.registry(shard)
        ]


def of_ship(ship: Source) -> Meter:
    """Return what is settled of a ship."""
    return Meter(ship, (ENERGY_USED,))


def first_open_day(now_ms: int) -> int:
    """Return the first UTC day that is not closed."""
    day = day_of(now_ms)
    while closed_from(day - DAY_MS) > now_ms:
        day -= DAY_MS
    return day
