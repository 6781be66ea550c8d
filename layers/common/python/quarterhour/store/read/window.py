"""The part of a fleet's history that a request asks for: which of its days are settled.

The watermark and the todo of all shards are read first, everything they vouch for after them: a
todo item goes only when all that is made from its days was made anew (docs/table.md). What does
not depend on each other is read side by side: the lists, the registry, the ships or their days.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from quarterhour.energy.profile import Profile
from quarterhour.energy.readings import ENERGY_USED
from quarterhour.fleets import fleet
from quarterhour.fleets.fleet import ShardDay
from quarterhour.sites.sources import Source, ship_id
from quarterhour.sites.virtual_meters import Meter
from quarterhour.store.read.rows import Reader
from quarterhour.store.table import keys
from quarterhour.store.table.calls import MAX_BATCH, Calls, Item
from quarterhour.store.table.marks import listed, lists
from quarterhour.store.table.parallel import SideBySide, in_turn
from quarterhour.store.table.registry import Registry, until_of
from quarterhour.time import cuts
from quarterhour.time.calendar import DAY_MS, UTC, month_text
from quarterhour.time.intervals import Interval, intervals_of_days

# A fleet of more ships is answered up to its first day that is not settled.
MAX_LIVE_SHIPS = 500

ShipsOfShard = dict[int, Profile]
OfShip = tuple[Source, Profile]


@dataclass(frozen=True)
class Window:
    """[start, end) of a fleet; `ships` holds what was read of the days that are not settled."""

    start_ms: int
    end_ms: int
    open_from_ms: int
    todo: Sequence[int]
    ships: Mapping[int, Mapping[int, ShipsOfShard]]

    @cached_property
    def live(self) -> dict[int, list[ShardDay]]:
        """The days that are not settled and have data, shard by shard."""
        return {
            day: [fleet.shard_day(day, by_ship) for _, by_ship in sorted(shards.items())]
            for day, shards in sorted(self.ships.items())
        }

    @property
    def is_empty(self) -> bool:
        """Whether nothing is asked for, or nothing of it can be answered yet."""
        return self.start_ms >= self.end_ms

    def is_settled(self, start_ms: int, end_ms: int) -> bool:
        """Return whether all the days of [start_ms, end_ms) are settled."""
        if end_ms > self.open_from_ms:
            return False
        return bisect_left(self.todo, start_ms) == bisect_left(self.todo, end_ms)

    def holds(self, start_ms: int, end_ms: int) -> bool:
        """Return whether the whole of [start_ms, end_ms) is asked for."""
        return self.start_ms <= start_ms and end_ms <= self.end_ms

    def cut_days(self) -> list[int]:
        """Return the first and the last day where only a part of it is asked for."""
        edges = {UTC.day_of(self.start_ms), UTC.day_of(self.end_ms)}
        return sorted(
            day
            for day in edges
            if not self.holds(day, day + DAY_MS)
            and self.start_ms < day + DAY_MS
            and day < self.end_ms
        )


class Windows:
    """Opens windows: finds out what is settled, and reads the rest of small fleets live."""

    def __init__(
        self,
        calls: Calls,
        reader: Reader,
        registry: Registry,
        side_by_side: SideBySide = in_turn,
    ) -> None:
        self._calls = calls
        self._reader = reader
        self._registry = registry
        self._side_by_side = side_by_side

    def open(self, start_ms: int, end_ms: int) -> Window:
        """Return the window, cut short before what is not settled if the fleet is too large."""
        if start_ms >= end_ms:
            return Window(start_ms, end_ms, 0, (), {})
        mark = self._calls.get(keys.WATERMARKS, keys.FLEET_MARK, strong=True)
        open_from_ms = self._open_from_ms(mark)
        # Where there is no watermark no day is settled, whatever the todo says.
        todo = self._todo(mark, start_ms, end_ms) if mark else ()
        unsettled = _unsettled(start_ms, end_ms, open_from_ms, todo)
        if not unsettled:
            return Window(start_ms, end_ms, open_from_ms, todo, {})
        ships = self._ships()
        if len(ships) > MAX_LIVE_SHIPS:
            end_ms = max(start_ms, unsettled[0][0])
            return Window(start_ms, end_ms, open_from_ms, todo, {})
        live = self._live(ships, unsettled, open_from_ms)
        return Window(start_ms, end_ms, open_from_ms, todo, live)

    def _open_from_ms(self, mark: Item) -> int:
        """Return the first day that the fleet has not closed, or that is not past."""
        return min(until_of(mark) + DAY_MS, UTC.day_of(self._calls.now_ms)) if mark else 0

    def _todo(self, mark: Item, start_ms: int, end_ms: int) -> list[int]:
        """Return the days of the months asked for that are in any list, done by a shard or not.

        What a shard has done, the fleet's items do not have yet.
        """
        months = month_text(start_ms), month_text(end_ms - 1)
        days = set[int]()

        def read(partition: str) -> None:
            days.update(
                day for item in listed(self._calls, partition, *months) for day in item.days
            )

        kind, shards = self._registry.kind, self._registry.shards
        self._side_by_side(read, lists(kind, shards, mark))
        return sorted(days)

    def _ships(self) -> list[tuple[int, Source]]:
        """Return the ships with their shards."""
        owners: dict[int, list[str]] = {}

        def read(shard: int) -> None:
            owners[shard] = self._registry.owners(shard)

        self._side_by_side(read, range(self._registry.shards))
        return [(shard, Source(owner)) for shard in sorted(owners) for owner in owners[shard]]

    def _live(
        self,
        ships: Sequence[tuple[int, Source]],
        unsettled: Iterable[Interval],
        open_from_ms: int,
    ) -> dict[int, dict[int, ShipsOfShard]]:
        """Return days that are not settled, by shard, from each ship's own blocks and readings."""
        shard_of = {ship: shard for shard, ship in ships}
        days: dict[int, dict[int, ShipsOfShard]] = {}
        for first, end in unsettled:
            read = self._by_day if _is_few(first, end, ships, open_from_ms) else self._by_ship
            for ship, buckets in read([*shard_of], first, end):
                for day, *places in cuts.days(buckets.starts, UTC):
                    by_ship = days.setdefault(day, {}).setdefault(shard_of[ship], {})
                    by_ship[ship_id(ship)] = buckets.part(*places)
        return days

    def _by_ship(self, ships: Sequence[Source], first: int, end: int) -> Iterator[OfShip]:
        buckets: dict[Source, Profile] = {}

        def read(ship: Source) -> None:
            (of_ship,) = self._reader.buckets([Meter(ship, (ENERGY_USED,))], (first, end))
            buckets[ship] = of_ship[ENERGY_USED]

        self._side_by_side(read, ships)
        return ((ship, buckets[ship]) for ship in ships)

    def _by_day(self, ships: Sequence[Source], first: int, end: int) -> Iterator[OfShip]:
        begins = range(first, end, DAY_MS)
        # Several days are read at once, or the ships of one: never more than eight calls.
        ships_at_once = self._side_by_side if len(begins) == 1 else in_turn
        days: dict[int, dict[Source, Profile]] = {}

        def read(day: int) -> None:
            days[day] = self._reader.day_of_many(
                ships, ENERGY_USED, day, side_by_side=ships_at_once
            )

        self._side_by_side(read, begins)
        return (of_ship for day in sorted(days) for of_ship in days[day].items())


def _is_few(first: int, end: int, ships: Sequence[Any], open_from_ms: int) -> bool:
    """Return whether reading day by day takes fewer calls: only closed days have blocks."""
    calls_of_a_day = 2 * (1 + len(ships) // MAX_BATCH)
    return end <= open_from_ms and (end - first) // DAY_MS * calls_of_a_day < len(ships)


def _unsettled(
    start_ms: int, end_ms: int, open_from_ms: int, todo: Iterable[int]
) -> list[Interval]:
    """Return the intervals of whole days that touch the window and are not settled."""
    first, last = UTC.day_of(start_ms), UTC.day_of(end_ms + DAY_MS - 1)
    marked = [day for day in todo if first <= day < min(last, open_from_ms)]
    tail = max(first, open_from_ms)
    return [*intervals_of_days(marked), *([(tail, last)] if tail < last else [])]
