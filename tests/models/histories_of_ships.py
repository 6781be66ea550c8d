"""Random histories of ships and their fleet."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from random import Random

from quarterhour.energy.profile import profile
from quarterhour.energy.quantities import Quantity
from quarterhour.energy.readings import USED, Reading, Series
from quarterhour.errors import NotFound
from quarterhour.sites.sources import Source, ship
from quarterhour.store.read.fleet import FleetReader
from quarterhour.store.read.rows import Reader
from quarterhour.store.read.sites import SiteReader
from quarterhour.store.read.top_users import RankingReader
from quarterhour.store.read.window import Windows
from quarterhour.store.rollup.failures import Failures
from quarterhour.store.rollup.fleet import FleetSettler
from quarterhour.store.rollup.fleet_step import FleetStep
from quarterhour.store.rollup.outlook import Outlook
from quarterhour.store.rollup.rollup import Sites, of_ship
from quarterhour.store.table import keys
from quarterhour.store.table.calls import Calls
from tests.models import meters_by_hand, older_release
from tests.models.attributes import Item
from tests.models.histories import DAY, HOUR, INTERVALS, MINUTE, History
from tests.models.promise import Span, Truth, check_rows
from tests.models.promise_of_fleets import FleetTruth, check_fleet, check_top
from tests.models.settled_fleets import SettledFleet
from tests.models.settled_sites import Site

SERIES = (Series(USED, Quantity.POWER), Series(USED, Quantity.ENERGY))
SHIPS = (1, 4, 2)  # of two shards the first and the third are in one, the second in the other
MORE_SHIPS = (3, 5, 6)


@dataclass
class ShipHistory(History):
    """A seed's history of ships; AssertionError where an answer or the end is wrong."""

    name = "rollups"
    kind = keys.SHIPS
    numbers_of_shards = (1, 2, 2)
    begins = (0, -3 * HOUR, -20 * HOUR)

    asks: tuple[str, ...] = ("rows", "rows", "fleet", "top")
    runs: tuple[str, ...] = ("fleet", "fleet", "shards", "shards", "both")
    ships: list[Source] = field(init=False)

    def _choose_sites(self) -> None:
        self.ships = [ship(one) for one in SHIPS[: self.random.choice((1, 2, 3))]]

    def _direct(self) -> None:
        if self.old_moments:
            older_release.begin_fleet(self.calls(), self.now_ms())
        super()._direct()

    # Writers

    def _write(self) -> None:
        """Post a batch (or delete), again until it is answered; now and then once more."""
        source = self.random.choice(self.ships)
        if self.random.random() < 0.2:
            self._delete(source, self._instant())
            return
        batch: dict[Series, list[Reading]] = {}
        instants = sorted({self._instant() for _ in range(self.random.randint(1, 4))})
        for at in instants:
            reading = Reading(at, self._value(), self.random.choice(INTERVALS))
            batch.setdefault(self.random.choice(SERIES), []).append(reading)
        self._send_perhaps_twice(lambda: self.writer().put(source, batch))

    # Rollups

    def sites(self, calls: Calls, failures: Failures | None = None) -> Sites:
        registry = self._registry(calls)
        return Sites(registry, of_ship, FleetSettler(calls, Reader(calls), registry, failures))

    def _roll(self) -> None:
        """Run the fleet's step, or rollups of shards, or the one after the other."""
        kind = self.random.choice(self.runs)
        if kind != "fleet":
            super()._roll()
        if kind != "shards":
            self._roll_once(partial(self._run_fleet, self.random.choice((840.0, 1e9))))

    def _run_fleet(self, limit_s: float) -> None:
        if not self.leases:
            self.step(self.calls(limit_s))
            return
        look = self.calls()
        outlook = Outlook(look, self.shards, look.now_ms, (self.kind,))
        lease = outlook.lease(keys.FLEET_MARK)
        if lease.is_held(outlook.clock_ms):
            self.held += 1
            return
        with self._lease(outlook, lease) as taken:
            if taken:
                self.step(self.calls(limit_s))

    def step(self, calls: Calls) -> None:
        registry = self._registry(calls)
        FleetStep(calls, FleetSettler(calls, Reader(calls), registry), registry).run()

    def marks(self) -> list[str]:
        return [*super().marks(), keys.FLEET_MARK]

    # Readers

    def _listed(self, source: Source) -> Item:
        """Return what the registry has of a ship now."""
        at = self.kind.registry_partition(keys.shard_of(source, self.shards)), source.name
        return self.watched.at(*at, self.watched.instant)

    def _rows(self, start: int, end: int) -> None:
        source = self.random.choice(self.ships)
        interval = self.random.choice(("15min", "hour", "day", "month", "month"))
        if end - start > 50 * DAY:
            interval = "month"
        self.ask_rows(source, start, end, interval)

    def ask_rows(self, source: Source, start: int, end: int, interval: str) -> None:
        """Read a source's rows and keep the answer to be judged."""
        first = self.watched.instant
        is_known = bool(self._listed(source))
        calls = self.calls()
        reader = SiteReader(calls, self.shards, memory=self._memory())
        try:
            rows = reader.rows(source, USED, start, end, interval)
        except NotFound:
            assert not is_known, f"{source.name} is not found"
            rows = profile()
        found = {
            meters_by_hand.USED: {row.start_ms: (row.total, row.covered) for row in rows.rows()}
        }

        def check(span: Span) -> None:
            truth = Truth(self.watched, span, source.owner, "UTC", calls.now_ms)
            check_rows(truth, meters_by_hand.SHIP, (interval, start, end), found)

        self._keep(first, check)

    def _fleet(self, start: int, end: int) -> None:
        interval = self.random.choice(("15min", "hour", "day", "month"))
        if end - start > 50 * DAY:
            interval = "month"
        self.ask_fleet(start, end, interval)

    def ask_fleet(self, start: int, end: int, interval: str) -> None:
        """Read the fleet's rows and keep the answer to be judged."""
        first = self.watched.instant
        calls = self.calls()
        windows = self._windows(calls)
        found, until = FleetReader(calls, windows).rows(start, end, interval)
        assert until == end
        self._keep(
            first,
            lambda span: check_fleet(self._fleet_truth(span, calls), (interval, start, end), found),
        )

    def _windows(self, calls: Calls) -> Windows:
        reader = Reader(calls, now_ms=calls.now_ms, memory=self._memory())
        return Windows(calls, reader, self._registry(calls), self.scheduler.pool)

    def _fleet_truth(self, span: Span, calls: Calls) -> FleetTruth:
        ships = [source.name for source in self.ships]
        return FleetTruth(self.watched, span, ships, calls.now_ms)

    def _top(self, start: int, end: int) -> None:
        self.ask_top(start, end, self.random.choice((1, 1, 2, 5)))

    def ask_top(self, start: int, end: int, count: int) -> None:
        """Read the top users and keep the answer to be judged."""
        first = self.watched.instant
        calls = self.calls()
        windows = self._windows(calls)
        reader = Reader(calls, now_ms=calls.now_ms, memory=self._memory())
        ranking = RankingReader(calls, reader, windows, FleetReader(calls, windows))
        found = ranking.top(count, start, end)
        assert found is not None
        assert found.complete_until_ms == end
        self._keep(
            first,
            lambda span: check_top(
                self._fleet_truth(span, calls), (start, end, count), found.ships
            ),
        )

    # The end

    def _end(self) -> None:
        super()._end()
        self._ask_before_the_end()

    def _check_settled(self) -> None:
        rest = self._rest()
        rest.check(marks=[keys.FLEET_MARK])
        SettledFleet(rest).check()

    def _settled(self) -> Iterator[Site]:
        """Yield the ships that are registered."""
        for source in self.ships:
            if item := self._listed(source):
                zone, (meter,) = of_ship(source.owner)
                created_ms = int(item["created"]["N"])
                yield Site(source.owner, zone, created_ms, [(meter, meters_by_hand.SHIP)])

    def little(self) -> int:
        """Enough for a month of a ship, and twice for a day, a month and a year of its shard."""
        return 240

    def sources(self) -> list[Source]:
        return [Source(owner) for owner in self.owners()]

    def grow(self, random: Random) -> None:
        for one in MORE_SHIPS[: random.choice((0, 0, 1, 3))]:
            source = ship(one)
            self.ships.append(source)
            reading = Reading(self.edge - 5 * DAY, self._value(), HOUR)
            self.writer().put(source, {SERIES[1]: [reading]})

    def _last_questions(self) -> Iterator[Callable[[], None]]:
        today = self.now_ms() - self.now_ms() % DAY
        first, end = self.edge - 4 * DAY, today
        for interval in ("15min", "day", "month"):
            for source in self.ships:
                yield partial(self.ask_rows, source, first, end, interval)
            yield partial(self.ask_fleet, first + 75 * MINUTE, end, interval)
        years = self.edge - 800 * DAY, self.edge + 400 * DAY
        yield partial(self.ask_rows, self.ships[0], *years, "month")
        yield partial(self.ask_fleet, first - 40 * DAY, end, "month")
        for count in (1, 2, 5):
            yield partial(self.ask_top, first + 75 * MINUTE, end, count)
            yield partial(self.ask_top, first - 40 * DAY, end - HOUR, count)
