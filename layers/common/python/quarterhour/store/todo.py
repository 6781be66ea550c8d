"""The todo list: which days of which ships were marked and are to be settled (docs/table.md)."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from quarterhour.sources import Source
from quarterhour.store import keys
from quarterhour.store.calls import LAST, Calls


class Todo(NamedTuple):
    """The marked days of a source in a month, and the token of the last writer that marked."""

    source: Source
    month: int
    days: Sequence[int]
    token: str


def listed(calls: Calls, first: str = "", last: str = LAST) -> Iterator[Todo]:
    """Yield the todo of the months from `first` to `last`, as `2018-08`, oldest first."""
    for item in calls.query(keys.SHIPS_TODO, first, f"{last}~"):
        month, _, name = item["sk"]["S"].partition("#")
        days = sorted(keys.begin_ms(f"{month}-{number}") for number in item if number.isdigit())
        yield Todo(Source(name), keys.begin_ms(month), tuple(days), item["tok"]["S"])
