"""What an undisturbed rollup has to leave of a fleet, above the blocks of its ships."""

from collections.abc import Mapping

from quarterhour.sites.sources import Source, ship_id
from quarterhour.store.table import fleet_blocks, keys
from quarterhour.time.calendar import (
    DAY_MS,
    UTC,
    day_text,
    month_text,
    year_text,
)
from tests.models.attributes import Item
from tests.models.meters_by_hand import SHIP, USED
from tests.models.settled_sites import Rest, assert_same

Rows = Mapping[int, tuple[float, ...]]


class SettledFleet:
    """The items of shards and of the fleet in a table at rest."""

    def __init__(self, rest: Rest) -> None:
        self._rest = rest
        self._truths = {Source(site.owner): rest.truth(site) for site in rest.sites}

    def check(self) -> None:
        """All is there and right; AssertionError says what is not."""
        if not self._truths:
            return
        marked = (day for ship in self._truths for day in self._rest.heads(ship.owner).marked(ship))
        # The days that must have items: those closed in turn, and those marked.
        days = sorted({*range(self._rest.begin_ms, self._rest.open_ms, DAY_MS), *marked})
        for day in days:
            self._day(day)
        for month in sorted(set(map(UTC.month_of, days))):
            self._month(month)
        for year in sorted(set(map(UTC.year_of, days))):
            self._ranking(year_text(year), year, UTC.next_year(year))

    def _day(self, day: int) -> None:
        end = day + DAY_MS
        self._ranking(day_text(day), day, end)
        item = self._item(keys.fleet_day_sort(day))
        fleet = fleet_blocks.fleet_day(day, item)
        covered = fleet.covered or {}
        found = {
            at: (kwh, fleet.counts[(at - day) // 900_000], covered[at])
            for at, kwh in fleet.kwh.items()
        }
        self._sums(f"fleet {day_text(day)}", found, fleet.ships, ("15min", day, end))

    def _month(self, month: int) -> None:
        end = UTC.next_month(month)
        self._ranking(month_text(month), month, end)
        item = self._item(keys.fleet_month_sort(month))
        fleet = fleet_blocks.fleet_month(month, item)
        found: Rows = {
            day: (total.kwh, total.ships, total.covered_ms or 0)
            for day, total in fleet.days.items()
        }
        self._sums(f"fleet {month_text(month)}", found, fleet.ships, ("day", month, end))

    def _item(self, sort: str) -> Item:
        item = self._rest.items(keys.FLEET).get(sort)
        assert item, f"no {sort} of the fleet"
        return item

    def _sums(self, said: str, found: Rows, ships: int, asked: tuple[str, int, int]) -> None:
        """Every row has the energy, number and covered time of all ships; so many have any row."""
        of_ships = [rows for ship in self._truths if (rows := self._rows(ship, *asked))]
        right = {
            at: (sum(kwh for kwh, _ in of_row), len(of_row), sum(ms for _, ms in of_row))
            for at in {at for rows in of_ships for at in rows}
            if (of_row := [rows[at] for rows in of_ships if at in rows])
        }
        assert_same(said, found, right)
        assert ships == len(of_ships), f"{said}: {ships} ships"

    def _ranking(self, period: str, start_ms: int, end_ms: int) -> None:
        """Every ship is in its shard's item with its energy; no other is."""
        # Of a period in which nothing was closed in turn, a shard has an item if it was marked.
        closed = max(start_ms, self._rest.begin_ms) < min(end_ms, self._rest.open_ms)
        for shard in range(self._rest.shards):
            item = self._rest.items(keys.shard_partition(period)).get(str(shard))
            assert item or not closed, f"no {period} of shard {shard}"
            found = {
                one: (kwh,) for one, kwh in (fleet_blocks.ship_kwh(item) if item else {}).items()
            }
            right = {
                ship_id(ship): (_sum(rows),)
                for ship in self._truths
                if keys.shard_of(ship, self._rest.shards) == shard
                and (rows := self._rows(ship, "day", start_ms, end_ms))
            }
            assert_same(f"{period} of shard {shard}", found, right)

    def _rows(self, ship: Source, grain: str, start_ms: int, end_ms: int) -> Rows:
        """Return a ship's rows of the days that are closed."""
        asked = grain, start_ms, min(end_ms, self._rest.open_ms)
        rows = {}
        for at, outcomes in self._truths[ship].rows(SHIP, asked)[USED].items():
            (outcome,) = outcomes
            if outcome:
                rows[at] = outcome
        return rows


def _sum(rows: Rows) -> float:
    return sum(kwh for kwh, *_ in rows.values())
