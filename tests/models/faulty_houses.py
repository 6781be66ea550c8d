"""The store made wrong in what houses alone have: blends, zones, gauges, totals, catalogues.

As tests.models.faulty_stores, which has the faults of what houses and ships share. Nor is it among
these that heads are read before the blocks, for the reason that is said there: a house has one head
item a month, of all its devices.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from quarterhour.energy import aggregate, period_totals
from quarterhour.energy.aggregate import Profiles
from quarterhour.energy.period_totals import Total
from quarterhour.energy.profile import Profile, Row, of_rows, profile
from quarterhour.energy.quantities import Quantity
from quarterhour.energy.readings import Series
from quarterhour.sites import virtual_meters
from quarterhour.sites.house import House
from quarterhour.sites.site import Device
from quarterhour.sites.sources import Source, blend, house_owner
from quarterhour.sites.virtual_meters import Meter
from quarterhour.store.read import sites, stored_days, totals
from quarterhour.store.read.raw import Raw
from quarterhour.store.read.rows import Reader
from quarterhour.store.read.stored_sums import StoredSums
from quarterhour.store.rollup.rollup import Task
from quarterhour.store.table import blocks, keys, sums
from quarterhour.store.table.codec import number
from quarterhour.store.table.fence import Fences
from quarterhour.store.table.house_entries import HouseEntries
from quarterhour.store.table.marks import Heads
from quarterhour.time.calendar import BUCKET_MS, DAY_MS, UTC, Zone
from quarterhour.time.intervals import Interval
from tests.models.faulty_stores import Fault, replaced

# Meters made of several devices


def _of_first_member(self: Heads, source: Source, day: int) -> int:
    return self._of(source.parts[0]).get(day, 0)


_chosen_by_bucket = aggregate.chosen


def _chosen_by_day(members: Sequence[Mapping[Series, Profile]]) -> Profiles:
    """The first member that has anything on a day gives all of the day."""
    days = [
        {UTC.day_of(at) for of_measure in member.values() for at in of_measure.starts}
        for member in members
    ]
    cut = []
    for place, member in enumerate(members):
        taken = set[int]().union(*days[:place])
        cut.append(
            {
                one: of.where([UTC.day_of(at) not in taken for at in of.starts])
                for one, of in member.items()
            }
        )
    return _chosen_by_bucket(cut)


def _chosen_by_measure(members: Sequence[Mapping[Series, Profile]]) -> Profiles:
    """Each measure is of the first member that has it."""
    wanted = dict.fromkeys(one for member in members for one in member)
    of_one = {
        one: _chosen_by_bucket([{one: member[one]} for member in members if one in member])
        for one in wanted
    }
    return {one: found[one] for one, found in of_one.items()}


def _only(self: Meter, *channels: str) -> Meter:
    """The meter with these of its channels, which alone decide who counts."""
    parts = tuple(_only(part, *channels) for part in self.parts)
    kept = tuple(one for one in self.measures if one.channel in channels)
    return Meter(self.source, kept, parts)


_joined = virtual_meters._joined


def _named_alike(
    house: House, name: str, found: Sequence[Device], measures: Sequence[Series]
) -> Meter:
    made = _joined(house, name, found, measures)
    if not made.parts:
        return made
    return made._replace(source=blend(house.owner, name, map(int, made.source.members)))


_of = Task.of


def _of_devices(self: Task, meter: Meter) -> list[int]:
    return [] if meter.parts else _of(self, meter)


# Blocks


def _days_inside(self: Heads, source: Source, start_ms: int, end_ms: int) -> int:
    """Only UTC days that lie in the period as a whole are counted."""
    days = range(UTC.day_of(start_ms + DAY_MS - 1), UTC.day_of(end_ms), DAY_MS)
    return sum(self.of_day(source, day) for day in days)


_kept_rows = sums.kept_rows


def _rows_of_any_zone(
    parts: Sequence[Interval], items: Any, marks: int, measures: Sequence[Series], zone: Zone
) -> Any:
    told = [{**item, "tz": {"S": zone.name}} for item in items]
    return _kept_rows(parts, told, marks, measures, zone)


def _rows_of_any_catalogue(
    parts: Sequence[Interval], items: Any, marks: int, measures: Sequence[Series], zone: Zone
) -> Any:
    """What a block does not speak of has no data."""
    told = [one for one in measures if _kept_rows(parts, items, marks, [one], zone).parts]
    return _kept_rows(parts, items, marks, told, zone)


_is_current = blocks.is_current


def _current_of_any_kind(block: Any, marks: int, _kind: Quantity) -> bool:
    return _is_current(block, marks, Quantity(block["k"]["S"]))


_day_buckets = blocks.day_buckets


def _gauge_where_it_was_one(day_ms: int, block: Any) -> Any:
    if "x" in block and not Quantity(block["k"]["S"]).is_gauge:
        return _day_buckets(day_ms, {**block, "k": {"S": Quantity.TEMPERATURE.value}})
    return _day_buckets(day_ms, block)


# What is read


def _created_day(house: House) -> int:
    return UTC.day_of(house.created_ms)


def _since_the_fence(self: HouseEntries, _owner: str) -> int:
    return Fences(self._calls, self._registry.shards).get(self._calls.now_ms).last_ms


_said_once = HouseEntries._said_once


def _since_again(self: HouseEntries, owner: str, version: int) -> Any:
    """An entry that is put again says anew what is closed."""
    once = _said_once(self, owner, version)
    return once or {"since": number(self._closed(owner))}


_derived = Reader.derived


def _derived_of_kept(
    self: Reader, meter: Meter, start_ms: int, end_ms: int, _: Any = None
) -> Profiles:
    """What a reader ever read is not read again."""
    kept = self.__dict__.setdefault("ever", Raw(self.calls))
    return _derived(self, meter, start_ms, end_ms, kept)


def _days_piecewise(_self: StoredSums, days: list[Interval], _: Interval) -> list[Interval]:
    return days


def _described_eventually(self: HouseEntries, house_id: int) -> Any:
    owner = house_owner(house_id)
    items = self._calls.query(owner, *keys.DESCRIPTION, strong=False)
    found = {item["sk"]["S"]: item for item in items}
    entry = found.get(keys.CATALOGUE, {})
    return entry or self._item(house_id, keys.CATALOGUE), found.get(keys.BUDGETS, {})


# Local time


def _in_utc(self: Zone, at_ms: int) -> int:
    del self
    return UTC.day_of(at_ms)


def _a_day_on(self: Zone, at_ms: int) -> int:
    del self
    return at_ms + DAY_MS


def _hour_of_any_offset(_self: Zone, at_ms: int) -> int:
    return at_ms - at_ms % (4 * BUCKET_MS)


# Totals


def _totals_beside(
    rows: Mapping[Series, Profile], shares_of: Any, devices: Sequence[str], _: Any
) -> Any:
    """Totals count whatever interval data there are."""
    found = period_totals.with_totals({one: profile() for one in rows}, shares_of, devices, {})
    return {one: _both(found[one], of) for one, of in rows.items()}


def _totals_added(
    rows: Mapping[Series, Profile], shares_of: Any, devices: Sequence[str], measured: Any
) -> Any:
    """The totals of all devices are added up."""
    found = {one: profile() for one in rows}
    for device in devices:
        for one, of in period_totals.with_totals(rows, shares_of, [device], measured).items():
            found[one] = _both(
                found[one], of.where([at not in rows[one].starts for at in of.starts])
            )
    return {one: _both(found[one], of) for one, of in rows.items()}


def _both(*of: Profile) -> Profile:
    kwh = [one.by_start() for one in of]
    starts = sorted({*kwh[0], *kwh[1]})
    return of_rows(Row(at, sum(one.get(at, 0.0) for one in kwh), 0) for at in starts)


def _any_channel(*meters: Meter) -> set[tuple[str, Series]]:
    return {
        (part.source.device, one)
        for meter in meters
        for part in meter.devices
        for one in meter.measures
    }


_shares = period_totals.shares


def _over_utc_days(found: Iterable[Total], zone: Zone, start_ms: int, end_ms: int) -> Any:
    """A total begins with the UTC day of its instant."""
    at_midnight = [replace(one, start_ms=UTC.day_of(one.start_ms)) for one in found]
    return _shares(at_midnight, zone, start_ms, end_ms)


FAULTS: dict[str, Fault] = {
    "a blend is valid by its first member": replaced(Heads, "of_day", _of_first_member),
    "a blend is chosen by the day": replaced(aggregate, "chosen", _chosen_by_day),
    "a blend is chosen by the measure": replaced(aggregate, "chosen", _chosen_by_measure),
    "what is read of a blend decides who counts": replaced(Meter, "only", _only),
    "blends of other ranks have one name": replaced(virtual_meters, "_joined", _named_alike),
    "a mark settles no blend": replaced(Task, "of", _of_devices),
    "a month counts only its own UTC days": replaced(Heads, "of_days", _days_inside),
    "the zone is not checked": replaced(sums, "kept_rows", _rows_of_any_zone),
    "the measures are not checked": replaced(sums, "kept_rows", _rows_of_any_catalogue),
    "the kind is not checked": replaced(stored_days, "is_current", _current_of_any_kind),
    "a channel that was a gauge stays one": replaced(
        blocks, "day_buckets", _gauge_where_it_was_one
    ),
    "days before the house are skipped too soon": replaced(sites, "_first_day", _created_day),
    "days before the house are skipped up to the fence": replaced(
        HouseEntries, "_closed", _since_the_fence
    ),
    "days before the house are skipped anew with each entry": replaced(
        HouseEntries, "_said_once", _since_again
    ),
    "a rollup keeps the readings": replaced(Reader, "derived", _derived_of_kept),
    "months made piece by piece": replaced(StoredSums, "_whole", _days_piecewise),
    "the catalogue read eventually consistent": replaced(
        HouseEntries, "_described", _described_eventually
    ),
    "local days begin at UTC midnights": replaced(Zone, "day_of", _in_utc),
    "local days have 24 hours": replaced(Zone, "next_day", _a_day_on),
    "local hours begin at UTC hours": replaced(Zone, "hour_of", _hour_of_any_offset),
    "totals count beside interval data": replaced(totals, "with_totals", _totals_beside),
    "totals of several devices are added": replaced(totals, "with_totals", _totals_added),
    "a total counts of a channel that was left out": replaced(totals, "_measured", _any_channel),
    "totals begin with UTC days": replaced(totals, "shares", _over_utc_days),
}
