"""Random histories of the whole table: writers, deleters, rollups and readers at once.

All of them are the project's own code on one engine under a Scheduler. A history goes through a
few moments of a few real days, each with something happening at once; most lie around midnights
and the deadlines after them. Every read is judged by tests.models.promise. In the end there is
quiet, one undisturbed rollup, and all that it has to have left.
"""

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Any, ClassVar, Self

from botocore.exceptions import ClientError

from quarterhour.errors import Busy
from quarterhour.sites.sources import Source
from quarterhour.store.read.rows import Reader
from quarterhour.store.rollup.rollup import Rollup, Sites
from quarterhour.store.rollup.settler import Settler
from quarterhour.store.table.calls import Calls
from quarterhour.store.table.keys import SiteKind
from quarterhour.store.table.registry import Registry
from quarterhour.store.write.writer import Writer
from tests.models.interleave import Died, Scheduler
from tests.models.network import Faults
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
INTERVALS = (0, 0, 0, 0, 5 * MINUTE, HOUR, DAY)
GRACE_MS = 2 * HOUR
MARGIN_MS = 15 * MINUTE

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


@dataclass
class History:
    """A seed's history on an engine; AssertionError where an answer or the end is wrong.

    Of which sites it is, who writes, who asks what, and what the end has to be, a kind says.
    """

    name: ClassVar[str]
    kind: ClassVar[SiteKind]
    edges: ClassVar[tuple[int, ...]] = EDGES
    begins: ClassVar[tuple[int, ...]]  # when a history begins, relative to its edge

    seed: int
    engine: Any = field(default_factory=Watched)
    moments: int = 7
    weather: Faults | None = None
    mix: tuple[int, int, int] | None = None  # of writes, rollups and reads
    asks: tuple[str, ...] = ()
    crowd: tuple[int, int] = (2, 5)  # how many at a moment
    reads: list[Callable[[], None]] = field(default_factory=list)
    unclear: int = 0
    random: Random = field(init=False)
    scheduler: Scheduler = field(init=False)
    edge: int = field(init=False)
    shards: int = field(init=False)
    value: int = 0

    def __post_init__(self) -> None:
        self.random = Random(f"{self.name} {self.seed}")
        self.edge = self.random.choice(self.edges)
        self.shards = self.random.choice((1, 1, 2))
        self._choose_sites()
        begin = self.edge + self.random.choice(self.begins)
        weather = self.weather or self.random.choice(WEATHER)
        self.scheduler = Scheduler(self.seed, self.engine, weather, start=begin / SECOND)

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
                self.scheduler.run(limit=200_000)
                for check in self.reads:
                    self._judge(check)
                self._end()
        except Exception as wrong:
            wrong.add_note(f"rollup history, seed {self.seed}")
            raise
        return self

    def _judge(self, check: Callable[[], None]) -> None:
        try:
            check()
        except Unclear:
            self.unclear += 1

    # The course of a history

    def _direct(self) -> None:
        for moment in range(self.moments):
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

    def _now_ms(self) -> int:
        return int(self.scheduler.clock() * SECOND)

    def _next_moment(self) -> int:
        """Return when something happens next: soon, or at a deadline, or hours later."""
        now = self._now_ms()
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
        self.scheduler.sleep(max(0.0, (at_ms - self._now_ms()) / SECOND))

    # Writers

    def _write(self) -> None:
        raise NotImplementedError

    def _delete(self, source: Source, first: int) -> None:
        end = first + self.random.choice((1, HOUR, DAY))
        self._send(lambda: self._writer().delete(source, first, end))

    def _value(self) -> float:
        """Return a value that was not yet posted."""
        self.value += 1
        return float(self.value)

    def _instant(self) -> int:
        """Return an instant to write at: just now, or near one of the midnights around."""
        now = self._now_ms()
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
                self.scheduler.invoke("ingest", write, patience=35.0)
            except (Busy, Died, TimeoutError):
                self.scheduler.sleep(self.random.choice((0.5, 20.0)))
            except ClientError as refusal:
                check_expired(refusal)
            else:
                return

    def _calls(self, limit_s: float = 20.0) -> Calls:
        scheduler = self.scheduler
        table = self.watched.table
        return Calls(scheduler.client(), table, scheduler.clock, scheduler.sleep, limit_s)

    def _writer(self) -> Writer:
        return Writer(self._calls(), set(), self.shards, self.scheduler.pool)

    # Rollups

    def _roll(self) -> None:
        """Run a rollup: of one shard or all, its event new, old or from a clock that is ahead."""
        old = self.random.choice((0, 0, 0, 0, 60, 7 * 3600))
        event_s = self.scheduler.clock() + 60.0 - old
        patient = self.random.choice((840.0, 1e9))
        shards = [*range(self.shards)]
        if self.random.random() < 0.5:
            shards = [self.random.choice(shards)]
        with suppress(Busy, Died, TimeoutError):
            try:
                self.scheduler.invoke(
                    "rollup", partial(self._run_shards, shards, event_s, patient), patience=900.0
                )
            except ClientError as refusal:
                check_expired(refusal)

    def _run_shards(self, shards: list[int], event_s: float, limit_s: float) -> None:
        for shard in shards:
            calls = self._calls(limit_s)
            now_ms = int(min(event_s, calls.began_s) * SECOND)
            settler = self._settler(calls)
            sites = self._sites(calls, self._registry(calls))
            Rollup(calls, settler, sites, now_ms).run_shard(shard)

    def _registry(self, calls: Calls) -> Registry:
        return Registry(calls, self.kind, self.shards)

    def _settler(self, calls: Calls) -> Settler:
        """Return what writes blocks, one after the other: there is the most between them."""
        return Settler(calls, Reader(calls))

    def _sites(self, calls: Calls, registry: Registry) -> Sites:
        raise NotImplementedError

    # Readers

    def _ask(self) -> None:
        for _ in range(self.random.randint(1, 3)):
            start, end = self._window()
            ask = getattr(self, f"_{self.random.choice(self.asks)}")
            with suppress(Busy, Died, TimeoutError):
                try:
                    self.scheduler.invoke("read", partial(ask, start, end))
                except ClientError as refusal:
                    check_expired(refusal)

    def _window(self) -> tuple[int, int]:
        """Return what is asked for: mostly some days around now, at any quarter hour's edge."""
        now = self._now_ms()
        first = now - now % DAY - self.random.choice((0, 1, 1, 2, 3, 33)) * DAY
        length = self.random.choice((6 * HOUR, 3 * DAY, 3 * DAY, 5 * DAY, 40 * DAY, 1_100 * DAY))
        cut = self.random.choice((0, 0, HOUR, 75 * MINUTE))
        return first + cut, first + cut + length

    def _keep(self, first: int, check: Callable[[Span], None]) -> None:
        self.reads.append(partial(check, Span(first, self.watched.instant)))

    # The end

    def _end(self) -> None:
        """After quiet and one undisturbed rollup all that is derived is right, and served."""
        now = self._now_ms()
        self.scheduler.sleep((now - now % DAY + 2 * DAY + 3 * HOUR - now) / SECOND)
        self._run_shards([*range(self.shards)], self.scheduler.clock(), 1e9)
        self._check_settled()
        judged = len(self.reads)
        for ask in self._last_questions():
            ask()
        for check in self.reads[judged:]:
            check()

    def _rest(self) -> Rest:
        """Return the table at rest, to be checked."""
        return Rest(self.watched, self.kind, self.shards, [*self._settled()], self._now_ms())

    def _check_settled(self) -> None:
        raise NotImplementedError

    def _settled(self) -> Iterable[Site]:
        raise NotImplementedError

    def _last_questions(self) -> Iterable[Callable[[], object]]:
        raise NotImplementedError


def check_expired(refusal: ClientError) -> None:
    """A process that was frozen in a call finds its signature void: it dies, no more."""
    assert refusal.response["Error"]["Code"] == "InvalidSignatureException", refusal
