"""Reads of an owner's meters: blocks where they are valid, the readings themselves elsewhere.

Blocks may be read eventually consistent and are read first; the mark counters are read after
them, strongly: a block whose counter is still the same is whole and current (docs/table.md).
"""

from collections.abc import Iterable, Sequence
from itertools import product

from quarterhour.energy import aggregate
from quarterhour.energy.aggregate import Buckets, Row, bucketed
from quarterhour.energy.measures import Measure
from quarterhour.energy.reach import neighbourhood
from quarterhour.sites.sources import Source
from quarterhour.sites.virtual_meters import Meter
from quarterhour.store.table import blocks, keys
from quarterhour.store.table.blocks import MONTHS, YEARS, Periods, is_current
from quarterhour.store.table.calls import MAX_BATCH, Calls, Item
from quarterhour.store.table.heads import Heads
from quarterhour.store.table.items import Readings, readings
from quarterhour.time.calendar import DAY_MS, day_of, days_between, month_of
from quarterhour.time.intervals import Stretch, between, joined
from quarterhour.time.zones import Zone, zone

# Up to two days are read raw: a call less than blocks and heads, and no more to read.
RAW_DAYS = 2
# The days of a month that is not settled: from day blocks where these are few queries, else raw.
FEW_MEASURES = 4

UTC = zone("UTC")
OfMeter = dict[Measure, Buckets]
RowsOfMeter = dict[Measure, list[Row]]
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

    def raw(self, source: Source, start_ms: int, end_ms: int) -> Readings:
        """Return the readings that decide the buckets of [start_ms, end_ms), each series sorted."""
        first, last = keys.between(*neighbourhood(start_ms, end_ms))
        return readings(self.calls.query(keys.bucket_partition(source), first, last))

    def derived(self, meter: Meter, start_ms: int, end_ms: int, read: Raw | None = None) -> OfMeter:
        """Return a meter's buckets of [start_ms, end_ms), from the readings.

        What was `read` before is not read again, and what is read is added to it.
        """
        asked = start_ms, end_ms
        kept = self._kept if read is None else read
        parts = []
        for one in meter.devices:
            if kept is None or (one.source, asked) not in kept:
                found = self.raw(one.source, *asked)
            else:
                found = kept[one.source, asked]
            if kept is not None:
                kept[one.source, asked] = found
            parts.append(aggregate.derived(found, one.measures, *asked))
        made = aggregate.chosen(parts) if meter.parts else parts[0]
        return {one: made[one] for one in dict.fromkeys(map(bucketed, meter.measures))}

    def head(self, owner: str, month: int) -> Heads:
        """Return an owner's mark counters of one month, strongly."""
        head = self.calls.get(owner, keys.head_sort(month), strong=True)
        return Heads([head] if head else [])

    def heads(self, owner: str, start_ms: int, end_ms: int) -> Heads:
        """Return an owner's mark counters of the months that are touched, strongly."""
        sorts = keys.head_sort(month_of(start_ms)), keys.head_sort(month_of(end_ms - 1))
        return Heads(self.calls.query(owner, *sorts))

    def buckets_of(
        self, meters: Sequence[Meter], asked: Stretch, counted: Stretch | None = None
    ) -> tuple[list[OfMeter], Heads]:
        """Return the buckets of meters of one owner, and the counters read after the blocks.

        The counters are those of the days `counted`, where these are more than are asked for.
        """
        stored = StoredDays(self, meters, asked)
        heads = self.heads(meters[0].source.owner, *(counted or stored.range))
        return stored.completed(heads), heads

    def days_of(
        self, meters: Sequence[Meter], zone_: Zone, asked: Stretch, counted: Stretch | None = None
    ) -> tuple[list[RowsOfMeter], Heads]:
        """Return the local days of meters of one owner, and the counters read; as `buckets_of`."""
        stored = StoredSums(self, MONTHS, meters, zone_, asked)
        heads = self.heads(meters[0].source.owner, *(counted or stored.range))
        return stored.completed(heads), heads

    def with_readings(
        self, source: Source, zone_: Zone, gap: Stretch, heads: Heads
    ) -> list[Stretch]:
        """Return those days of a stretch of whole days that can have readings of a source."""
        begin, end = gap
        if self._since_ms is None or begin >= self._since_ms:
            return [gap]
        marked = [day for day in heads.marked(source) if begin - DAY_MS < day < self._since_ms]
        days = {local for day in marked for local in zone_.days_between(day, day + DAY_MS)}
        known = [(day, zone_.next_day(day)) for day in sorted(days) if begin <= day < end]
        tail = max(begin, zone_.day_of(self._since_ms))
        earlier = [(first, last) for first, last in known if first < tail]
        return joined([*earlier, *([(tail, end)] if tail < end else [])])


