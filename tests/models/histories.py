"""Random histories of the whole table: writers, deleters, rollups and readers at once.

In three of four the wall clocks of all that the table serves are hours and days off, and jump.

All of them are the project's own code on one engine under a Scheduler. A history goes through a
few moments of a few real days, each with something happening at once; most lie around midnights
and the deadlines after them. Every read is judged by tests.models.promise. In the end there is
quiet, one undisturbed rollup, and all that it has to have left.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import pairwise
from random import Random
from typing import Any, ClassVar, Self, TypeVar
from unittest.mock import patch

from quarterhour.energy.lookback import last_to_close
from quarterhour.energy.quantities import Quantity
from quarterhour.errors import Busy
from quarterhour.sites.corrections import Correction
from quarterhour.sites.house import House
from quarterhour.sites.sources import Source
from quarterhour.store.read.memory import BlockMemory
from quarterhour.store.rollup import fleet, rollup
from quarterhour.store.rollup.closing import NONE_MS, WAIT_S, Announced, Closing
from quarterhour.store.rollup.failures import Failures
from quarterhour.store.rollup.outlook import Outlook, old_lists
from quarterhour.store.rollup.rollup import Rollup, Sites
from quarterhour.store.rollup.settler import Settler
from quarterhour.store.table.calls import Calls
from quarterhour.store.table.fence import Fences
from quarterhour.store.table.keys import SiteKind
from quarterhour.store.table.leases import LONGEST_MS, Lease, Leases
from quarterhour.store.table.refused import CallRefused
from quarterhour.store.table.registry import Registry
from quarterhour.store.write.deleter import Deleter
from quarterhour.store.write.known_fence import FenceMemory, KnownFence
from quarterhour.store.write.writer import Writer
from tests.models.ahead_of_now import deface
from tests.models.failing_sites import READING, SETTLING
from tests.models.interleave import RIGHT, Died, Machine, Scheduler
from tests.models.liveness import Liveness
from tests.models.network import Faults
from tests.models.older_release import OldWriter
from tests.models.promise import Span, Unclear
from tests.models.settled_sites import Rest, Site
from tests.models.watched import Watched, remembering

SECOND = 1000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
# Midnights inside a month, between months, between years.
EDGES = (1_535_068_800_000, 1_535_760_000_000, 1_546_300_800_000)
NEAR = (
    *(-3 * HOUR, -65 * MINUTE - 1, -65 * MINUTE, -30 * MINUTE, -5 * MINUTE, -1),
    *(0, 10 * MINUTE, 64 * MINUTE, 65 * MINUTE, 125 * MINUTE, 7 * HOUR, 12 * HOUR),
)
INTERVALS = (0, 0, 0, 0, 5 * MINUTE, HOUR, 26 * HOUR)
GRACE_MS = 2 * HOUR
MARGIN_MS = 15 * MINUTE

# How far wall clocks are off, in seconds.
WRITERS_OFF = (-5 * DAY / SECOND, 2.5 * DAY / SECOND)
ROLLUPS_OFF = (-2.5 * DAY / SECOND, 3 * DAY / SECOND)
INGEST, ROLLUP, READ = "ingest", "rollup", "read"
OFF = {INGEST: WRITERS_OFF, ROLLUP: ROLLUPS_OFF, READ: WRITERS_OFF}

MOST_KEPT_BYTES = 200_000  # some hundred blocks: some are pushed out
WARM = 0.8  # how often an idle environment is used again
# How often a rollup is asked for by a queue, and how often it closes only what it knows.
QUEUED, KNOWN = 0.15, 0.25
CUT_SHORT = 0.3  # in how many histories there is time for little

MIXES = ((4, 4, 3), (4, 4, 3), (2, 1, 4), (3, 6, 1))

# Quiet enough for reads to be judged sharply, rough enough for every fault to happen.
WEATHER = (
    Faults(skew_seconds=30.0),
    Faults(torn_queries=True, short_pages=0.2, stale_seconds=60.0, skew_seconds=30.0),
    Faults(freeze=0.04, freeze_seconds=60.0, skew_seconds=30.0, stale_seconds=60.0),
    Faults(freeze=0.02, freeze_seconds=600.0, unanswered=0.1, late_seconds=300.0),
    Faults(kill=0.01, freeze=0.004, skew_seconds=30.0, stale_seconds=60.0, torn_queries=True),
    Faults(
        kill=0.002, freeze=0.002, skew_seconds=30.0, unanswered=0.03, late_seconds=300.0,
        refused=0.01, throttled=0.02, conflicts=0.02, stale_seconds=60.0, short_pages=0.2,
        torn_queries=True,
    ),
)  # fmt: skip


Result = TypeVar("Result")


@dataclass
class History:
    """A seed's history on an engine; AssertionError where an answer or the end is wrong.

    Of which sites it is, who writes, who asks what, and what the end has to be, a kind says.
    """

    name: ClassVar[str]
    kind: ClassVar[SiteKind]
    places_to_fail: ClassVar[tuple[str, ...]] = (SETTLING, READING)
    edges: ClassVar[tuple[int, ...]] = EDGES
    numbers_of_shards: ClassVar[tuple[int, ...]] = (1, 1, 2)
    begins: ClassVar[tuple[int, ...]]  # when a history begins, relative to its edge

    seed: int
    engine: Any = field(default_factory=Watched)
    moments: int = 7
    weather: Faults | None = None
    mix: tuple[int, int, int] | None = None  # of writes, rollups and reads
    asks: tuple[str, ...] = ()
    crowd: tuple[int, int] = (2, 5)  # how many at a moment
    off: bool | None = None  # whether clocks are far off; None: in three of four histories
    keeps: bool = False  # whether readers' environments keep blocks
    old_moments: int | None = None  # so many have writers of an older release as well
    leases: bool = False  # whether rollups look first, and leave alone what another has
    reads: list[Callable[[], None]] = field(default_factory=list)
    unclear: int = 0
    liveness: Liveness = field(init=False)
    random: Random = field(init=False)
    scheduler: Scheduler = field(init=False)
    edge: int = field(init=False)
    shards: int = field(init=False)
    idle: dict[str, list[Machine]] = field(init=False)
    value: int = 0
    reads_at_ms: int | None = None  # when it is by a clock that stands still
    moment: int = 0
    taken: int = 0  # how many leases were
    held: int = 0  # how many runs left a shard or the fleet to another
    is_quiet: bool = False

    def __post_init__(self) -> None:
        self.random = Random(f"{self.name} {self.seed}")
        self.edge = self.random.choice(self.edges)
        self.shards = self.random.choice(self.numbers_of_shards)
        self._choose_sites()
        begin = self.edge + self.random.choice(self.begins)
        weather = self.weather or self.random.choice(WEATHER)
        self.scheduler = Scheduler(self.seed, self.engine, weather, start=begin / SECOND)
        is_off = self.random.random() < 0.75
        self.off = is_off if self.off is None else self.off
        # An older release knows no fence: by wrong clocks it is wrong.
        old_moments = 0 if self.off else self.random.choice((0, 3))
        self.old_moments = old_moments if self.old_moments is None else self.old_moments
        self.idle = {INGEST: [], ROLLUP: [], READ: []}
        self.liveness = Liveness(self)

    def _choose_sites(self) -> None:
        """Choose the sites of the history."""
        raise NotImplementedError

    @property
    def watched(self) -> Watched:
        """The engine's memory of what was applied."""
        watched: Watched = self.engine.watched
        return watched

    def run(self) -> Self:
        """Run the history to its end and judge it."""
        try:
            self.scheduler.spawn("director", self._direct, mortal=False)
            with remembering():
                with self._time_for_little():
                    self.scheduler.run(limit=200_000)
                for check in self.reads:
                    self._judge(check)
                check_fence(self.watched)
                check_blocks(self.watched)
                self._end()
        except Exception as wrong:
            wrong.add_note(f"rollup history, seed {self.seed}")
            raise
        return self

    @contextmanager
    def _time_for_little(self) -> Iterator[None]:
        """Let every rollup of some histories do one task in a turn, and then one day above it."""
        with ExitStack() as shares:
            if Random(f"shares {self.seed}").random() < CUT_SHORT:
                for module in rollup, fleet:
                    shares.enter_context(patch.object(module, "SHARE", 0.0))
            yield

    def _judge(self, check: Callable[[], None]) -> None:
        try:
            check()
        except Unclear:
            self.unclear += 1

    # The course of a history

    def _direct(self) -> None:
        for moment in range(self.moments):
            self.moment = moment
            self._wait_for(self._next_moment())
            within = self.random.choice((0.3, 1.0, 8.0, 60.0, 300.0))
            weights = self.mix or self.random.choice(MIXES)
            for number in range(self.random.randint(*self.crowd)):
                work = self.random.choices((self._write, self._roll, self._ask), weights)[0]
                begin = self.random.uniform(0.0, within)
                name = f"{work.__name__.strip('_')} {moment}.{number}"
                self.scheduler.spawn(name, partial(self._later, begin, work), mortal=False)

    def _later(self, seconds: float, work: Callable[[], None]) -> None:
        self.scheduler.sleep(seconds)
        work()

    def now_ms(self) -> int:
        """Return what time it is by the clock of whoever asks."""
        return int(self.scheduler.clock() * SECOND)

    def _next_moment(self) -> int:
        """Return when something happens next: soon, or at a deadline, or hours later."""
        now = self.now_ms()
        kind = self.random.random()
        if kind < 0.3:
            return now + self.random.choice((SECOND, MINUTE, 20 * MINUTE))
        midnight = now - now % DAY + DAY * self.random.choice((0, 1))
        deadlines = [
            midnight + GRACE_MS - 40 * SECOND,
            midnight + GRACE_MS - 5 * SECOND,
            midnight + GRACE_MS + 30 * SECOND,
            midnight + GRACE_MS + MARGIN_MS - 40 * SECOND,
            midnight + GRACE_MS + MARGIN_MS + 40 * SECOND,
        ]
        coming = [at for at in deadlines if at > now]
        if kind < 0.75 and coming:
            return self.random.choice(coming)
        return now + self.random.randrange(10 * MINUTE, 14 * HOUR)

    def _wait_for(self, at_ms: int) -> None:
        self.scheduler.sleep(max(0.0, (at_ms - self.now_ms()) / SECOND))

    # Writers

    def _write(self) -> None:
        raise NotImplementedError

    def _delete(self, source: Source, first: int) -> None:
        end = first + self.random.choice((1, HOUR, DAY))
        quantity = self.random.choice((None, None, Quantity.POWER, Quantity.ENERGY))
        correction = Correction(source, first, end, quantity)
        self._send(lambda: self.deleter().delete(correction, self._site_of(source)))

    def _site_of(self, _: Source) -> House | None:
        """Return the house of a source, where it may have totals."""
        return None

    def _value(self) -> float:
        """Return a value that was not yet posted."""
        self.value += 1
        return float(self.value)

    def _instant(self) -> int:
        """Return an instant to write at: just now, or near one of the midnights around."""
        now = self.now_ms()
        if self.random.random() < 0.3:
            return now - now % MINUTE - self.random.randrange(20) * MINUTE
        midnight = now - now % DAY - self.random.choice((-1, 0, 0, 0, 1, 1, 2)) * DAY
        at = midnight + self.random.choice(NEAR)
        return at if at < now + 30 * MINUTE else at - DAY

    def _send_perhaps_twice(self, write: Callable[[], object]) -> None:
        self._send(write)
        if self.random.random() < 0.15:
            self.scheduler.sleep(self.random.choice((1.0, 400.0, 9_000.0)))
            self._send(write)

    def _send(self, write: Callable[[], object]) -> None:
        """Send what writes in a process of its own, again until it is answered or given up."""
        for _ in range(5):
            try:
                self._invoke(INGEST, write, patience=35.0)
            except (Busy, Died, TimeoutError):
                self.scheduler.sleep(self.random.choice((0.5, 20.0)))
            except CallRefused as refusal:
                check_expired(refusal)
            else:
                return

    def calls(self, limit_s: float = 20.0) -> Calls:
        """Return the calls of a request that begins now."""
        scheduler = self.scheduler
        table = self.watched.table
        clocks = scheduler.clocks
        if self.reads_at_ms is not None:
            reads_at_s = self.reads_at_ms / SECOND
            clocks = replace(clocks, now=lambda: reads_at_s)
        return Calls(scheduler.client(), table, clocks, limit_s)

    def _invoke(self, function: str, work: Callable[[], Result], patience: float = 1e9) -> Result:
        """Run work in an environment of a function: mostly one that was there before and is idle.

        One whose process died, or is not awaited any more, is not used again.
        """
        idle = self.idle[function]
        if idle and self.random.random() < WARM:
            machine = idle.pop(self.random.randrange(len(idle)))
        else:
            machine = self.scheduler.machine(OFF[function] if self.off else RIGHT)
        is_gone = False
        try:
            return self.scheduler.invoke(function, work, machine=machine, patience=patience)
        except (Died, TimeoutError):
            is_gone = True
            raise
        finally:
            if not is_gone:
                idle.append(machine)

    def deleter(self) -> Deleter:
        """Return what deletes, of one release or the other."""
        writer = self.writer()
        return Deleter(writer._calls, writer, self.scheduler.pool)

    def writer(self) -> Writer:
        """Return a writer; while a release takes the place of an older one, of one or the other."""
        is_old = self.moment < (self.old_moments or 0) and self.random.random() < 0.5
        kind = OldWriter if is_old else Writer
        calls, here = self.calls(), self.scheduler.here
        fence = KnownFence(calls, here.remembered(FenceMemory), self.shards)
        return kind(calls, here.remembered(set), fence, self.shards, self.scheduler.pool)

    def _memory(self) -> BlockMemory | None:
        """Return what the environment of a reader keeps."""
        return self.scheduler.here.remembered(self._new_memory) if self.keeps else None

    def _new_memory(self) -> BlockMemory:
        return BlockMemory(self.shards, MOST_KEPT_BYTES)

    # Rollups

    def _roll(self) -> None:
        """Run a rollup: of one shard or all, its event new, old or from a clock that is ahead.

        It closes what was announced long enough before, or waits for that, or a queue did.
        """
        old_s = self.random.choice((0, 0, 0, 0, 60, 7 * 3600)) - 60.0
        patient = self.random.choice((840.0, 1e9))
        shards = [*range(self.shards)]
        if self.random.random() < 0.5:
            shards = [self.random.choice(shards)]
        run = partial(self._run_shards, shards, old_s, patient)
        kind = self.random.random()
        if kind < QUEUED:
            self._roll_queued(run)
        else:
            self._roll_once(run if kind < QUEUED + KNOWN else partial(self._run_twice, run))

    def _roll_once(self, run: Callable[[], object]) -> None:
        with suppress(Busy, Died, TimeoutError):
            try:
                self._invoke(ROLLUP, run, patience=900.0 + WAIT_S)
            except CallRefused as refusal:
                check_expired(refusal)

    def _run_twice(self, run: Callable[[], float]) -> None:
        wait_s = run()
        if 0 < wait_s <= WAIT_S:
            self.scheduler.sleep(wait_s)
            run()

    def _roll_queued(self, run: Callable[..., float]) -> None:
        """Run a rollup as a message asks for it, which may come again."""
        messages: list[int] = []

        def send() -> None:
            calls = self.calls()
            messages.append(Fences(calls, self.shards).get(calls.now_ms).last_ms)

        self._roll_once(send)
        for may_ms in messages:
            self.scheduler.sleep(WAIT_S)
            self._roll_once(partial(run, may_ms))
            if self.random.random() < 0.3:
                self.scheduler.sleep(self.random.choice((30.0, 5400.0)))
                self._roll_once(partial(run, may_ms))

    def _run_shards(
        self, shards: list[int], old_s: float, limit_s: float, may_ms: int = NONE_MS
    ) -> float:
        """Roll shards up; return after how many seconds all could go on, 0 where nothing waits."""
        wait_s = 0.0
        for shard in shards:
            calls = self.calls(limit_s)
            now_ms = int((calls.began_s - max(0.0, old_s)) * SECOND)
            run = partial(self._run_shard, calls, shard, now_ms, may_ms)
            waits_s = self._under_lease(shard, now_ms, run) if self.leases else run()
            wait_s = max(wait_s, waits_s)
        return wait_s

    def _run_shard(
        self, calls: Calls, shard: int, now_ms: int, may_ms: int, *, newest_first: bool = True
    ) -> float:
        announced = self.scheduler.here.remembered(Announced)
        closing = Closing(calls, self.shards, announced, now_ms, may_ms)
        sites = self.sites(calls)
        rollup = Rollup(calls, self.settler(calls), sites, closing)
        rollup.run_shard(shard, newest_first=newest_first)
        return closing.outcome().wait_s

    # Leases, by the clocks of whoever takes them

    def _under_lease(self, shard: int, now_ms: int, run: Callable[..., float]) -> float:
        """Run a shard's rollup as the scheduled function does, if it has anything to do."""
        look = self.calls()
        outlook = Outlook(look, self.shards, now_ms, (self.kind,))
        lease = outlook.lease(str(shard))
        if lease.is_held(outlook.clock_ms):
            self.held += 1
            return 0.0
        marked = outlook.marked(look, shard, old_lists(look))
        tried = frozenset[str]() if self.is_quiet else lease.left
        if not outlook.has_work(shard, marked, tried):
            return 0.0
        with self._lease(outlook, lease) as taken:
            if not taken:
                return 0.0
            wait_s = run(newest_first=lease.newest_first)
            after = self.calls()
            left = outlook.marked(after, shard, old_lists(after))
            taken[0] = marked.closed & left.closed
            return wait_s

    @contextmanager
    def _lease(self, outlook: Outlook, lease: Lease) -> Iterator[list[set[str] | None]]:
        """Have a lease, unless another has it: then what it yields is empty.

        It is given back with what is put there as left. Whoever is killed gives nothing back.
        """
        self.taken += 1
        holder = f"request {self.taken}"
        leases = Leases(self.calls(), outlook.clock_ms)
        if not leases.take(lease, holder, LONGEST_MS):
            self.held += 1
            yield []
            return
        left: list[set[str] | None] = [None]
        try:
            yield left
        finally:
            Leases(self.calls(), 0).give_back(lease.name, holder, left[0])

    def _registry(self, calls: Calls) -> Registry:
        return Registry(calls, self.kind, self.shards)

    def settler(self, calls: Calls) -> Settler:
        """Return what writes blocks, one after the other: there is the most between them."""
        return Settler(calls)

    def sites(self, calls: Calls, failures: Failures | None = None) -> Sites:
        """Return the sites that a rollup is of."""
        raise NotImplementedError

    def _run_fleet(self, limit_s: float) -> None:
        """Run what is scheduled after the shards' runs, in so many seconds."""

    def step(self, calls: Calls) -> None:
        """Do what is scheduled after the shards' runs."""

    def marks(self) -> list[str]:
        """Return the names of all watermarks."""
        return [*map(self.kind.watermark, range(self.shards))]

    # Readers

    def _ask(self) -> None:
        for _ in range(self.random.randint(1, 3)):
            start, end = self._window()
            ask = getattr(self, f"_{self.random.choice(self.asks)}")
            with suppress(Busy, Died, TimeoutError):
                try:
                    self._invoke(READ, partial(ask, start, end))
                except CallRefused as refusal:
                    check_expired(refusal)

    def _window(self) -> tuple[int, int]:
        """Return what is asked for: mostly some days around now, at any quarter hour's edge."""
        now = self.now_ms()
        first = now - now % DAY - self.random.choice((0, 1, 1, 2, 3, 33)) * DAY
        length = self.random.choice((6 * HOUR, 3 * DAY, 3 * DAY, 5 * DAY, 40 * DAY, 1_100 * DAY))
        cut = self.random.choice((0, 0, HOUR, 75 * MINUTE))
        return first + cut, first + cut + length

    def _keep(self, first: int, check: Callable[[Span], None]) -> None:
        self.reads.append(partial(check, Span(first, self.watched.instant)))

    # The end

    def _end(self) -> None:
        """After quiet and some undisturbed rollups all that is derived is right, and served."""
        self._wait_for(self._quiet_ms())
        if self.leases:
            self._settle_all()
            self.liveness.is_done()
            # What is marked when no day is due is seen by a look as well.
            self.liveness.mark_much()
            self._run_all_but_none_left_to_others()
            self.liveness.is_done()
        self.liveness.check()
        self._check_settled()
        judged = len(self.reads)
        for ask in self._last_questions():
            ask()
        for check in self.reads[judged:]:
            check()

    def _ask_before_the_end(self) -> None:
        """By a clock of some days ago, nothing is taken from what was closed after that.

        In one of three histories: it is as much to ask as all before.
        """
        if self.seed % 3:
            return
        until = self._rest().open_ms
        self.reads_at_ms = until - self.random.choice((12, 36, 60)) * HOUR
        deface(self.watched, self.scheduler.client(), self.reads_at_ms)
        judged = len(self.reads)
        for ask in self._last_questions():
            ask()
        for check in self.reads[judged:]:
            check()
        self.reads_at_ms = None
        self.keeps = False  # of the blocks that were defaced some may be kept

    def _quiet_ms(self) -> int:
        """Return an instant at which all may be closed, also what clocks ahead announced or marked.

        A reading of half an hour from now reaches 26 hours further.
        """
        now = self.now_ms()
        fence = Fences(self.calls(), self.shards).get(now)
        reached = now + 30 * MINUTE + 26 * HOUR
        return max(reached - reached % DAY, fence.last_ms) + DAY + 3 * HOUR

    def _settle_all(self) -> None:
        """Run the rollup under leases, undisturbed, as often as it may need.

        Of two runs one announces three days, and the other closes them.
        """
        self.is_quiet = True
        for _ in range(2 * -(-self.days_due() // 3) + 1):
            self._run_all_but_none_left_to_others()
            self.scheduler.sleep(WAIT_S + 1.0)  # no less by rounding

    def _run_all_but_none_left_to_others(self) -> None:
        """Run all, again where somebody has a lease, who is no more: each lease ends some time.

        By a clock that is right now. A lease of one that was ahead may seem to be had later.
        """
        for _ in range(self.shards + 2):
            held = self.held
            self._run_shards([*range(self.shards)], 0.0, 1e9)
            self._run_fleet(1e9)
            if self.held == held:
                return
            self.scheduler.sleep((LONGEST_MS + MINUTE) / SECOND)
        raise AssertionError("a lease does not end")

    def days_due(self) -> int:
        """Return how many days the slowest shard has still to close."""
        calls = self.calls()
        fence = Fences(calls, self.shards).get(calls.now_ms)
        items = {item["sk"]["S"]: item for item in calls.query("W")}
        marks = [items.get(self.kind.watermark(shard), {}) for shard in range(self.shards)]
        until = min(int(mark["until"]["N"]) if mark else fence.first_ms for mark in marks)
        return (last_to_close(self.now_ms()) - until) // DAY

    def owners(self) -> list[str]:
        """Return the owners that are registered."""
        calls = self.calls()
        registry = Registry(calls, self.kind, self.shards)
        return [owner for shard in range(self.shards) for owner in registry.owners(shard)]

    def little(self) -> int:
        """Return how many calls are enough for a little of a rollup's work, and rarely for all."""
        raise NotImplementedError

    def sources(self) -> list[Source]:
        """Return the sources whose days can be marked."""
        raise NotImplementedError

    def grow(self, random: Random) -> None:
        """Let there be more sites than there were in the history."""

    def _rest(self) -> Rest:
        """Return the table at rest, to be checked."""
        return Rest(self.watched, self.kind, self.shards, [*self._settled()], self.now_ms())

    def _check_settled(self) -> None:
        raise NotImplementedError

    def _settled(self) -> Iterable[Site]:
        raise NotImplementedError

    def _last_questions(self) -> Iterable[Callable[[], object]]:
        raise NotImplementedError


def check_fence(watched: Watched) -> None:
    """No watermark was ever beyond the fence, and no item of these went back."""
    last: dict[str, int] = {}
    for applied in watched.applied:
        for pk, sk in applied.keys():  # noqa: SIM118
            if pk == "W" and not sk.startswith("lease#"):
                item = watched.at(pk, sk, applied.instant)
                day = int(item["fence" if sk == "fence" else "until"]["N"])
                assert day >= last.get(sk, day), f"{sk} went back"
                last[sk] = day
                # An older release knows no fence; where one begins, it is at the furthest of all.
                if "fence" in last:
                    assert max(last.values()) == last["fence"], f"{sk} is beyond the fence: {last}"


def check_blocks(watched: Watched) -> None:
    """No block went back: an older run covered no newer one.

    At the end the same days are settled again, and what was covered can be seen no more.
    """
    for partition in watched.partitions():
        for sort, states in watched.states(partition, 0, watched.instant):
            for before, after in pairwise(state for state in states if "s" in state):
                if before.get("tz") != after.get("tz"):
                    continue  # of another time zone, it says nothing any more
                for name in before.keys() & {"s", "upto"}:
                    is_older = int(after[name]["N"]) < int(before[name]["N"])
                    assert not is_older, f"{name} of {partition} {sort} went back"


def check_expired(refusal: CallRefused) -> None:
    """A process that was frozen in a call finds its signature void: it dies, no more."""
    assert refusal.response["Error"]["Code"] == "InvalidSignatureException", refusal
