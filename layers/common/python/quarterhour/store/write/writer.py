"""Writes of readings: one item-write a bucket, with the marks it owes (docs/table.md).

Safe to repeat, safe in any order, safe at once. The clock and the fence are taken when a write
begins, and decide for all of it.
"""

from collections.abc import Callable, Iterable, Mapping, MutableSet, Sequence
from itertools import groupby
from typing import Any

from quarterhour.energy.readings import Reading, Series
from quarterhour.errors import TooLarge
from quarterhour.sites.batch import Batch
from quarterhour.sites.sources import Source
from quarterhour.store.table import keys, period_totals
from quarterhour.store.table.calls import Calls, Item, add_one, set_values
from quarterhour.store.table.codec import Readings, readings, to_value
from quarterhour.store.table.marks import to_be_settled
from quarterhour.store.table.parallel import SideBySide
from quarterhour.store.table.registry import Registry
from quarterhour.store.write.known_fence import KnownFence
from quarterhour.store.write.plan import (
    BucketChange,
    ItemWrite,
    by_month,
    chunks,
    item_writes,
    marks,
)
from quarterhour.time.calendar import UTC

Chunk = Sequence[ItemWrite]
# Turns what is to be written to a bucket into the update that does it.
Update = Callable[[Source, ItemWrite], dict[str, Any]]


class Writer:
    """The table as one write sees it: all it decides is decided from the time it began."""

    def __init__(
        self,
        calls: Calls,
        known_ships: MutableSet[str],
        fence: KnownFence,
        shards: int,
        side_by_side: SideBySide,
    ) -> None:
        self._calls = calls
        self._known = known_ships
        self._fence = fence
        self._shards = shards
        self._side_by_side = side_by_side
        self._now_ms = calls.now_ms
        self._fence_ms: int

    @property
    def now_ms(self) -> int:
        """When the write began: what it stores arrived then."""
        return self._now_ms

    def check(self, batch: Batch) -> None:
        """Raise what `post` would before it stores anything: TooLarge for too full a bucket."""
        item_writes(batch.readings())

    def post(self, batch: Batch) -> Readings:
        """Store a batch: readings as `put` does, which may refuse them, then totals of periods."""
        before = self.put(batch.source, batch.readings()) if batch.series else {}
        if batch.periods:
            period_totals.put(self._calls, batch.site, batch.totals(), self._side_by_side)
        return before

    def put(self, source: Source, batch: Mapping[Series, Iterable[Reading]]) -> Readings:
        """Store a source's readings with the marks they owe; a ship is registered before.

        Devices of houses are not: the catalogue knows them. Returns what the bucket held before
        where one bucket was written without marks (DynamoDB tells it for nothing), else nothing.
        Busy may leave some chunks stored, each complete with its marks: posting the batch again
        ends as if it had been stored at once.
        """
        planned = list(chunks(item_writes(batch)))
        if not source.device:
            self._register(source)
        return readings([self._write_all(source, planned, _put)])

    def mark(self, source: Source, start_ms: int, end_ms: int) -> None:
        """Mark the days of [start_ms, end_ms), so that the next rollup makes them anew."""
        for month, days in groupby(UTC.days_between(start_ms, end_ms), key=UTC.month_of):
            self._calls.transact(self._mark_updates(source, [(month, list(days))]))

    def begin(self) -> None:
        """Take the fence, which decides for all that is written from here on."""
        self._fence_ms = self._fence.last_ms()

    def marks_of(self, source: Source, chunk: Sequence[BucketChange]) -> list[dict[str, Any]]:
        """Return the updates that mark the days a chunk can change, for the same transaction."""
        return self._mark_updates(source, self._owed(chunk))

    def _write_all(self, source: Source, planned: Sequence[Chunk], update: Update) -> Item:
        self.begin()
        if len(planned) == 1:
            return self._write(source, planned[0], update)

        def write_month(group: list[Chunk]) -> None:
            self._write_in_turn(source, group, update)

        self._side_by_side(write_month, by_month(planned))
        return {}

    def _register(self, ship: Source) -> None:
        """List the ship before its first reading, so that a rollup never misses one."""
        if ship.name in self._known:
            return
        registry = Registry(self._calls, keys.SHIPS, self._shards)
        if self._fence.remembered() is None:
            is_listed = bool(self._fence.read_with(registry.place(ship.owner)))
        else:
            is_listed = registry.lists(ship.owner, strong=False)
        if not is_listed:
            registry.add(ship.owner, self._now_ms)
        self._known.add(ship.name)

    def _write_in_turn(self, source: Source, planned: Iterable[Chunk], update: Update) -> None:
        for chunk in planned:
            self._write(source, chunk, update)

    def _write(self, source: Source, chunk: Chunk, update: Update) -> Item:
        """Write a chunk with its marks; return the item there was where it was a single one."""
        owed = self._owed(chunk)
        if len(chunk) == 1 and not owed:
            return self._calls.update(update(source, chunk[0]))
        updates = [update(source, write) for write in chunk]
        try:
            self._calls.transact([*updates, *self._mark_updates(source, owed)])
        except TooLarge:
            if len(chunk) == 1:
                raise
            half = len(chunk) // 2
            self._write_in_turn(source, (chunk[:half], chunk[half:]), update)
        return {}

    def _owed(self, chunk: Sequence[BucketChange]) -> list[tuple[int, list[int]]]:
        """Return the days to mark, by month."""
        return marks(chunk, self._now_ms, self._fence_ms)

    def _mark_updates(
        self, source: Source, owed: Iterable[tuple[int, list[int]]]
    ) -> list[dict[str, Any]]:
        """Count the days' marks in the head and list them to be done, for each month."""
        updates = []
        for month, days in owed:
            counters = [keys.mark(source, day) for day in days]
            updates.append(add_one(source.owner, keys.head_sort(month), counters))
            at = self._todo_partition(source), keys.todo_sort(source, month)
            updates.append(set_values(*at, to_be_settled(days)))
        return updates

    def _todo_partition(self, source: Source) -> str:
        return keys.todo_partition(source, self._shards)


def _put(source: Source, write: ItemWrite) -> dict[str, Any]:
    values = {name: to_value(reading) for name, reading in write.readings}
    return set_values(keys.bucket_partition(source), keys.bucket_sort(write.bucket_ms), values)
