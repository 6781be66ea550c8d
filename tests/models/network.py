"""What can happen to a call between a client and DynamoDB, by chance.

The engine is the in-memory model or a wire. What a call sees of the past, of pages
and of transactions in flight can be chosen on the model only; the rest happens to either.
"""

from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import count
from random import Random
from typing import Any

from quarterhour.store.table.refused import CallLost, CallRefused, Unreachable
from tests.models.dynamo import Call, ModelDynamo
from tests.models.reads import Answer, Sight
from tests.models.refusals import WRITES, cancelled, reason, refusal
from tests.models.requests import Request

LONGEST_WORK_SECONDS = 1.0  # of the engine, for a transaction or a query
_THROTTLED = "The level of configured provisioned throughput for the table was exceeded"
_CONFLICT = "Transaction is ongoing for the item"


@dataclass(frozen=True, slots=True)
class Faults:
    """How rough it is: chances (0 to 1) and virtual seconds. Nothing happens, as it stands."""

    # At every switch, to processes
    kill: float = 0.0
    freeze: float = 0.0
    freeze_seconds: float = 7200.0  # the longest; the shortest is 1
    skew_seconds: float = 0.0  # how far a process's clock is off
    # At every call
    refused: float = 0.0  # Unreachable, never applied
    throttled: float = 0.0
    conflicts: float = 0.0  # beside those that transactions in flight make by themselves
    unanswered: float = 0.0  # CallLost, applied: at once or late
    late_seconds: float = 0.0  # how late, also the last call of a killed process
    timeout_seconds: float = 5.0  # the client's patience
    signature_seconds: float = 300.0  # a request sent later than this after it was signed is void
    slow_answers: float = 0.25  # others go on between a call's effect and its answer
    # In what a read sees (model only)
    stale_seconds: float = 0.0  # the age that an eventually consistent read may have
    short_pages: float = 0.0  # query pages cut to 0 to 3 items
    torn_queries: bool = False  # each item of a page at its own instant while the query lasts
    spread_transactions: bool = False  # written item by item, as any read can see, then answered


CALM = Faults()
ROUGH = Faults(
    kill=0.005,
    freeze=0.005,
    skew_seconds=30.0,
    refused=0.01,
    throttled=0.03,
    conflicts=0.02,
    unanswered=0.03,
    late_seconds=300.0,
    stale_seconds=60.0,
    short_pages=0.2,
    torn_queries=True,
)


@dataclass(slots=True)
class _PassedOn:
    """A call that a real client makes at one instant, or not at all."""

    client: Any
    method: str
    request: Request

    def step(self) -> bool:
        return False

    def finish(self) -> Answer:
        answer: Answer = getattr(self.client, self.method)(**self.request)
        return answer

    def abandon(self) -> None:
        """Nothing was sent."""


@dataclass(slots=True, eq=False)
class _Work:
    """A query or a transaction that the engine works on, to be done when its time has come."""

    call: Call
    due: float
    done: bool = False
    answer: Answer = field(default_factory=dict)
    refusal: CallRefused | None = None


class Passing:
    """A real boto3 client as an engine."""

    instant = 0

    def __init__(self, client: Any) -> None:
        self._client = client

    def begin(self, method: str, request: Request, _sight: Sight | None = None) -> Call:
        return _PassedOn(self._client, method, request)

    def step(self, call: Call) -> bool:
        return call.step()

    def finish(self, call: Call) -> Answer:
        return call.finish()


