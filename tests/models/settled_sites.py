"""What an undisturbed rollup has to leave of sites: no todo, watermarks, right and valid blocks.

The items are decoded by the store's own functions and compared with the slow model's figures.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from quarterhour.energy.aggregate import bucketed
from quarterhour.energy.readings import Series
from quarterhour.sites.sources import Source
from quarterhour.sites.virtual_meters import Meter
from quarterhour.store.table import blocks, keys, sums
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
from tests.profiles import buckets_of


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
        fence = self.items("W").get("fence")
        self.begin_ms = (int(fence["first"]["N"]) if fence else self.open_ms) + DAY_MS
        self._written: dict[tuple[str, str], list[int]] = {}
        for applied in watched.applied:
            for at in applied.keys():  # noqa: SIM118
                self._written.setdefault(at, []).append(applied.instant)

    def check(self, *, complete: bool = True, marks: Iterable[str] = ()) -> None:
        """All is there (if that is asked for), valid and right; AssertionError says what is not.

        The `marks` are watermarks beside those of the shards.
        """
        for partition in (self.kind.old_todo, *self.kind.todo_partitions(self.shards)):
            todo = self.items(partition)
            assert not todo, f"left to be done in {partition}: {list(todo)}"
        if not self.sites:
            return
        found = {
            mark: int(item["until"]["N"])
            for mark, item in self.items("W").items()
            if mark != "fence" and not mark.startswith("lease#")
        }
        expected = [*map(self.kind.watermark, range(self.shards)), *marks]
        assert found == dict.fromkeys(expected, self.open_ms - DAY_MS), f"watermarks {found}"
        for site in self.sites:
            for meter, by_hand in site.meters:
                SettledMeter(self, site, meter, by_hand, complete=complete).check()

    def closed_with(self, site: Site) -> list[int]:
        """Return the days of which a rollup began to close the first when the site was listed."""
        shard = keys.shard_of(Source(site.owner), self.shards)
        listed = self._written[self.kind.registry_partition(shard), site.owner][0]
        mark = self.kind.watermark(shard)
        return [
            int(self.watched.at("W", mark, instant)["until"]["N"]) + DAY_MS
            for instant in self._written["W", mark]
            if instant > listed
        ]

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
        closed = [day for day in rest.closed_with(site) if day < rest.open_ms]
        self._days = sorted({*closed, *self._heads.marked(meter.source)})

    def check(self) -> None:
        """Every block is valid and right; of hours there are those of months alone."""
        is_hourly = self._meter.is_hourly
        for day in self._days if not is_hourly else ():
            self._day(day)
        touched = [at for day in self._days for at in (day, day + DAY_MS - 1)]
        for month in sorted({self._zone.month_of(at) for at in touched}):
            self._sums(MONTHS, "day", month)
        for year in sorted({self._zone.year_of(at) for at in touched if not is_hourly}):
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
                assert_same(said, buckets_of(blocks.day_buckets(day, block)), expected)

    def _sums(self, kind: Periods, grain: str, period: int) -> None:
        zone, source = self._zone, self._meter.source
        parts = kind.parts(zone, period)
        sort = kind.sort(zone, self._meter, period)
        marks = self._heads.of_days(source, period, parts[-1][1])
        items = [item for at, item in self._items.items() if keys.first_of_sums(at) == sort]
        kept = sums.kept_rows(parts, items, marks, self._meter.measures, zone)
        closed = [part for part in parts if part[1] <= self._open_ms]
        is_whole = self._complete and self._is_surely_whole(closed)
        assert [*kept.parts] == (closed if is_whole else closed[: len(kept.parts)]), (
            f"{source.name} {sort}: valid for {len(kept.parts)} of {len(closed)} parts"
        )
        if not kept.parts:
            return
        end = kept.parts[-1][1]
        possible = self._truth.rows(self._by_hand, (grain, period, end), with_totals=False)
        for one in self._meter.measures:
            right = {}
            for at, outcomes in possible[_measured(one)].items():
                (outcome,) = outcomes
                if outcome:
                    right[at] = outcome
            said = f"{source.name} {sort} {one.channel}.{one.quantity}"
            assert_same(said, buckets_of(kept.rows[one]), right)

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
