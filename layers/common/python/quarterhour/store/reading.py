"""Reads of one source: blocks where they are valid, the readings themselves everywhere else.

Blocks may be read eventually consistent and are read first; the mark counters are read after
them, strongly: a block whose counter is still the same is whole and current (docs/table.md).
"""

from collections.abc import Sequence
from operator import itemgetter

from quarterhour import ladder, resample
from quarterhour.calendar import (
    DAY_MS,
    day_of,
    days_between,
    month_of,
    months_between,
    years_between,
)
from quarterhour.errors import NotFound
from quarterhour.ladder import Row, Sum
from quarterhour.reach import neighbourhood
from quarterhour.resample import Bucket
from quarterhour.runs import Stretch, between, joined
from quarterhour.sources import Source
from quarterhour.store import blocks, keys
from quarterhour.store.blocks import MONTH, YEAR, Kind, is_current
from quarterhour.store.calls import Calls, Item
from quarterhour.store.items import Readings, readings

# Up to two days are read raw: a call less than blocks and heads, and no more to read.
RAW_DAYS = 2
# Months of up to two years are read from month blocks, of more from year blocks.
FEW_YEARS = 2
Counters = dict[int, int]


class Reader:
    """The table as a read of one source sees it."""

    def __init__(self, calls: Calls, shards: int) -> None:
        self._calls = calls
        self._shards = shards

    def rows(
        self, source: Source, channel: str, start_ms: int, end_ms: int, interval: str
    ) -> list[Row]:
        """Return a channel's energy by interval; NotFound for a ship that has never posted."""
        rungs = {"day": self.days, "month": self.months}
        if interval in rungs:
            rows = ladder.rows_of(rungs[interval](source, channel, start_ms, end_ms), interval)
        else:
            rows = ladder.rows(self.buckets(source, channel, start_ms, end_ms), interval)
        if not rows and not source.device and not self._knows(source):
            raise NotFound("This ship has never posted.")
        return rows

    def raw(self, source: Source, start_ms: int, end_ms: int) -> Readings:
        """Return the readings that decide the buckets of [start_ms, end_ms), each series sorted."""
        first, last = keys.between(*neighbourhood(start_ms, end_ms))
        return readings(self._calls.query(keys.bucket_partition(source), first, last))

    def buckets(
        self, source: Source, channel: str, start_ms: int, end_ms: int
    ) -> dict[int, Bucket]:
        """Return a channel's buckets that begin in [start_ms, end_ms), ascending."""
        if len(days_between(start_ms, end_ms)) <= RAW_DAYS:
            return self._derived(source, channel, start_ms, end_ms)
        return self.buckets_and_marks(source, channel, start_ms, end_ms)[0]

    def buckets_and_marks(
        self, source: Source, channel: str, start_ms: int, end_ms: int
    ) -> tuple[dict[int, Bucket], Counters]:
        """Return the buckets, and the mark counters that were read after the blocks."""
        days = days_between(start_ms, end_ms)
        stored = self._day_blocks(source, channel, days)
        counters = self.counters(source, days[0], end_ms)
        valid = {day: item for day, item in stored if is_current(item, counters.get(day, 0))}
        parts = [(day, blocks.day_buckets(day, block)) for day, block in valid.items()]
        kept = ((day, day + DAY_MS) for day in valid)
        for first, end in between(kept, days[0], days[-1] + DAY_MS):
            parts.append((first, self._derived(source, channel, first, end)))
        found: dict[int, Bucket] = {}
        for _, part in sorted(parts, key=itemgetter(0)):
            found |= part
        if start_ms > days[0] or end_ms < days[-1] + DAY_MS:
            found = {at: bucket for at, bucket in found.items() if start_ms <= at < end_ms}
        return found, counters

    def days(self, source: Source, channel: str, start_ms: int, end_ms: int) -> list[Sum]:
        """Return the sums of the days of [start_ms, end_ms), the first and the last cut."""
        if len(days_between(start_ms, end_ms)) <= RAW_DAYS:
            return self._day_sums(source, channel, start_ms, end_ms)
        first, end = day_of(start_ms + DAY_MS - 1), day_of(end_ms)
        return [
            *self._day_sums(source, channel, start_ms, first),
            *self.days_and_marks(source, channel, first, end)[0],
            *self._day_sums(source, channel, end, end_ms),
        ]

    def days_and_marks(
        self, source: Source, channel: str, start_ms: int, end_ms: int
    ) -> tuple[list[Sum], Counters]:
        """Return the sums of whole days, and the mark counters that were read for them."""
        months = months_between(start_ms, end_ms)
        kept, counters = self._kept(source, channel, MONTH, months)
        days = [(day, day + DAY_MS) for day in range(start_ms, end_ms, DAY_MS)]
        found = [sum_ for day in days if (sum_ := kept.get(day))]
        for first, end in joined(day for day in days if day not in kept):
            found += self._day_sums(source, channel, first, end)
        return sorted(found), counters

    def months(self, source: Source, channel: str, start_ms: int, end_ms: int) -> list[Sum]:
        """Return the sums of the months of [start_ms, end_ms), the first and the last cut."""
        years = years_between(start_ms, end_ms)
        if len(years) <= FEW_YEARS:
            return ladder.summed(self.days(source, channel, start_ms, end_ms), month_of)
        kept, _ = self._kept(source, channel, YEAR, years)
        whole = [part for year in years for part in YEAR.parts(year) if part in kept]
        whole = [part for part in whole if start_ms <= part[0] and part[1] <= end_ms]
        found = [sum_ for part in whole if (sum_ := kept[part])]
        for first, end in between(whole, start_ms, end_ms):
            found += ladder.summed(self.days(source, channel, first, end), month_of)
        return sorted(found)

    def head(self, source: Source, month: int) -> Counters:
        """Return the mark counters of one month, strongly."""
        head = self._calls.get(source.owner, keys.head_sort(month), strong=True)
        return dict(keys.marks_of(head, source)) if head else {}

    def day_of_many(
        self, sources: Sequence[Source], channel: str, day: int
    ) -> dict[Source, dict[int, Bucket]]:
        """Return many sources' buckets of one day: of a block where that is valid, else derived.

        Blocks first, then heads, as for one source; a hundred of them in a call.
        """
        blocks_at = [(one.owner, keys.day_sort(one.device, channel, day)) for one in sources]
        stored = {item["pk"]["S"]: item for item in self._calls.get_many(blocks_at, strong=False)}
        heads_at = [(owner, keys.head_sort(day)) for owner in stored]
        heads = {item["pk"]["S"]: item for item in self._calls.get_many(heads_at, strong=True)}
        found = {}
        for one in sources:
            block, head = stored.get(one.owner), heads.get(one.owner, {})
            marks = dict(keys.marks_of(head, one)).get(day, 0) if head else 0
            if block and is_current(block, marks):
                found[one] = blocks.day_buckets(day, block)
            else:
                found[one] = self._derived(one, channel, day, day + DAY_MS)
        return found

    def counters(self, source: Source, start_ms: int, end_ms: int) -> Counters:
        """Return the days' mark counters, strongly; a day that was never marked is left out."""
        sorts = keys.head_sort(month_of(start_ms)), keys.head_sort(month_of(end_ms - 1))
        return {
            day: marks
            for head in self._calls.query(source.owner, *sorts)
            for day, marks in keys.marks_of(head, source)
        }

    def _kept(
        self, source: Source, channel: str, kind: Kind, periods: Sequence[int]
    ) -> tuple[dict[Stretch, Sum | None], Counters]:
        """Return the parts that valid blocks of these periods keep, and the counters used."""
        sorts = [kind.sort(source.device, period) for period in periods]
        items = self._calls.query(source.owner, sorts[0], sorts[-1], strong=False)
        stored = {item["sk"]["S"]: item for item in items}
        counters = self.counters(source, periods[0], kind.following(periods[-1]))
        kept: dict[Stretch, Sum | None] = {}
        for period, sort in zip(periods, sorts, strict=True):
            block = stored.get(sort, {})
            kept |= blocks.kept_sums(kind.parts(period), block, counters, channel)
        return kept, counters

    def _day_blocks(
        self, source: Source, channel: str, days: Sequence[int]
    ) -> list[tuple[int, Item]]:
        """Return the stored days, ascending, valid or not."""
        sorts = [keys.day_sort(source.device, channel, day) for day in (days[0], days[-1])]
        items = self._calls.query(source.owner, *sorts, strong=False)
        return [(keys.begin_ms(item["sk"]["S"].rpartition("#")[2]), item) for item in items]

    def _derived(
        self, source: Source, channel: str, start_ms: int, end_ms: int
    ) -> dict[int, Bucket]:
        return resample.buckets(self.raw(source, start_ms, end_ms), channel, start_ms, end_ms)

    def _day_sums(self, source: Source, channel: str, start_ms: int, end_ms: int) -> list[Sum]:
        if start_ms >= end_ms:
            return []
        found = ladder.of_buckets(self.buckets(source, channel, start_ms, end_ms))
        return ladder.summed(found, day_of)

    def _knows(self, ship: Source) -> bool:
        at = keys.registry_partition(keys.shard_of(ship, self._shards)), ship.name
        return bool(self._calls.get(*at, strong=True))
