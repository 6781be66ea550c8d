"""What an undisturbed rollup has to leave of houses: no todo, watermarks, right and valid blocks.

The items are decoded by the store's own functions and compared with the slow model's figures.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from quarterhour.energy.aggregate import Row, bucketed
from quarterhour.energy.quantities import Quantity
from quarterhour.energy.readings import Series
from quarterhour.energy.resample import Bucket
from quarterhour.sites import virtual_meters
from quarterhour.sites.house import House
from quarterhour.sites.virtual_meters import Meter
from quarterhour.store.table import blocks, keys
from quarterhour.store.table.blocks import MONTHS, YEARS, Periods
from quarterhour.store.table.marks import Heads
from quarterhour.time.calendar import DAY_MS, UTC, day_text
from tests.models import meters_by_hand
from tests.models.attributes import Item
from tests.models.meters_by_hand import Measured
from tests.models.promise import CLOSE, Span
from tests.models.promise_of_houses import HouseTruth
from tests.models.quarter_hours import Held, Outcome
from tests.models.settled_state import CLOSES_MS, SURELY_KNOWN_MS
from tests.models.watched import Watched

Entry = Mapping[str, Any]


class SettledHouses:
    """The end of a history: a table at rest, whose days before `open_ms` are all closed."""

    def __init__(
        self, watched: Watched, houses: Sequence[tuple[House, Entry]], shards: int, open_ms: int
    ) -> None:
        self._watched = watched
        self._houses = houses
        self._shards = shards
        self._open_ms = open_ms
        first = min((house.created_ms for house, _ in houses), default=open_ms + DAY_MS)
        self._begin_ms = UTC.day_of(first) - DAY_MS

    def check(self, *, complete: bool) -> None:
        """All is there (if that is asked for), valid and right; AssertionError says what is not."""
        assert not self._items("TH"), f"left to be done: {list(self._items('TH'))}"
        if not self._houses:
            return
        marks = {mark: int(item["until"]["N"]) for mark, item in self._items("W").items()}
        last = dict.fromkeys(
            map(keys.HOUSES.watermark, range(self._shards)), self._open_ms - DAY_MS
        )
        assert marks == last, f"watermarks {marks}"
        for house, entry in self._houses:
            for meter, by_hand in _settled(house, entry):
                SettledMeter(self, house, meter, by_hand, complete=complete).check()

    def truth(self, house: House) -> HouseTruth:
        """Return what is right of a house now."""
        now = self._watched.instant
        return HouseTruth(self._watched, Span(now, now), house.owner, house.timezone)

    def days(self, house: House, marked: Iterable[int]) -> list[int]:
        """Return the days that must have blocks: those closed with the house in turn, or marked."""
        in_turn = range(self._begin_ms, self._open_ms, DAY_MS)
        known_ms = house.created_ms + SURELY_KNOWN_MS
        return sorted({*(day for day in in_turn if known_ms < day + DAY_MS + CLOSES_MS), *marked})

    @property
    def open_ms(self) -> int:
        """The first day that is open."""
        return self._open_ms

    def items_of(self, owner: str) -> dict[str, Item]:
        """Return the items that a house owns."""
        return self._items(owner)

    def _items(self, pk: str) -> dict[str, Item]:
        now = self._watched.instant
        return {sk: item for sk, (item,) in self._watched.states(pk, now, now) if item}


class SettledMeter:
    """The blocks of a device, or of a meter made of several."""

    def __init__(
        self,
        settled: SettledHouses,
        house: House,
        meter: Meter,
        by_hand: meters_by_hand.Meter,
        *,
        complete: bool,
    ) -> None:
        self._house = house
        self._meter = meter
        self._by_hand = by_hand
        self._complete = complete
        self._open_ms = settled.open_ms
        self._truth = settled.truth(house)
        self._items = settled.items_of(house.owner)
        self._heads = Heads(item for sk, item in self._items.items() if sk.startswith("h#"))
        kinds = Counter(one.channel for one in dict.fromkeys(map(bucketed, meter.measures)))
        # Devices that mean two things by one channel have one block of it, which is of one kind.
        self._of_two_kinds = {channel for channel, count in kinds.items() if count > 1}
        marked = self._heads.marked(meter.source)
        self._days = settled.days(house, marked)

    def check(self) -> None:
        """Every block is valid and right."""
        for day in self._days:
            self._day(day)
        touched = [at for day in self._days for at in (day, day + DAY_MS - 1)]
        zone = self._house.zone
        for month in sorted({zone.month_of(at) for at in touched}):
            self._sums(MONTHS, "day", month)
        for year in sorted({zone.year_of(at) for at in touched}):
            self._sums(YEARS, "month", year)

    def _day(self, day: int) -> None:
        source = self._meter.source
        (right,) = self._truth.ways(self._by_hand, day, day + DAY_MS)
        for one in dict.fromkeys(map(bucketed, self._meter.measures)):
            said = f"{source.name} {one.channel} {day_text(day)}"
            block = self._items.get(keys.day_sort(source.device, one.channel, day))
            marks = self._heads.of_day(source, day)
            is_valid = bool(block and blocks.is_current(block, marks, one.quantity))
            is_needed = self._complete and one.channel not in self._of_two_kinds
            assert is_valid or not is_needed, f"{said}: the block is old or not there"
            if block and is_valid:
                _same(
                    said,
                    _figures(blocks.day_buckets(day, block), one.quantity),
                    right[_measured(one)],
                )

    def _sums(self, kind: Periods, grain: str, period: int) -> None:
        zone, source = self._house.zone, self._meter.source
        parts = kind.parts(zone, period)
        sort = kind.sort(zone, source.device, period)
        marks = self._heads.of_days(source, period, parts[-1][1])
        kept = blocks.kept_rows(parts, self._items.get(sort, {}), marks, self._meter.measures, zone)
        closed = [part for part in parts if part[1] <= self._open_ms]
        if self._complete and self._is_surely_whole(closed):
            said = f"{source.name} {sort}: valid for {len(kept)} of {len(closed)} parts"
            assert [*kept] == closed, said
        if not kept:
            return
        end = [*kept][-1][1]
        possible = self._truth.rows(self._by_hand, (grain, period, end), with_totals=False)
        for one in self._meter.measures:
            right = {}
            for at, outcomes in possible[_measured(one)].items():
                (outcome,) = outcomes
                if outcome:
                    right[at] = outcome
            found = {row[one].start_ms: row[one] for row in kept.values() if one in row}
            said = f"{source.name} {sort} {one.channel}.{one.quantity}"
            _same_rows(said, found, right)

    def _is_surely_whole(self, closed: Sequence[tuple[int, int]]) -> bool:
        """Return whether a rollup must have settled the last of these parts, in turn or marked.

        An old event may have made others shorter; what they lack is read from the readings.
        """
        return (
            not closed
            or closed[-1][1] - DAY_MS in self._days
            or (UTC.day_of(closed[-1][1] - 1) in self._days)
        )


def check_settled_houses(
    watched: Watched,
    houses: Sequence[tuple[House, Entry]],
    shards: int,
    now_ms: int,
    *,
    complete: bool,
) -> None:
    """Check all that a rollup at `now_ms` (some hours after a midnight) has to leave of houses.

    Where it is not `complete`, catalogues changed, and blocks may be missing; none may be wrong.
    """
    SettledHouses(watched, houses, shards, UTC.day_of(now_ms)).check(complete=complete)


def _settled(house: House, entry: Entry) -> list[tuple[Meter, meters_by_hand.Meter]]:
    by_hand = [
        meters_by_hand.with_heating(meters_by_hand.all_of(entry, one["id"]))
        for one in entry["devices"]
    ]
    joined = [meters_by_hand.energy(entry), meters_by_hand.circuits(entry)]
    by_hand += [one for one in joined if len(one.parts) > 1]
    return [*zip(virtual_meters.settled(house), by_hand, strict=True)]


def _measured(one: Series) -> Measured:
    return Measured(one.channel, str(one.quantity))


def _figures(found: Mapping[int, Bucket], quantity: Quantity) -> dict[int, tuple[float, ...]]:
    return {at: tuple(one) if quantity.is_gauge else (one.value,) for at, one in found.items()}


def _same(said: str, found: Mapping[int, tuple[float, ...]], right: Mapping[int, Any]) -> None:
    expected = {
        at: (one.weighed / one.covered_ms, one.covered_ms, one.low, one.high)
        if isinstance(one, Held)
        else (one,)
        for at, one in right.items()
    }
    assert found.keys() == expected.keys(), f"{said}: {sorted(found)}, not {sorted(expected)}"
    for at, figures in expected.items():
        _assert_close(f"{said} at {at}", found[at], figures)


def _same_rows(said: str, found: Mapping[int, Row], right: Mapping[int, Outcome]) -> None:
    assert found.keys() == right.keys(), f"{said}: {sorted(found)}, not {sorted(right)}"
    for at, figures in right.items():
        # A sum's coverage is no figure of a house.
        row = found[at][1:] if len(figures or ()) > 1 else found[at][1:2]
        _assert_close(f"{said} at {at}", row, figures or ())


def _assert_close(said: str, found: Sequence[Any], right: Sequence[Any]) -> None:
    pairs = zip(found, right, strict=True)
    assert all(abs(a - b) <= CLOSE for a, b in pairs), f"{said}: {found}, not {right}"
