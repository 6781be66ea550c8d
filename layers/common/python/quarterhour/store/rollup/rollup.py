"""The scheduled rollup of sites: settles marked days, then closes the days that are due.

Idempotent; may be killed anywhere and run any number of times at once (docs/table.md). What it has
not finished is found again by the next run: a todo item goes last, and a watermark moves after
everything below it is written.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple, TypeVar

from quarterhour.energy.lookback import closed_from
from quarterhour.energy.readings import ENERGY_USED
from quarterhour.sites import virtual_meters
from quarterhour.sites.house import House
from quarterhour.sites.sources import Source
from quarterhour.sites.virtual_meters import Meter
from quarterhour.store.rollup.fleet import FleetSettler
from quarterhour.store.rollup.settler import Settler
from quarterhour.store.table.calls import Calls
from quarterhour.store.table.marks import Todo, of_shard, portions, strike
from quarterhour.store.table.registry import Registry, Watermarks
from quarterhour.time.calendar import DAY_MS, UTC, Zone

_Item = TypeVar("_Item")


class Settled(NamedTuple):
    """What is settled of a site: its meters, and the zone of their months and years."""

    zone: Zone
    meters: Sequence[Meter]


def of_ship(owner: str) -> Settled:
    """Return what is settled of a ship."""
    return Settled(UTC, [Meter(Source(owner), (ENERGY_USED,))])


def of_house(house: House) -> Settled:
    """Return what is settled of a house: every device, and the meters made of several.

    What the catalogue does not name any more is left to be read from the readings, should it come
    back.
    """
    return Settled(house.zone, virtual_meters.settled(house))


class Sites(NamedTuple):
    """The sites of a kind: their registry, what is settled of an owner's, and the fleet above."""

    registry: Registry
    settled: Callable[[str], Settled]
    fleet: FleetSettler | None = None


class Rollup:
    """One run over the sites of a kind: `now_ms` decides what is closed, for all of it."""

    def __init__(self, calls: Calls, settler: Settler, sites: Sites, now_ms: int) -> None:
        self._calls = calls
        self._settler = settler
        self._sites = sites
        self._open_ms = first_open_day(now_ms)
        self._marks = Watermarks(calls, sites.registry)

    def run_shard(self, shard: int) -> None:
        """Settle what is marked in a shard, close its due days, then the fleet's."""
        listed = of_shard(self._calls, self._sites.registry, shard, self._open_ms)
        for _, items in groupby(listed, key=lambda item: UTC.year_of(item.month)):
            for portion in portions(items):
                for todo in self._together(portion, lambda item: item.source.owner):
                    self._settle_marked(shard, todo)
        self._close_shard(shard)
        if self._sites.fleet:
            self._sites.fleet.close(self._marks)

    def _together(
        self, items: Iterable[_Item], owner_of: Callable[[_Item], str]
    ) -> Iterable[list[_Item]]:
        """Return what is settled in one go: of each site alone, or of all below a fleet."""
        groups: dict[str, list[_Item]] = {}
        for item in items:
            groups.setdefault("" if self._sites.fleet else owner_of(item), []).append(item)
        return groups.values()

    def _settle_marked(self, shard: int, todo: Sequence[Todo]) -> None:
        """Settle marked days of one year and all that is made from them; then strike them."""
        owners = dict.fromkeys(item.source.owner for item in todo)
        held = self._settle(owners, lambda meter: self._closed(meter, todo))
        if self._sites.fleet:
            days = {day for item in todo for day in item.closed(self._open_ms)}
            self._sites.fleet.make(shard, sorted(days))
        for item in todo:
            if item.source.owner in held and len(item.closed(self._open_ms)) == len(item.days):
                self._strike(item)

    def _closed(self, meter: Meter, todo: Iterable[Todo]) -> list[int]:
        """Return the marked days of a meter's parts that may be settled."""
        parts = meter.source.parts
        return sorted(
            {day for item in todo if item.source in parts for day in item.closed(self._open_ms)}
        )

    def _strike(self, item: Todo) -> None:
        strike(self._calls, item)

    def _close_shard(self, shard: int) -> None:
        """Settle the days that are due for every site, and move the shard's watermark over each."""
        mark = self._sites.registry.kind.watermark(shard)
        until = self._marks.until(mark)
        while until is not None and until + DAY_MS < self._open_ms:
            self._settle_due(shard, until + DAY_MS)
            self._marks.move(mark, until, until + DAY_MS)
            until = self._marks.until(mark)

    def _settle_due(self, shard: int, day: int) -> None:
        for owners in self._together(self._sites.registry.owners(shard), str):
            self._settle(owners, lambda _: [day])
        if self._sites.fleet:
            self._sites.fleet.make_shard(shard, day)

    def _settle(self, owners: Iterable[str], days_of: Callable[[Meter], Sequence[int]]) -> set[str]:
        """Settle days of sites, then their months and years; return the sites where all held."""
        settled: dict[str, tuple[Zone, Mapping[Meter, Sequence[int]]]] = {}
        for owner in owners:
            zone, meters = self._sites.settled(owner)
            settled[owner] = zone, {meter: days_of(meter) for meter in meters}
            self._settler.settle_days(settled[owner][1])
        return {owner for owner, work in settled.items() if self._settle_sums(*work)}

    def _settle_sums(self, zone: Zone, days: Mapping[Meter, Sequence[int]]) -> bool:
        held = [
            self._settler.settle_sums(meter, zone, meter_days, self._open_ms)
            for meter, meter_days in days.items()
        ]
        return all(held)


def first_open_day(now_ms: int) -> int:
    """Return the first UTC day that is not closed."""
    day = UTC.day_of(now_ms)
    while closed_from(day - DAY_MS) > now_ms:
        day -= DAY_MS
    return day
