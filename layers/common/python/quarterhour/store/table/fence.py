"""The fence: the last day that may be closed. Writers mark every day up to it (docs/table.md).

A day is announced by moving the fence to it, and closed only when every writer must have seen
that: so no clock decides what is right.
"""

from typing import NamedTuple

from quarterhour.energy.lookback import last_to_close
from quarterhour.store.table import keys
from quarterhour.store.table.calls import Calls, Item, only_if, set_values
from quarterhour.store.table.codec import number
from quarterhour.store.table.keys import HOUSES, SHIPS, SiteKind
from quarterhour.store.table.registry import Registry, closed_by_mark, first_ms


class Fence(NamedTuple):
    """The last day that may be closed, and the one after which all watermarks begin."""

    last_ms: int
    first_ms: int


# Where it is kept.
PLACE = keys.WATERMARKS, keys.FENCE


def of_item(item: Item) -> Fence | None:
    """Return the fence of its item; None where there is no item."""
    return Fence(int(item["fence"]["N"]), int(item["first"]["N"])) if item else None


class Fences:
    """The fence as a request reads it, begins it and moves it."""

    def __init__(self, calls: Calls, shards: int) -> None:
        self._calls = calls
        self._shards = shards

    def read(self) -> Fence | None:
        """Return the fence, strongly consistent; None where it has not begun."""
        return of_item(self._calls.get(*PLACE, strong=True))

    def get(self, now_ms: int) -> Fence:
        """Return the fence, begun if need be, as it was read after that."""
        return self.read() or self.begin(now_ms)

    def begin(self, now_ms: int) -> Fence:
        """Begin the fence where there is none; return it as it was read after that."""
        self._begin(now_ms)
        return self.get(now_ms)

    def announce(self, day: int) -> None:
        """Move the fence to a day, unless it is there or further."""
        update = set_values(*PLACE, {"fence": number(day)})
        self._calls.update_if(only_if(update, "#fence < :day", day=number(day)))

    def _begin(self, now_ms: int) -> None:
        """Begin the fence, unless another has.

        Any day is right: nobody writes a reading who has not read the fence. A table of before
        there was one has watermarks, or sites whose days are all still to be closed.
        """
        until = closed_by_mark(self._calls.query(keys.WATERMARKS))
        last = max(until.values(), default=last_to_close(now_ms))
        first = min([last, *until.values(), *self._never_closed(SHIPS, until)])
        first = min([first, *self._never_closed(HOUSES, until)])
        update = set_values(*PLACE, {"fence": number(last), "first": number(first)})
        self._calls.update_if(only_if(update, "attribute_not_exists(#fence)"))

    def _never_closed(self, kind: SiteKind, until: dict[str, int]) -> list[int]:
        """Return the day before those of a kind of sites, where a watermark of theirs is not there.

        Without a fence a watermark began with the site that was registered first.
        """
        marks = [kind.watermark(shard) for shard in range(self._shards)]
        if kind is SHIPS:
            marks.append(keys.FLEET_MARK)
        if all(mark in until for mark in marks):
            return []
        return [*map(first_ms, Registry(self._calls, kind, self._shards).created())]
