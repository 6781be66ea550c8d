"""Compares what lies above ships with their readings: shards, the fleet, and the rankings."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial

from quarterhour.energy.readings import ENERGY_USED
from quarterhour.fleets import fleet
from quarterhour.fleets.fleet import FleetDay, FleetMonth, ShardDay, ShardMonth
from quarterhour.sites.sources import Source, ship, ship_id
from quarterhour.store.read.allowance import Allowance
from quarterhour.store.read.raw import Raw
from quarterhour.store.read.rows import Reader
from quarterhour.store.rollup.check import Difference, SiteCheck
from quarterhour.store.rollup.failures import Failures
from quarterhour.store.rollup.rollup import of_ship
from quarterhour.store.rollup.vouched import Period, Vouched
from quarterhour.store.table import fleet_blocks, keys
from quarterhour.store.table.calls import Calls, Item
from quarterhour.store.table.registry import Registry
from quarterhour.time.calendar import DAY_MS

FLEET = "the fleet"


class FleetCheck:
    """Compares days of ships, and what is made of them, with the readings.

    `allowance`: how many readings may be read in all; without one, any number.
    """

    def __init__(
        self,
        calls: Calls,
        registry: Registry,
        reader: Reader,
        allowance: Allowance | None = None,
    ) -> None:
        self._calls = calls
        self._allowance = allowance
        self._registry = registry
        self._reader = reader
        self._sites = SiteCheck(reader)

    def differences(self, day: int, failures: Failures) -> Iterator[Difference]:
        """Yield what differs of a day of all ships, and of what lies above.

        A ship that cannot be read is told of as a failure; nothing is said of what lies above it.
        """
        shards = range(self._registry.shards)
        month = Period.month(day)
        of_day = keys.FLEET, keys.fleet_day_sort(day)
        of_month = keys.FLEET, keys.fleet_month_sort(month.begin)
        vouched = Vouched(self._calls, self._lists(shards), month)
        vouched.read([of_day, of_month, *map(month.place, shards)])
        days, ships = list[ShardDay](), list[Source]()
        for shard in shards:
            check = self._shard(shard, day)
            sources = [Source(owner) for owner in self._registry.owners(shard)]
            raw = Raw(self._calls, allowance=self._allowance)
            for source in sources:
                look = partial(self._of_ship, source, day, raw)
                yield from _tried(failures, source, look)
            ships += sources
            if failures.owners.isdisjoint(source.owner for source in sources):
                days.append(self._derived(sources, day, raw))
                yield from check.differences(days[-1], sources)
        is_right = len(days) == len(shards) and vouched.still_holds()
        if not is_right or not vouched.is_settled(Period.day(day)):
            return
        right = fleet.fleet_day(days)
        kept_day = _fleet_day(day, vouched.item(of_day))
        # Whichever ship is marked: what lies above it is made anew.
        found = partial(Difference, FLEET, day, sources=tuple(ships[:1]), end_ms=day + DAY_MS)
        if _figures(kept_day) != _figures(_known(right, kept_day.covered)):
            yield found("the day")
        kept = _fleet_month(month.begin, vouched.item(of_month))
        ranked = [vouched.item(month.place(shard)) for shard in shards]
        with_data = sum(len(fleet_blocks.ship_kwh(item)) for item in ranked if item)
        is_whole = vouched.is_settled(month)
        kept_total = kept.days.get(day)
        right = _known(right, kept_total.covered_ms if kept_total else None)
        total = fleet.day_total(right) if right.ships else None
        if kept_total != total or (is_whole and kept.ships != with_data):
            yield found("the month")

    def of_ship(self, source: Source, day: int) -> Iterator[Difference]:
        """Yield what differs of a ship's day, and of the ship in the ranking of the day."""
        shard = keys.shard_of(source, self._registry.shards)
        check = self._shard(shard, day, only_day=True)
        raw = Raw(self._calls, allowance=self._allowance)
        yield from self._of_ship(source, day, raw)
        yield from check.of_ship(source, self._derived([source], day, raw))

    def _shard(self, shard: int, day: int, *, only_day: bool = False) -> "_ShardCheck":
        return _ShardCheck(self._calls, self._lists([shard]), shard, day, only_day=only_day)

    def _lists(self, shards: Iterable[int]) -> list[str]:
        """Return the lists of the todo of shards, and the one that older releases had."""
        kind = self._registry.kind
        return [*map(kind.todo_partition, shards), kind.old_todo]

    def _of_ship(self, source: Source, day: int, raw: Raw) -> Iterator[Difference]:
        zone, meters = of_ship(source.owner)
        return self._sites.differences(zone, meters, day, raw)

    def _derived(self, sources: Iterable[Source], day: int, raw: Raw) -> ShardDay:
        """Return a day of ships as their readings have it."""
        ships = {}
        for source in sources:
            (meter,) = of_ship(source.owner).meters
            buckets = self._reader.derived(meter, day, day + DAY_MS, raw)
            ships[ship_id(source)] = buckets[ENERGY_USED]
        return fleet.shard_day(day, ships)


