"""Settling a meter: closed days, and the months and years they lie in, as derived blocks.

The heads are read before the readings, once for all of a site that is settled in one go, and a
block says which counter it was derived at; an older run can never cover a newer one. Anything here
may be killed, repeated, or run twice at once.
"""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from quarterhour.energy import aggregate
from quarterhour.energy.aggregate import Profiles
from quarterhour.energy.profile import Profile, profile
from quarterhour.energy.readings import Series
from quarterhour.sites.virtual_meters import Meter
from quarterhour.store.read import memory
from quarterhour.store.read.memory import BlockMemory, Kept
from quarterhour.store.read.raw import Raw
from quarterhour.store.read.rows import Reader, aggregated, months_of
from quarterhour.store.read.stored_days import StoredDays
from quarterhour.store.read.stored_sums import StoredSums
from quarterhour.store.table import blocks, keys, sums
from quarterhour.store.table.blocks import MONTHS, YEARS, Periods
from quarterhour.store.table.calls import Calls, only_if, set_values, whole_item
from quarterhour.store.table.marks import Heads
from quarterhour.store.table.parallel import SideBySide, in_turn, shares
from quarterhour.time import cuts
from quarterhour.time.calendar import DAY_MS, UTC, Zone
from quarterhour.time.intervals import Interval, end_of, intervals_of_days

ATTEMPTS = 5
MOST_BYTES = 16 * 2**20  # of what a run has just made

_NEWER = "attribute_not_exists(#s) OR #s <= :s"
# A block of another time zone says nothing any more, however far it goes.
_FURTHER = "attribute_not_exists(#s) OR #tz <> :tz OR (#s <= :s AND #upto <= :upto)"


