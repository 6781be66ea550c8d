"""The scheduled rollup of sites: closes the days that are due, then settles marked days.

Idempotent; may be killed anywhere and run any number of times at once (docs/table.md). What it has
not finished is found again by the next run: a todo item is struck or handed over last, and a
watermark moves after everything below it is written. The fleet has a step of its own.
"""

from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import cache, partial
from itertools import groupby, takewhile
from typing import NamedTuple

from quarterhour.energy.readings import ENERGY_USED
from quarterhour.sites import virtual_meters
from quarterhour.sites.house import House
from quarterhour.sites.sources import Source
from quarterhour.sites.virtual_meters import Meter
from quarterhour.store.rollup.closing import Closing
from quarterhour.store.rollup.failures import Failures, Work, each
from quarterhour.store.rollup.fleet import FleetSettler
from quarterhour.store.rollup.settler import Settler
from quarterhour.store.table.calls import Calls
from quarterhour.store.table.marks import (
    Heads,
    Todo,
    hand_over,
    list_day,
    of_shard,
    portions,
    strike,
)
from quarterhour.store.table.registry import Registry, Watermarks
from quarterhour.time.calendar import DAY_MS, UTC, Zone

# Blocks of days that are derived and written in one go: about 50 MB, and seconds.
BLOCKS_AT_ONCE = 2_000
# Of the time that is left: for settling, before what is settled is struck; and between two notes of
# how far a day is closed.
SHARE = 0.25
NOTED = 0.125


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
    """The sites of a kind: their registry, what is settled of an owner's, and the fleet above.

    Of sites below a fleet a shard settles its own items, and hands the todo over to the fleet.
    """

    registry: Registry
    settled: Callable[[str], Settled]
    fleet: FleetSettler | None = None


class Task(NamedTuple):
    """Marked days of a site that are settled in one go: of a month, and no more than fit in memory.

    For each todo item that lists any of them, those that it lists.
    """

    owner: str
    site: Settled
    days: Sequence[tuple[Todo, Sequence[int]]]

    def of(self, meter: Meter) -> list[int]:
        """Return the days that are marked of a meter's parts, or of the whole site."""
        sources = {*meter.source.parts, Source(self.owner)}
        return sorted({day for item, days in self.days if item.source in sources for day in days})


