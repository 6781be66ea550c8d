"""Runs several actors over one DynamoDB in an order that a seed chooses.

Actors are plain functions that use the store as it is. They are greenlets of one thread, switched
only at calls and sleeps; time is virtual. At every switch chance decides who goes on, which
process is killed and which is frozen. Threads cannot take part: `side_by_side` stands for them.
"""

import random
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from types import SimpleNamespace
from typing import Any, TypeVar

from greenlet import getcurrent, greenlet

from quarterhour.store.table.clock import Clock
from quarterhour.store.table.refused import CallRefused
from tests.models.dynamo import ModelDynamo
from tests.models.network import CALM, Faults, Network, Passing
from tests.models.refusals import OPERATIONS
from tests.models.trace import Step, story

Result = TypeVar("Result")
Item = TypeVar("Item")

LONGEST_STEP_SECONDS = 0.1
JUMPS = 0.003  # how often, at a switch, a clock that is far off is set to another time
RIGHT = (0.0, 0.0)
_FOREVER = float("inf")


class Killed(BaseException):
    """The process ends here; whatever it still calls ends here too."""


class Died(Exception):
    """The process that was invoked was killed before it answered."""


class Stuck(Exception):
    """Nobody can go on, or they go on for ever."""


class Machine:
    """What clocks belong to; it may outlive a process, as an environment outlives its requests.

    `off` is between how many seconds its wall clock may be off, RIGHT for one that does not jump.
    """

    __slots__ = ("_memory", "off", "skew", "stood_still", "used_until")

    def __init__(self, skew: float, off: tuple[float, float]) -> None:
        self.skew = skew
        self.off = off
        self.stood_still = 0.0  # how long, in seconds, its monotonic clock did while frozen
        self.used_until: float | None = None
        self._memory: dict[Callable[[], Any], Any] = {}

    def remembered(self, kind: Callable[[], Result]) -> Result:
        """Return the one thing of a kind that its processes remember, made when first asked for."""
        found: Result = self._memory.setdefault(kind, kind())
        return found


class _Process:
    """What is killed, frozen and late together."""

    __slots__ = ("frozen_until", "killed", "machine", "mortal")

    def __init__(self, machine: Machine, *, mortal: bool) -> None:
        self.machine = machine
        self.mortal = mortal
        self.killed = False
        self.frozen_until = 0.0


class _Actor:
    __slots__ = ("awaited_by", "ended", "error", "greenlet", "name", "process", "result", "wake")

    def __init__(self, name: str, process: _Process, wake: float) -> None:
        self.name = name
        self.process = process
        self.wake = wake
        self.ended = False
        self.result: Any = None
        self.error: Exception | None = None
        self.awaited_by: _Actor | None = None
        self.greenlet: greenlet


