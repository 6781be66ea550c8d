"""The table's access patterns, one method each (docs/table.md). Safe to repeat, safe at once."""

import secrets
from collections.abc import Callable, Iterable, Mapping, MutableSet, Sequence
from itertools import groupby
from typing import Any

from quarterhour import resample
from quarterhour.calendar import day_number, month_of
from quarterhour.errors import NotFound, TooLarge
from quarterhour.reach import neighbourhood
from quarterhour.readings import Reading, Series
from quarterhour.resample import Bucket
from quarterhour.sources import Source
from quarterhour.store import keys
from quarterhour.store.calls import Calls, add_one, set_values
from quarterhour.store.plan import ItemWrite, chunks, item_writes, marks
from quarterhour.store.values import from_value, to_value

Chunk = Sequence[ItemWrite]
Readings = dict[Series, list[Reading]]
# Calls a function on each of the items, several at once, and returns when all have ended.
SideBySide = Callable[[Callable[[list[Chunk]], None], list[list[Chunk]]], None]


class Store:
    """The table as one request sees it: all it decides is decided from the time it began."""

    def __init__(
        self, calls: Calls, known: MutableSet[str], shards: int, side_by_side: SideBySide
    ) -> None:
        self._calls = calls
        self._known = known
        self._shards = shards
        self._side_by_side = side_by_side
        self._now_ms = int(calls.began_s * 1000)

    def post(self, source: Source, batch: Mapping[Series, Iterable[Reading]]) -> Readings:
        """Store a source's readings with the marks they owe; a ship is registered before.

        Returns what the bucket held before where one bucket was written without marks (DynamoDB
        tells it for nothing), else nothing. Busy may leave some chunks stored, each complete with
        its marks: posting the batch again ends as if it had been stored at once.
        """
        if not source.device:
            self._register(source)
        planned = list(chunks(item_writes(batch)))
        if len(planned) == 1:
            return _readings([self._write(source, planned[0])])
        by_month = [list(group) for _, group in groupby(planned, key=_month)]
        self._side_by_side(lambda of_month: self._write_in_turn(source, of_month), by_month)
        return {}

    def raw(self, source: Source, start_ms: int, end_ms: int) -> Readings:
        """Return the readings that decide the buckets of [start_ms, end_ms), each series sorted."""
        first, last = keys.between(*neighbourhood(start_ms, end_ms))
        return _readings(self._calls.query(keys.bucket_partition(source), first, last))

    def buckets(
        self, source: Source, channel: str, start_ms: int, end_ms: int
    ) -> dict[int, Bucket]:
        """Return a channel's buckets that begin in the range; NotFound if a ship never posted."""
        found = resample.buckets(self.raw(source, start_ms, end_ms), channel, start_ms, end_ms)
        if not found and not source.device and not self._knows(source):
            raise NotFound("This ship has never posted.")
        return found

    def _knows(self, ship: Source) -> bool:
        return bool(self._calls.get(*self._registered(ship), strong=True))

    def _register(self, ship: Source) -> None:
        """List the ship before its first reading, so that a rollup never misses one."""
        if ship.name in self._known:
            return
        at = self._registered(ship)
        if not self._calls.get(*at, strong=False):
            created = {"created": {"N": str(self._now_ms)}}
            self._calls.update(set_values(*at, created, keep=True))
        self._known.add(ship.name)

    def _registered(self, ship: Source) -> tuple[str, str]:
        return keys.registry_partition(ship, self._shards), ship.name

    def _write_in_turn(self, source: Source, planned: Iterable[Chunk]) -> None:
        for chunk in planned:
            self._write(source, chunk)

    def _write(self, source: Source, chunk: Chunk) -> Mapping[str, Any]:
        """Write a chunk with its marks; return the item there was where it was a single one."""
        owed = marks(chunk, self._now_ms)
        if len(chunk) == 1 and not owed:
            return self._calls.update(_bucket_update(source, chunk[0]))
        updates = [_bucket_update(source, write) for write in chunk]
        try:
            self._calls.transact([*updates, *_mark_updates(source, owed)])
        except TooLarge:
            if len(chunk) == 1:
                raise
            half = len(chunk) // 2
            self._write_in_turn(source, (chunk[:half], chunk[half:]))
        return {}


def _month(chunk: Chunk) -> int:
    return month_of(chunk[0].bucket_ms)


def _bucket_update(source: Source, write: ItemWrite) -> dict[str, Any]:
    values = {name: to_value(reading) for name, reading in write.readings}
    return set_values(keys.bucket_partition(source), keys.bucket_sort(write.bucket_ms), values)


def _mark_updates(source: Source, owed: Iterable[tuple[int, list[int]]]) -> list[dict[str, Any]]:
    """Count the days' marks in the head and list them to be done, for each month."""
    updates = []
    for month, days in owed:
        counters = [keys.mark(source, day) for day in days]
        updates.append(add_one(source.owner, keys.head_sort(month), counters))
        todo = {day_number(day): {"N": "1"} for day in days}
        token = {"tok": {"S": secrets.token_hex(8)}}
        at = keys.todo_partition(source), keys.todo_sort(source, month)
        updates.append(set_values(*at, todo | token))
    return updates


def _readings(items: Iterable[Mapping[str, Any]]) -> Readings:
    """Return the readings of bucket items by series, sorted by time."""
    found: Readings = {}
    for item in items:
        if not item:
            continue
        bucket_ms = keys.bucket_ms(item["sk"]["S"])
        for name, value in item.items():
            if held := keys.reading_of(name):
                series, offset_ms = held
                found.setdefault(series, []).append(from_value(bucket_ms + offset_ms, value))
    for readings in found.values():
        readings.sort()
    return found
