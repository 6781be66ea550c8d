"""Reads of the fleet: settled days from its items, the others from its ships."""

from collections.abc import Callable, Iterable
from itertools import groupby
from math import fsum

from quarterhour.errors import Busy
from quarterhour.fleets import fleet
from quarterhour.fleets.fleet import FleetDay, FleetMonth, FleetRow, FleetTotal, ShardDay
from quarterhour.store.read.window import Window, Windows
from quarterhour.store.table import fleet_blocks, keys
from quarterhour.store.table.calls import Calls
from quarterhour.time.calendar import BUCKET_MS, DAY_MS, HOUR_MS, UTC, day_text, month_text


class FleetReader:
    """The table as a read of the fleet sees it."""

    def __init__(self, calls: Calls, windows: Windows) -> None:
        self._calls = calls
        self._windows = windows

    def rows(self, start_ms: int, end_ms: int, interval: str) -> tuple[list[FleetRow], int]:
        """Return the periods that have data, and up to when they are complete."""
        window = self._windows.open(start_ms, end_ms)
        if window.is_empty:
            return [], window.end_ms
        return _INTERVALS[interval](self, window), window.end_ms

    def quarter_hours(self, window: Window) -> list[FleetRow]:
        """Return the fleet's buckets that begin in the window."""
        return [
            FleetRow(at, kwh, day.counts[(at - day_ms) // BUCKET_MS], day.covered_ms([at]))
            for day_ms, day in self._days(window).items()
            for at, kwh in day.kwh.items()
            if window.start_ms <= at < window.end_ms
        ]

    def hours(self, window: Window) -> list[FleetRow]:
        """Return the fleet's hours; one that is cut counts the ships of the part asked for."""
        return [
            FleetRow(
                hour,
                fsum(day.kwh[at] for at in starts),
                self._ships(window, day, hour),
                day.covered_ms(starts),
            )
            for day in self._days(window).values()
            for hour, of_hour in groupby(_asked(window, day), UTC.hour_of)
            for starts in [[*of_hour]]
        ]

    def days(self, window: Window) -> list[FleetRow]:
        """Return the fleet's days; one that is cut counts the ships of the part asked for."""
        return [FleetRow(day, *total) for day, total in self._totals(window, self._months(window))]

    def months(self, window: Window) -> list[FleetRow]:
        """Return the fleet's months, of settled and live days."""
        stored = self._months(window)
        totals: dict[int, list[FleetTotal]] = {}
        for day, total in self._totals(window, stored):
            totals.setdefault(UTC.month_of(day), []).append(total)
        return [
            FleetRow(
                month,
                fsum(day.kwh for day in days),
                self._ships_of_month(window, month, stored),
                fleet.together_ms(day.covered_ms for day in days),
            )
            for month, days in totals.items()
        ]

    def extent(self, window: Window) -> tuple[int, int] | None:
        """Return the begin of the window's first bucket with data and the end of its last one."""
        if window.is_empty:
            return None
        days = [day for day, _ in self._totals(window, self._months(window))]
        if not days:
            return None
        first, last = (self._day(window, day) for day in (days[0], days[-1]))
        return min(_asked(window, first)), max(_asked(window, last)) + BUCKET_MS

    def shard_days(self, window: Window, day: int) -> list[ShardDay]:
        """Return a day of the window, shard by shard."""
        if not window.is_settled(day, day + DAY_MS):
            return window.live.get(day, [])
        items = self._calls.query(keys.shard_partition(day_text(day)))
        days = [fleet_blocks.shard_day(day, item) for item in items]
        check_whole(*(shard.lack for shard in days))
        return days

    def _days(self, window: Window) -> dict[int, FleetDay]:
        """Return the days that have data, ascending."""
        sorts = keys.fleet_day_sort(window.start_ms), keys.fleet_day_sort(window.end_ms - 1)
        days = {day: fleet.fleet_day(shards) for day, shards in window.live.items()}
        for item in self._calls.query(keys.FLEET, *sorts):
            day = keys.begin_ms(item["sk"]["S"].removeprefix("d#"))
            if window.is_settled(day, day + DAY_MS):
                days[day] = fleet_blocks.fleet_day(day, item)
                check_whole(days[day].lack)
        return dict(sorted(days.items()))

    def _day(self, window: Window, day: int) -> FleetDay:
        if not window.is_settled(day, day + DAY_MS):
            return fleet.fleet_day(window.live.get(day, []))
        item = self._calls.get(keys.FLEET, keys.fleet_day_sort(day), strong=True)
        found = fleet_blocks.fleet_day(day, item)
        check_whole(found.lack)
        return found

    def _months(self, window: Window) -> dict[int, FleetMonth]:
        """Return the stored months the window touches; only their settled days count."""
        sorts = keys.fleet_month_sort(window.start_ms), keys.fleet_month_sort(window.end_ms - 1)
        months = {}
        for item in self._calls.query(keys.FLEET, *sorts):
            month = keys.begin_ms(item["sk"]["S"].removeprefix("m#"))
            months[month] = fleet_blocks.fleet_month(month, item)
        return months

    def _totals(
        self, window: Window, stored: dict[int, FleetMonth]
    ) -> list[tuple[int, FleetTotal]]:
        """Return the days' totals, ascending: stored, live, or of the part of a day asked for."""
        totals = {
            day: total
            for month in stored.values()
            for day, total in month.days.items()
            if _is_stored(window, day)
        }
        for begin, month in stored.items():
            check_whole(month.lack & _stored_days(window, begin))
        for day, shards in window.live.items():
            if window.holds(day, day + DAY_MS):
                totals[day] = fleet.day_total(fleet.fleet_day(shards))
        for day in window.cut_days():
            shards = self.shard_days(window, day)
            whole_day = fleet.fleet_day(shards)
            if kwh := _asked(window, whole_day):
                ships = len(_present(window, day, shards))
                totals[day] = FleetTotal(fsum(kwh.values()), ships, whole_day.covered_ms(kwh))
        return sorted(totals.items())

    def _ships(self, window: Window, day: FleetDay, hour: int) -> int:
        """Return how many ships have data in the part of an hour that is asked for."""
        day_ms = UTC.day_of(hour)
        if window.holds(hour, hour + HOUR_MS):
            return day.hours[(hour - day_ms) // HOUR_MS]
        part = max(hour, window.start_ms), min(hour + HOUR_MS, window.end_ms)
        return len(fleet.present(self.shard_days(window, day_ms), fleet.bits(day_ms, *part)))

    def _ships_of_month(self, window: Window, month: int, stored: dict[int, FleetMonth]) -> int:
        end = UTC.next_month(month)
        if window.holds(month, end) and window.is_settled(month, end):
            return stored[month].ships
        ships: set[int] = set()
        settled = _stored_days(window, month)
        for day in range(month, end, DAY_MS):
            is_asked = window.start_ms < day + DAY_MS and day < window.end_ms
            if is_asked and not _is_stored(window, day):
                ships |= _present(window, day, self.shard_days(window, day))
        for item in self._calls.query(keys.shard_partition(month_text(month))):
            of_shard = fleet_blocks.shard_month(item)
            check_whole(of_shard.lack & settled)
            ships |= {ship for ship, days in of_shard.present.items() if days & settled}
        return len(ships)


_INTERVALS: dict[str, Callable[[FleetReader, Window], list[FleetRow]]] = {
    "15min": FleetReader.quarter_hours,
    "hour": FleetReader.hours,
    "day": FleetReader.days,
    "month": FleetReader.months,
}


def check_whole(*lack: int) -> None:
    """Raise Busy where a ship lacks in what is to be answered.

    The day is in the todo, and read live, unless it was listed there while this request read it.
    """
    if any(lack):
        raise Busy("A ship could not be settled; send the request again.")


def _is_stored(window: Window, day: int) -> bool:
    """Return whether the whole of a day is asked for, and settled."""
    return window.holds(day, day + DAY_MS) and window.is_settled(day, day + DAY_MS)


def _stored_days(window: Window, month: int) -> int:
    """Return the bits of the days of a month that are."""
    days = enumerate(range(month, UTC.next_month(month), DAY_MS))
    return sum(1 << place for place, day in days if _is_stored(window, day))


def _asked(window: Window, day: FleetDay) -> dict[int, float]:
    return {at: kwh for at, kwh in day.kwh.items() if window.start_ms <= at < window.end_ms}


def _present(window: Window, day: int, shards: Iterable[ShardDay]) -> set[int]:
    return fleet.present(shards, fleet.bits(day, window.start_ms, window.end_ms))
