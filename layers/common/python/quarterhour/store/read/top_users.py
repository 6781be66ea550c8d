"""Reads of the ranking: whole settled years, months and days from the shards' items.

Only the days at the edges of the window, and those that are not settled, are looked at ship by
ship; at the edges only the ships that can still be among the first are (`ranking.top`).
"""

from collections.abc import Callable, Iterable, Sequence
from math import fsum

from quarterhour.energy.readings import ENERGY_USED
from quarterhour.fleets import fleet, ranking
from quarterhour.fleets.fleet import ShardDay
from quarterhour.fleets.ranking import Ladder, Ranking
from quarterhour.sites.sources import ship, ship_id
from quarterhour.store.read.fleet import FleetReader, check_whole
from quarterhour.store.read.rows import Reader
from quarterhour.store.read.window import Window, Windows
from quarterhour.store.table import fleet_blocks, keys
from quarterhour.store.table.calls import Calls
from quarterhour.time.calendar import DAY_MS, UTC, month_text, year_text
from quarterhour.time.instants import FIRST_MS, LAST_MS


class RankingReader:
    """The table as a question for the top users sees it."""

    def __init__(
        self, calls: Calls, reader: Reader, windows: Windows, fleet_reader: FleetReader
    ) -> None:
        self._calls = calls
        self._reader = reader
        self._windows = windows
        self._fleet = fleet_reader

    def top(self, count: int, start_ms: int | None, end_ms: int | None) -> Ranking | None:
        """Return the top users; an edge not given is where the data begin or end, None without."""
        first = FIRST_MS if start_ms is None else start_ms
        last = LAST_MS + 1 if end_ms is None else end_ms
        window = self._windows.open(first, last)
        if start_ms is None or end_ms is None:
            extent = self._fleet.extent(window)
            if extent is None:
                return None
            first = extent[0] if start_ms is None else start_ms
            last = extent[1] if end_ms is None else end_ms
        complete_until = min(last, window.end_ms)
        if window.is_empty:
            return Ranking(first, last, complete_until, [])
        ladder, refine = self._ladder(window, first, last)
        return Ranking(first, last, complete_until, ranking.top(ladder, count, refine))

    def _ladder(
        self, window: Window, first: int, last: int
    ) -> tuple[Ladder, Callable[[Sequence[int]], None] | None]:
        """Return the window's energy by ship, and what makes upper bounds of cut days exact.

        Nothing lies in the window outside of [first, last).
        """
        cut: dict[int, dict[int, float]] = {}
        years = UTC.years_between(first, min(last, window.end_ms))
        ladder = [self._year(window, year, cut) for year in years]

        def refine(ships: Sequence[int]) -> None:
            for day, bounds in cut.items():
                bounded = [number for number in ships if number in bounds]
                bounds.update(self._parts_of_day(window, bounded, day))

        return ladder, refine if cut else None

    def _year(self, window: Window, year: int, cut: dict[int, dict[int, float]]) -> Ladder:
        end = UTC.next_year(year)
        if window.holds(year, end) and window.is_settled(year, end):
            return self._stored(year_text(year))
        return [
            self._month(window, month, cut)
            for month in UTC.months_between(year, end)
            if month < window.end_ms and UTC.next_month(month) > window.start_ms
        ]

    def _month(self, window: Window, month: int, cut: dict[int, dict[int, float]]) -> Ladder:
        end = UTC.next_month(month)
        if window.holds(month, end) and window.is_settled(month, end):
            return self._stored(month_text(month))
        first, last = max(month, UTC.day_of(window.start_ms)), min(end, window.end_ms)
        return [
            self._day(window, day, cut)
            for day in range(first, last, DAY_MS)
            if day < window.open_from_ms or day in window.live
        ]

    def _day(self, window: Window, day: int, cut: dict[int, dict[int, float]]) -> Ladder:
        if window.holds(day, day + DAY_MS):
            return _of_ships(self._fleet.shard_days(window, day))
        if day in window.ships:
            return _asked_of_ships(window, day)
        shards = self._fleet.shard_days(window, day)
        present = fleet.present(shards, fleet.bits(day, window.start_ms, window.end_ms))
        kwh = _of_ships(shards)
        cut[day] = {number: kwh[number] for number in present}
        return cut[day]

    def _parts_of_day(self, window: Window, ships: Sequence[int], day: int) -> dict[int, float]:
        """Return the exact energy of ships in the part of a day that is asked for."""
        by_ship = self._reader.day_of_many([ship(number) for number in ships], ENERGY_USED, day)
        return {
            ship_id(source): fsum(buckets.within(window.start_ms, window.end_ms).totals)
            for source, buckets in by_ship.items()
        }

    def _stored(self, period: str) -> dict[int, float]:
        """Return every ship's energy in a settled day, month or year."""
        items = [*self._calls.query(keys.shard_partition(period))]
        check_whole(*map(fleet_blocks.lack, items))
        return {
            number: kwh for item in items for number, kwh in fleet_blocks.ship_kwh(item).items()
        }


def _of_ships(shards: Iterable[ShardDay]) -> dict[int, float]:
    """Return each ship's energy of a whole day."""
    return {number: day.kwh for shard in shards for number, day in shard.ships.items()}


def _asked_of_ships(window: Window, day: int) -> dict[int, float]:
    """Return each ship's energy of the part of a live day that is asked for, where it has data."""
    parts = {
        number: buckets.within(window.start_ms, window.end_ms)
        for shard in window.ships[day].values()
        for number, buckets in shard.items()
    }
    return {number: fsum(part.totals) for number, part in parts.items() if part}