class StoredDays:
    """The day blocks of meters of one owner, read when this is made; whole UTC days."""

    def __init__(self, reader: Reader, meters: Sequence[Meter], asked: Stretch) -> None:
        self._reader = reader
        self._meters = meters
        self._asked = asked
        self.range = day_of(asked[0]), day_of(asked[1] - 1) + DAY_MS
        self._items: dict[tuple[str, str], dict[int, Item]] = {}
        for item in self._read(days_between(*asked)):
            _, device, channel, day = item["sk"]["S"].split("#")
            self._items.setdefault((device, channel), {})[keys.begin_ms(day)] = item

    def _read(self, days: range) -> list[Item]:
        """Return the stored days: a few of many measures in one call."""
        owner = self._meters[0].source.owner
        wanted = dict.fromkeys(
            (meter.source.device, bucketed(one).channel)
            for meter in self._meters
            for one in meter.measures
        )
        if len(wanted) > 1 and len(wanted) * len(days) <= MAX_BATCH:
            wanted_at = [
                (owner, keys.day_sort(device, channel, day))
                for (device, channel), day in product(wanted, days)
            ]
            return [*self._reader.calls.get_many(wanted_at, strong=False)]
        return [
            item
            for of in wanted
            for item in self._reader.calls.query(
                owner, keys.day_sort(*of, days[0]), keys.day_sort(*of, days[-1]), strong=False
            )
        ]

    def completed(self, heads: Heads) -> list[OfMeter]:
        """Return the meters' buckets, by counters that were read after this was made."""
        return [self._of(meter, heads) for meter in self._meters]

    def _of(self, meter: Meter, heads: Heads) -> OfMeter:
        wanted = [*dict.fromkeys(map(bucketed, meter.measures))]
        valid = self._valid(meter, wanted, heads)
        pieces: list[tuple[int, OfMeter]] = [
            (
                day,
                {
                    one: blocks.day_buckets(day, item)
                    for one, item in zip(wanted, items, strict=True)
                },
            )
            for day, items in valid.items()
        ]
        kept = ((day, day + DAY_MS) for day in valid)
        for gap in between(kept, *self.range):
            parts = self._reader.with_readings(meter.source, UTC, gap, heads)
            pieces += [(part[0], self._reader.derived(meter, *part)) for part in parts]
        return {one: self._put_together(one, pieces) for one in wanted}

    def _valid(
        self, meter: Meter, wanted: Sequence[Measure], heads: Heads
    ) -> dict[int, list[Item]]:
        """Return the days of which every measure's block holds, ascending, with the blocks."""
        stored = [self._items.get((meter.source.device, one.channel), {}) for one in wanted]
        valid = {}
        for day in sorted(stored[0]) if stored else ():
            marks = heads.of_day(meter.source, day)
            items = [of_day.get(day) for of_day in stored]
            if all(
                item and is_current(item, marks, one.kind)
                for one, item in zip(wanted, items, strict=True)
            ):
                valid[day] = [item for item in items if item]
        return valid

    def _put_together(self, one: Measure, pieces: list[tuple[int, OfMeter]]) -> Buckets:
        found: Buckets = {}
        for _, piece in sorted(pieces, key=lambda part: part[0]):
            found |= piece.get(one, {})
        start_ms, end_ms = self._asked
        if self._asked == self.range:
            return found
        return {at: bucket for at, bucket in found.items() if start_ms <= at < end_ms}


