"""What lies above ships, as a check reads it: items, and what vouches for them.

A read of the fleet takes an item for right when its days are closed and in nobody's todo, which is
read before it. Of a check the readings come later still: whoever marked meanwhile is seen in the
todo, or, where a run was fast, by the `gen` of the items that it made anew.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from quarterhour.store.table import keys
from quarterhour.store.table.calls import Calls, Item
from quarterhour.store.table.marks import listed
from quarterhour.store.table.registry import until_of
from quarterhour.time.calendar import DAY_MS, UTC, day_text, month_text, year_text

Place = tuple[str, str]


class Period(NamedTuple):
    """A day, month or year of UTC as shards keep it; its text, and those of its parts."""

    name: str
    begin: int
    end: int
    text: str
    parts: Sequence[str] = ()

    @classmethod
    def day(cls, day: int) -> "Period":
        """Return a day as a period; it has no parts."""
        return cls("day", day, day + DAY_MS, day_text(day))

    @classmethod
    def month(cls, at_ms: int) -> "Period":
        """Return the month of an instant."""
        begin, end = UTC.month_of(at_ms), UTC.next_month(at_ms)
        days = [*map(day_text, range(begin, end, DAY_MS))]
        return cls("month", begin, end, month_text(begin), days)

    @classmethod
    def year(cls, at_ms: int) -> "Period":
        """Return the year of an instant."""
        begin, end = UTC.year_of(at_ms), UTC.next_year(at_ms)
        months = [*map(month_text, UTC.months_between(begin, end))]
        return cls("year", begin, end, year_text(begin), months)

    def place(self, shard: int) -> Place:
        """Return where a shard keeps it."""
        return keys.shard_partition(self.text), str(shard)

    def places_of_parts(self, shard: int) -> list[Place]:
        """Return where a shard keeps what it is made of."""
        return [(keys.shard_partition(text), str(shard)) for text in self.parts]


class Vouched:
    """Items that are made of the days of ships, and whether they still have to be right.

    `lists` are the todo of the ships they are made of, `widest` the longest period they are of.
    """

    def __init__(self, calls: Calls, lists: Sequence[str], widest: Period) -> None:
        self._calls = calls
        self._lists = lists
        self._months = month_text(widest.begin), month_text(widest.end - 1)
        mark = calls.get(keys.WATERMARKS, keys.FLEET_MARK, strong=True)
        self._open_ms = until_of(mark) + DAY_MS if mark else 0
        self._todo = self._marked()
        self._items: dict[Place, Item] = {}

    def is_settled(self, period: Period) -> bool:
        """Return whether a period is closed, and no day of it is known to be marked."""
        days = (day for day in self._todo if period.begin <= day < period.end)
        return period.end <= self._open_ms and next(days, None) is None

    def read(self, places: Iterable[Place]) -> None:
        """Read the items of these places."""
        self._items |= self._read([*dict.fromkeys(places)])

    def item(self, place: Place) -> Item:
        """Return what was read of a place; empty where there is nothing."""
        return self._items[place]

    def still_holds(self) -> bool:
        """Return whether no item was made anew; days that were marked are known from now on.

        The todo comes first: a day goes from it only after the items were made anew.
        """
        self._todo |= self._marked()
        now = self._read([*self._items])
        return all(item.get("gen") == now[place].get("gen") for place, item in self._items.items())

    def _marked(self) -> set[int]:
        return {
            day
            for partition in self._lists
            for item in listed(self._calls, partition, *self._months)
            for day in item.days
        }

    def _read(self, places: Sequence[Place]) -> dict[Place, Item]:
        items = self._calls.get_many(places, strong=True)
        by_place = {(item["pk"]["S"], item["sk"]["S"]): item for item in items}
        return {place: by_place.get(place, {}) for place in places}
