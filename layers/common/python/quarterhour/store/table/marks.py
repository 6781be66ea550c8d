"""Marks: how often a day of a source was marked, and which marked days are to be settled.

The counters are in the heads, the days in the todo (docs/table.md).
"""

import secrets
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple

from quarterhour.sites.sources import Source, named
from quarterhour.store.table import keys
from quarterhour.store.table.calls import LAST, Calls, Item, deletion, only_if, remove, set_values
from quarterhour.store.table.keys import SiteKind
from quarterhour.store.table.registry import Registry
from quarterhour.time.calendar import UTC, day_number

# A portion of the marked days is settled and struck before the next is begun, so that a run that
# is cut short has finished something. About a minute's work; what takes longer is cut by time.
PORTION_DAYS = 2_000

# What a todo item has for a day: it is to be settled; or its shard has settled it, and the fleet's
# items are still to be made. Who marks the day again need not know which.
_MARKED: Item = {"N": "1"}
_DONE: Item = {"N": "2"}

# What the fleet's watermark says in a table that never had marks in the one list of older releases.
BY_SHARD: Item = {"todo": {"S": "by shard"}}

_UNCHANGED = "#tok = :tok"


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
    """The marked days of a source in a month, and the token of the last writer that marked.

    The source is a house where all of it is to be settled, not a device alone.
    """

    source: Source
    month: int
    days: Sequence[int]
    token: str
    partition: str
    # Those of the days that the source's shard has settled: of ships, the rest is the fleet's.
    done: Sequence[int] = ()

    @property
    def waiting(self) -> list[int]:
        """The days that the source's shard has to settle."""
        return [day for day in self.days if day not in self.done]

    def closed(self, open_ms: int) -> list[int]:
        """Return the days that the source's shard may settle."""
        return [day for day in self.waiting if day < open_ms]


def listed(calls: Calls, partition: str, first: str = "", last: str = LAST) -> Iterator[Todo]:
    """Yield a list's todo of the months from `first` to `last`, as `2018-08`, oldest first."""
    for item in calls.query(partition, first, f"{last}~"):
        yield _todo(partition, item)


def newest(calls: Calls, partition: str) -> Iterator[Todo]:
    """Yield a list's todo of all months, newest first."""
    return (_todo(partition, item) for item in calls.descending(partition))


def _todo(partition: str, item: Item) -> Todo:
    month, _, name = item["sk"]["S"].partition("#")
    days = {keys.begin_ms(f"{month}-{number}"): item[number] for number in item if number.isdigit()}
    # Before single days were handed over, `done` said of the whole item at which token it was.
    is_done = item.get("done") == item["tok"]
    done = [day for day, said in sorted(days.items()) if is_done or said == _DONE]
    at = named(name), keys.begin_ms(month)
    return Todo(*at, tuple(sorted(days)), item["tok"]["S"], partition, tuple(done))


def lists(kind: SiteKind, shards: int, fleet_mark: Item) -> list[str]:
    """Return the lists that a read of all shards has to read, as the fleet's watermark says."""
    old = [] if BY_SHARD.items() <= fleet_mark.items() else [kind.old_todo]
    return [*kind.todo_partitions(shards), *old]


def waiting(
    calls: Calls, kind: SiteKind, shard: int, shards: int, *, newest_first: bool = False
) -> Iterator[Todo]:
    """Yield what is to be settled in a shard, list by list, each oldest first or newest first.

    The old list is read, too, by every shard: what an older release left there is settled.
    """
    read = newest if newest_first else listed
    old = (
        item for item in read(calls, kind.old_todo) if keys.shard_of(item.source, shards) == shard
    )
    own = read(calls, kind.todo_partition(shard))
    return (item for item in chain(own, old) if item.waiting or not item.days)


def of_shard(
    calls: Calls, registry: Registry, shard: int, open_ms: int, *, newest_first: bool = False
) -> Iterator[Todo]:
    """Yield what is to be settled in a shard, as far as days of it are closed."""
    kind, shards = registry.kind, registry.shards
    for item in waiting(calls, kind, shard, shards, newest_first=newest_first):
        if item.closed(open_ms) or not item.days:
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


def done(calls: Calls, kind: SiteKind, shards: int) -> Iterator[Todo]:
    """Yield what all shards have handed over to the fleet, list by list."""
    for partition in (kind.old_todo, *kind.todo_partitions(shards)):
        yield from (item for item in listed(calls, partition) if item.done)


def hand_over(calls: Calls, todo: Todo, days: Collection[int]) -> Todo:
    """Say that a shard has done its part of days of a todo item; return the item as it is then.

    Nothing is said where a writer has marked in the meantime.
    """
    done = set_values(*_at(todo), dict.fromkeys(map(day_number, days), _DONE))
    calls.update_if(only_if(done, _UNCHANGED, tok={"S": todo.token}))
    return todo._replace(done=(*todo.done, *days))


def strike(calls: Calls, todo: Todo, days: Collection[int]) -> Todo:
    """Take days from a todo item, or with the last of them the item; return what is left of it.

    Nothing is taken where a writer has marked in the meantime.
    """
    token = {"S": todo.token}
    left = todo._replace(days=tuple(day for day in todo.days if day not in days))
    if left.days:
        taken = remove(*_at(todo), [*map(day_number, days)])
        calls.update_if(only_if(taken, _UNCHANGED, tok=token))
    else:
        calls.delete_if(only_if(deletion(*_at(todo)), _UNCHANGED, tok=token))
    return left


def list_day(calls: Calls, site: Source, day: int, shards: int) -> None:
    """List a day of a site, whatever of it is marked, as one that is still to be settled.

    The token is a new one: a run that settled the day before does not strike it.
    """
    at = keys.todo_partition(site, shards), keys.todo_sort(site, UTC.month_of(day))
    calls.update(set_values(*at, to_be_settled([day])))


def to_be_settled(days: Iterable[int]) -> dict[str, Item]:
    """Return what a todo item has of days of its month that are marked now, with a new token."""
    listed = dict.fromkeys(map(day_number, days), _MARKED)
    return {**listed, "tok": {"S": secrets.token_hex(8)}}


def _at(todo: Todo) -> tuple[str, str]:
    return todo.partition, keys.todo_sort(todo.source, todo.month)
