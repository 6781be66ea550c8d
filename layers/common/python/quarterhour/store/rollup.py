"""The scheduled rollup: settles marked days, then closes the days that are due (docs/table.md).

Idempotent; may be killed anywhere and run any number of times at once. What it has not finished
is found again by the next run: a todo item goes last, and a watermark moves after everything
below it is written.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby

from quarterhour.calendar import DAY_MS, day_of, month_of, year_of
from quarterhour.reach import closed_from
from quarterhour.readings import USED
from quarterhour.store import keys
from quarterhour.store.blocks import number
from quarterhour.store.calls import Calls, deletion, only_if, set_values
from quarterhour.store.fleet_settling import FleetSettler
from quarterhour.store.settling import Settler
from quarterhour.store.todo import Todo, listed

CHANNELS = (USED,)
# The first day to be closed is the one before the first ship was registered: what was posted
# before its day was closed could not reach further back without a mark.
FIRST_CLOSED_DAYS = 2
# A portion of the marked days is settled and struck before the next is begun, so that a run that
# is cut short has finished something. About a minute's work.
PORTION_DAYS = 2_000


class Rollup:
    """One run: `now_ms` decides what is closed, for all of it."""

    def __init__(
        self, calls: Calls, settler: Settler, fleet: FleetSettler, shards: int, now_ms: int
    ) -> None:
        self._calls = calls
        self._settler = settler
        self._fleet = fleet
        self._shards = shards
        self._open_ms = _first_open_day(now_ms)

    def run_shard(self, shard: int) -> None:
        """Settle what is marked in a shard, close its due days, then the fleet's."""
        for _, of_year in groupby(self._todo(shard), key=lambda one: year_of(one.month)):
            for todo in _portions(of_year):
                self._settle_marked(shard, todo)
        self._close_shard(shard)
        self._close_fleet()

    def _settle_marked(self, shard: int, todo: Sequence[Todo]) -> None:
        """Settle marked days of one year and all that is made from them; then strike them."""
        done = dict.fromkeys(todo, True)
        for one in todo:
            self._settler.settle(one.source, CHANNELS, self._closed(one))
        for one in todo:
            done[one] = self._settler.settle_month(one.source, CHANNELS, one.month, self._open_ms)
        year = year_of(todo[0].month)
        for source in dict.fromkeys(one.source for one in todo):
            held = self._settler.settle_year(source, CHANNELS, year, self._open_ms)
            done |= {one: done[one] and held for one in todo if one.source == source}
        self._make_shard(shard, sorted({day for one in todo for day in self._closed(one)}))
        for one in todo:
            if done[one] and len(self._closed(one)) == len(one.days):
                self._strike(one)

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

    def _closed(self, todo: Todo) -> list[int]:
        return [day for day in todo.days if day < self._open_ms]

    def _todo(self, shard: int) -> Iterator[Todo]:
        """Return what is to be settled in a shard, oldest first, as far as it is closed."""
        for one in listed(self._calls):
            if keys.shard_of(one.source, self._shards) == shard and self._closed(one):
                yield one

    def _strike(self, todo: Todo) -> None:
        """Delete a todo item, unless a writer has marked in the meantime."""
        at = keys.SHIPS_TODO, keys.todo_sort(todo.source, todo.month)
        self._calls.delete_if(only_if(deletion(*at), "#tok = :tok", tok={"S": todo.token}))

    def _close_shard(self, shard: int) -> None:
        """Settle the days that are due for every ship, and move the shard's watermark over each."""
        until = self._until(str(shard))
        while until is not None and until + DAY_MS < self._open_ms:
            day = until + DAY_MS
            ships = self._fleet.ships(shard)
            for ship in ships:
                self._settler.settle(ship, CHANNELS, [day])
            for ship in ships:
                self._settler.settle_month(ship, CHANNELS, month_of(day), self._open_ms)
                self._settler.settle_year(ship, CHANNELS, year_of(day), self._open_ms)
            self._fleet.shard_day(shard, day)
            self._fleet.shard_month(shard, month_of(day))
            self._fleet.shard_year(shard, year_of(day))
            self._move(str(shard), until, day)
            until = self._until(str(shard))

    def _close_fleet(self) -> None:
        """Make the fleet's days that every shard has closed, and move its watermark over each."""
        shards = [self._until(str(shard)) for shard in range(self._shards)]
        last = min((until for until in shards if until is not None), default=None)
        until = self._until(keys.FLEET_MARK)
        while last is not None and None not in shards and until is not None and until < last:
            day = until + DAY_MS
            self._fleet.fleet_day(day)
            self._fleet.fleet_month(month_of(day))
            self._move(keys.FLEET_MARK, until, day)
            until = self._until(keys.FLEET_MARK)

    def _until(self, mark: str) -> int | None:
        """Return the last closed day of a shard or the fleet; None before there is any ship."""
        item = self._calls.get(keys.WATERMARKS, mark, strong=True)
        if item:
            return int(item["until"]["N"])
        created = [
            int(ship["created"]["N"])
            for shard in range(self._shards)
            for ship in self._fleet.registry(shard)
        ]
        if not created:
            return None
        begin = day_of(min(created)) - FIRST_CLOSED_DAYS * DAY_MS
        update = set_values(keys.WATERMARKS, mark, {"until": number(begin)}, keep=True)
        self._calls.update(update)
        return self._until(mark)

    def _move(self, mark: str, from_day: int, to_day: int) -> None:
        """Move a watermark a day on; where another run already did, it stays."""
        update = set_values(keys.WATERMARKS, mark, {"until": number(to_day)})
        self._calls.update_if(only_if(update, "#until = :from", **{"from": number(from_day)}))


def _portions(todo: Iterable[Todo]) -> Iterator[list[Todo]]:
    """Yield the todo in portions that one run can finish, whatever is left after them."""
    portion: list[Todo] = []
    days = 0
    for one in todo:
        portion.append(one)
        days += len(one.days)
        if days >= PORTION_DAYS:
            yield portion
            portion, days = [], 0
    if portion:
        yield portion


def _first_open_day(now_ms: int) -> int:
    """Return the first UTC day that is not closed."""
    day = day_of(now_ms)
    while closed_from(day - DAY_MS) > now_ms:
        day -= DAY_MS
    return day
