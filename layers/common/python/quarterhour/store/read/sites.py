"""Reads of a site: a ship's rows, or a plan of rows of a house, in few calls (docs/table.md).

All blocks of a plan are read first, then the mark counters of the house once, then the readings
of what is not settled, every interval of a device once.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from quarterhour.energy import aggregate
from quarterhour.energy.aggregate import Profiles
from quarterhour.energy.profile import Profile, profile
from quarterhour.energy.readings import Series
from quarterhour.errors import NotFound
from quarterhour.query.rows import Figures, Found, Grain, Plan, RowQuery
from quarterhour.sites import virtual_meters
from quarterhour.sites.ends import Ends
from quarterhour.sites.house import House
from quarterhour.sites.sources import Source
from quarterhour.sites.virtual_meters import Meter
from quarterhour.store.read import extent
from quarterhour.store.read.allowance import Allowance
from quarterhour.store.read.memory import BlockMemory
from quarterhour.store.read.raw import Channels
from quarterhour.store.read.rows import Reader, aggregated
from quarterhour.store.read.stored_days import StoredDays
from quarterhour.store.read.stored_sums import StoredSums
from quarterhour.store.read.totals import SpreadTotals
from quarterhour.store.table import keys
from quarterhour.store.table.calls import Calls
from quarterhour.store.table.marks import Heads
from quarterhour.store.table.parallel import SideBySide, in_turn
from quarterhour.store.table.registry import Registry
from quarterhour.time.calendar import DAY_MS, UTC, bucket_of
from quarterhour.time.intervals import Interval

_ROWS = {Grain.QUARTER: aggregate.quarter_hours, Grain.HOUR: aggregate.hours}
_LONGER = {Grain.DAY: Reader.days, Grain.MONTH: Reader.months}
_STORED = {Grain.DAY: Reader.stored_months, Grain.MONTH: Reader.stored_years}


class _Group(NamedTuple):
    """What a plan wants of one grain and range, and where it is stored."""

    grain: Grain
    range: Interval
    meters: list[Meter]


class SiteReader:
    """The table as one request about a site sees it."""

    def __init__(
        self,
        calls: Calls,
        shards: int,
        side_by_side: SideBySide = in_turn,
        memory: BlockMemory | None = None,
    ) -> None:
        self._calls = calls
        self._shards = shards
        self._side_by_side = side_by_side
        self._memory = memory
        self._totals: dict[int, SpreadTotals] = {}
        self._allowance = Allowance()

    def rows(
        self, ship: Source, channel: str, start_ms: int, end_ms: int, interval: str
    ) -> Profile:
        """Return a ship's rows, the first and the last cut; NotFound where it has never posted."""
        meter, within = Meter(ship, (Series(channel),)), (start_ms, end_ms)
        reader, grain = self._reader(), Grain(interval)
        if grain.is_within_days:
            (by_measure,) = aggregated([meter], reader.buckets([meter], within), _ROWS[grain], UTC)
        else:
            (by_measure,) = _LONGER[grain](reader, [meter], UTC, within)
        (rows,) = by_measure.values()
        if not rows:
            self.check_posted(ship)
        return rows

    def past(self, start_ms: int, end_ms: int) -> Interval:
        """Return the part of a range whose quarter hours have ended by now."""
        last_ms = min(end_ms, bucket_of(self._calls.now_ms))
        return min(start_ms, last_ms), last_ms

    def quarter_hours(
        self, house: House, source: Source, measures: Sequence[Series], interval: Interval
    ) -> Profiles:
        """Return the quarter hours of a device of a house that begin in a range, by measure."""
        start_ms, end_ms = interval
        if not measures or start_ms >= end_ms:
            return {measure: profile() for measure in measures}
        reader = self._reader(_first_day(house))
        stored = StoredDays(reader, [Meter(source, tuple(measures))], interval)
        (found,) = stored.completed(reader.heads(house.owner, *stored.range))
        return {measure: found[measure] for measure in measures}

    def check_posted(self, ship: Source) -> None:
        """Raise NotFound where a ship has never posted."""
        if not Registry(self._calls, keys.SHIPS, self._shards).lists(ship.owner, strong=True):
            raise NotFound("This ship has never posted.")

    def read(self, house: House, plan: Plan) -> Found:
        """Return the rows of everything a plan wants, each under its name."""
        queries = [query for query in dict.fromkeys(plan.values()) if _is_some(query)]
        totals = self._totals_of(house)
        totals.read(queries)
        needed = {query: totals.needed(query) for query in queries}
        rows = self._planned(
            house, dict.fromkeys(need for needs in needed.values() for need in needs)
        )
        figures = {
            query: _figures(totals.put_to(query, [rows[need] for need in needs]))
            for query, needs in needed.items()
        }
        return {name: figures.get(query, Figures()) for name, query in plan.items()}

    def next_data(
        self, house: House, meters: Sequence[Meter], grain: Grain, at_ms: int
    ) -> int | None:
        """Return an instant, at or after `at_ms`, before which no row has data; None: nor after."""
        day = None if grain.is_within_days else self._totals_of(house).next_day(meters, at_ms)
        return extent.next_data(self._calls, meters, day, at_ms)

    def end_of_data(self, house: House, meters: Sequence[Meter], grain: Grain) -> int | None:
        """Return an instant from which on no row has data; None where none has."""
        end_ms = None if grain.is_within_days else self._totals_of(house).end(meters)
        return extent.end_of_data(self._calls, meters, end_ms, self._side_by_side)

    @property
    def now_ms(self) -> int:
        """The time of this request."""
        return self._calls.now_ms

    def ends(self, meter: Meter) -> Ends:
        """Return where the readings of a meter's energies begin and end."""
        return extent.ends(self._calls, meter, self._side_by_side)

    def newest_energy(self, house: House) -> int | None:
        """Return the instant of the newest reading of the house's `used` or `solar`."""
        return extent.newest_energy(self._calls, virtual_meters.energy(house), self._side_by_side)

    def _totals_of(self, house: House) -> SpreadTotals:
        return self._totals.setdefault(house.id, SpreadTotals(self._calls, house))

    def _planned(self, house: House, queries: Iterable[RowQuery]) -> dict[RowQuery, Profiles]:
        groups = _groups(queries)
        channels = _channels(meter for group in groups for meter in group.meters)
        reader = self._reader(_first_day(house), keeps_raw=True, channels=channels)
        if not groups:
            return {}
        stored: dict[int, StoredDays | StoredSums] = {}

        def read(nth: int) -> None:
            stored[nth] = _stored(reader, house, groups[nth])

        self._side_by_side(read, range(len(groups)))
        begins, ends = zip(*(blocks.range for blocks in stored.values()), strict=True)
        heads = reader.heads(house.owner, min(begins), max(ends))
        # Whole UTC days first: what is read of these decides the local days that lie in them.
        in_order = sorted(enumerate(groups), key=lambda each: not each[1].grain.is_within_days)
        return {
            RowQuery(meter, group.grain, *group.range): rows
            for nth, group in in_order
            for meter, rows in zip(
                group.meters, _completed(house, group, stored[nth], heads), strict=True
            )
        }

    def _reader(
        self,
        since_ms: int | None = None,
        *,
        keeps_raw: bool = False,
        channels: Channels | None = None,
    ) -> Reader:
        return Reader(
            self._calls,
            since_ms,
            now_ms=self._calls.now_ms,
            keeps_raw=keeps_raw,
            allowance=self._allowance,
            side_by_side=self._side_by_side,
            memory=self._memory,
            channels=channels,
        )


