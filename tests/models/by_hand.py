"""Processes on one table, each with clocks of its own, whose steps a test writes down one by one.

For the shortest histories that end wrong where a rule is broken; chance has no part in them. What
happens while a call is under way is said with it.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, NamedTuple

from quarterhour.energy.profile import Profile
from quarterhour.energy.quantities import Quantity
from quarterhour.energy.readings import ENERGY_USED, USED, Reading, Series
from quarterhour.errors import Busy
from quarterhour.query.rows import Grain, RowQuery
from quarterhour.sites import virtual_meters
from quarterhour.sites.corrections import Correction
from quarterhour.sites.sources import Source, device, house_owner, ship
from quarterhour.store.read.fleet import FleetReader
from quarterhour.store.read.memory import MOST_BYTES, BlockMemory
from quarterhour.store.read.rows import Reader
from quarterhour.store.read.sites import SiteReader
from quarterhour.store.read.top_users import RankingReader
from quarterhour.store.read.window import Windows
from quarterhour.store.rollup.closing import Announced, Closing, Outcome
from quarterhour.store.rollup.fleet import FleetSettler
from quarterhour.store.rollup.fleet_step import FleetStep
from quarterhour.store.rollup.rollup import Rollup, Sites, of_house, of_ship
from quarterhour.store.rollup.settler import Settler
from quarterhour.store.table import keys
from quarterhour.store.table.calls import Calls
from quarterhour.store.table.clock import Clock
from quarterhour.store.table.house_entries import HouseEntries
from quarterhour.store.table.parallel import in_turn
from quarterhour.store.table.registry import Registry
from quarterhour.store.write.deleter import Deleter
from quarterhour.store.write.known_fence import FenceMemory, KnownFence
from quarterhour.store.write.writer import Writer
from quarterhour.time.calendar import DAY_MS, HOUR_MS, UTC
from quarterhour.time.instants import parse
from quarterhour.time.intervals import Interval
from tests.models.refusals import OPERATIONS
from tests.models.watched import TABLE, Watched

DAY = 86_400.0
HOUR = 3_600.0
MINUTE = 60.0
TODAY = parse("2025-03-14T00:00:00Z")
SHARDS = 1
SHIP = ship(1)
HOUSE = 5
METER = device(house_owner(HOUSE), 1)

Then = Callable[[], object]
# The names, among those of calls, for one that writes readings, and for one that reads some.
READINGS = "readings"
READINGS_READ = "readings read"


class Held(NamedTuple):
    """A power of a source that was acknowledged, and from when to when it is held."""

    owner: str
    kw: float
    start_s: float
    end_s: float

    def kwh(self, now_s: float) -> float:
        """Return what it has come to by now."""
        return self.kw * max(0.0, min(self.end_s, now_s) - self.start_s) / HOUR


class World:
    """A table, and what time it really is, in seconds since the beginning of today."""

    def __init__(self) -> None:
        self.dynamo = Watched()
        self.now_s = 0.0
        self.kwh: defaultdict[str, float] = defaultdict(float)  # acknowledged, by owner
        self.held: list[Held] = []

    def process(self, off_s: float = 0.0) -> "Process":
        """Return a process whose wall clock is off, and which has seen nothing."""
        return Process(self, off_s)

    def at(self, hours: float, minutes: float = 0, seconds: float = 0) -> None:
        """Let it be so long after the beginning of today."""
        now_s = hours * HOUR + minutes * MINUTE + seconds
        assert now_s >= self.now_s, "time goes on"
        self.now_s = now_s

    def check(self, by: "Process | None" = None) -> None:
        """Whatever is asked has all that was acknowledged; AssertionError says what has not.

        A process asks that has seen nothing, or the one that is given.
        """
        for source, amounts in self.kwh.items():
            held = (power.kwh(self.now_s) for power in self.held if power.owner == source)
            kwh = amounts + sum(held)
            reader = by or self.process()
            answers = reader.of_ship() if source == SHIP.owner else reader.of_house()
            assert answers == dict.fromkeys(answers, kwh), f"{source}, {kwh} kWh: {answers}"


class Process:
    """A process; `off_s` says how far its wall clock is off, `stood_s` how long it was frozen."""

    def __init__(self, world: World, off_s: float) -> None:
        self.off_s = off_s
        self.stood_s = 0.0
        self.before: dict[str, Then] = {}  # what happens just before a call of a kind, once
        self.after: dict[str, Then] = {}
        self.stale: Mapping[str, Any] | None = None  # the fence, as eventual reads see it
        self._world = world
        self._fence = FenceMemory()
        self._blocks = BlockMemory(SHARDS, MOST_BYTES)
        self._known: set[str] = set()
        self._announced = Announced()
        self._clock = Clock(
            lambda: TODAY / 1000 + world.now_s + self.off_s,
            lambda: world.now_s - self.stood_s,
            self._sleep,
        )

    def _sleep(self, seconds: float) -> None:
        self._world.now_s += seconds

    # What is done

    def post(
        self, hours: float, kwh: float, source: Source = SHIP, interval_ms: int = HOUR_MS
    ) -> None:
        """Post the energy of an hour that begins so many hours after the beginning of today.

        Or of so long; of an interval of 0, which is not declared, up to the reading after it.
        """
        reading = Reading(TODAY + int(hours * HOUR_MS), kwh, interval_ms)
        with suppress(Busy):
            self._writer().put(source, {ENERGY_USED: [reading]})
            self._world.kwh[source.owner] += kwh

    def post_power(self, hours: float, kw: float, for_hours: float) -> None:
        """Post a ship's power from so many hours after the beginning of today, for so long."""
        at, length = int(hours * HOUR_MS), int(for_hours * HOUR_MS)
        series = Series(USED, Quantity.POWER)
        self._writer().put(SHIP, {series: [Reading(TODAY + at, kw, length)]})
        self._world.held.append(Held(SHIP.owner, kw, at / 1000, (at + length) / 1000))

    def delete(self, hours: float, kwh: float, source: Source = SHIP) -> None:
        """Delete what begins in an hour, so many hours after the beginning of today.

        What is acknowledged by then is so much: that was posted there, and nobody posts it again.
        """
        start_ms = TODAY + int(hours * HOUR_MS)
        with suppress(Busy):
            self.deleter().delete(Correction(source, start_ms, start_ms + HOUR_MS))
            self._world.kwh[source.owner] -= kwh

    def put(self, source: Source, series: Series, reading: Reading) -> None:
        """Store any reading, which `World.check` knows nothing of."""
        self._writer().put(source, {series: [reading]})

    def deleter(self) -> Deleter:
        """Return what deletes, which begins now."""
        writer = self._writer()
        return Deleter(writer._calls, writer, in_turn)

    def mark_the_month(self) -> None:
        """Have all days of the month be settled anew, up to yesterday."""
        self._writer().mark(SHIP, UTC.month_of(TODAY), TODAY)

    def put_house(self, *device_ids: int) -> None:
        """Put the house with meters of `used`."""
        channels = {USED: {"quantity": "energy"}}
        devices = [{"id": one, "name": "a meter", "channels": channels} for one in device_ids]
        entry = {"name": "A house", "sname": "house", "timezone": "UTC", "devices": devices}
        HouseEntries(self.calls(), SHARDS).put(HOUSE, entry)

    def roll_up(self) -> Outcome:
        """Run the rollup once, by this process's clock."""
        calls = self.calls()
        closing = Closing(calls, SHARDS, self._announced, calls.now_ms)
        reading = Reader(calls)
        ships, houses = (Registry(calls, kind, SHARDS) for kind in (keys.SHIPS, keys.HOUSES))
        entries = HouseEntries(calls, SHARDS)
        for sites in (
            Sites(houses, lambda owner: of_house(entries.of_owner(owner))),
            Sites(ships, of_ship, FleetSettler(calls, reading, ships)),
        ):
            Rollup(calls, Settler(calls), sites, closing).run_shard(0)
        FleetStep(calls, FleetSettler(calls, reading, ships), ships).run()
        return closing.outcome()

    # What is asked

    def of_ship(self) -> dict[str, float]:
        """Return what all that can be asked of these days says that the ship used."""
        days = TODAY - 2 * DAY_MS, TODAY + 2 * DAY_MS
        windows = Windows(self.calls(), self._reader(), Registry(self.calls(), keys.SHIPS, SHARDS))
        fleet = FleetReader(self.calls(), windows)
        top = RankingReader(self.calls(), self._reader(), windows, fleet).top(1, *days)
        return {
            **{f"ship by {grain}": self.used_by_ship(grain) for grain in ("15min", "day", "month")},
            "ship among many": sum(
                kwh
                for day in range(*days, DAY_MS)
                for buckets in self._reader().day_of_many([SHIP], ENERGY_USED, day).values()
                for kwh in buckets.totals
            ),
            "fleet by day": sum(row.kwh for row in fleet.rows(*days, "day")[0]),
            "fleet by month": sum(row.kwh for row in fleet.rows(*days, "month")[0]),
            "top users": sum(kwh for _, kwh in top.ships) if top else 0.0,
        }

    def used_by_ship(self, grain: str) -> float:
        """Return what the rows of these days say that the ship used."""
        days = TODAY - 2 * DAY_MS, TODAY + 2 * DAY_MS
        return sum(self._site_reader().rows(SHIP, USED, *days, grain).totals)

    def rows(self, ship: Source, interval: Interval, grain: str = "15min") -> Profile:
        """Return the rows of a ship in a range."""
        return self._site_reader().rows(ship, USED, *interval, grain)

    def quarter_hours(self, interval: Interval) -> Profile:
        """Return the quarter hours of the house's meter of `used` in a range."""
        house = HouseEntries(self.calls(), SHARDS).get(HOUSE)
        of_meter = self._site_reader().quarter_hours(house, METER, [ENERGY_USED], interval)
        return of_meter[ENERGY_USED]

    def of_house(self) -> dict[str, float]:
        """Return what all that can be asked of these days says that the house used."""
        house = HouseEntries(self.calls(), SHARDS).get(HOUSE)
        days = TODAY - 2 * DAY_MS, TODAY + 2 * DAY_MS
        meter = virtual_meters.energy(house)
        plan = {str(grain): RowQuery(meter, grain, *days) for grain in (Grain.QUARTER, Grain.DAY)}
        found = self._site_reader().read(house, plan)
        return {name: sum(figures.sums[ENERGY_USED].values()) for name, figures in found.items()}

    # Calls

    def calls(self) -> Calls:
        """Return the calls of a request that begins now."""
        return Calls(self, TABLE, self._clock)  # type: ignore[arg-type]

    def __getattr__(self, method: str) -> Any:
        """Return a call of DynamoDB, with what happens before and after it."""
        if method not in OPERATIONS:
            raise AttributeError(method)

        def call(**request: Any) -> Any:
            self.before.pop(READINGS if _has_readings(request) else method, _nothing)()
            answer = self._seen(method, request)
            self.after.pop(READINGS_READ if _reads_readings(request) else method, _nothing)()
            return answer

        return call

    def _seen(self, method: str, request: dict[str, Any]) -> Any:
        answer = getattr(self._world.dynamo, method)(**request)
        is_old = self.stale and method == "get_item" and not request["ConsistentRead"]
        if is_old and request["Key"]["sk"]["S"] == keys.FENCE:
            return {"Item": self.stale}
        return answer

    def _writer(self) -> Writer:
        calls = self.calls()
        fence = KnownFence(calls, self._fence, SHARDS)
        return Writer(calls, self._known, fence, SHARDS, in_turn)

    def _reader(self) -> Reader:
        calls = self.calls()
        return Reader(calls, now_ms=calls.now_ms, memory=self._blocks)

    def _site_reader(self) -> SiteReader:
        return SiteReader(self.calls(), SHARDS, memory=self._blocks)


def _has_readings(request: Mapping[str, Any]) -> bool:
    """Return whether a call writes readings."""
    updates = [one["Update"] for one in request.get("TransactItems", ())] or [request]
    return any("R#" in one["Key"]["pk"]["S"] for one in updates if "UpdateExpression" in one)


def _reads_readings(request: Mapping[str, Any]) -> bool:
    """Return whether a call is a query of readings."""
    is_query = "KeyConditionExpression" in request
    return is_query and "R#" in repr(request["ExpressionAttributeValues"])


def _nothing() -> None:
    """Nothing else happens."""
