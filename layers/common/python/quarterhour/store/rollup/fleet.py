"""Settling the fleet: days, months and years of shards and of all of them together.

Every item has a counter `gen`, read before what the item is made from and checked when it is
written: a run that read older parts never covers a newer one.
"""

from collections.abc import Callable, Sequence
from typing import Any

from quarterhour.energy.readings import ENERGY_USED
from quarterhour.errors import Busy
from quarterhour.fleets import fleet
from quarterhour.fleets.fleet import FleetMonth
from quarterhour.sites.sources import Source, ship_id
from quarterhour.store.read.rows import Reader
from quarterhour.store.table import fleet_blocks, keys
from quarterhour.store.table.calls import Calls, Item, only_if, set_values
from quarterhour.store.table.codec import number
from quarterhour.store.table.registry import Registry, Watermarks
from quarterhour.time.calendar import DAY_MS, UTC, day_text, month_text, year_text

ATTEMPTS = 20


class FleetSettler:
    """Writes the items of shards and of the fleet from what is below them."""

    def __init__(self, calls: Calls, reader: Reader, registry: Registry) -> None:
        self._calls = calls
        self._reader = reader
        self._registry = registry

    def make(self, shard: int, days: Sequence[int]) -> None:
        """Write the shard's and the fleet's items of days (ascending), from the bottom up."""
        months = dict.fromkeys(map(UTC.month_of, days))
        for day in days:
            self.shard_day(shard, day)
        for day in days:
            self.fleet_day(day)
        for month in months:
            self.shard_month(shard, month)
        for year in dict.fromkeys(map(UTC.year_of, days)):
            self.shard_year(shard, year)
        for month in months:
            self.fleet_month(month)

    def make_shard(self, shard: int, day: int) -> None:
        """Write the shard's items of a day, from the bottom up; the fleet's follow in `close`."""
        self.shard_day(shard, day)
        self.shard_month(shard, UTC.month_of(day))
        self.shard_year(shard, UTC.year_of(day))

    def close(self, marks: Watermarks) -> None:
        """Make the days that every shard has closed, and move the fleet's watermark over each."""
        shards = [marks.until(str(shard)) for shard in range(self._registry.shards)]
        last = min((until for until in shards if until is not None), default=None)
        until = marks.until(keys.FLEET_MARK)
        while last is not None and None not in shards and until is not None and until < last:
            day = until + DAY_MS
            self.fleet_day(day)
            self.fleet_month(UTC.month_of(day))
            marks.move(keys.FLEET_MARK, until, day)
            until = marks.until(keys.FLEET_MARK)

    def shard_day(self, shard: int, day: int) -> None:
        """Write a shard's day from its ships' days."""

        def make() -> dict[str, Any]:
            sources = [Source(owner) for owner in self._registry.owners(shard)]
            by_source = self._reader.day_of_many(sources, ENERGY_USED, day)
            ships = {ship_id(ship): buckets for ship, buckets in by_source.items()}
            return fleet_blocks.shard_day_item(day, fleet.shard_day(day, ships))

        self._write(keys.shard_partition(day_text(day)), str(shard), make)

    def fleet_day(self, day: int) -> None:
        """Write the fleet's day from its shards'."""

        def make() -> dict[str, Any]:
            items = self._calls.query(keys.shard_partition(day_text(day)))
            shards = [fleet_blocks.shard_day(day, item) for item in items]
            return fleet_blocks.fleet_day_item(day, fleet.fleet_day(shards))

        self._write(keys.FLEET, keys.fleet_day_sort(day), make)

    def shard_month(self, shard: int, month: int) -> None:
        """Write a shard's month from its days."""

        def make() -> dict[str, Any]:
            items = {day: self._of_shard(shard, day_text(day)) for day in _days(month)}
            days = {day: fleet_blocks.shard_day(day, item) for day, item in items.items() if item}
            return fleet_blocks.shard_month_item(fleet.shard_month(month, days))

        self._write(keys.shard_partition(month_text(month)), str(shard), make)

    def shard_year(self, shard: int, year: int) -> None:
        """Write a shard's year from its months."""

        def make() -> dict[str, Any]:
            months = UTC.months_between(year, UTC.next_year(year))
            items = [self._of_shard(shard, month_text(month)) for month in months]
            stored = [fleet_blocks.shard_month(item) for item in items if item]
            return fleet_blocks.shard_year_item(fleet.shard_year(stored))

        self._write(keys.shard_partition(year_text(year)), str(shard), make)

    def fleet_month(self, month: int) -> None:
        """Write the fleet's month from its days, and its number of ships from the shards'."""

        def make() -> dict[str, Any]:
            days = _days(month)
            sorts = keys.fleet_day_sort(days[0]), keys.fleet_day_sort(days[-1])
            totals = {}
            for item in self._calls.query(keys.FLEET, *sorts):
                day = keys.begin_ms(item["sk"]["S"].removeprefix("d#"))
                totals[day] = fleet.day_total(fleet_blocks.fleet_day(day, item))
            shards = self._calls.query(keys.shard_partition(month_text(month)))
            ships = sum(len(fleet_blocks.ship_kwh(item)) for item in shards)
            days_with_data = {day: total for day, total in totals.items() if total.ships}
            return fleet_blocks.fleet_month_item(days, FleetMonth(days_with_data, ships))

        self._write(keys.FLEET, keys.fleet_month_sort(month), make)

    def _of_shard(self, shard: int, period: str) -> Item:
        return self._calls.get(keys.shard_partition(period), str(shard), strong=True)

    def _write(self, partition: str, sort: str, make: Callable[[], dict[str, Any]]) -> None:
        """Write what is made after the item's `gen` was read, unless another run was faster."""
        for _ in range(ATTEMPTS):
            gen = self._calls.get(partition, sort, strong=True).get("gen")
            next_gen = number(int(gen["N"]) + 1 if gen else 1)
            update = set_values(partition, sort, make() | {"gen": next_gen})
            unchanged = "#gen = :gen" if gen else "attribute_not_exists(#gen)"
            if self._calls.update_if(only_if(update, unchanged, **({"gen": gen} if gen else {}))):
                return
        raise Busy("Other rollups are at the same work.")


def _days(month: int) -> range:
    return range(month, UTC.next_month(month), DAY_MS)
