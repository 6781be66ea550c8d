"""The part of a fleet's history that a request asks for: which of its days are settled.

The watermark and the todo list are read first, everything they vouch for after them: a todo item
goes only when all that is made from its days was made anew (docs/table.md).
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from quarterhour.energy.aggregate import Buckets
from quarterhour.energy.readings import ENERGY_USED
from quarterhour.fleets import fleet
from quarterhour.fleets.fleet import ShardDay
from quarterhour.sites.sources import Source, ship_id
from quarterhour.sites.virtual_meters import Meter
from quarterhour.store.read.rows import Reader
from quarterhour.store.table import keys
from quarterhour.store.table.calls import MAX_BATCH, Calls
from quarterhour.store.table.marks import listed
from quarterhour.store.table.registry import Registry
from quarterhour.time.calendar import DAY_MS, UTC, month_text
from quarterhour.time.intervals import Stretch, runs_of_days

# A fleet of more ships is answered up to its first day that is not settled.
MAX_LIVE_SHIPS = 500

ShipsOfShard = dict[int, Buckets]
OfShip = tuple[Source, Buckets]


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

    def __init__(self, calls: Calls, reader: Reader, registry: Registry) -> None:
        self._calls = calls
        self._reader = reader
        self._registry = registry

    def open(self, start_ms: int, end_ms: int) -> Window:
        """Return the window, cut short before what is not settled if the fleet is too large."""
        if start_ms >= end_ms:
            return Window(start_ms, end_ms, 0, (), {})
        mark = self._calls.get(keys.WATERMARKS, keys.FLEET_MARK, strong=True)
        open_from_ms = int(mark["until"]["N"]) + DAY_MS if mark else 0
        months = month_text(start_ms), month_text(end_ms - 1)
        todo = sorted(
            {day for item in listed(self._calls, keys.SHIPS, *months) for day in item.days}
        )
        unsettled = _unsettled(start_ms, end_ms, open_from_ms, todo)
        if not unsettled:
            return Window(start_ms, end_ms, open_from_ms, todo, {})
        ships = self._ships()
        if len(ships) > MAX_LIVE_SHIPS:
            end_ms = max(start_ms, unsettled[0][0])
            return Window(start_ms, end_ms, open_from_ms, todo, {})
        live = self._live(ships, unsettled, open_from_ms)
        return Window(start_ms, end_ms, open_from_ms, todo, live)

    def _ships(self) -> list[tuple[int, Source]]:
        return [
            (shard, Source(owner))
            for shard in range(self._registry.shards)
            for owner in self._registry.owners(shard)
        ]

    def _live(
        self,
        ships: Sequence[tuple[int, Source]],
        unsettled: Iterable[Stretch],
        open_from_ms: int,
    ) -> dict[int, dict[int, ShipsOfShard]]:
        """Return days that are not settled, by shard, from each ship's own blocks and readings."""
        shard_of = {ship: shard for shard, ship in ships}
        days: dict[int, dict[int, ShipsOfShard]] = {}
        for first, end in unsettled:
            read = self._by_day if _is_few(first, end, ships, open_from_ms) else self._by_ship
            for ship, buckets in read([*shard_of], first, end):
                for at, bucket in buckets.items():
                    by_ship = days.setdefault(UTC.day_of(at), {}).setdefault(shard_of[ship], {})
                    by_ship.setdefault(ship_id(ship), {})[at] = bucket
        return days

    def _by_ship(self, ships: Sequence[Source], first: int, end: int) -> Iterator[OfShip]:
        for ship in ships:
            (buckets,) = self._reader.buckets([Meter(ship, (ENERGY_USED,))], (first, end))
            yield ship, buckets[ENERGY_USED]

    def _by_day(self, ships: Sequence[Source], first: int, end: int) -> Iterator[OfShip]:
        for day in range(first, end, DAY_MS):
            yield from self._reader.day_of_many(ships, ENERGY_USED, day).items()


def _is_few(first: int, end: int, ships: Sequence[Any], open_from_ms: int) -> bool:
    """Return whether reading day by day takes fewer calls: only closed days have blocks."""
    calls_of_a_day = 2 * (1 + len(ships) // MAX_BATCH)
    return end <= open_from_ms and (end - first) // DAY_MS * calls_of_a_day < len(ships)


def _unsettled(start_ms: int, end_ms: int, open_from_ms: int, todo: Iterable[int]) -> list[Stretch]:
    """Return the stretches of whole days that touch the window and are not settled."""
    first, last = UTC.day_of(start_ms), UTC.day_of(end_ms + DAY_MS - 1)
    marked = [day for day in todo if first <= day < min(last, open_from_ms)]
    tail = max(first, open_from_ms)
    return [*runs_of_days(marked), *([(tail, last)] if tail < last else [])]
