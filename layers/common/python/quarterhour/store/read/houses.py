"""Reads of a house: a view's plan in as few calls as it takes (docs/table.md).

All blocks of the plan are read first, then the mark counters of the house once, then the readings
of what is not settled, every stretch of a device once.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from quarterhour.energy import aggregate
from quarterhour.energy.aggregate import Row
from quarterhour.energy.period_totals import Total
from quarterhour.energy.quantities import Quantity
from quarterhour.energy.readings import Series
from quarterhour.query.rows import Figures, Found, Grain, Plan, Wanted
from quarterhour.sites import virtual_meters
from quarterhour.sites.house import House
from quarterhour.sites.virtual_meters import Meter
from quarterhour.store.read import extent
from quarterhour.store.read.rows import Reader, RowsOfMeter, StoredDays, StoredSums
from quarterhour.store.read.spread_totals import SpreadTotals
from quarterhour.store.table import keys
from quarterhour.store.table.blocks import MONTHS, YEARS
from quarterhour.store.table.calls import Calls
from quarterhour.store.table.heads import Heads
from quarterhour.store.table.items import readings
from quarterhour.store.table.period_totals import totals
from quarterhour.store.table.watermarks import first_ms
from quarterhour.time.intervals import Stretch

_PERIODS = {Grain.DAY: MONTHS, Grain.MONTH: YEARS}
_ENERGIES = {Quantity.ENERGY, Quantity.POWER}


class _Group(NamedTuple):
    """What a plan wants of one grain and range, and where it is stored."""

    grain: Grain
    range: Stretch
    meters: list[Meter]


class HouseReader:
    """The table as one request about a house sees it."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self._totals: list[Total] | None = None

    def read(self, house: House, plan: Plan) -> Found:
        """Return the rows of everything a plan wants, each under its name."""
        spread = SpreadTotals(house.zone, self._totals_of(house))
        wanted = [one for one in dict.fromkeys(plan.values()) if _is_some(one)]
        needed = {one: spread.needed(one) for one in wanted}
        rows = self._rows(house, dict.fromkeys(need for of in needed.values() for need in of))
        made = {one: spread.put_to(one, [rows[need] for need in needed[one]]) for one in wanted}
        found = {one: _figures(of) for one, of in made.items()}
        return {name: found.get(one, Figures()) for name, one in plan.items()}

    def next_data(
        self, house: House, meters_: Sequence[Meter], grain: Grain, at_ms: int
    ) -> int | None:
        """Return an instant, at or after `at_ms`, before which no row has data; None: nor after."""
        return extent.next_data(self._calls, meters_, self._spans(house, meters_, grain), at_ms)

    def end_of_data(self, house: House, meters_: Sequence[Meter], grain: Grain) -> int | None:
        """Return an instant from which on no row has data; None where none has."""
        return extent.end_of_data(self._calls, meters_, self._spans(house, meters_, grain))

    def newest_energy(self, house: House) -> int | None:
        """Return the instant of the newest reading of the house's `used` or `solar`."""
        meter = virtual_meters.energy(house)
        channels = {one.channel for one in meter.measures}
        newest = (self._newest(keys.bucket_partition(one), channels) for one in meter.source.parts)
        return max((at for at in newest if at is not None), default=None) if channels else None

    def _newest(self, partition: str, channels: set[str]) -> int | None:
        for item in self._calls.query(partition, newest_first=True):
            instants = [
                of_series[-1].at_ms
                for series, of_series in readings([item]).items()
                if series.channel in channels and series.quantity in _ENERGIES
            ]
            if instants:
                return max(instants)
        return None

    def _spans(self, house: House, meters_: Sequence[Meter], grain: Grain) -> list[Stretch]:
        """Return the days of the period totals that rows of a grain have."""
        counted = [] if grain.is_within_days else self._totals_of(house)
        return extent.spans_of(counted, meters_, house.zone)

    def _totals_of(self, house: House) -> list[Total]:
        """Return the period totals of the house, read once."""
        if self._totals is None:
            self._totals = totals(self._calls, house.owner) if house.has_totals else []
        return self._totals

    def _rows(self, house: House, wanted: Iterable[Wanted]) -> dict[Wanted, RowsOfMeter]:
        reader = Reader(self._calls, first_ms(house.created_ms), keeps_raw=True)
        stored = [(group, _stored(reader, house, group)) for group in _groups(wanted)]
        if not stored:
            return {}
        begin = min(one.range[0] for _, one in stored)
        end = max(one.range[1] for _, one in stored)
        heads = reader.heads(house.owner, begin, end)
        return {
            Wanted(meter, group.grain, *group.range): rows
            for group, blocks in stored
            for meter, rows in zip(
                group.meters, _completed(house, group, blocks, heads), strict=True
            )
        }


def _is_some(one: Wanted) -> bool:
    return bool(one.meter.measures) and one.start_ms < one.end_ms


def _groups(wanted: Iterable[Wanted]) -> list[_Group]:
    """Return what can be read together."""
    groups: dict[tuple[Grain, Stretch], _Group] = {}
    for meter, grain, start_ms, end_ms in wanted:
        at = grain, (start_ms, end_ms)
        groups.setdefault(at, _Group(*at, [])).meters.append(meter)
    return [*groups.values()]


def _stored(reader: Reader, house: House, group: _Group) -> StoredDays | StoredSums:
    if group.grain.is_within_days:
        return StoredDays(reader, group.meters, group.range)
    return StoredSums(reader, _PERIODS[group.grain], group.meters, house.zone, group.range)


def _completed(
    house: House, group: _Group, stored: StoredDays | StoredSums, heads: Heads
) -> list[RowsOfMeter]:
    if isinstance(stored, StoredSums):
        return stored.completed(heads)
    rows_of = aggregate.hours if group.grain is Grain.HOUR else aggregate.quarter_hours
    return [
        aggregate.by_measure(found, meter.measures, rows_of, house.zone)
        for meter, found in zip(group.meters, stored.completed(heads), strict=True)
    ]


def _figures(rows: Mapping[Series, Sequence[Row]]) -> Figures:
    sums = {
        one: {row.start_ms: row.total for row in of}
        for one, of in rows.items()
        if not one.quantity.is_gauge
    }
    gauges = {
        one: {row.start_ms: row for row in of} for one, of in rows.items() if one.quantity.is_gauge
    }
    return Figures(sums, gauges)
