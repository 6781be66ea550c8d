"""Settling the fleet: days, months and years of shards and of all of them together.

Every item has a counter `gen`, read before what the item is made from and checked when it is
written: a run that read older parts never covers a newer one.
"""

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Any

from quarterhour.energy.readings import ENERGY_USED
from quarterhour.errors import Busy
from quarterhour.fleets import fleet
from quarterhour.fleets.fleet import FleetMonth
from quarterhour.sites.sources import Source, ship_id
from quarterhour.store.read.rows import Reader
from quarterhour.store.rollup.failures import Failures
from quarterhour.store.table import fleet_blocks, keys
from quarterhour.store.table.calls import Calls, Item, only_if, whole_item
from quarterhour.store.table.codec import number
from quarterhour.store.table.marks import list_day
from quarterhour.store.table.registry import Registry
from quarterhour.time.calendar import DAY_MS, UTC, day_text, month_text, year_text

ATTEMPTS = 20
# Of the time that is left, for days and months; the last month and the years follow.
SHARE = 0.5


class FleetSettler:
    """Writes the items of shards and of the fleet from what is below them."""

    def __init__(
        self, calls: Calls, reader: Reader, registry: Registry, failures: Failures | None = None
    ) -> None:
        self._calls = calls
        self._reader = reader
        self._registry = registry
        self._failures = failures or Failures()

    def make_shard(self, shard: int, due: Sequence[int]) -> list[int]:
        """Write the shard's items of days (ascending), from the bottom up.

        Return the days that were made: the first, and those for which there was time.
        """
        made: list[int] = []
        stop_s = self._calls.left_s() * (1 - SHARE)
        for month, days in groupby(due, key=UTC.month_of):
            for day in days:
                if made and self._calls.left_s() < stop_s:
                    break
                self.shard_day(shard, day)
                made.append(day)
            if made[-1] >= month:
                self.shard_month(shard, month)
        for year in dict.fromkeys(map(UTC.year_of, made)):
            self.shard_year(shard, year)
        return made

    def make_fleet(self, due: Sequence[int]) -> list[int]:
        """Write the fleet's items of days of a month (ascending) from those of all shards.

        Return the days that were made, as `make_shard` does.
        """
        made: list[int] = []
        stop_s = self._calls.left_s() * (1 - SHARE)
        for day in due:
            if made and self._calls.left_s() < stop_s:
                break
            self.fleet_day(day)
            made.append(day)
        for month in dict.fromkeys(map(UTC.month_of, made)):
            self.fleet_month(month)
        return made

    def shard_day(self, shard: int, day: int) -> None:
        """Write a shard's day from its ships' days.

        A ship that cannot be read lacks in it; it is listed before as one to be settled.
        """

        def make() -> dict[str, Any]:
            sources = [Source(owner) for owner in self._registry.owners(shard)]
            tried = self._failures.tried
            by_source = self._reader.day_of_many(sources, ENERGY_USED, day, tried)
            lacking = [ship for ship in sources if ship not in by_source]
            for ship in lacking:
                list_day(self._calls, ship, day, self._registry.shards)
            ships = {ship_id(ship): buckets for ship, buckets in by_source.items()}
            return fleet_blocks.shard_day_item(day, fleet.shard_day(day, ships, len(lacking)))

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
            lack = sum(1 for month in stored if month.lack)
            return fleet_blocks.shard_year_item(fleet.shard_year(stored), lack)

        self._write(keys.shard_partition(year_text(year)), str(shard), make)

    def fleet_month(self, month: int) -> None:
        """Write the fleet's month from its days, and its number of ships from the shards'."""

        def make() -> dict[str, Any]:
            days = _days(month)
            sorts = keys.fleet_day_sort(days[0]), keys.fleet_day_sort(days[-1])
            totals, lacking = {}, {}
            for item in self._calls.query(keys.FLEET, *sorts):
                day = keys.begin_ms(item["sk"]["S"].removeprefix("d#"))
                fleet_day = fleet_blocks.fleet_day(day, item)
                totals[day], lacking[day] = fleet.day_total(fleet_day), fleet_day.lack
            shards = self._calls.query(keys.shard_partition(month_text(month)))
            ships = sum(len(fleet_blocks.ship_kwh(item)) for item in shards)
            days_with_data = {day: total for day, total in totals.items() if total.ships}
            lack = fleet.lacking(month, lacking)
            return fleet_blocks.fleet_month_item(days, FleetMonth(days_with_data, ships, lack))

        self._write(keys.FLEET, keys.fleet_month_sort(month), make)

    def _of_shard(self, shard: int, period: str) -> Item:
        return self._calls.get(keys.shard_partition(period), str(shard), strong=True)

    def _write(self, partition: str, sort: str, make: Callable[[], dict[str, Any]]) -> None:
        """Write what is made after the item's `gen` was read, unless another run was faster."""
        for _ in range(ATTEMPTS):
            gen = self._calls.get(partition, sort, strong=True).get("gen")
            next_gen = number(int(gen["N"]) + 1 if gen else 1)
            put = whole_item(partition, sort, make() | {"gen": next_gen})
            unchanged = "#gen = :gen" if gen else "attribute_not_exists(#gen)"
            if self._calls.put_if(only_if(put, unchanged, **({"gen": gen} if gen else {}))):
                return
        raise Busy("Other rollups are at the same work.")


def _days(month: int) -> range:
    return range(month, UTC.next_month(month), DAY_MS)
