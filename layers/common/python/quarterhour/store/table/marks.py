"""Marks: how often a day of a source was marked, and which marked days are to be settled.

The counters are in the heads, the days in the todo (docs/table.md).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from quarterhour.sites.sources import Source, named
from quarterhour.store.table import keys
from quarterhour.store.table.calls import LAST, Calls, deletion, only_if
from quarterhour.store.table.keys import SiteKind
from quarterhour.store.table.registry import Registry
from quarterhour.time.calendar import UTC

# A portion of the marked days is settled and struck before the next is begun, so that a run that
# is cut short has finished something. About a minute's work.
PORTION_DAYS = 2_000


class Heads:
    """Counters of UTC days; a day that was never marked has 0.

    A source made of several devices has the sum of theirs: counters only grow, so equal sums are
    equal counters.
    """

    def __init__(self, items: Iterable[Mapping[str, Any]]) -> None:
        self._counters: dict[str, dict[int, int]] = {}
        for item in items:
            for device, day, marks in keys.marks_of(item):
                self._counters.setdefault(device, {})[day] = marks

    def of_day(self, source: Source, day: int) -> int:
        """Return how often a day of a source was marked."""
        return sum(self._of(part).get(day, 0) for part in source.parts)

    def of_days(self, source: Source, start_ms: int, end_ms: int) -> int:
        """Return how often the days that [start_ms, end_ms) touches were marked, all together."""
        first = UTC.day_of(start_ms)
        counters = (self._of(part).items() for part in source.parts)
        return sum(marks for days in counters for day, marks in days if first <= day < end_ms)

    def marked(self, source: Source) -> list[int]:
        """Return the days that were ever marked, ascending."""
        return sorted({day for part in source.parts for day in self._of(part)})

    def _of(self, source: Source) -> Mapping[int, int]:
        return self._counters.get(source.device, {})


class Todo(NamedTuple):
    """The marked days of a source in a month, and the token of the last writer that marked."""

    source: Source
    month: int
    days: Sequence[int]
    token: str

    def closed(self, open_ms: int) -> list[int]:
        """Return the days that may be settled."""
        return [day for day in self.days if day < open_ms]


def listed(calls: Calls, kind: SiteKind, first: str = "", last: str = LAST) -> Iterator[Todo]:
    """Yield the todo of the months from `first` to `last`, as `2018-08`, oldest first."""
    for item in calls.query(kind.todo, first, f"{last}~"):
        month, _, name = item["sk"]["S"].partition("#")
        days = sorted(keys.begin_ms(f"{month}-{number}") for number in item if number.isdigit())
        yield Todo(named(name), keys.begin_ms(month), tuple(days), item["tok"]["S"])


def of_shard(calls: Calls, registry: Registry, shard: int, open_ms: int) -> Iterator[Todo]:
    """Yield what is to be settled in a shard, oldest first, as far as days of it are closed."""
    for item in listed(calls, registry.kind):
        if keys.shard_of(item.source, registry.shards) == shard and item.closed(open_ms):
            yield item


def portions(todo: Iterable[Todo]) -> Iterator[list[Todo]]:
    """Yield the todo in portions that one run can finish, whatever is left after them."""
    portion: list[Todo] = []
    days = 0
    for item in todo:
        portion.append(item)
        days += len(item.days)
        if days >= PORTION_DAYS:
            yield portion
            portion, days = [], 0
    if portion:
        yield portion


def strike(calls: Calls, todo: Todo) -> None:
    """Delete a todo item, unless a writer has marked in the meantime."""
    at = keys.todo_partition(todo.source), keys.todo_sort(todo.source, todo.month)
    calls.delete_if(only_if(deletion(*at), "#tok = :tok", tok={"S": todo.token}))
