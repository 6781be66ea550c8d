"""The todo list: which days of which sources were marked and are to be settled (docs/table.md)."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from quarterhour.sites.sources import Source, named
from quarterhour.store.table import keys
from quarterhour.store.table.calls import LAST, Calls, deletion, only_if
from quarterhour.store.table.keys import SiteKind
from quarterhour.store.table.registry import Registry

# A portion of the marked days is settled and struck before the next is begun, so that a run that
# is cut short has finished something. About a minute's work.
PORTION_DAYS = 2_000


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
    for one in listed(calls, registry.kind):
        if keys.shard_of(one.source, registry.shards) == shard and one.closed(open_ms):
            yield one


def portions(todo: Iterable[Todo]) -> Iterator[list[Todo]]:
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


def strike(calls: Calls, todo: Todo) -> None:
    """Delete a todo item, unless a writer has marked in the meantime."""
    at = keys.todo_partition(todo.source), keys.todo_sort(todo.source, todo.month)
    calls.delete_if(only_if(deletion(*at), "#tok = :tok", tok={"S": todo.token}))