def _first_day(house: House) -> int | None:
    """Return the day before which the house has readings only where it was marked; None: unknown.

    An entry of before `since` was written says nothing: its `created` is of one clock alone.
    """
    return None if house.since_ms is None else house.since_ms + DAY_MS


def _channels(meters: Iterable[Meter]) -> Channels:
    """Return the channels of each device that decide what meters show."""
    channels: dict[str, set[str]] = {}
    for meter in meters:
        for device in meter.devices:
            of_device = channels.setdefault(device.source.device, set())
            of_device.update(measure.channel for measure in device.measures)
    return channels


def _is_some(query: RowQuery) -> bool:
    return bool(query.meter.measures) and query.start_ms < query.end_ms


def _groups(queries: Iterable[RowQuery]) -> list[_Group]:
    """Return what can be read together."""
    groups: dict[tuple[Grain, Interval], _Group] = {}
    for meter, grain, start_ms, end_ms in queries:
        at = grain, (start_ms, end_ms)
        groups.setdefault(at, _Group(*at, [])).meters.append(meter)
    return [*groups.values()]


def _stored(reader: Reader, house: House, group: _Group) -> StoredDays | StoredSums:
    if group.grain.is_within_days:
        return StoredDays(reader, group.meters, group.range)
    return _STORED[group.grain](reader, group.meters, house.zone, group.range)


def _completed(
    house: House, group: _Group, stored: StoredDays | StoredSums, heads: Heads
) -> list[Profiles]:
    if isinstance(stored, StoredSums):
        return stored.completed(heads)
    return aggregated(group.meters, stored.completed(heads), _ROWS[group.grain], house.zone)


def _figures(rows: Mapping[Series, Profile]) -> Figures:
    sums, gauges = {}, {}
    for measure, found in rows.items():
        if measure.quantity.is_gauge:
            gauges[measure] = {row.start_ms: row for row in found.rows()}
        else:
            sums[measure] = found.by_start()
    return Figures(sums, gauges, rows)
