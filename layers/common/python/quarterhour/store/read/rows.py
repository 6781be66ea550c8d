"""Reads of an owner's meters: blocks where they are valid, the readings themselves elsewhere.

Blocks may be read eventually consistent and are read first; the mark counters are read after
them, strongly: a block whose counter is still the same is whole and current (docs/table.md).
"""

from collections.abc import Callable, Iterable, Sequence
from functools import partial

from quarterhour.energy import aggregate
from quarterhour.energy.aggregate import Buckets, Row, bucketed
from quarterhour.energy.lookback import neighbourhood
from quarterhour.energy.readings import Series
from quarterhour.sites.sources import Source
from quarterhour.sites.virtual_meters import Meter
from quarterhour.store.table import blocks, keys
from quarterhour.store.table.blocks import MONTHS, YEARS, Periods, is_current
from quarterhour.store.table.calls import MAX_BATCH, Calls, Item
from quarterhour.store.table.codec import Readings, readings
from quarterhour.store.table.marks import Heads
from quarterhour.time.calendar import DAY_MS, UTC, Zone
from quarterhour.time.intervals import Stretch, between, joined

# Up to two days are read raw: a call less than blocks and heads, and no more to read.
RAW_DAYS = 2
# More days are read raw, too, where the day blocks of so many measures would take more queries.
FEW_MEASURES = 4
# Months of up to two years are read from month blocks, of more from year blocks.
FEW_YEARS = 2

OfMeter = dict[Series, Buckets]
RowsOfMeter = dict[Series, list[Row]]
Raw = dict[tuple[Source, Stretch], Readings]


