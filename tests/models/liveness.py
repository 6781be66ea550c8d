"""What a rollup has to get done after whatever happened, once nothing goes wrong any more.

Faults are off and clocks are right, but one site fails wherever it is worked on, and there is more
to do than a run has time for. Each run with little time has to get on: something of what is left is
struck, handed over, announced or closed. After that three runs with enough time have to be enough,
as long as there are three days to close at most: the first announces them, the second closes them,
and the third settles what was marked of them before they were closed. Nothing is left then but what
is listed of the site that fails; and nothing at all when that is mended, and has had a run.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from random import Random
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from quarterhour.energy.lookback import closed_from, last_to_close
from quarterhour.errors import Busy
from quarterhour.store.rollup import fleet_step, rollup
from quarterhour.store.rollup.closing import MOST_AHEAD_MS, WAIT_S, Announced, Closing
from quarterhour.store.rollup.failures import Failures
from quarterhour.store.rollup.rollup import Rollup
from quarterhour.store.table import marks
from quarterhour.store.table.calls import Calls
from quarterhour.store.table.marks import Todo, listed
from quarterhour.time.calendar import DAY_MS, UTC
from tests.models.failing_sites import failing

if TYPE_CHECKING:
    from tests.models.histories import History

ENOUGH = 1e9
# Sizes of portions, from the least there can be to those of the store.
SIZES: Mapping[tuple[Any, str], tuple[int, ...]] = {
    (marks, "PORTION_DAYS"): (1, 7, marks.PORTION_DAYS),
    (rollup, "BLOCKS_AT_ONCE"): (1, 40, rollup.BLOCKS_AT_ONCE),
    (fleet_step, "PORTION_ITEMS"): (1, 3, fleet_step.PORTION_ITEMS),
}
# What is marked of a source: days of so many months, and so many of each.
MARKED = ((1, 31), (1, 31), (3, 6), (14, 1))
RUNS = (1, 4, 80)
HOUR_MS = DAY_MS // 24


class NotLive(AssertionError):
    """Something is not done that should be."""


class SlowCalls(Calls):
    """Calls that take a second each."""

    def _send(self, call: Any, **request: Any) -> Any:
        self.clock.sleep(1.0)
        return super()._send(call, **request)


class Liveness:
    """The end of a history, at its outside: nothing happens to its calls."""

    def __init__(self, history: "History") -> None:
        self._history = history
        self._random = Random(f"liveness of {history.name} {history.seed}")
        self._poisoned = ""
        self._told: set[str] = set()
        self._little: int
        self.runs = 0  # with little time
        self.cut_short = 0  # of these, how many had too little

    def check(self) -> None:
        """Have all done; NotLive says what is not."""
        random, history = self._random, self._history
        owners = history.owners()
        if owners and random.random() < 0.8:
            self._poisoned = random.choice(owners)
        place = random.choice(history.places_to_fail)
        with self._sizes():
            self.mark_much()
            self._little = history.little()
            with failing(self._poisoned, place):
                self._hurry()
                self._finish()
            self._mend()

    @contextmanager
    def _sizes(self) -> Iterator[None]:
        with ExitStack() as stack:
            for (module, name), sizes in SIZES.items():
                stack.enter_context(patch.object(module, name, self._random.choice(sizes)))
            yield

    def mark_much(self) -> None:
        """Mark days of every source: of many months, or a whole one."""
        history, random = self._history, self._random
        history.grow(random)
        today = UTC.day_of(history.now_ms())
        for source in history.sources():
            months, days = random.choice(MARKED)
            month = UTC.month_of(today)
            for _ in range(months):
                month = UTC.month_of(month - DAY_MS)
                history.writer().mark(source, month, month + days * DAY_MS)

    # --- Little time ------------------------------------------------------------------------------

    def _hurry(self) -> None:
        """Run with little time: every run gets on as long as anything is left."""
        bound = self._most_runs()
        most_runs = self._random.choice(RUNS)
        while self._left() and self.runs < most_runs:
            before = self._state()
            self._run(self._little * self._random.choice((1.0, 1.0, 2.0)))
            if self._state() == before:
                raise NotLive(f"a run with little time did nothing of {self._left()}")
            self.runs += 1
            if self.runs > bound:
                raise NotLive(f"{self.runs} runs with little time, and {self._left()} is left")

    def _most_runs(self) -> int:
        """Return in how many runs all is done if each does one thing.

        A marked day is handed over and struck; of a day that is due each site is settled, and it is
        announced, closed by shard and fleet, and what was marked of it in the meantime is done.
        """
        days = self._history.days_due() + 1  # one more comes while they run
        return sum(self._marked().values()) + days * (len(self._history.owners()) + 4)

    def _left(self) -> str:
        """Return what is to be done, as far as it can be by now."""
        days = self._history.days_due()
        found = [f"{days} days to close"] if days > 0 else []
        return ", ".join([*found, *self._marked()])

    def _marked(self) -> dict[str, int]:
        """Return how much is to be done of each todo item, but for the site that fails."""
        return {
            f"{item.partition} {item.source.name} {item.month}": 2 * len(item.days) - len(item.done)
            for item in self._todo()
            if item.source.owner != self._poisoned
        }

    def _todo(self) -> list[Todo]:
        kind, shards = self._history.kind, self._history.shards
        lists = (kind.old_todo, *kind.todo_partitions(shards))
        calls = self._history.calls()
        return [item for partition in lists for item in listed(calls, partition)]

    def _state(self) -> tuple[Mapping[Any, Any], ...]:
        """Return all that a run changes on its way, in the table or by what it has seen."""
        return self._marked(), self._marks(), {**self._announced()._seen}

    def _marks(self) -> dict[str, Any]:
        return {item["sk"]["S"]: item for item in self._history.calls().query("W")}

    def _announced(self) -> Announced:
        return self._history.scheduler.here.remembered(Announced)

    # --- Enough time ------------------------------------------------------------------------------

    def _finish(self) -> None:
        """Run three times with enough time, when there are three days to close at most."""
        history = self._history
        now = history.now_ms()
        deadline = closed_from(last_to_close(now) + DAY_MS)
        if deadline - now < HOUR_MS:  # nothing comes due meanwhile
            history.scheduler.sleep((deadline - now) / 1000 + 1.0)
        more = history.days_due() - MOST_AHEAD_MS // DAY_MS
        for _ in range(2 * -(-more // 3) if more > 0 else 0):
            self._run(ENOUGH)
        had = self._listed_of_the_poisoned() or history.days_due() > 0
        for _ in range(3):
            self._run(ENOUGH)
        self.is_done()
        if self._poisoned and had:
            if not self._listed_of_the_poisoned():
                raise NotLive(f"{self._poisoned} failed and is not listed")
            if self._told != {self._poisoned}:
                raise NotLive(f"{self._poisoned} failed, told was of {self._told}")

    def _listed_of_the_poisoned(self) -> list[Todo]:
        return [item for item in self._todo() if item.source.owner == self._poisoned]

    def is_done(self) -> None:
        """Nothing is left but of the site that fails, and every watermark is at its day."""
        if left := self._marked():
            raise NotLive(f"left to be done: {left}")
        last = last_to_close(self._history.now_ms())
        until = {
            mark: int(item["until"]["N"]) for mark, item in self._marks().items() if "until" in item
        }
        if until != dict.fromkeys(self._history.marks(), last):
            raise NotLive(f"watermarks at {until}, not {last}")

    def _mend(self) -> None:
        """What was listed of the site that failed is settled by the next run."""
        self._poisoned = ""
        self._run(ENOUGH)
        self.is_done()

    # --- Runs -------------------------------------------------------------------------------------

    def _run(self, limit_s: float) -> None:
        """Run all that is scheduled once; what ends one, ends no other. Then the wait is over."""
        history, is_cut_short = self._history, False
        works: list[Callable[[], None]] = [
            *(partial(self._roll_up, shard, limit_s) for shard in range(history.shards)),
            lambda: history.step(self._calls(limit_s)),
        ]
        for work in works:
            try:
                work()
            except Busy:
                is_cut_short = True
            except Exception as error:  # noqa: BLE001  the function fails, and is called again
                self._told.add(f"nobody: {error}")
        self.cut_short += is_cut_short
        history.scheduler.sleep(WAIT_S + 1.0)  # no less by rounding

    def _roll_up(self, shard: int, limit_s: float) -> None:
        history = self._history
        calls = self._calls(limit_s)
        failures = Failures(lambda owner, _: self._told.add(owner))
        closing = Closing(calls, history.shards, self._announced(), calls.now_ms)
        sites = history.sites(calls, failures)
        run = Rollup(calls, history.settler(calls), sites, closing, failures)
        run.run_shard(shard, newest_first=self._random.random() < 0.5)

    def _calls(self, limit_s: float) -> Calls:
        calls = self._history.calls(limit_s)
        if limit_s == ENOUGH:
            return calls
        return SlowCalls(calls._client, calls._table, calls.clock, limit_s)
