"""Leases: who is at work on a shard or the fleet, so that the next minute's run leaves it alone.

They save work, and no more: rollups may overlap, no answer rests on a lease, and no clock makes one
last (docs/table.md).
"""

from collections.abc import Collection
from typing import NamedTuple

from quarterhour.store.table import keys
from quarterhour.store.table.calls import Calls, Item, only_if, set_values
from quarterhour.store.table.codec import number
from quarterhour.time.calendar import MINUTE_MS

# No run takes longer. A lease that ends later was made by a clock that is ahead, and is none.
LONGEST_MS = 15 * MINUTE_MS
# So many tokens of what a run had to leave are remembered.
MOST_LEFT = 100

_IS_FREE = "attribute_not_exists(#ends) OR #ends <= :now OR #ends > :far OR #holder = :holder"
_NEWEST, _OLDEST = "newest", "oldest"


class Lease(NamedTuple):
    """The lease of a shard or the fleet, as it was read; times in milliseconds since 1970.

    `holder`: the request that took it last. `asked_ms`: until when a run that was asked for is
    waited for. `order`: where the last run began, if it had no time for all. `left`: the tokens of
    what it could not settle.
    """

    name: str
    holder: str = ""
    ends_ms: int = 0
    asked_ms: int = 0
    order: str = ""
    left: frozenset[str] = frozenset()

    def is_held(self, now_ms: int, holder: str = "") -> bool:
        """Return whether a run is at work, and not that of `holder`."""
        return self.holder != holder and now_ms < self.ends_ms <= now_ms + LONGEST_MS

    def is_asked(self, now_ms: int) -> bool:
        """Return whether a run is asked for, and has not begun."""
        return now_ms < self.asked_ms <= now_ms + LONGEST_MS

    @property
    def newest_first(self) -> bool:
        """Whether the next run begins with the newest days: not after one that did, and was cut."""
        return self.order != _NEWEST


def of_item(name: str, item: Item) -> Lease:
    """Return a lease of its item; one that nobody ever had where there is none."""
    if not item:
        return Lease(name)
    left = item.get("left", {}).get("S", "")
    holder, order = (item.get(text, {}).get("S", "") for text in ("holder", "order"))
    ends_ms, asked_ms = (int(item.get(time, {}).get("N", 0)) for time in ("ends", "asked"))
    return Lease(name, holder, ends_ms, asked_ms, order, frozenset(left.split()))


class Leases:
    """The leases, by a clock that says `now_ms`."""

    def __init__(self, calls: Calls, now_ms: int) -> None:
        self._calls = calls
        self._now_ms = now_ms

    def ask(self, name: str) -> None:
        """Note that a run is asked for: until it begins, or a run could have ended, once is enough.

        Nobody who begins looks at that.
        """
        self._calls.update(_set(name, asked=number(self._now_ms + LONGEST_MS)))

    def forget(self, name: str) -> None:
        """Note that a run is not asked for after all."""
        self._calls.update(_set(name, asked=number(0)))

    def take(self, lease: Lease, holder: str, for_ms: int) -> bool:
        """Take a lease for so long, unless another has it; return whether that was so.

        Who had it before, and did not give it back, gets it again.
        """
        order = {"S": _NEWEST if lease.newest_first else _OLDEST}
        values = {"ends": number(self._now_ms + min(for_ms, LONGEST_MS)), "asked": number(0)}
        update = _set(lease.name, **values, order=order, holder={"S": holder})
        now, far = number(self._now_ms), number(self._now_ms + LONGEST_MS)
        free = only_if(update, _IS_FREE, now=now, far=far, holder={"S": holder})
        return self._calls.update_if(free)

    def give_back(self, name: str, holder: str, left: Collection[str] | None) -> None:
        """Give a lease back, if it is still had, with what is left; None where a run was cut short.

        Then it stays where that began, so that the next begins elsewhere.
        """
        values: dict[str, Item] = {"ends": number(0), "left": {"S": ""}}
        if left is not None:
            values |= {"order": {"S": ""}}
            values |= {"left": {"S": " ".join(sorted(left)[:MOST_LEFT])}}
        mine = only_if(_set(name, **values), "#holder = :holder", holder={"S": holder})
        self._calls.update_if(mine)


def _set(name: str, **values: Item) -> dict[str, object]:
    return set_values(keys.WATERMARKS, keys.lease_sort(name), values)
