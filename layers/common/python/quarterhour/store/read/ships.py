"""Reads of ships: one channel over any range, in UTC; and one day of many ships."""

from collections.abc import Sequence

from quarterhour.energy import aggregate
from quarterhour.energy.aggregate import DAY, HOUR, MONTH, QUARTER_HOURS, Buckets, Row
from quarterhour.energy.measures import Kind, Measure
from quarterhour.errors import NotFound
from quarterhour.sites.sources import Source
from quarterhour.sites.virtual_meters import Meter
from quarterhour.store.read.rows import RAW_DAYS, UTC, Reader, StoredSums
from quarterhour.store.table import blocks, keys
from quarterhour.store.table.blocks import YEARS, is_current
from quarterhour.store.table.calls import Calls
from quarterhour.store.table.heads import Heads
from quarterhour.store.table.registry import Registry
from quarterhour.time.calendar import (
    DAY_MS,
    day_of,
    days_between,
    hour_of,
    month_of,
    years_between,
)
from quarterhour.time.intervals import between

# Months of up to two years are read from month blocks, of more from year blocks.
FEW_YEARS = 2


class ShipReader:
    """The table as a read of ships sees it."""

    def __init__(self, calls: Calls, registry: Registry) -> None:
        self._calls = calls
        self._registry = registry
        self._reader = Reader(calls)

    def rows(
        self, ship: Source, channel: str, start_ms: int, end_ms: int, interval: str
    ) -> list[Row]:
        """Return a channel's energy by interval; NotFound for a ship that has never posted."""
        rows = _INTERVALS[interval](self, ship, channel, start_ms, end_ms)
        if not rows and not self._registry.lists(ship.owner, strong=True):
            raise NotFound("This ship has never posted.")
        return rows

    def buckets(self, ship: Source, channel: str, start_ms: int, end_ms: int) -> Buckets:
        """Return a channel's buckets that begin in [start_ms, end_ms), ascending."""
        meter = _meter(ship, channel)
        if len(days_between(start_ms, end_ms)) <= RAW_DAYS:
            found = self._reader.derived(meter, start_ms, end_ms)
        else:
            (found,), _ = self._reader.buckets_of([meter], (start_ms, end_ms))
        return found[meter.measures[0]]

    def quarter_hours(self, ship: Source, channel: str, start_ms: int, end_ms: int) -> list[Row]:
        """Return the quarter hours that begin in [start_ms, end_ms)."""
        found = self.buckets(ship, channel, start_ms, end_ms)
        return aggregate.quarter_hours(found, Kind.ENERGY, UTC)

    def hours(self, ship: Source, channel: str, start_ms: int, end_ms: int) -> list[Row]:
        """Return the sums of the hours of [start_ms, end_ms), the first and the last cut."""
        return aggregate.summed(self.buckets(ship, channel, start_ms, end_ms), hour_of)

    def days(self, ship: Source, channel: str, start_ms: int, end_ms: int) -> list[Row]:
        """Return the sums of the days of [start_ms, end_ms), the first and the last cut."""
        if len(days_between(start_ms, end_ms)) <= RAW_DAYS:
            return self._cut(ship, channel, start_ms, end_ms)
        first, end = day_of(start_ms + DAY_MS - 1), day_of(end_ms)
        meter = _meter(ship, channel)
        (whole,), _ = self._reader.days_of([meter], UTC, (first, end))
        return [
            *self._cut(ship, channel, start_ms, first),
            *whole[meter.measures[0]],
            *self._cut(ship, channel, end, end_ms),
        ]

    def months(self, ship: Source, channel: str, start_ms: int, end_ms: int) -> list[Row]:
        """Return the sums of the months of [start_ms, end_ms), the first and the last cut."""
        years = years_between(start_ms, end_ms)
        if len(years) <= FEW_YEARS:
            return aggregate.folded(self.days(ship, channel, start_ms, end_ms), month_of)
        meter = _meter(ship, channel)
        stored = StoredSums(self._reader, YEARS, [meter], UTC, (years[0], end_ms))
        heads = self._reader.heads(ship.owner, *stored.range)
        (kept,) = stored.kept(heads)
        whole = [part for part in kept if start_ms <= part[0] and part[1] <= end_ms]
        found = [kept[part][one] for part in whole for one in kept[part]]
        for first, end in between(whole, start_ms, end_ms):
            found += aggregate.folded(self.days(ship, channel, first, end), month_of)
        return sorted(found)

    def day_of_many(self, ships: Sequence[Source], channel: str, day: int) -> dict[Source, Buckets]:
        """Return many ships' buckets of one day: of a block where that is valid, else derived.

        Blocks first, then heads, as for one ship; a hundred of them in a call.
        """
        blocks_at = [(one.owner, keys.day_sort(one.device, channel, day)) for one in ships]
        stored = {item["pk"]["S"]: item for item in self._calls.get_many(blocks_at, strong=False)}
        heads_at = [(owner, keys.head_sort(day)) for owner in stored]
        heads = {item["pk"]["S"]: item for item in self._calls.get_many(heads_at, strong=True)}
        found: dict[Source, Buckets] = {}
        for one in ships:
            block, head = stored.get(one.owner), heads.get(one.owner)
            if block and is_current(block, Heads([head] if head else []).of_day(one, day)):
                found[one] = blocks.day_buckets(day, block)
            else:
                found[one] = self._derived(one, channel, day, day + DAY_MS)
        return found

    def _derived(self, ship: Source, channel: str, start_ms: int, end_ms: int) -> Buckets:
        meter = _meter(ship, channel)
        found = self._reader.derived(meter, start_ms, end_ms)
        return found[meter.measures[0]]

    def _cut(self, ship: Source, channel: str, start_ms: int, end_ms: int) -> list[Row]:
        if start_ms >= end_ms:
            return []
        return aggregate.summed(self.buckets(ship, channel, start_ms, end_ms), day_of)


_INTERVALS = {
    QUARTER_HOURS: ShipReader.quarter_hours,
    HOUR: ShipReader.hours,
    DAY: ShipReader.days,
    MONTH: ShipReader.months,
}


def _meter(ship: Source, channel: str) -> Meter:
    return Meter(ship, (Measure(channel),))
