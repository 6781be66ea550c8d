"""What a run would find to do, at the price of one call for all shards and two lists for each.

A look decides nothing but whether to begin: whoever begins reads all of it again.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from quarterhour.energy.lookback import closed_from, last_due
from quarterhour.store.rollup.closing import MOST_AHEAD_MS, is_skewed
from quarterhour.store.table import fence, keys, leases
from quarterhour.store.table.calls import Calls
from quarterhour.store.table.keys import HOUSES, SHIPS, SiteKind
from quarterhour.store.table.leases import Lease
from quarterhour.store.table.marks import Todo, listed
from quarterhour.store.table.registry import until_of
from quarterhour.time.calendar import DAY_MS, day_text

KINDS = (SHIPS, HOUSES)


class Marked(NamedTuple):
    """The tokens of a shard's todo items.

    `closed`: those with closed days to settle; `due`: those of which all days should be closed;
    `handed_over`: those with days for the fleet's step.
    """

    closed: set[str]
    due: set[str]
    handed_over: set[str]


# What is in the lists of older releases, of all shards.
OldLists = Mapping[SiteKind, Sequence[Todo]]


def old_lists(calls: Calls) -> OldLists:
    """Return what is in the lists of older releases."""
    return {kind: [*listed(calls, kind.old_todo)] for kind in KINDS}


class Outlook:
    """The watermarks, the fence and the leases, read at once.

    Now is `now_ms`, or earlier, if DynamoDB's clock says so. Leases go by that clock, if there is
    one.
    """

    def __init__(
        self, calls: Calls, shards: int, now_ms: int, kinds: Sequence[SiteKind] = KINDS
    ) -> None:
        self._shards = shards
        self._kinds = kinds
        self._items = {item["sk"]["S"]: item for item in calls.query(keys.WATERMARKS)}
        self.clock_ms = calls.table_ms or calls.now_ms
        self.now_ms = min(now_ms, calls.table_ms or now_ms)
        self.fence = fence.of_item(self._items.get(keys.FENCE, {}))
        self.is_skewed = is_skewed(self.fence, self.now_ms, calls.clock, calls.table_ms)

    @property
    def may(self) -> str:
        """The last day that is announced, as `2018-08-24`; nothing where none is."""
        return day_text(self.fence.last_ms) if self.fence else ""

    def lease(self, name: str) -> Lease:
        """Return the lease of a shard or the fleet."""
        return leases.of_item(name, self._items.get(keys.lease_sort(name), {}))

    def has_work(self, shard: int, marked: Marked, tried: Collection[str]) -> bool:
        """Return whether a shard has anything to do beside what was just `tried` in vain."""
        return bool(marked.closed.difference(tried)) or self.is_due(shard)

    def is_due(self, shard: int) -> bool:
        """Return whether a shard has to begin, or a day is to be announced or closed."""
        is_begun = self.is_begun(shard)
        return not is_begun or self.is_announcing(shard) or self.is_closing(shard)

    def is_begun(self, shard: int) -> bool:
        """Return whether a shard has its watermarks."""
        return all(kind.watermark(shard) in self._items for kind in self._kinds)

    def is_announcing(self, shard: int) -> bool:
        """Return whether a shard's run would announce a day."""
        if not self.fence:
            return True
        top = min(last_due(self.now_ms), self._until(shard) + MOST_AHEAD_MS)
        return top > self.fence.last_ms

    def is_closing(self, shard: int) -> bool:
        """Return whether a shard has a day that was announced, and is to be closed."""
        day = self._until(shard) + DAY_MS
        return bool(self.fence) and day <= self._last_ms() and closed_from(day) <= self.now_ms

    def is_fleet_behind(self) -> bool:
        """Return whether the fleet has not begun, or has days to close that all shards have."""
        marks = [SHIPS.watermark(shard) for shard in range(self._shards)]
        closed = min(self._of_mark(mark) for mark in marks)
        return keys.FLEET_MARK not in self._items or self._of_mark(keys.FLEET_MARK) < closed

    def marked(self, calls: Calls, shard: int, old: OldLists) -> Marked:
        """Return what is marked in a shard, of its lists and of the `old` ones of all shards."""
        found = Marked(set(), set(), set())
        for item, is_closed in self.todo(calls, shard, old):
            if item.done:
                found.handed_over.add(item.token)
            if is_closed:
                found.closed.add(item.token)
            is_left = item.waiting or not item.days
            if is_left and all(closed_from(day) <= self.now_ms for day in item.waiting):
                found.due.add(item.token)
        return found

    def todo(self, calls: Calls, shard: int, old: OldLists) -> Iterator[tuple[Todo, bool]]:
        """Yield the todo items of a shard, and of each whether days of it may be settled."""
        for kind in self._kinds:
            open_ms = self._of_mark(kind.watermark(shard)) + DAY_MS
            for item in self._listed(calls, kind, shard, old):
                yield item, bool(item.closed(open_ms) or not item.days)

    def _listed(self, calls: Calls, kind: SiteKind, shard: int, old: OldLists) -> Iterable[Todo]:
        yield from listed(calls, kind.todo_partition(shard))
        for item in old[kind]:
            if keys.shard_of(item.source, self._shards) == shard:
                yield item

    def _until(self, shard: int) -> int:
        return min(self._of_mark(kind.watermark(shard)) for kind in self._kinds)

    def _of_mark(self, mark: str) -> int:
        item = self._items.get(mark, {})
        first_ms = self.fence.first_ms if self.fence else 0
        return until_of(item) if "until" in item else first_ms

    def _last_ms(self) -> int:
        return self.fence.last_ms if self.fence else 0
