"""Settling a meter: closed days, and the months and years they lie in, as derived blocks.

The head is read before the readings, and a block says which counter it was derived at; an older
run can never cover a newer one. Anything here may be killed, repeated, or run twice at once.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from quarterhour.energy import aggregate
from quarterhour.energy.aggregate import Buckets
from quarterhour.energy.readings import Series
from quarterhour.sites.virtual_meters import Meter
from quarterhour.store.read.rows import Raw, Reader, RowsOfMeter
from quarterhour.store.table import blocks, keys
from quarterhour.store.table.blocks import MONTHS, YEARS, Periods
from quarterhour.store.table.calls import Calls, only_if, set_values
from quarterhour.store.table.marks import Heads
from quarterhour.store.table.parallel import SideBySide, in_turn, shares
from quarterhour.time.calendar import DAY_MS, UTC, Zone
from quarterhour.time.intervals import Stretch, runs_of_days

ATTEMPTS = 5

_NEWER = "attribute_not_exists(#s) OR #s <= :s"
# A block of another time zone says nothing any more, however far it goes.
_FURTHER = "attribute_not_exists(#s) OR #tz <> :tz OR (#s <= :s AND #upto <= :upto)"


class Settler:
    """Writes meters' blocks; which days are closed is for the caller to know."""

    def __init__(self, calls: Calls, reader: Reader, side_by_side: SideBySide = in_turn) -> None:
        self._calls = calls
        self._reader = reader
        self._side_by_side = side_by_side

    def settle_days(self, days: Mapping[Meter, Sequence[int]]) -> None:
        """Write the blocks of meters of one owner, each of its own closed UTC days (ascending).

        Days without data get blocks, too. Readings are read once for all meters made of them.
        """
        for month, by_run in _by_month(days).items():
            owner = next(iter(days)).source.owner
            heads = self._reader.head(owner, month)
            for run, meters in by_run.items():
                self._settle_run(meters, run, heads)

    def _settle_run(self, meters: Sequence[Meter], run: Stretch, heads: Heads) -> None:
        raw: Raw = {}
        updates = [
            update
            for meter in meters
            for measure, buckets in self._reader.derived(meter, *run, raw).items()
            for update in _day_updates(meter, measure, range(*run, DAY_MS), buckets, heads)
        ]
        self._side_by_side(self._write, shares(updates))

    def _write(self, updates: Sequence[dict[str, Any]]) -> None:
        for update in updates:
            self._calls.update_if(update)

    def settle_sums(self, meter: Meter, zone: Zone, days: Sequence[int], upto_ms: int) -> bool:
        """Write the months and years that these UTC days touch, complete up to `upto_ms`.

        Return whether all of them held. What is after the end of the closed days is left out.
        """
        touched = [local for day in days for local in (day, day + DAY_MS - 1)]
        months = sorted({zone.month_of(at) for at in touched})
        years = sorted({zone.year_of(at) for at in touched})
        held = [self._settle(meter, MONTHS, zone, month, upto_ms) for month in months]
        return all([*held, *(self._settle(meter, YEARS, zone, year, upto_ms) for year in years)])

    def _settle(self, meter: Meter, kind: Periods, zone: Zone, period: int, upto_ms: int) -> bool:
        parts = kind.parts(zone, period)
        end_ms = max((end for _, end in parts if end <= upto_ms), default=period)
        if end_ms == period:
            return True
        owner, sort = meter.source.owner, kind.sort(zone, meter.source.device, period)
        for _ in range(ATTEMPTS):
            whole = period, parts[-1][1]
            rows, heads = _READ[kind](self._reader, meter, zone, (period, end_ms), whole)
            marks = heads.of_days(meter.source, *whole)
            block = blocks.sums_block(parts, rows, marks, end_ms, zone)
            values = {name: block[name] for name in ("s", "upto", "tz")}
            if self._calls.update_if(only_if(set_values(owner, sort, block), _FURTHER, **values)):
                return True
        return False


def _by_month(days: Mapping[Meter, Sequence[int]]) -> dict[int, dict[Stretch, list[Meter]]]:
    """Return the stretches of days inside each month, and which meters have each of them."""
    months: dict[int, dict[Stretch, list[Meter]]] = {}
    for meter, meter_days in days.items():
        for month, month_days in groupby(meter_days, key=UTC.month_of):
            for run in runs_of_days(month_days):
                months.setdefault(month, {}).setdefault(run, []).append(meter)
    return dict(sorted(months.items()))


def _day_updates(
    meter: Meter, measure: Series, days: Iterable[int], buckets: Buckets, heads: Heads
) -> Iterator[dict[str, Any]]:
    owner, device = meter.source.owner, meter.source.device
    by_day = {
        day: {at: buckets[at] for at in starts} for day, starts in groupby(buckets, UTC.day_of)
    }
    for day in days:
        marks = heads.of_day(meter.source, day)
        block = blocks.day_block(day, by_day.get(day, {}), marks, measure.quantity)
        update = set_values(owner, keys.day_sort(device, measure.channel, day), block)
        yield only_if(update, _NEWER, s=block["s"])


def _days(
    reader: Reader, meter: Meter, zone: Zone, stretch: Stretch, whole: Stretch
) -> tuple[RowsOfMeter, Heads]:
    (buckets,), heads = reader.buckets_and_heads([meter], stretch, whole)
    return aggregate.by_measure(buckets, meter.measures, aggregate.days, zone), heads


def _months(
    reader: Reader, meter: Meter, zone: Zone, stretch: Stretch, whole: Stretch
) -> tuple[RowsOfMeter, Heads]:
    (days,), heads = reader.days_and_heads([meter], zone, stretch, whole)
    return {measure: aggregate.folded(rows, zone.month_of) for measure, rows in days.items()}, heads


_READ = {MONTHS: _days, YEARS: _months}
