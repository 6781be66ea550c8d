"""Reads of a site: a ship's rows, or a plan of rows of a house, in few calls (docs/table.md).

All blocks of a plan are read first, then the mark counters of the house once, then the readings
of what is not settled, every stretch of a device once.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from quarterhour.energy import aggregate
from quarterhour.energy.aggregate import Row
from quarterhour.energy.period_totals import Total
from quarterhour.energy.readings import Series
from quarterhour.errors import NotFound
from quarterhour.query.rows import Figures, Found, Grain, Plan, RowQuery
from quarterhour.sites import virtual_meters
from quarterhour.sites.house import House
from quarterhour.sites.sources import Source
from quarterhour.sites.virtual_meters import Meter
from quarterhour.store.read import extent
from quarterhour.store.read.rows import OfMeter, Reader, RowsOfMeter, StoredDays, StoredSums
from quarterhour.store.read.totals import SpreadTotals
from quarterhour.store.table import keys
from quarterhour.store.table.blocks import MONTHS, YEARS
from quarterhour.store.table.calls import Calls
from quarterhour.store.table.marks import Heads
from quarterhour.store.table.period_totals import totals
from quarterhour.store.table.registry import Registry, first_ms
from quarterhour.time.calendar import UTC, Zone
from quarterhour.time.intervals import Stretch

_ROWS = {Grain.QUARTER: aggregate.quarter_hours, Grain.HOUR: aggregate.hours}
_LONGER = {Grain.DAY: Reader.days, Grain.MONTH: Reader.months}
_PERIODS = {Grain.DAY: MONTHS, Grain.MONTH: YEARS}


class _Group(NamedTuple):
    """What a plan wants of one grain and range, and where it is stored."""

    grain: Grain
    range: Stretch
    meters: list[Meter]


class SiteReader:
    """The table as one request about a site sees it."""

    def __init__(self, calls: Calls, shards: int) -> None:
        self._calls = calls
        self._shards = shards
        self._totals: list[Total] | None = None

    def rows(
        self, ship: Source, channel: str, start_ms: int, end_ms: int, interval: str
    ) -> list[Row]:
        """Return a ship's rows, the first and the last cut; NotFound where it has never posted."""
        meter, stretch = Meter(ship, (Series(channel),)), (start_ms, end_ms)
        reader, grain = Reader(self._calls), Grain(interval)
        if grain.is_within_days:
            (by_measure,) = _aggregated([meter], reader.buckets([meter], stretch), grain, UTC)
        else:
            (by_measure,) = _LONGER[grain](reader, [meter], UTC, stretch)
        (rows,) = by_measure.values()
        if not rows:
            self._check_posted(ship)
        return rows

    def _check_posted(self, ship: Source) -> None:
        if not Registry(self._calls, keys.SHIPS, self._shards).lists(ship.owner, strong=True):
            raise NotFound("This ship has never posted.")

    def read(self, house: House, plan: Plan) -> Found:
        """Return the rows of everything a plan wants, each under its name."""
        spread = SpreadTotals(house.zone, self._totals_of(house))
        needed = {
            query: spread.needed(query) for query in dict.fromkeys(plan.values()) if _is_some(query)
        }
        rows = self._planned(
            house, dict.fromkeys(need for needs in needed.values() for need in needs)
        )
        figures = {
            query: _figures(spread.put_to(query, [rows[need] for need in needs]))
            for query, needs in needed.items()
        }
        return {name: figures.get(query, Figures()) for name, query in plan.items()}

    def next_data(
        self, house: House, meters: Sequence[Meter], grain: Grain, at_ms: int
    ) -> int | None:
        """Return an instant, at or after `at_ms`, before which no row has data; None: nor after."""
        return extent.next_data(self._calls, meters, self._spans(house, meters, grain), at_ms)

    def end_of_data(self, house: House, meters: Sequence[Meter], grain: Grain) -> int | None:
        """Return an instant from which on no row has data; None where none has."""
        return extent.end_of_data(self._calls, meters, self._spans(house, meters, grain))

    def newest_energy(self, house: House) -> int | None:
        """Return the instant of the newest reading of the house's `used` or `solar`."""
        return extent.newest_energy(self._calls, virtual_meters.energy(house))

    def _spans(self, house: House, meters: Sequence[Meter], grain: Grain) -> list[Stretch]:
        """Return the days of the period totals that rows of a grain have."""
        counted = [] if grain.is_within_days else self._totals_of(house)
        return extent.spans_of(counted, meters, house.zone)

    def _totals_of(self, house: House) -> list[Total]:
        """Return the period totals of the house, read once."""
        if self._totals is None:
            self._totals = totals(self._calls, house.owner) if house.has_totals else []
        return self._totals

    def _planned(self, house: House, queries: Iterable[RowQuery]) -> dict[RowQuery, RowsOfMeter]:
        reader = Reader(self._calls, first_ms(house.created_ms), keeps_raw=True)
        stored = [(group, _stored(reader, house, group)) for group in _groups(queries)]
        if not stored:
            return {}
        begins, ends = zip(*(blocks.range for _, blocks in stored), strict=True)
        heads = reader.heads(house.owner, min(begins), max(ends))
        return {
            RowQuery(meter, group.grain, *group.range): rows
            for group, blocks in stored
            for meter, rows in zip(
                group.meters, _completed(house, group, blocks, heads), strict=True
            )
        }


def _is_some(query: RowQuery) -> bool:
    return bool(query.meter.measures) and query.start_ms < query.end_ms


def _groups(queries: Iterable[RowQuery]) -> list[_Group]:
    """Return what can be read together."""
    groups: dict[tuple[Grain, Stretch], _Group] = {}
    for meter, grain, start_ms, end_ms in queries:
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
    return _aggregated(group.meters, stored.completed(heads), group.grain, house.zone)


def _aggregated(
    meters: Sequence[Meter], buckets: Sequence[OfMeter], grain: Grain, zone: Zone
) -> list[RowsOfMeter]:
    """Return the quarter hours or hours of each meter's buckets."""
    return [
        aggregate.by_measure(by_series, meter.measures, _ROWS[grain], zone)
        for meter, by_series in zip(meters, buckets, strict=True)
    ]


def _figures(rows: Mapping[Series, Sequence[Row]]) -> Figures:
    sums, gauges = {}, {}
    for measure, measure_rows in rows.items():
        if measure.quantity.is_gauge:
            gauges[measure] = {row.start_ms: row for row in measure_rows}
        else:
            sums[measure] = {row.start_ms: row.total for row in measure_rows}
    return Figures(sums, gauges)