class Scheduler:
    """One history on a ModelDynamo or a wire, begun at `start` (seconds)."""

    def __init__(
        self, seed: int, dynamo: Any, faults: Faults = CALM, *, start: float = 0.0
    ) -> None:
        self.seed = seed
        self.trace: list[Step] = []
        self.switches = 0
        self._random = random.Random(seed)
        self._faults = faults
        self._stay = self._random.choice((0.0, 0.5, 0.9))  # how gladly an actor goes on
        self._now = start
        self._actors: list[_Actor] = []
        self._running: _Actor | None = None
        self._last: _Actor | None = None
        self._hub = getcurrent()
        self._outside = Machine(0.0, RIGHT)
        engine = dynamo if isinstance(dynamo, ModelDynamo) else Passing(dynamo)
        self._network = Network(engine, self._random, faults, lambda: self._now, self.sleep)
        calls = {method: partial(self._call, method) for method in OPERATIONS}
        self._client = SimpleNamespace(**calls)

    def client(self) -> Any:
        """Return the DynamoDB client for actors; outside `run` nothing happens to its calls."""
        return self._client

    @property
    def here(self) -> Machine:
        """The machine of whoever asks; outside `run` one whose clocks are right."""
        return self._running.process.machine if self._running else self._outside

    def clock(self) -> float:
        """Return the seconds on the clock of whoever asks."""
        return self._now + self.here.skew

    def elapsed(self) -> float:
        """Return the seconds that the machine of whoever asks was not frozen, since any instant."""
        return self._now - self.here.stood_still

    @property
    def clocks(self) -> Clock:
        """The clocks of whoever reads them."""
        return Clock(self.clock, self.elapsed, self.sleep)

    def sleep(self, seconds: float) -> None:
        """Let others go on for this long at least; outside `run` time just passes."""
        actor = self._running
        if actor is None:
            self._now += seconds
            return
        if getcurrent() is not actor.greenlet:
            raise RuntimeError("a thread cannot take part: use side_by_side")
        if not actor.process.killed:
            actor.wake = self._now + seconds
            self._hub.switch()
        if actor.process.killed:
            raise Killed

    def spawn(self, name: str, work: Callable[[], object], *, mortal: bool = True) -> None:
        """Add an actor in a process of its own. An error it raises ends the run."""
        self._add(name, work, _Process(self.machine(), mortal=mortal))

    def machine(self, off: tuple[float, float] = RIGHT) -> Machine:
        """Return a machine whose clock is off by chance, between so many seconds and a little."""
        return Machine(self._skew(off), off)

    def invoke(
        self,
        name: str,
        work: Callable[[], Result],
        *,
        machine: Machine | None = None,
        patience: float = _FOREVER,
    ) -> Result:
        """Run work in a new mortal process, as a Lambda runs, and return its result.

        A machine that was used before has been frozen since, or just waited.
        Raises its error, Died when it was killed, TimeoutError when it took longer than the
        caller's patience (it may then still go on).
        """
        machine = machine or self.machine()
        if machine.used_until is not None and self._random.random() < 0.5:
            machine.stood_still += self._now - machine.used_until
        invoked = self._add(name, work, _Process(machine, mortal=True))
        self._wait(invoked, patience)
        machine.used_until = self._now
        if not invoked.ended:
            raise TimeoutError(name)
        if invoked.error:
            raise invoked.error
        if invoked.process.killed:
            raise Died(name)
        result: Result = invoked.result
        return result

    def side_by_side(self, work: Callable[[Item], None], items: Iterable[Item]) -> None:
        """Run work on every item at once, as threads of the calling process would."""
        here = self._running
        if here is None:
            for item in items:
                work(item)
            return
        threads = [
            self._add(f"{here.name}.{number}", partial(work, item), here.process)
            for number, item in enumerate(items, 1)
        ]
        for thread in threads:
            self._wait(thread, _FOREVER)
        for thread in threads:
            if thread.error:
                raise thread.error

    def pool(self, work: Callable[[Item], None], items: Iterable[Item]) -> None:
        """Run work as `side_by_side`; the first error is raised when all have ended."""
        errors: list[Exception] = []

        def thread(item: Item) -> None:
            try:
                work(item)
            except Exception as error:  # noqa: BLE001 - raised again below
                errors.append(error)

        self.side_by_side(thread, items)
        if errors:
            raise errors[0]

    def run(self, limit: int = 100_000) -> None:
        """Run until every actor has ended and every late call has arrived.

        The error of an actor that nobody awaits is raised, with the seed and the trace as notes.
        """
        jitter = random.getstate()
        random.seed(self.seed)  # the store's own jitter is part of the history
        self._hub = getcurrent()
        try:
            while self._actors:
                self._turn(limit)
        except Exception as error:
            error.add_note(f"seed {self.seed}\n{self.story(40)}")
            raise
        finally:
            self._end_all()
            random.setstate(jitter)
        self._now = max(self._now, self._network.last_arrival())
        self._network.arrive()

    def story(self, last: int | None = None) -> str:
        """Return the trace (or its last steps) to read."""
        return story(self.trace if last is None else self.trace[-last:])

    def _turn(self, limit: int) -> None:
        if self.switches >= limit:
            raise Stuck(f"{limit} switches")
        actor = self._choose()
        if actor is None:
            return
        self.switches += 1
        self._running = self._last = actor
        actor.greenlet.switch()
        self._running = None
        if actor.error and actor.awaited_by is None:
            raise actor.error

    def _choose(self) -> _Actor | None:
        ready = [actor for actor in self._actors if actor.wake <= self._now]
        if not ready:
            next_wake = min(actor.wake for actor in self._actors)
            if next_wake == _FOREVER:
                raise Stuck("everyone waits for another")
            self._now = next_wake
            return None
        chance = self._random.random
        self._now += LONGEST_STEP_SECONDS * chance()
        actor = ready[int(chance() * len(ready))]
        if self._last in ready and chance() < self._stay:
            actor = self._last
        return actor if self._spared(actor) else None

    def _spared(self, actor: _Actor) -> bool:
        """Kill or freeze the actor's process now and then; return whether it may go on."""
        process, faults = actor.process, self._faults
        if process.machine.off != RIGHT and self._random.random() < JUMPS:
            process.machine.skew = self._skew(process.machine.off)
            self._note(actor, "clock", {}, f"off by {process.machine.skew:.0f} s")
        if not process.mortal or process.killed:
            return True
        chance = self._random.random()
        if chance < faults.kill:
            process.killed = True
            for one in self._actors_of(process):
                one.wake = self._now
            self._note(actor, "process", {}, "killed")
        elif chance < faults.kill + faults.freeze:
            seconds = faults.freeze_seconds ** self._random.random()
            thawed = self._now + seconds
            process.machine.stood_still += max(0.0, thawed - max(process.frozen_until, self._now))
            process.frozen_until = max(process.frozen_until, thawed)
            for one in self._actors_of(process):
                one.wake = max(one.wake, process.frozen_until)
            self._note(actor, "process", {}, f"frozen for {seconds:.0f} s")
            return False
        return True

    def _actors_of(self, process: _Process) -> list[_Actor]:
        return [actor for actor in self._actors if actor.process is process]

    def _skew(self, off: tuple[float, float]) -> float:
        skew = self._random.uniform(-1.0, 1.0) * self._faults.skew_seconds
        return skew if off == RIGHT else skew + self._random.uniform(*off)

    def _add(self, name: str, work: Callable[[], object], process: _Process) -> _Actor:
        actor = _Actor(name, process, self._now)
        actor.greenlet = greenlet(partial(self._live, actor, work), parent=self._hub)
        self._actors.append(actor)
        return actor

    def _live(self, actor: _Actor, work: Callable[[], object]) -> None:
        try:
            if not actor.process.killed:
                actor.result = work()
        except Killed:
            pass
        except Exception as error:  # noqa: BLE001 - raised again by run, or by who awaits it
            actor.error = error
        actor.ended = True
        self._actors.remove(actor)
        if actor.awaited_by is not None:
            waiting = actor.awaited_by
            waiting.wake = max(self._now, waiting.process.frozen_until)

    def _wait(self, actor: _Actor, patience: float) -> None:
        actor.awaited_by = self._running
        until = self._now + patience
        while not actor.ended and self._now < until:
            self.sleep(until - self._now)

    def _call(self, method: str, **request: Any) -> Any:
        actor = self._running
        if actor is None:
            return self._network.directly(method, request)
        end = "killed"
        try:
            answer = self._network.call(method, request)
            end = "ok"
        except CallRefused as refusal:
            end = refusal.response["Error"]["Code"]
            raise
        except Exception as error:
            end = type(error).__name__
            raise
        finally:
            self._note(actor, method, request, end)
        return answer

    def _note(self, actor: _Actor, what: str, request: Mapping[str, Any], end: str) -> None:
        self.trace.append(Step(self._now, actor.name, what, request, end))

    def _end_all(self) -> None:
        """Kill whoever is left, so that no greenlet outlives the run."""
        for actor in tuple(self._actors):
            actor.process.killed = True
            self._running = actor
            actor.greenlet.switch()
        self._running = None