class Reader:
    """The table as one read, or a rollup, sees it.

    `since_ms`: a day before it that was never marked has no readings, as nothing was posted then.
    `keeps_raw`: readings that were read are not read again; for a reader of a single request.
    """

    def __init__(
        self, calls: Calls, since_ms: int | None = None, *, keeps_raw: bool = False
    ) -> None:
        self.calls = calls
        self._since_ms = since_ms
        self._kept: Raw | None = {} if keeps_raw else None

    # --- Rows of meters of one owner --------------------------------------------------------------

    def buckets(self, meters: Sequence[Meter], stretch: Stretch) -> list[OfMeter]:
        """Return the meters' buckets that begin in a range, of which blocks are few queries."""
        measures = sum(len(meter.measures) for meter in meters)
        if len(UTC.days_between(*stretch)) <= RAW_DAYS or measures > FEW_MEASURES:
            return [self.derived(meter, *stretch) for meter in meters]
        return self.buckets_and_heads(meters, stretch)[0]

    def days(self, meters: Sequence[Meter], zone: Zone, stretch: Stretch) -> list[RowsOfMeter]:
        """Return the meters' local days of a range, which may cut the first and the last."""
        start_ms, end_ms = stretch
        parts, cut = [], [stretch]
        if len(UTC.days_between(*stretch)) > RAW_DAYS:
            first = start_ms if zone.day_of(start_ms) == start_ms else zone.next_day(start_ms)
            last = zone.day_of(end_ms)
            parts.append(self.days_and_heads(meters, zone, (first, last))[0])
            cut = [(start_ms, first), (last, end_ms)]
        parts += [self.days_of_buckets(meters, zone, part) for part in cut if part[0] < part[1]]
        return [_joined(meter, pieces) for meter, *pieces in zip(meters, *parts, strict=True)]

    def months(self, meters: Sequence[Meter], zone: Zone, stretch: Stretch) -> list[RowsOfMeter]:
        """Return the meters' local months of a range, which may cut the first and the last."""
        if len(YEARS.between(zone, *stretch)) <= FEW_YEARS:
            return self.months_of_days(meters, zone, stretch)
        stored = StoredSums(self, YEARS, meters, zone, stretch)
        return stored.completed(self.heads(meters[0].source.owner, *stored.range))

    def days_of_buckets(
        self, meters: Sequence[Meter], zone: Zone, stretch: Stretch
    ) -> list[RowsOfMeter]:
        """Return the meters' local days, aggregated now."""
        return [
            aggregate.by_measure(buckets, meter.measures, aggregate.days, zone)
            for meter, buckets in zip(meters, self.buckets(meters, stretch), strict=True)
        ]

    def months_of_days(
        self, meters: Sequence[Meter], zone: Zone, stretch: Stretch
    ) -> list[RowsOfMeter]:
        """Return the meters' local months, aggregated now."""
        return [
            {measure: aggregate.folded(rows, zone.month_of) for measure, rows in days.items()}
            for days in self.days(meters, zone, stretch)
        ]

    def buckets_and_heads(
        self, meters: Sequence[Meter], stretch: Stretch, counted: Stretch | None = None
    ) -> tuple[list[OfMeter], Heads]:
        """Return the meters' buckets from day blocks, and the counters read after these.

        The counters are those of the days `counted`, where these are more than are asked for.
        """
        stored = StoredDays(self, meters, stretch)
        heads = self.heads(meters[0].source.owner, *(counted or stored.range))
        return stored.completed(heads), heads

    def days_and_heads(
        self, meters: Sequence[Meter], zone: Zone, stretch: Stretch, counted: Stretch | None = None
    ) -> tuple[list[RowsOfMeter], Heads]:
        """Return whole local days from month blocks, and the counters; as `buckets_and_heads`."""
        stored = StoredSums(self, MONTHS, meters, zone, stretch)
        heads = self.heads(meters[0].source.owner, *(counted or stored.range))
        return stored.completed(heads), heads

    def day_of_many(
        self, sources: Sequence[Source], measure: Series, day: int
    ) -> dict[Source, Buckets]:
        """Return the buckets of one day of sources of many owners.

        Blocks first, then heads, as for one owner; a hundred of them in a call.
        """
        blocks_at = [
            (source.owner, keys.day_sort(source.device, measure.channel, day)) for source in sources
        ]
        stored = {item["pk"]["S"]: item for item in self.calls.get_many(blocks_at, strong=False)}
        heads_at = [(owner, keys.head_sort(day)) for owner in stored]
        heads = {item["pk"]["S"]: item for item in self.calls.get_many(heads_at, strong=True)}
        buckets: dict[Source, Buckets] = {}
        for source in sources:
            block, head = stored.get(source.owner), heads.get(source.owner)
            marks = Heads([head] if head else []).of_day(source, day)
            if block and is_current(block, marks, measure.quantity):
                buckets[source] = blocks.day_buckets(day, block)
            else:
                derived = self.derived(Meter(source, (measure,)), day, day + DAY_MS)
                buckets[source] = derived[measure]
        return buckets

    # --- Readings and counters --------------------------------------------------------------------

    def derived(self, meter: Meter, start_ms: int, end_ms: int, raw: Raw | None = None) -> OfMeter:
        """Return a meter's buckets of [start_ms, end_ms), from the readings.

        What `raw` has is not read again, and what is read is added to it.
        """
        stretch = start_ms, end_ms
        memory = self._kept if raw is None else raw
        parts = []
        for device in meter.devices:
            if memory is None or (device.source, stretch) not in memory:
                by_series = self._raw(device.source, *stretch)
            else:
                by_series = memory[device.source, stretch]
            if memory is not None:
                memory[device.source, stretch] = by_series
            parts.append(aggregate.derived(by_series, device.measures, *stretch))
        buckets = aggregate.chosen(parts) if meter.parts else parts[0]
        return {
            measure: buckets[measure] for measure in dict.fromkeys(map(bucketed, meter.measures))
        }

    def head(self, owner: str, month: int) -> Heads:
        """Return an owner's mark counters of one month, strongly."""
        head = self.calls.get(owner, keys.head_sort(month), strong=True)
        return Heads([head] if head else [])

    def heads(self, owner: str, start_ms: int, end_ms: int) -> Heads:
        """Return an owner's mark counters of the months that are touched, strongly."""
        sorts = keys.head_sort(UTC.month_of(start_ms)), keys.head_sort(UTC.month_of(end_ms - 1))
        return Heads(self.calls.query(owner, *sorts))

    def with_readings(
        self, source: Source, zone: Zone, gap: Stretch, heads: Heads
    ) -> list[Stretch]:
        """Return those days of a stretch of days that can have readings of a source."""
        begin, end = gap
        if self._since_ms is None or begin >= self._since_ms:
            return [gap]
        marked = [day for day in heads.marked(source) if begin - DAY_MS < day < self._since_ms]
        days = {local for day in marked for local in zone.days_between(day, day + DAY_MS)}
        local_days = [(day, zone.next_day(day)) for day in sorted(days) if begin <= day < end]
        tail = max(begin, zone.day_of(self._since_ms))
        earlier = [(first, last) for first, last in local_days if first < tail]
        return joined([*earlier, *([(tail, end)] if tail < end else [])])

    def _raw(self, source: Source, start_ms: int, end_ms: int) -> Readings:
        """Return the readings that decide the buckets of [start_ms, end_ms), each series sorted."""
        first, last = keys.between(*neighbourhood(start_ms, end_ms))
        return readings(self.calls.query(keys.bucket_partition(source), first, last))


