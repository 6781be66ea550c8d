"""Which days a run may close: announced ones, when every writer must know (docs/table.md).

Elapsed time decides, of one process: never two wall clocks, of which one may be wrong.
"""

from typing import NamedTuple

from quarterhour.energy.lookback import closed_from, last_due
from quarterhour.store.table.calls import Calls
from quarterhour.store.table.clock import Clock
from quarterhour.store.table.fence import Fence, Fences
from quarterhour.time.calendar import DAY_MS, MINUTE_MS, UTC, day_text

# Longer than a writer remembers the fence (60 s), a request may run (30 s) and a signed request
# lives (5 min), all together: after it, each write that lands knew the fence.
WAIT_S = 420.0
# A rollup whose clock is ahead makes writes of so many more days dearer by their marks, no more.
MOST_AHEAD_MS = 3 * DAY_MS
# Two clocks that differ by more are told of.
SKEW_MS = MINUTE_MS
# Before every day: what may be closed at once if nobody knows of any.
NONE_MS = -1


class Announced:
    """What a process has seen of the fence, and when; kept from run to run."""

    def __init__(self) -> None:
        self._seen: dict[int, float] = {}

    def see(self, day: int, elapsed_s: float) -> None:
        """Note that the fence is at a day; `elapsed_s` is the monotonic clock after the answer."""
        if day > max(self._seen, default=NONE_MS):
            self._seen[day] = elapsed_s

    def wait_s(self, day: int, elapsed_s: float) -> float:
        """Return how long the fence has still to stand until a day may be closed: 0 if it may.

        Endless for a day that is not announced.
        """
        stood = (elapsed_s - since_s for seen, since_s in self._seen.items() if seen >= day)
        return max(0.0, WAIT_S - max(stood, default=float("-inf")))


class Outcome(NamedTuple):
    """What a run leaves.

    `waiting` is the first day that is due and was not announced for long enough, as `2018-08-24`,
    or nothing; after `wait_s` seconds this process may close it. `is_skewed`: a clock is wrong.
    """

    waiting: str
    wait_s: float
    is_skewed: bool


def is_skewed(fence: Fence | None, now_ms: int, clock: Clock, table_ms: int | None) -> bool:
    """Return whether a day ahead of today is announced, or DynamoDB's clock differs from ours."""
    own_ms = int(clock.now() * 1000)
    is_ahead = fence is not None and fence.last_ms > UTC.day_of(now_ms)
    return is_ahead or abs(own_ms - (table_ms or own_ms)) > SKEW_MS


class Closing:
    """What may be closed in one run, which takes it to be `now_ms`, or earlier by DynamoDB's clock.

    `may_ms`: a day up to which it was announced long enough before, as whoever asked for the run
    knows.
    """

    def __init__(
        self, calls: Calls, shards: int, announced: Announced, now_ms: int, may_ms: int = NONE_MS
    ) -> None:
        self._fences = Fences(calls, shards)
        self._announced = announced
        self._clock = calls.clock
        self._may_ms = may_ms
        self._waiting: list[int] = []
        fence = self._fences.read()
        table_ms = calls.table_ms
        self._now_ms = min(now_ms, table_ms or now_ms)
        self.fence = fence or self._fences.begin(self._now_ms)
        self._see(self.fence.last_ms)
        self._is_skewed = is_skewed(self.fence, self._now_ms, self._clock, table_ms)

    def announce(self, until_ms: int) -> None:
        """Announce the days that are due, three at most beyond those that a shard has closed."""
        top = min(last_due(self._now_ms), until_ms + MOST_AHEAD_MS)
        if top > self.fence.last_ms:
            self._fences.announce(top)
            self._see(top)

    def may_close(self, day: int) -> bool:
        """Return whether a day may be closed now; one that only has to wait is noted."""
        if closed_from(day) > self._now_ms:
            return False
        if day <= self._may_ms or not self._wait_s(day):
            return True
        self._waiting.append(day)
        return False

    def outcome(self) -> Outcome:
        """Return what is left of the days that were asked about."""
        if not self._waiting:
            return Outcome("", 0.0, self._is_skewed)
        day = min(self._waiting)
        return Outcome(day_text(day), self._wait_s(day), self._is_skewed)

    def _see(self, day: int) -> None:
        self._announced.see(day, self._clock.elapsed())

    def _wait_s(self, day: int) -> float:
        return self._announced.wait_s(day, self._clock.elapsed())
