"""The fleet's own step: the days above all shards, of what the shards have handed over or closed.

Any number may run at once, at any time, beside the shards' runs; it needs no clock. A todo item
goes last, by the token at which its shard has done it, and only when the fleet's items of all its
days were made after it was read (docs/table.md).
"""

from collections.abc import Collection, Sequence
from itertools import groupby, islice

from quarterhour.store.rollup.fleet import FleetSettler
from quarterhour.store.table import keys
from quarterhour.store.table.calls import FIRST, Calls, only_if, remove
from quarterhour.store.table.fence import Fence, Fences, of_item
from quarterhour.store.table.marks import BY_SHARD, Todo, done, strike
from quarterhour.store.table.parallel import SideBySide, in_turn, shares
from quarterhour.store.table.registry import Registry, Watermarks, closed_by_mark
from quarterhour.time.calendar import DAY_MS

# So many todo items are in memory at once; of each such portion the fleet's days are made once.
PORTION_ITEMS = 20_000


class FleetStep:
    """One run over the fleet of all shards."""

    def __init__(
        self,
        calls: Calls,
        settler: FleetSettler,
        registry: Registry,
        side_by_side: SideBySide = in_turn,
    ) -> None:
        self._calls = calls
        self._settler = settler
        self._registry = registry
        self._side_by_side = side_by_side
        self._old_todo = registry.kind.old_todo

    def run(self) -> None:
        """Settle the days that shards have handed over, then those that all shards have closed."""
        kept = {item["sk"]["S"]: item for item in self._calls.query(keys.WATERMARKS)}
        fence = of_item(kept.get(keys.FENCE, {})) or self._fence()
        marks = Watermarks(self._calls, fence.first_ms)
        until_by_mark = closed_by_mark(kept.values())
        names = map(self._registry.kind.watermark, range(self._registry.shards))
        closed = min(until_by_mark.get(name, fence.first_ms) for name in names)
        # Before anything is struck: what the old list has says whether the table is a new one.
        until = until_by_mark.get(keys.FLEET_MARK)
        until = self._begin(marks) if until is None else until
        handed_over = done(self._calls, self._registry.kind, self._registry.shards)
        while items := [*islice(handed_over, PORTION_ITEMS)]:
            self._settle(items)
        self._close(marks, until, closed)

    def _fence(self) -> Fence:
        """Return the fence of a table that has none: it begins now."""
        return Fences(self._calls, self._registry.shards).begin(self._calls.now_ms)

    def _begin(self, marks: Watermarks) -> int:
        """Begin the fleet's watermark where those of the shards began, not where they are.

        A table whose fleet this release begins, with nothing in the old list, is a new one: its
        watermark says so, and fleet reads leave that list out.
        """
        is_new = not self._calls.first(self._old_todo, FIRST)
        return marks.until(keys.FLEET_MARK, BY_SHARD if is_new else None)

    def _settle(self, items: Sequence[Todo]) -> None:
        if any(item.partition == self._old_todo for item in items):
            self._read_old_todo()
        for _, of_month in groupby(sorted(items, key=_month), key=_month):
            self._settle_month([*of_month])

    def _read_old_todo(self) -> None:
        """Have fleet reads look into the old list from now on, if they were told not to."""
        untold = remove(keys.WATERMARKS, keys.FLEET_MARK, [*BY_SHARD])
        self._calls.update_if(only_if(untold, "attribute_exists(#todo)"))

    def _settle_month(self, items: Sequence[Todo]) -> None:
        """Make the fleet's days of a month's items, and its month; then strike them.

        Those that there is no time for are left to the next run.
        """
        made = {*self._settler.make_fleet(sorted({day for item in items for day in item.done}))}
        struck = [(item, days) for item in items if (days := made & {*item.done})]
        self._side_by_side(self._strike, shares(struck))

    def _strike(self, struck: Sequence[tuple[Todo, Collection[int]]]) -> None:
        for item, days in struck:
            strike(self._calls, item, days)

    def _close(self, marks: Watermarks, until: int, last: int) -> None:
        """Make the days up to the last that every shard has closed, and move the watermark."""
        while until < last:
            self._settler.make_fleet([until + DAY_MS])
            marks.move(keys.FLEET_MARK, until, until + DAY_MS)
            until += DAY_MS


def _month(item: Todo) -> int:
    return item.month