class StoredDays:
    """The day blocks of meters of one owner, read when this is made; whole UTC days."""

    def __init__(self, reader: Reader, meters: Sequence[Meter], stretch: Stretch) -> None:
        self._reader = reader
        self._meters = meters
        self._stretch = stretch
        self.range = UTC.day_of(stretch[0]), UTC.day_of(stretch[1] - 1) + DAY_MS
        self._items: dict[tuple[str, str], dict[int, Item]] = {}
        sources = dict.fromkeys(
            (meter.source.device, bucketed(measure).channel)
            for meter in meters
            for measure in meter.measures
        )
        sorts = [partial(keys.day_sort, *source) for source in sources]
        days = UTC.days_between(*stretch)
        for item in _stored(reader.calls, meters[0].source.owner, sorts, days):
            _, device, channel, day = item["sk"]["S"].split("#")
            self._items.setdefault((device, channel), {})[keys.begin_ms(day)] = item

    def completed(self, heads: Heads) -> list[OfMeter]:
        """Return the meters' buckets, by counters that were read after this was made."""
        return [self._of(meter, heads) for meter in self._meters]

    def _of(self, meter: Meter, heads: Heads) -> OfMeter:
        measures = [*dict.fromkeys(map(bucketed, meter.measures))]
        pieces = self._kept(meter, measures, heads)
        stored = [(day, day + DAY_MS) for day in pieces]
        for gap in between(stored, *self.range):
            for part in self._reader.with_readings(meter.source, UTC, gap, heads):
                pieces[part[0]] = self._reader.derived(meter, *part)
        return {measure: self._put_together(measure, pieces) for measure in measures}

    def _kept(self, meter: Meter, measures: Sequence[Series], heads: Heads) -> dict[int, OfMeter]:
        """Return the days of which every measure's block is valid, ascending."""
        stored = [
            self._items.get((meter.source.device, measure.channel), {}) for measure in measures
        ]
        days = {}
        for day in sorted(stored[0]) if stored else ():
            marks = heads.of_day(meter.source, day)
            items = {
                measure: by_day[day]
                for measure, by_day in zip(measures, stored, strict=True)
                if day in by_day
            }
            if len(items) == len(measures) and all(
                is_current(item, marks, measure.quantity) for measure, item in items.items()
            ):
                days[day] = {
                    measure: blocks.day_buckets(day, item) for measure, item in items.items()
                }
        return days

    def _put_together(self, measure: Series, pieces: dict[int, OfMeter]) -> Buckets:
        buckets: Buckets = {}
        for begin in sorted(pieces):
            buckets |= pieces[begin].get(measure, {})
        start_ms, end_ms = self._stretch
        if self._stretch == self.range:
            return buckets
        return {at: bucket for at, bucket in buckets.items() if start_ms <= at < end_ms}


