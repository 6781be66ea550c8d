"""The table as one read, or a rollup, sees it: blocks, counters, readings, and what is kept.

Blocks may be read eventually consistent and are read first; the mark counters are read after
them, strongly: a block whose counter is still the same is whole and current (docs/table.md).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence

from quarterhour.energy import aggregate
from quarterhour.energy.aggregate import Profiles, bucketed
from quarterhour.energy.lookback import last_to_close
from quarterhour.energy.readings import Series
from quarterhour.sites.sources import Source
from quarterhour.sites.virtual_meters import Meter
from quarterhour.store.read.allowance import Allowance
from quarterhour.store.read.memory import EVER, NOT_CLOSED, BlockMemory, BlockPlace, Kept
from quarterhour.store.read.raw import Channels, Raw
from quarterhour.store.table import keys
from quarterhour.store.table.calls import MAX_BATCH, Calls, Item
from quarterhour.store.table.marks import Heads
from quarterhour.store.table.parallel import SideBySide, in_turn
from quarterhour.time import intervals
from quarterhour.time.calendar import DAY_MS, UTC, Zone
from quarterhour.time.intervals import Interval

# Up to two days are read raw: a call less than blocks and heads, and no more to read.
RAW_DAYS = 2
# Of so many readings: more of them take longer than blocks, and may be more than a request reads.
MOST_RAW = 20_000

# The sort key of a source's block by its beginning, and the beginnings that are wanted, ascending.
Wanted = tuple[Callable[[int], str], Sequence[int]]


class Access:
    """What blocks are made from, and where they are, for one read of an owner's meters.

    `since_ms`: a day before it that was never marked has no readings, as nothing was posted then.
    `now_ms`: nothing is taken from blocks that ends after it: what is ahead of now is read from the
    readings, whoever has closed its day, and powers and gauges hold no further. None for a rollup.
    `keeps_raw`: readings that were read are not read again; for a reader of a single request.
    `allowance`: how many readings may be read; without one, any number.
    `side_by_side`: how what does not depend on each other is read.
    `channels`: those that are ever asked for, by device; others are not decoded.
    `memory`: what the environment keeps of blocks, or a rollup of what it has made; what a request
    takes of it was kept before it began. None for one who checks.
    """

    def __init__(  # noqa: PLR0913  what a request, a rollup or a check reads by
        self,
        calls: Calls,
        since_ms: int | None = None,
        *,
        now_ms: int | None = None,
        keeps_raw: bool = False,
        allowance: Allowance | None = None,
        side_by_side: SideBySide = in_turn,
        memory: BlockMemory | None = None,
        channels: Channels | None = None,
    ) -> None:
        self.calls = calls
        self.side_by_side = side_by_side
        self._memory = memory or BlockMemory()
        # A rollup says itself which counters a block is of: it may take what it has just made.
        self._times = EVER if now_ms is None else self._memory.times
        self._closed: int | None = None
        self._earliest: list[Heads] = []
        self._now_ms = now_ms
        self._since_ms = since_ms
        self._keeps_raw = keeps_raw
        self._raw = Raw(
            calls,
            keeps=keeps_raw,
            allowance=allowance,
            side_by_side=side_by_side,
            channels=channels,
            now_ms=now_ms,
        )

    def past_of(self, end_ms: int) -> int:
        """Return up to when, at most `end_ms`, what blocks have of days and months may be taken."""
        return end_ms if self._now_ms is None else min(end_ms, self._now_ms)

    def is_past(self, end_ms: int) -> bool:
        """Return whether what a block has of a day or month that ends then may be taken."""
        return self.past_of(end_ms) == end_ms

    # --- Blocks and counters ----------------------------------------------------------------------

    def stored(self, owner: str, wanted: Iterable[Wanted], periods: int) -> Iterator[Item]:
        """Yield an owner's blocks, ascending for each source, and some between those wanted.

        What is wanted are some or all of so many periods. A few blocks of many sources are one
        call, and so is one of each: a query takes as much. Else each source is one, side by side.
        """
        sources = [(sort, begins) for sort, begins in wanted if begins]
        is_few = len(sources) * periods <= MAX_BATCH
        is_one_each = all(len(begins) == 1 for _, begins in sources)
        if len(sources) > 1 and (is_few or is_one_each):
            places = [(owner, sort(begin)) for sort, begins in sources for begin in begins]
            yield from self.calls.get_many(places, strong=False)
            return
        items: dict[int, list[Item]] = {}

        def read(nth: int) -> None:
            sort, begins = sources[nth]
            first, last = sort(begins[0]), sort(begins[-1])
            items[nth] = [*self.calls.query(owner, first, last, strong=False)]

        self.side_by_side(read, range(len(sources)))
        for nth in range(len(sources)):
            yield from items.pop(nth)

    def heads(self, owner: str, start_ms: int, end_ms: int) -> Heads:
        """Return an owner's mark counters of the months that are touched, strongly."""
        sorts = keys.head_sort(UTC.month_of(start_ms)), keys.head_sort(UTC.month_of(end_ms - 1))
        is_early = self._now_ms is not None and not self._raw.has_read
        heads = Heads(self.calls.query(owner, *sorts))
        if is_early:
            self._earliest.append(heads)
        return heads

    def with_readings(
        self, source: Source, zone: Zone, gap: Interval, heads: Heads
    ) -> list[Interval]:
        """Return the days of an interval, cut as it is, that can have readings of a source."""
        begin, end = gap
        if self._since_ms is None or begin >= self._since_ms:
            return [gap]
        marked = [day for day in heads.marked(source) if begin - DAY_MS < day < self._since_ms]
        days = {local for day in marked for local in zone.days_between(day, day + DAY_MS)}
        local_days = [
            (max(day, begin), min(zone.next_day(day), end))
            for day in sorted(days)
            if begin < zone.next_day(day) and day < end
        ]
        tail = max(begin, zone.day_of(self._since_ms))
        earlier = [(first, last) for first, last in local_days if first < tail]
        return intervals.joined([*earlier, *([(tail, end)] if tail < end else [])])

    # --- What the environment keeps of blocks -----------------------------------------------------

    @property
    def keeps(self) -> bool:
        """Whether the environment keeps anything."""
        return self._memory.keeps

    def begins(self, place: BlockPlace, interval: Interval) -> list[int]:
        """Return the periods that begin in an interval of which the like of a place is kept."""
        return self._memory.begins(place, *interval) if self.keeps else []

    def taken(self, place: BlockPlace) -> Kept | None:
        """Return what was kept of a place before this read began, and so before its counters."""
        return self._memory.take(place, self._times) if self.keeps else None

    def keep(self, place: BlockPlace, kept: Kept) -> None:
        """Keep what a valid block says, or what was derived where `may_keep` and closed."""
        if self.keeps:
            self._memory.keep(place, kept)

    def drop(self, place: BlockPlace) -> None:
        """Forget what is kept of a place: it is of other counters."""
        self._memory.drop(place)

    def may_keep(self, heads: Heads) -> bool:
        """Return whether what is derived may be kept by counters: they precede all readings.

        Not by a rollup, which keeps what it writes by itself.
        """
        return self.keeps and any(heads is early for early in self._earliest)

    def closed_ms(self, owner: str, gaps: Sequence[Interval] = ()) -> int:
        """Return the end of the days of an owner that are closed, as far as it matters for gaps.

        As far as that was known before the first readings were read; 0 where it is not known. What
        is to be read for gaps is worth asking for.
        """
        if self._closed is None and self._raw.has_read:
            self._closed = NOT_CLOSED
        if self._closed is not None:
            return self._end_of(self._closed)
        known = self._memory.last_closed(self.calls, owner, self._due(gaps, self._now_ms or 0))
        if gaps:
            self._closed = known
        return self._end_of(known)

    def _end_of(self, day: int) -> int:
        return 0 if day == NOT_CLOSED else self.past_of(day + DAY_MS)

    def _due(self, gaps: Iterable[Interval], now_ms: int) -> int:
        """Return the last whole day in gaps that can be closed by now, and so is worth asking for.

        What is closed, this reader's clock does not say.
        """
        last = last_to_close(now_ms)
        days = [(begin, min(last, UTC.day_of(end) - DAY_MS)) for begin, end in gaps]
        return max((day for begin, day in days if begin <= day), default=NOT_CLOSED)

    # --- Readings ---------------------------------------------------------------------------------

    def derived(self, meter: Meter, start_ms: int, end_ms: int, raw: Raw | None = None) -> Profiles:
        """Return a meter's buckets of [start_ms, end_ms), from the readings.

        What `raw` has read is not read again, and what is read is added to it.
        """
        memory = raw or self._raw
        parts = [memory.buckets(device, (start_ms, end_ms)) for device in meter.devices]
        buckets = aggregate.chosen(parts) if meter.parts else parts[0]
        return {measure: buckets[measure] for measure in bucketed_of(meter)}

    def derived_all(
        self, wanted: Sequence[tuple[Meter, Interval]], raw: Raw | None = None
    ) -> list[Profiles]:
        """Return `derived` of meters and ranges, their devices read side by side."""
        memory = raw or self._raw
        of_devices = [(device, part) for meter, part in wanted for device in meter.devices]
        memory.read(of_devices)
        try:
            return [self.derived(meter, *part, memory) for meter, part in wanted]
        finally:
            memory.forget(of_devices)

    def few_readings(self) -> Raw | None:
        """Return what reads no more readings than may be read where blocks might say the same.

        None where what is read is not read again: there it is all the same.
        """
        if self._keeps_raw:
            return None
        allowance = Allowance(MOST_RAW)
        return Raw(
            self.calls,
            keeps=False,
            allowance=allowance,
            side_by_side=self.side_by_side,
            now_ms=self._now_ms,
        )


def bucketed_of(meter: Meter) -> list[Series]:
    """Return the measures of which a meter's buckets are."""
    return [*dict.fromkeys(map(bucketed, meter.measures))]