class Rollup:
    """One run over the sites of a kind; a day is closed if it is before `_open_ms`, an open day.

    Only the watermark says what is closed, and blocks are made of nothing else; never the clock,
    nor the fence: in a day that is only announced there may still be writes without marks.
    """

    def __init__(
        self,
        calls: Calls,
        settler: Settler,
        sites: Sites,
        closing: Closing,
        failures: Failures | None = None,
    ) -> None:
        self._calls = calls
        self._settler = settler
        self._sites = sites
        self._closing = closing
        self._open_ms: int
        self._newest_first: bool
        self._marks = Watermarks(calls, closing.fence.first_ms)
        self._failures = failures or Failures()

    def run_shard(self, shard: int, *, newest_first: bool = True) -> None:
        """Announce the due days of a shard, close those that may be, and settle what is marked.

        What is marked is settled newest first, or oldest first.
        """
        self._newest_first = newest_first
        self._open_ms = self._marks.until(self._sites.registry.kind.watermark(shard)) + DAY_MS
        each(self._works(shard))

    def _works(self, shard: int) -> Iterator[Work]:
        # What is due comes first. A run that was cut short while it closed a day left months that
        # are complete up to that day: what is marked in them cannot be struck until it is closed.
        yield partial(self._closing.announce, self._open_ms - DAY_MS)
        yield partial(self._close_shard, shard)
        newest, registry = self._newest_first, self._sites.registry
        listed = of_shard(self._calls, registry, shard, self._open_ms, newest_first=newest)
        for _, items in groupby(listed, key=lambda item: UTC.year_of(item.month)):
            for portion in portions(items):
                for todo in self._together(portion):
                    yield partial(self._settle_marked, shard, todo)

    def _together(self, items: Iterable[Todo]) -> Iterable[list[Todo]]:
        """Return what is struck together: of each site alone, or of all below a fleet."""
        groups: dict[str, list[Todo]] = {}
        for item in items:
            groups.setdefault("" if self._sites.fleet else item.source.owner, []).append(item)
        return groups.values()

    # --- What is marked ---------------------------------------------------------------------------

    def _settle_marked(self, shard: int, todo: Sequence[Todo]) -> None:
        """Settle marked days of one year and all that is made from them; then strike them.

        In as many turns as the time needs that is left, so that a run that is cut short has struck
        what it has done.
        """
        left = {_place(item): item for item in todo}
        tasks = deque(self._tasks(todo))
        for item in [item for item in todo if not item.days]:
            self._strike(item, ())
        while tasks:
            done = self._settle_some(tasks)
            days = sorted({day for task in done for _, listed in task.days for day in listed})
            made = {*(self._sites.fleet.make_shard(shard, days) if self._sites.fleet else days)}
            for task in done:
                for item, listed in task.days:
                    at = _place(item)
                    left[at] = self._strike(left[at], [day for day in listed if day in made])

    def _tasks(self, todo: Sequence[Todo]) -> Iterator[Task]:
        sites: dict[str, Settled] = {}
        in_order = sorted(todo, key=_site_and_month, reverse=self._newest_first)
        for (owner, _), group in groupby(in_order, key=_site_and_month):
            items = [(item, item.closed(self._open_ms)) for item in group]
            days = sorted({day for _, listed in items for day in listed})
            learn = partial(self._learn, owner, sites)
            if owner not in sites and not self._failures.tried(owner, learn):
                continue
            at_once = days_at_once(sites[owner])
            for first in sorted(range(0, len(days), at_once), reverse=self._newest_first):
                some = {*days[first : first + at_once]}
                parts = [(item, sorted(some & {*listed})) for item, listed in items]
                yield Task(owner, sites[owner], [part for part in parts if part[1]])

    def _settle_some(self, tasks: deque[Task]) -> list[Task]:
        """Settle tasks, site by site, for a part of the time left; return those that all held."""
        stop_s = self._calls.left_s() * (1 - SHARE)
        held: list[Task] = []
        while tasks and (not held or self._calls.left_s() >= stop_s):
            owner, settled = tasks[0].owner, list[Task]()
            heads = self._heads_of(owner, tasks)
            while tasks and tasks[0].owner == owner:
                if settled and self._calls.left_s() < stop_s:
                    break
                task = tasks.popleft()
                if self._failures.tried(owner, partial(self._settle_days, task, heads)):
                    settled.append(task)
            if settled and self._sums_hold(settled, heads()):
                held += settled
        return held

    def _heads_of(self, owner: str, tasks: Iterable[Task]) -> Callable[[], Heads]:
        """Return what reads the counters of all the owner's tasks, which come first; once."""
        first = [*takewhile(lambda task: task.owner == owner, tasks)]
        days = [day for task in first for _, listed in task.days for day in listed]
        return cache(partial(self._settler.heads, owner, first[0].site.zone, days))

    def _settle_days(self, task: Task, heads: Callable[[], Heads]) -> None:
        days = {meter: task.of(meter) for meter in task.site.meters}
        self._settler.settle_days(days, heads())

    def _sums_hold(self, tasks: Sequence[Task], heads: Heads) -> bool:
        """Settle the months and years of a site's tasks; return whether that was done."""
        held: list[bool] = []

        def settle() -> None:
            for meter in tasks[0].site.meters:
                days = sorted({day for task in tasks for day in task.of(meter)})
                zone = tasks[0].site.zone
                held.append(self._settler.settle_sums(meter, zone, days, self._open_ms, heads))

        return self._failures.tried(tasks[0].owner, settle) and all(held)

    def _strike(self, item: Todo, days: Collection[int]) -> Todo:
        """Strike days of a todo item; return what is left of it.

        Where a fleet is above, only that can strike them: they are handed over.
        """
        if not days and item.days:
            return item
        done = hand_over if self._sites.fleet and days else strike
        return done(self._calls, item, days)

    # --- What is due ------------------------------------------------------------------------------

    def _close_shard(self, shard: int) -> None:
        """Settle the days that are due for every site, and move the shard's watermark over each."""
        mark = self._sites.registry.kind.watermark(shard)
        while self._closing.may_close(day := self._open_ms):
            self._settle_due(shard, day)
            self._marks.move(mark, day - DAY_MS, day)
            self._open_ms = self._marks.until(mark) + DAY_MS

    def _settle_due(self, shard: int, day: int) -> None:
        """Settle a day for every site that an earlier run has not reached, then the shard's.

        A site that fails is listed in the todo before the watermark moves over the day.
        """
        mark = self._sites.registry.kind.watermark(shard)
        reached, noted_s = self._marks.reached(mark, day), self._calls.left_s()
        for owner in self._sites.registry.owners(shard):
            if owner <= reached:
                continue
            if not self._failures.tried(owner, partial(self._settle_day, owner, day)):
                list_day(self._calls, Source(owner), day, self._sites.registry.shards)
            if self._calls.left_s() < noted_s * (1 - NOTED):
                self._marks.reach(mark, day, owner)
                noted_s = self._calls.left_s()
        if self._sites.fleet:
            self._sites.fleet.make_shard(shard, [day])

    def _settle_day(self, owner: str, day: int) -> None:
        zone, meters = self._sites.settled(owner)
        heads = self._settler.heads(owner, zone, [day])
        self._settler.settle_days({meter: [day] for meter in meters}, heads)
        for meter in meters:
            self._settler.extend_sums(meter, zone, day, heads)

    def _learn(self, owner: str, sites: dict[str, Settled]) -> None:
        sites[owner] = self._sites.settled(owner)


def _site_and_month(item: Todo) -> tuple[str, int]:
    return item.source.owner, item.month


def _place(item: Todo) -> tuple[str, Source, int]:
    """Return where an item is: a source's month may be in the list of older releases as well."""
    return item.partition, item.source, item.month


def days_at_once(site: Settled) -> int:
    """Return how many days of a site are settled in one go."""
    blocks = sum(len(meter.measures) for meter in site.meters)
    return max(1, BLOCKS_AT_ONCE // max(1, blocks))