class StoredSums:
    """The month or year blocks of meters of one owner, read when this is made.

    Days from month blocks, months from year blocks; `stretch` may cut the first and the last part,
    which are made of what is below them.
    """

    def __init__(
        self,
        reader: Reader,
        kind: Periods,
        meters: Sequence[Meter],
        zone: Zone,
        stretch: Stretch,
    ) -> None:
        self._reader = reader
        self._kind = kind
        self._meters = meters
        self._zone = zone
        self._stretch = stretch
        self._periods = kind.between(zone, *stretch)
        self.range = self._periods[0], kind.following(zone, self._periods[-1])
        devices = dict.fromkeys(meter.source.device for meter in meters)
        sorts = [partial(self._sort, device) for device in devices]
        items = _stored(reader.calls, meters[0].source.owner, sorts, self._periods)
        self._items = {item["sk"]["S"]: item for item in items}

    def completed(self, heads: Heads) -> list[RowsOfMeter]:
        """Return the meters' rows, by counters that were read after this was made."""
        stored = [self._kept(meter, heads) for meter in self._meters]
        rows = [
            [
                {
                    measure: [part[measure] for part in parts.values() if measure in part]
                    for measure in meter.measures
                }
            ]
            for meter, parts in zip(self._meters, stored, strict=True)
        ]
        for gap, places in self._gaps(stored, heads).items():
            below = self._below([self._meters[place] for place in places], gap)
            for place, piece in zip(places, below, strict=True):
                rows[place].append(piece)
        return [_joined(meter, pieces) for meter, pieces in zip(self._meters, rows, strict=True)]

    def _kept(self, meter: Meter, heads: Heads) -> dict[Stretch, dict[Series, Row]]:
        """Return what the blocks tell of a meter, part by part."""
        start_ms, end_ms = self._stretch
        rows: dict[Stretch, dict[Series, Row]] = {}
        for period in self._periods:
            if item := self._items.get(self._sort(meter.source.device, period)):
                parts = self._kind.parts(self._zone, period)
                marks = heads.of_days(meter.source, parts[0][0], parts[-1][1])
                rows |= blocks.kept_rows(parts, item, marks, meter.measures, self._zone)
        return {at: row for at, row in rows.items() if start_ms <= at[0] and at[1] <= end_ms}

    def _gaps(self, stored: Sequence[Iterable[Stretch]], heads: Heads) -> dict[Stretch, list[int]]:
        """Return what the blocks do not tell, and of which meters."""
        gaps: dict[Stretch, list[int]] = {}
        for place, (meter, stretches) in enumerate(zip(self._meters, stored, strict=True)):
            for gap in between(stretches, *self._stretch):
                days = self._reader.with_readings(meter.source, self._zone, gap, heads)
                for part in self._whole(days, gap):
                    gaps.setdefault(part, []).append(place)
        return gaps

    def _whole(self, days: list[Stretch], gap: Stretch) -> list[Stretch]:
        """Return the months of a gap that stretches of days lie in, where months are asked for."""
        if self._kind is MONTHS:
            return days
        touched = {month for part in days for month in self._zone.months_between(*part)}
        return joined(
            (max(month, gap[0]), min(self._zone.next_month(month), gap[1]))
            for month in sorted(touched)
        )

    def _below(self, meters: Sequence[Meter], gap: Stretch) -> list[RowsOfMeter]:
        """Return the rows of a stretch of days from what they are made from."""
        read = self._reader.days_of_buckets if self._kind is MONTHS else self._reader.months_of_days
        return read(meters, self._zone, gap)

    def _sort(self, device: str, period: int) -> str:
        return self._kind.sort(self._zone, device, period)


def _stored(
    calls: Calls, owner: str, sorts: Sequence[Callable[[int], str]], begins: Sequence[int]
) -> list[Item]:
    """Return the blocks of these beginnings, ascending for each source: a few of many in one call.

    `sorts` tell the sort key of each source's block by its beginning; a range has thousands.
    """
    if len(sorts) > 1 and len(sorts) * len(begins) <= MAX_BATCH:
        wanted = [(owner, sort(begin)) for sort in sorts for begin in begins]
        return [*calls.get_many(wanted, strong=False)]
    return [
        item
        for sort in sorts
        for item in calls.query(owner, sort(begins[0]), sort(begins[-1]), strong=False)
    ]


def _joined(meter: Meter, parts: Sequence[RowsOfMeter]) -> RowsOfMeter:
    """Return a meter's rows of several ranges together, ascending."""
    return {
        measure: sorted(row for part in parts for row in part[measure])
        for measure in meter.measures
    }
