"""What an undisturbed rollup has to leave: every block, every item of shards and of the fleet.

The items are decoded by the store's own functions and compared with the slow model's figures.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from quarterhour.energy.readings import ENERGY_USED, USED
from quarterhour.sites.sources import Source, ship_id
from quarterhour.store.table import blocks, fleet_blocks, keys
from quarterhour.store.table.blocks import MONTHS, YEARS, Periods
from quarterhour.time.calendar import DAY_MS, UTC, day_text, month_text, year_text
from tests.models.attributes import Item
from tests.models.promise import CLOSE, Outcome, Span, Truth
from tests.models.watched import Watched

# A ship is in what a rollup lists, this long after it says it was registered.
SURELY_KNOWN_MS = 10 * 60_000
CLOSES_MS = 135 * 60_000  # after a day's end

Found = Mapping[int, tuple[float, int]]


class Settled:
    """The end of a history: a table at rest, whose days before `open_ms` are all closed."""

    def __init__(
        self, watched: Watched, ships: Sequence[Source], shards: int, open_ms: int
    ) -> None:
        self._watched = watched
        self._shards = shards
        self._open_ms = open_ms
        now = watched.instant
        self._truth = Truth(watched, Span(now, now))
        self._created = {
            name: int(item["created"]["N"])
            for shard in range(shards)
            for name, item in self._items(f"G#{shard}").items()
        }
        self._ships = [one for one in ships if one.name in self._created]
        first = min(self._created.values(), default=open_ms + DAY_MS)
        self._begin_ms = UTC.day_of(first) - DAY_MS

    def _items(self, pk: str) -> dict[str, Item]:
        now = self._watched.instant
        return {sk: item for sk, (item,) in self._watched.states(pk, now, now) if item}

    def check(self) -> None:
        """All is there, valid and right; AssertionError says what is not."""
        assert not self._items("T"), f"left to be done: {list(self._items('T'))}"
        if not self._ships:
            return
        marks = {mark: int(item["until"]["N"]) for mark, item in self._items("W").items()}
        last = self._open_ms - DAY_MS
        shards = [str(shard) for shard in range(self._shards)]
        assert marks == dict.fromkeys([*shards, keys.FLEET_MARK], last), f"watermarks {marks}"
        for source in self._ships:
            self._source(source)
        self._check_fleet()

    def _source(self, source: Source) -> None:
        items = self._items(source.owner)
        counters = {
            day: marks
            for sk, item in items.items()
            if sk.startswith("h#")
            for _, day, marks in keys.marks_of(item)
        }
        days = [day for day in self._days(counters) if self._was_closed_with(source, day, counters)]
        for day in days:
            block = items.get(keys.day_sort("", USED, day))
            said = f"{source.name} {day_text(day)}"
            assert block, f"{said}: no block"
            assert blocks.is_current(block, counters.get(day, 0)), f"{said}: the block is old"
            right = self._of(source, day, day + DAY_MS, "15min")
            _same(said, blocks.day_buckets(day, block), right)
        self._sums(source, items, counters, MONTHS, sorted(set(map(UTC.month_of, days))))
        self._sums(source, items, counters, YEARS, sorted(set(map(UTC.year_of, days))))

    def _was_closed_with(self, source: Source, day: int, counters: Mapping[int, int]) -> bool:
        """Return whether a rollup must have settled this source's day: in its turn or marked."""
        known_ms = self._created[source.name] + SURELY_KNOWN_MS
        return day in counters or known_ms < day + DAY_MS + CLOSES_MS

    def _sums(
        self,
        source: Source,
        items: Mapping[str, Item],
        counters: Mapping[int, int],
        kind: Periods,
        periods: Iterable[int],
    ) -> None:
        for period in periods:
            parts = kind.parts(UTC, period)
            sort = kind.sort(UTC, "", period)
            said = f"{source.name} {sort}"
            marks = sum(counters.get(day, 0) for day in range(period, parts[-1][1], DAY_MS))
            kept = blocks.kept_rows(parts, items.get(sort, {}), marks, [ENERGY_USED], UTC)
            closed = [part for part in parts if part[1] <= self._open_ms]
            if closed and not self._was_closed_with(source, closed[-1][1] - DAY_MS, counters):
                # An old event may have made it shorter; what it lacks is read from the readings.
                closed = closed[: len(kept)]
            assert [*kept] == closed, f"{said}: valid for {len(kept)} of {len(closed)} parts"
            interval = "day" if kind is MONTHS else "month"
            right = self._of(source, period, closed[-1][1], interval) if closed else {}
            rows = [row for of_part in kept.values() for row in of_part.values()]
            found = {row.start_ms: (row.total, row.covered) for row in rows}
            _same(said, found, right)

    def _check_fleet(self) -> None:
        marked = {
            day
            for source in self._ships
            for sk, head in self._items(source.owner).items()
            if sk.startswith("h#")
            for _, day, _ in keys.marks_of(head)
        }
        days = self._days(marked)
        for day in days:
            self._day(day)
        for month in sorted(set(map(UTC.month_of, days))):
            self._month(month)
        for year in sorted(set(map(UTC.year_of, days))):
            self._ranking(year_text(year), year, UTC.next_year(year))

    def _day(self, day: int) -> None:
        self._ranking(day_text(day), day, day + DAY_MS)
        fleet = fleet_blocks.fleet_day(day, self._items(keys.FLEET)[keys.fleet_day_sort(day)])
        right: dict[int, list[Outcome]] = {}
        ships = 0
        for source in self._ships:
            buckets = self._of(source, day, day + DAY_MS, "15min")
            ships += bool(buckets)
            for at, outcome in buckets.items():
                right.setdefault(at, []).append(outcome)
        found = {at: (kwh, fleet.counts[(at - day) // 900_000]) for at, kwh in fleet.kwh.items()}
        expected = {at: (sum(kwh for kwh, _ in of), len(of)) for at, of in right.items()}
        _same(f"fleet {day_text(day)}", found, expected)
        assert fleet.ships == ships

    def _month(self, month: int) -> None:
        end = UTC.next_month(month)
        self._ranking(month_text(month), month, end)
        item = self._items(keys.FLEET)[keys.fleet_month_sort(month)]
        fleet = fleet_blocks.fleet_month(month, item)
        right: dict[int, list[float]] = {}
        for source in self._ships:
            for day, (kwh, _) in self._made(source, month, end, "day").items():
                right.setdefault(day, []).append(kwh)
        found = {day: (total.kwh, total.ships) for day, total in fleet.days.items()}
        _same(
            f"fleet {month_text(month)}",
            found,
            {day: (sum(kwh), len(kwh)) for day, kwh in right.items()},
        )
        with_data = [one for one in self._ships if self._made(one, month, end, "day")]
        assert fleet.ships == len(with_data), f"fleet {month_text(month)}: {fleet.ships} ships"

    def _ranking(self, period: str, start_ms: int, end_ms: int) -> None:
        """Every ship is in its shard's item with its energy; no other is."""
        for shard in range(self._shards):
            item = self._items(keys.shard_partition(period)).get(str(shard))
            # Before the first day that was closed, a shard has items only of marked days.
            assert item or end_ms <= self._begin_ms, f"no {period} of shard {shard}"
            kept = fleet_blocks.ship_kwh(item) if item else {}
            found = {one: (kwh, 0) for one, kwh in kept.items()}
            right = {}
            for source in self._ships:
                days = self._made(source, start_ms, end_ms, "day")
                if days and keys.shard_of(source, self._shards) == shard:
                    right[ship_id(source)] = (sum(kwh for kwh, _ in days.values()), 0)
            _same(f"{period} of shard {shard}", found, right)

    def _days(self, marked: Iterable[int]) -> list[int]:
        """Return the days that must have blocks: those closed in turn, and those marked."""
        return sorted({*range(self._begin_ms, self._open_ms, DAY_MS), *marked})

    def _made(self, source: Source, start_ms: int, end_ms: int, interval: str) -> Found:
        return self._of(source, start_ms, min(end_ms, self._open_ms), interval)

    def _of(self, source: Source, start_ms: int, end_ms: int, interval: str) -> Found:
        found = {}
        for at, outcomes in self._truth.periods(source.name, start_ms, end_ms, interval).items():
            (outcome,) = outcomes
            if outcome[1]:
                found[at] = outcome
        return found


def check_settled(watched: Watched, ships: Sequence[Source], shards: int, now_ms: int) -> None:
    """Check all that a rollup at `now_ms` (some hours after a midnight) has to leave."""
    Settled(watched, ships, shards, UTC.day_of(now_ms)).check()


def _same(said: str, found: Mapping[int, Any], right: Found) -> None:
    assert found.keys() == right.keys(), f"{said}: {sorted(found)}, not {sorted(right)}"
    for at, (kwh, count) in right.items():
        assert abs(found[at][0] - kwh) < CLOSE, f"{said} at {at}: {found[at][0]}, not {kwh}"
        assert found[at][1] == count, f"{said} at {at}: {found[at][1]}, not {count}"