class Settler:
    """Writes meters' blocks; which days are closed is for the caller to know.

    What it has just made it need not read, to put it together to what is above.
    """

    def __init__(self, calls: Calls, side_by_side: SideBySide = in_turn) -> None:
        self._calls = calls
        self._memory = BlockMemory(most_bytes=MOST_BYTES)
        self._reader = Reader(calls, memory=self._memory)
        self._side_by_side = side_by_side

    def heads(self, owner: str, zone: Zone, days: Sequence[int]) -> Heads:
        """Return the counters by which days of an owner, their months and years can be settled.

        A block says which counters it is of: those that were read before its readings, or before it
        was put together of blocks that are of the same. So once is enough, as long as nobody wrote.
        """
        first, last = zone.year_of(min(days)), zone.year_of(max(days) + DAY_MS - 1)
        return self._reader.heads(owner, first, zone.next_year(last))

    def settle_days(self, days: Mapping[Meter, Sequence[int]], heads: Heads) -> None:
        """Write the blocks of meters of one owner, each of its own closed UTC days (ascending).

        Days without data get blocks, too. Readings are read once for all meters made of them.
        """
        of_days = {meter: listed for meter, listed in days.items() if not meter.is_hourly}
        for by_interval in _by_month(of_days).values():
            for interval, meters in by_interval.items():
                self._settle_days(meters, interval, heads, Raw(self._calls))

    def _settle_days(self, meters: Sequence[Meter], days: Interval, heads: Heads, raw: Raw) -> None:
        updates: list[dict[str, Any]] = []
        for meter in meters:
            for measure, buckets in self._reader.derived(meter, *days, raw).items():
                by_day = {day: buckets.part(*of) for day, *of in cuts.days(buckets.starts, UTC)}
                for day in range(*days, DAY_MS):
                    rows, marks = by_day.get(day, profile()), heads.of_day(meter.source, day)
                    updates.append(_day_update(meter, measure, day, rows, marks))
                    place = memory.of_day(meter.source, measure, day)
                    self._memory.keep(place, Kept.of_day(day, marks, rows))
        self._side_by_side(self._write, shares(updates))

    def _write(self, updates: Sequence[dict[str, Any]]) -> None:
        for update in updates:
            self._calls.update_if(update)

    def settle_sums(
        self, meter: Meter, zone: Zone, days: Sequence[int], upto_ms: int, heads: Heads
    ) -> bool:
        """Write the months and years that these UTC days touch, complete up to `upto_ms`.

        Return whether all of them held. What is after the end of the closed days is left out. Where
        `heads` are older than what is written, they are read again.
        """
        touched = [local for day in days for local in (day, day + DAY_MS - 1)]
        months = sorted({zone.month_of(at) for at in touched})
        years = sorted({zone.year_of(at) for at in touched})
        held = [self._settle(meter, MONTHS, zone, month, upto_ms, heads) for month in months]
        if not meter.is_hourly:
            held += [self._settle(meter, YEARS, zone, year, upto_ms, heads) for year in years]
        return all(held)

    def extend_sums(self, meter: Meter, zone: Zone, day: int, heads: Heads) -> None:
        """Write the months and years of which a part ends with a UTC day that is closed in turn.

        They are what is stored of them, and the new part.
        """
        for kind in (MONTHS,) if meter.is_hourly else (MONTHS, YEARS):
            for period in sorted({kind.period_of(zone, at) for at in (day, day + DAY_MS - 1)}):
                if day < end_of(kind.parts(zone, period), day + DAY_MS):
                    self._settle(meter, kind, zone, period, day + DAY_MS, heads, extends=True)

    def _settle(  # noqa: PLR0913, PLR0917  what is written, up to when, and of what
        self,
        meter: Meter,
        kind: Periods,
        zone: Zone,
        period: int,
        upto_ms: int,
        heads: Heads,
        *,
        extends: bool = False,
    ) -> bool:
        """Write a month or year; `extends`: with what is stored of it, as far as it is valid."""
        parts = kind.parts(zone, period)
        end_ms = end_of(parts, upto_ms)
        if end_ms <= period:
            return True
        below = self._days if kind is MONTHS else self._months
        owner, sort = meter.source.owner, kind.sort(zone, meter, period)
        interval, whole = (period, end_ms), (period, parts[-1][1])
        for attempt in range(ATTEMPTS):
            if attempt:
                heads = self._reader.heads(owner, *whole)
            if extends:
                stored = StoredSums(self._reader, kind, [meter], zone, interval, below)
                (rows,) = stored.completed(heads)
            else:
                (rows,) = below([meter], zone, interval, heads)
            marks = heads.of_days(meter.source, *whole)
            items = sums.sums_blocks(parts, rows, marks, end_ms, zone)
            puts = [self._put(owner, sort, *each) for each in enumerate(items)]
            if all(puts):
                for measure, of_measure in rows.items():
                    place = memory.of_period(meter.source, measure, kind, zone, period)
                    self._memory.keep(place, Kept(marks, end_ms, of_measure))
                return True
        return False

    def _days(
        self, meters: Sequence[Meter], zone: Zone, interval: Interval, heads: Heads
    ) -> list[Profiles]:
        buckets = StoredDays(self._reader, meters, interval).completed(heads)
        return aggregated(meters, buckets, aggregate.days, zone)

    def _months(
        self, meters: Sequence[Meter], zone: Zone, interval: Interval, heads: Heads
    ) -> list[Profiles]:
        stored = StoredSums(self._reader, MONTHS, meters, zone, interval, self._days)
        return [months_of(days, zone) for days in stored.completed(heads)]

    def _put(self, owner: str, first: str, nth: int, item: dict[str, Any]) -> bool:
        values = {name: item[name] for name in ("s", "upto", "tz")}
        put = whole_item(owner, keys.sums_sort(first, nth), item)
        return self._calls.put_if(only_if(put, _FURTHER, **values))


def _by_month(days: Mapping[Meter, Sequence[int]]) -> dict[int, dict[Interval, list[Meter]]]:
    """Return the intervals of days inside each month, and which meters have each of them."""
    months: dict[int, dict[Interval, list[Meter]]] = {}
    for meter, meter_days in days.items():
        for month, month_days in groupby(meter_days, key=UTC.month_of):
            for interval in intervals_of_days(month_days):
                months.setdefault(month, {}).setdefault(interval, []).append(meter)
    return dict(sorted(months.items()))


def _day_update(
    meter: Meter, measure: Series, day: int, rows: Profile, marks: int
) -> dict[str, Any]:
    block = blocks.day_block(day, rows, marks, measure.quantity)
    sort = keys.day_sort(meter.source.device, measure.channel, day)
    return only_if(set_values(meter.source.owner, sort, block), _NEWER, s=block["s"])