class StoredSums:
    """The month or year blocks of meters of one owner, read when this is made.

    Days from month blocks, months from year blocks; `asked` begins and ends with such a part.
    """

    def __init__(
        self,
        reader: Reader,
        kind: Periods,
        meters: Sequence[Meter],
        zone_: Zone,
        asked: Stretch,
    ) -> None:
        self._reader = reader
        self._kind = kind
        self._meters = meters
        self._zone = zone_
        self._asked = asked
        self._periods = kind.between(zone_, *asked)
        self.range = self._periods[0], kind.following(zone_, self._periods[-1])
        self._items = self._read()

    def _read(self) -> dict[str, Item]:
        """Return the stored periods by sort key: of several sources in one call."""
        owner = self._meters[0].source.owner
        devices = list(dict.fromkeys(meter.source.device for meter in self._meters))
        many = len(devices) * len(self._periods)
        if len(devices) > 1 and many <= MAX_BATCH:
            wanted = [(owner, self._sort(*of)) for of in product(devices, self._periods)]
            items = [*self._reader.calls.get_many(wanted, strong=False)]
        else:
            items = [
                item
                for device in devices
                for item in self._reader.calls.query(
                    owner,
                    self._sort(device, self._periods[0]),
                    self._sort(device, self._periods[-1]),
                    strong=False,
                )
            ]
        return {item["sk"]["S"]: item for item in items}

    def completed(self, heads: Heads) -> list[RowsOfMeter]:
        """Return the meters' rows, by counters that were read after this was made."""
        kept = self.kept(heads)
        rows: list[RowsOfMeter] = [
            {
                one: [part[one] for part in of_meter.values() if one in part]
                for one in meter.measures
            }
            for meter, of_meter in zip(self._meters, kept, strict=True)
        ]
        for gap, places in self._gaps(kept, heads).items():
            below = self._below([self._meters[place] for place in places], gap)
            for place, found in zip(places, below, strict=True):
                for one in self._meters[place].measures:
                    rows[place][one] += found[one]
        return [{one: sorted(of) for one, of in of_meter.items()} for of_meter in rows]

    def kept(self, heads: Heads) -> list[dict[Stretch, dict[Measure, Row]]]:
        """Return what the blocks tell of each meter, part by part."""
        return [self._kept_of(meter, heads) for meter in self._meters]

    def _kept_of(self, meter: Meter, heads: Heads) -> dict[Stretch, dict[Measure, Row]]:
        start_ms, end_ms = self._asked
        found: dict[Stretch, dict[Measure, Row]] = {}
        for period in self._periods:
            if item := self._items.get(self._sort(meter.source.device, period)):
                parts = self._kind.parts(self._zone, period)
                marks = heads.of_days(meter.source, parts[0][0], parts[-1][1])
                found |= blocks.kept_rows(parts, item, marks, meter.measures, self._zone)
        return {at: row for at, row in found.items() if start_ms <= at[0] and at[1] <= end_ms}

    def _gaps(self, kept: Sequence[Iterable[Stretch]], heads: Heads) -> dict[Stretch, list[int]]:
        """Return what the blocks do not tell, and of which meters."""
        found: dict[Stretch, list[int]] = {}
        for place, (meter, of_meter) in enumerate(zip(self._meters, kept, strict=True)):
            for gap in between(of_meter, *self._asked):
                days = self._reader.with_readings(meter.source, self._zone, gap, heads)
                for part in self._whole(days):
                    found.setdefault(part, []).append(place)
        return found

    def _whole(self, days: list[Stretch]) -> list[Stretch]:
        """Return the months that stretches of days lie in, where months are asked for."""
        if self._kind is MONTHS:
            return days
        touched = {month for one in days for month in self._zone.months_between(*one)}
        return joined((month, self._zone.next_month(month)) for month in sorted(touched))

    def _below(self, meters: Sequence[Meter], gap: Stretch) -> list[RowsOfMeter]:
        """Return the rows of a stretch of days from what they are made from."""
        if self._kind is YEARS:
            of_days, _ = self._reader.days_of(meters, self._zone, gap)
            return [
                {one: aggregate.folded(rows, self._zone.month_of) for one, rows in found.items()}
                for found in of_days
            ]
        few = sum(len(meter.measures) for meter in meters) <= FEW_MEASURES
        if len(days_between(*gap)) > RAW_DAYS and few:
            buckets, _ = self._reader.buckets_of(meters, gap)
        else:
            buckets = [self._reader.derived(meter, *gap) for meter in meters]
        return [
            aggregate.by_measure(found, meter.measures, aggregate.days, self._zone)
            for meter, found in zip(meters, buckets, strict=True)
        ]

    def _sort(self, device: str, period: int) -> str:
        return self._kind.sort(self._zone, device, period)