class _ShardCheck:
    """What a shard keeps of a day, its month and its year, as it was read when this was made."""

    def __init__(
        self, calls: Calls, lists: Sequence[str], shard: int, day: int, *, only_day: bool
    ) -> None:
        self._shard = shard
        self._day, longer = Period.day(day), [Period.month(day), Period.year(day)]
        self._vouched = Vouched(calls, lists, self._day if only_day else longer[-1])
        whole = [] if only_day else [*filter(self._vouched.is_settled, longer)]
        self._vouched.read(
            place
            for period in (self._day, *whole)
            for place in (period.place(shard), *period.places_of_parts(shard))
        )
        self._whole = whole

    def of_ship(self, source: Source, right: ShardDay) -> Iterator[Difference]:
        """Yield whether a ship is ranked otherwise on the day than its readings say."""
        if self._vouched.still_holds() and self._vouched.is_settled(self._day):
            kept = self._kept_day(self._day.text, self._vouched.item(self._day.place(self._shard)))
            yield from self._unequal("day", kept.ships, right.ships, [ship_id(source)])

    def differences(self, right: ShardDay, sources: Sequence[Source]) -> Iterator[Difference]:
        """Yield what differs of the shard, of which these are the ships."""
        if not self._vouched.still_holds() or not self._vouched.is_settled(self._day):
            return
        kept = self._kept_day(self._day.text, self._vouched.item(self._day.place(self._shard)))
        yield from self._unequal("day", kept.ships, right.ships)
        is_covered = kept.covered is None or kept.covered == right.covered
        if kept.kwh != right.kwh or kept.lack or not is_covered:
            shard, day = f"shard {self._shard}", self._day.begin
            yield Difference(shard, day, "the day", tuple(sources[:1]), day + DAY_MS)
        for period in filter(self._vouched.is_settled, self._whole):
            yield from self._unequal(period.name, *_LONGER[period.name](self, period, right))

    def month(self, month: Period, right: ShardDay) -> tuple[Mapping[int, object], ...]:
        """Return a month as it is kept, and as its days are, the one that is checked as it is."""
        days = {
            keys.begin_ms(text): self._kept_day(text, item) for text, item in self._parts(month)
        }
        made = fleet.shard_month(month.begin, {**days, self._day.begin: right})
        item = self._vouched.item(month.place(self._shard))
        kept = fleet_blocks.shard_month(item) if item else ShardMonth({}, {})
        return tuple(
            {number: (of.kwh[number], of.present[number]) for number in of.kwh}
            for of in (kept, made)
        )

    def year(self, year: Period, _right: ShardDay) -> tuple[Mapping[int, object], ...]:
        """Return a year as it is kept, and as its months are."""
        months = [fleet_blocks.shard_month(item) for _, item in self._parts(year)]
        item = self._vouched.item(year.place(self._shard))
        return fleet_blocks.ship_kwh(item) if item else {}, fleet.shard_year(months)

    def _parts(self, period: Period) -> Iterator[tuple[str, Item]]:
        """Yield what is kept of the parts of a period."""
        for text, place in zip(period.parts, period.places_of_parts(self._shard), strict=True):
            if item := self._vouched.item(place):
                yield text, item

    def _kept_day(self, text: str, item: Item) -> ShardDay:
        return fleet_blocks.shard_day(keys.begin_ms(text), item) if item else ShardDay({}, {})

    def _unequal(
        self,
        name: str,
        kept: Mapping[int, object],
        right: Mapping[int, object],
        ships: Iterable[int] | None = None,
    ) -> Iterator[Difference]:
        """Yield the ships, of all or of these, of which a ranking is not as it should be."""
        day, what = self._day.begin, f"the {name} in the ranking"
        for number in {**kept, **right} if ships is None else ships:
            if kept.get(number) != right.get(number):
                source = ship(number)
                yield Difference(source.owner, day, what, (source,), day + DAY_MS)


_LONGER = {"month": _ShardCheck.month, "year": _ShardCheck.year}


def _tried(
    failures: Failures, source: Source, look: Callable[[], Iterable[Difference]]
) -> list[Difference]:
    found: list[Difference] = []
    failures.tried(source.owner, lambda: found.extend(look()))
    return found


def _fleet_day(day: int, item: Item) -> FleetDay:
    return fleet_blocks.fleet_day(day, item) if item else fleet.fleet_day([])


def _fleet_month(month: int, item: Item) -> FleetMonth:
    return fleet_blocks.fleet_month(month, item) if item else FleetMonth({}, 0)


def _known(day: FleetDay, kept: object) -> FleetDay:
    """Return a day without what is covered, where what is kept is of before that was counted."""
    return day if kept is not None else day._replace(covered=None)


def _figures(day: FleetDay) -> tuple[object, ...]:
    return day._replace(counts=tuple(day.counts), hours=tuple(day.hours))
