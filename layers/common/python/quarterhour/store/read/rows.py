"""Rows of an owner's meters, of blocks where they are valid, of the readings elsewhere."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial

from quarterhour.energy import aggregate
from quarterhour.energy.aggregate import Aggregate, Profiles
from quarterhour.energy.profile import Profile
from quarterhour.energy.readings import Series
from quarterhour.errors import TooMuchUnsettled
from quarterhour.sites.sources import Source
from quarterhour.sites.virtual_meters import Meter
from quarterhour.store.read import memory
from quarterhour.store.read.access import RAW_DAYS, Access
from quarterhour.store.read.memory import Kept
from quarterhour.store.read.stored_days import StoredDays
from quarterhour.store.read.stored_sums import StoredSums, joined_rows
from quarterhour.store.table import blocks, keys
from quarterhour.store.table.blocks import MONTHS, YEARS, is_current
from quarterhour.store.table.marks import Heads
from quarterhour.store.table.parallel import SideBySide, in_turn
from quarterhour.time import cuts
from quarterhour.time.calendar import DAY_MS, UTC, Zone
from quarterhour.time.intervals import Interval

# More days are read raw, too, where the day blocks of so many measures would take more queries.
FEW_MEASURES = 4
# Months of up to two years are read from month blocks, of more from year blocks.
FEW_YEARS = 2

# Does what is to be done of a site, and returns whether it was done.
Tried = Callable[[str, Callable[[], object]], bool]


def at_once(_owner: str, work: Callable[[], object]) -> bool:
    """Do what is to be done of a site; what it raises ends the read."""
    work()
    return True


class Reader(Access):
    """Rows of meters of one owner, of any length; counters that were read before may be given.

    These do for what is derived now and for what is kept, not for a block that is read now.
    """

    def buckets(
        self, meters: Sequence[Meter], interval: Interval, heads: Heads | None = None
    ) -> list[Profiles]:
        """Return the meters' buckets that begin in a range, of which blocks are few queries."""
        is_few = sum(len(meter.measures) for meter in meters) <= FEW_MEASURES
        wanted = [(meter, interval) for meter in meters]
        if is_few and len(UTC.days_between(*interval)) <= RAW_DAYS:
            with suppress(TooMuchUnsettled):
                return self.derived_all(wanted, self.few_readings())
        if is_few:
            return self._completed(StoredDays(self, meters, interval), heads)
        if heads and self.keeps:
            return StoredDays(self, meters, interval, reads=False).completed(heads)
        return self.derived_all(wanted)

    def days(
        self,
        meters: Sequence[Meter],
        zone: Zone,
        interval: Interval,
        heads: Heads | None = None,
    ) -> list[Profiles]:
        """Return the meters' local days of a range, which may cut the first and the last."""
        start_ms, end_ms = interval
        parts, cut = [], [interval]
        if len(UTC.days_between(*interval)) > RAW_DAYS:
            first = start_ms if zone.day_of(start_ms) == start_ms else zone.next_day(start_ms)
            last = zone.day_of(end_ms)
            parts.append(self._completed(self.stored_months(meters, zone, (first, last)), heads))
            cut = [(start_ms, first), (last, end_ms)]
        parts += [self.days_of_buckets(meters, zone, part) for part in cut if part[0] < part[1]]
        return [joined_rows(meter, pieces) for meter, *pieces in zip(meters, *parts, strict=True)]

    def months(self, meters: Sequence[Meter], zone: Zone, interval: Interval) -> list[Profiles]:
        """Return the meters' local months of a range, which may cut the first and the last."""
        if len(YEARS.between(zone, *interval)) <= FEW_YEARS:
            return self.months_of_days(meters, zone, interval)
        return self._completed(self.stored_years(meters, zone, interval))

    def days_of_buckets(
        self,
        meters: Sequence[Meter],
        zone: Zone,
        interval: Interval,
        heads: Heads | None = None,
    ) -> list[Profiles]:
        """Return the meters' local days, aggregated now."""
        return aggregated(meters, self.buckets(meters, interval, heads), aggregate.days, zone)

    def months_of_days(
        self,
        meters: Sequence[Meter],
        zone: Zone,
        interval: Interval,
        heads: Heads | None = None,
    ) -> list[Profiles]:
        """Return the meters' local months, aggregated now."""
        return [months_of(days, zone) for days in self.days(meters, zone, interval, heads)]

    def _completed(
        self, stored: StoredDays | StoredSums, heads: Heads | None = None
    ) -> list[Profiles]:
        if heads is None or stored.has_read:
            heads = self.heads(stored.owner, *stored.range)
        return stored.completed(heads)

    def stored_months(self, meters: Sequence[Meter], zone: Zone, interval: Interval) -> StoredSums:
        """Return the month blocks of a range, which tell days, to be completed by buckets."""
        return StoredSums(self, MONTHS, meters, zone, interval, self.days_of_buckets)

    def stored_years(self, meters: Sequence[Meter], zone: Zone, interval: Interval) -> StoredSums:
        """Return the year blocks of a range, which tell months, to be completed by days."""
        return StoredSums(self, YEARS, meters, zone, interval, self.months_of_days)

    def day_of_many(
        self,
        sources: Sequence[Source],
        measure: Series,
        day: int,
        tried: Tried = at_once,
        side_by_side: SideBySide = in_turn,
    ) -> dict[Source, Profile]:
        """Return the buckets of one day of sources of many owners, as far as `tried` allows.

        Blocks first, then heads, as for one owner; a hundred of them in a call. Then the readings
        of those without a valid block.
        """
        past = sources if self.is_past(day + DAY_MS) else ()
        places = {source: memory.of_day(source, measure, day) for source in past}
        kept = {source: found for source, at in places.items() if (found := self.taken(at))}
        blocks_at = [
            (source.owner, keys.day_sort(source.device, measure.channel, day))
            for source in past
            if source not in kept
        ]
        stored = {item["pk"]["S"]: item for item in self.calls.get_many(blocks_at, strong=False)}
        with_blocks = [*(source.owner for source in kept), *stored]
        heads_at = [(owner, keys.head_sort(day)) for owner in with_blocks]
        heads = {item["pk"]["S"]: item for item in self.calls.get_many(heads_at, strong=True)}
        buckets: dict[Source, Profile] = {}

        def read(source: Source) -> None:
            found, block = kept.get(source), stored.get(source.owner)
            head = heads.get(source.owner)
            marks = Heads([head] if head else []).of_day(source, day)
            if found and found.marks == marks:
                buckets[source] = found.rows
                return
            if found:
                self.drop(places[source])
            if block and is_current(block, marks, measure.quantity):
                buckets[source] = blocks.day_buckets(day, block)
                self.keep(places[source], Kept.of_day(day, marks, buckets[source]))
            else:
                derived = self.derived(Meter(source, (measure,)), day, day + DAY_MS)
                buckets[source] = derived[measure]

        def read_if_it_can_be(source: Source) -> None:
            tried(source.owner, partial(read, source))

        side_by_side(read_if_it_can_be, sources)
        return {source: buckets[source] for source in sources if source in buckets}


def aggregated(
    meters: Sequence[Meter], buckets: Sequence[Profiles], aggregation: Aggregate, zone: Zone
) -> list[Profiles]:
    """Return the quarter hours, hours or days of each meter's buckets."""
    return [
        aggregate.by_measure(of_meter, meter.measures, aggregation, zone)
        for meter, of_meter in zip(meters, buckets, strict=True)
    ]


def months_of(days: Mapping[Series, Profile], zone: Zone) -> Profiles:
    """Return a meter's local months, of its days."""
    return {
        measure: aggregate.folded(found, cuts.months(found.starts, zone))
        for measure, found in days.items()
    }
