"""What an undisturbed rollup has to leave of sites: no todo, watermarks, right and valid blocks.

The items are decoded by the store's own functions and compared with the slow model's figures.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from quarterhour.energy.aggregate import bucketed
from quarterhour.energy.readings import Series
from quarterhour.sites.virtual_meters import Meter
from quarterhour.store.table import blocks, keys
from quarterhour.store.table.blocks import MONTHS, YEARS, Periods
from quarterhour.store.table.keys import SiteKind
from quarterhour.store.table.marks import Heads
from quarterhour.time.calendar import DAY_MS, UTC, Zone, day_text
from tests.models import meters_by_hand
from tests.models.attributes import Item
from tests.models.meters_by_hand import Measured
from tests.models.promise import CLOSE, Span, Truth
from tests.models.slow_resample import Amount, Gauge
from tests.models.watched import Watched

# A site is in what a rollup lists, this long after it says it was registered.
SURELY_KNOWN_MS = 10 * 60_000
CLOSES_MS = 135 * 60_000  # after a day's end


class Site(NamedTuple):
    """A site at the end of a history, its meters as they are settled and as known by hand."""

    owner: str
    zone: Zone
    created_ms: int
    meters: Sequence[tuple[Meter, meters_by_hand.Meter]]


class Rest:
    """A table at rest and its sites of a kind; all days before `open_ms` are closed."""

    def __init__(
        self, watched: Watched, kind: SiteKind, shards: int, sites: Sequence[Site], now_ms: int
    ) -> None:
        self.watched = watched
        self.kind = kind
        self.shards = shards
        self.sites = sites
        self.open_ms = UTC.day_of(now_ms)
        first = min((site.created_ms for site in sites), default=self.open_ms + DAY_MS)
        self.begin_ms = UTC.day_of(first) - DAY_MS

    def check(self, *, complete: bool = True, marks: Iterable[str] = ()) -> None:
        """All is there (if that is asked for), valid and right; AssertionError says what is not.

        The `marks` are watermarks beside those of the shards.
        """
        todo = self.items(self.kind.todo)
        assert not todo, f"left to be done: {list(todo)}"
        if not self.sites:
            return
        found = {mark: int(item["until"]["N"]) for mark, item in self.items("W").items()}
        expected = [*map(self.kind.watermark, range(self.shards)), *marks]
        assert found == dict.fromkeys(expected, self.open_ms - DAY_MS), f"watermarks {found}"
        for site in self.sites:
            for meter, by_hand in site.meters:
                SettledMeter(self, site, meter, by_hand, complete=complete).check()

    def truth(self, site: Site) -> Truth:
        """Return what is right of a site now."""
        now = self.watched.instant
        return Truth(self.watched, Span(now, now), site.owner, site.zone.name)

    def heads(self, owner: str) -> Heads:
        """Return a site's counters of marks."""
        return Heads(item for sk, item in self.items(owner).items() if sk.startswith("h#"))

    def items(self, pk: str) -> dict[str, Item]:
        """Return the items of a partition by their sort keys."""
        now = self.watched.instant
        return {sk: item for sk, (item,) in self.watched.states(pk, now, now) if item}


class SettledMeter:
    """The blocks of a device, of a meter made of several, or of a ship."""

    def __init__(
        self,
        rest: Rest,
        site: Site,
        meter: Meter,
        by_hand: meters_by_hand.Meter,
        *,
        complete: bool,
    ) -> None:
        self._zone = site.zone
        self._meter = meter
        self._by_hand = by_hand
        self._complete = complete
        self._open_ms = rest.open_ms
        self._truth = rest.truth(site)
        self._items = rest.items(site.owner)
        self._heads = rest.heads(site.owner)
        kinds = Counter(one.channel for one in dict.fromkeys(map(bucketed, meter.measures)))
        # Devices that mean two things by one channel have one block of it, which is of one kind.
        self._of_two_kinds = {channel for channel, count in kinds.items() if count > 1}
        # The days that must have blocks: those closed with the site in turn, and those marked.
        known_ms = site.created_ms + SURELY_KNOWN_MS
        in_turn = range(rest.begin_ms, rest.open_ms, DAY_MS)
        closed = (day for day in in_turn if known_ms < day + DAY_MS + CLOSES_MS)
        self._days = sorted({*closed, *self._heads.marked(meter.source)})

    def check(self) -> None:
        """Every block is valid and right."""
        for day in self._days:
            self._day(day)
        touched = [at for day in self._days for at in (day, day + DAY_MS - 1)]
        for month in sorted({self._zone.month_of(at) for at in touched}):
            self._sums(MONTHS, "day", month)
        for year in sorted({self._zone.year_of(at) for at in touched}):
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
                expected = {at: _figures(bucket) for at, bucket in right[_measured(one)].items()}
                assert_same(said, blocks.day_buckets(day, block), expected)

    def _sums(self, kind: Periods, grain: str, period: int) -> None:
        zone, source = self._zone, self._meter.source
        parts = kind.parts(zone, period)
        sort = kind.sort(zone, source.device, period)
        marks = self._heads.of_days(source, period, parts[-1][1])
        kept = blocks.kept_rows(parts, self._items.get(sort, {}), marks, self._meter.measures, zone)
        closed = [part for part in parts if part[1] <= self._open_ms]
        is_whole = self._complete and self._is_surely_whole(closed)
        assert [*kept] == (closed if is_whole else closed[: len(kept)]), (
            f"{source.name} {sort}: valid for {len(kept)} of {len(closed)} parts"
        )
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
            rows = [row[one] for row in kept.values() if one in row]
            said = f"{source.name} {sort} {one.channel}.{one.quantity}"
            assert_same(said, {row.start_ms: row[1:] for row in rows}, right)

    def _is_surely_whole(self, closed: Sequence[tuple[int, int]]) -> bool:
        """Return whether a rollup must have settled the last of these parts, in turn or marked.

        An old event may have made others shorter; what they lack is read from the readings.
        """
        return (
            not closed
            or closed[-1][1] - DAY_MS in self._days
            or (UTC.day_of(closed[-1][1] - 1) in self._days)
        )


def _measured(one: Series) -> Measured:
    return Measured(one.channel, str(one.quantity))


def _figures(bucket: Amount | Gauge) -> tuple[Any, ...]:
    """Return the figures in the order in which a block has them."""
    if isinstance(bucket, Amount):
        return tuple(bucket)
    return bucket.mean, bucket.covered_ms, bucket.lowest, bucket.highest


def assert_same(
    said: str, found: Mapping[int, Sequence[Any]], right: Mapping[int, Sequence[Any]]
) -> None:
    """The same instants have the same figures; the extremes of a sum are 0."""
    assert found.keys() == right.keys(), f"{said}: {sorted(found)}, not {sorted(right)}"
    for at, figures in right.items():
        expected = (*figures, 0, 0)[: len(found[at])]
        pairs = zip(found[at], expected, strict=True)
        is_right = all(abs(a - b) <= CLOSE for a, b in pairs)
        assert is_right, f"{said} at {at}: {found[at]}, not {expected}"