class Network:
    """Carries calls to an engine. `pause(seconds)` lets others go on; it may raise a death."""

    def __init__(
        self,
        engine: ModelDynamo | Passing,
        random: Random,
        faults: Faults = CALM,
        clock: Callable[[], float] = lambda: 0.0,
        pause: Callable[[float], None] = lambda _seconds: None,
    ) -> None:
        self._engine = engine
        self._random = random
        self._faults = faults
        self._clock = clock
        self._pause = pause
        self._late: list[tuple[float, int, str, Request]] = []
        self._number = count()
        self._at_work: list[_Work] = []
        self._written = deque([(float("-inf"), 0)])  # when which instant was reached

    def call(self, method: str, request: Request) -> Answer:
        """Carry one call to the engine and its answer back, or whatever happens to it."""
        signed = self._clock()
        try:
            self._pause(0.0)
        except BaseException:
            if self._random.random() < 0.5:
                self._lose(method, request, self._faults.late_seconds)
            raise
        if self._clock() - signed > self._faults.signature_seconds:
            raise refusal(method, "InvalidSignatureException", "Signature expired")
        self.arrive()
        self._refuse(method, request)
        if self._random.random() < self._faults.unanswered:
            self._lose(method, request, self._random.choice((0.0, self._faults.late_seconds)))
            self._pause(self._faults.timeout_seconds)
            raise CallLost("the model's network gave no answer")
        answer = self._apply(method, request)
        if self._random.random() < self._faults.slow_answers:
            self._pause(0.0)
        return answer

    def directly(self, method: str, request: Request) -> Answer:
        """Carry a call of someone who stands outside: nothing happens to it."""
        self.arrive()
        return self._finish(self._engine.begin(method, request))

    def last_arrival(self) -> float:
        """Return when the last of the calls under way ends; the past where there is none."""
        ends = [due for due, *_ in self._late] + [work.due for work in self._at_work]
        return max(ends, default=float("-inf"))

    def arrive(self) -> None:
        """Let everything happen that is due, whether its client still waits for it or not."""
        for work in [work for work in self._at_work if work.due <= self._clock()]:
            self._end(work)
        while self._late and self._late[0][0] <= self._clock():
            _, _, method, request = heappop(self._late)
            with suppress(CallRefused):
                self._finish(self._engine.begin(method, request))

    def _refuse(self, method: str, request: Request) -> None:
        chance, faults = self._random.random(), self._faults
        if chance < faults.refused:
            raise Unreachable("the model's network has no connection")
        if (chance := chance - faults.refused) < faults.throttled:
            code = "ProvisionedThroughputExceededException"
            raise self._turned_down(method, request, code, "ThrottlingError", _THROTTLED)
        if chance - faults.throttled < faults.conflicts and method in WRITES:
            code = "TransactionConflictException"
            raise self._turned_down(method, request, code, "TransactionConflict", _CONFLICT)

    def _turned_down(
        self, method: str, request: Request, code: str, why: str, message: str
    ) -> CallRefused:
        if method != "transact_write_items":
            return refusal(method, code, message)
        reasons = [reason("None") for _ in request["TransactItems"]]
        reasons[self._random.randrange(len(reasons))] = reason(why, message)
        return cancelled(reasons)

    def _apply(self, method: str, request: Request) -> Answer:
        call = self._engine.begin(method, request, self._sight())
        if method not in {"query", "transact_write_items"}:
            return self._finish(call)
        work = _Work(call, self._clock() + self._random.uniform(0.0, LONGEST_WORK_SECONDS))
        self._at_work.append(work)
        try:
            self._pause(0.0)
            while self._faults.spread_transactions and not work.done and self._step(call):
                self._pause(0.0)
        except CallRefused:
            self._drop(work)
            raise
        except BaseException:
            if self._random.random() < 0.5 and not work.done:
                self._drop(work)
            raise
        if not work.done:
            self._end(work)
        if work.refusal:
            raise work.refusal
        return work.answer

    def _step(self, call: Call) -> bool:
        more = self._engine.step(call)
        self._note_writes()
        return more

    def _drop(self, work: _Work) -> None:
        self._at_work.remove(work)
        work.call.abandon()
        self._note_writes()

    def _end(self, work: _Work) -> None:
        self._at_work.remove(work)
        work.done = True
        try:
            work.answer = self._finish(work.call)
        except CallRefused as refusal:
            work.refusal = refusal

    def _finish(self, call: Call) -> Answer:
        try:
            return self._engine.finish(call)
        finally:
            self._note_writes()

    def _sight(self) -> Sight:
        faults = self._faults
        stale = self._writes_within(faults.stale_seconds) if faults.stale_seconds else 0
        return Sight(self._random, stale, faults.torn_queries, faults.short_pages)

    def _writes_within(self, seconds: float) -> int:
        since = self._clock() - seconds
        while len(self._written) > 1 and self._written[1][0] <= since:
            self._written.popleft()
        return self._engine.instant - self._written[0][1]

    def _note_writes(self) -> None:
        if self._engine.instant != self._written[-1][1]:
            self._written.append((self._clock(), self._engine.instant))

    def _lose(self, method: str, request: Request, seconds: float) -> None:
        """Let a call arrive without its client, within this time."""
        if method in WRITES:
            due = self._clock() + self._random.uniform(0.0, seconds)
            heappush(self._late, (due, next(self._number), method, request))
