"""The rollup of a shard or the fleet as a scheduled function runs it: how long, what is left.

A run looks first, and begins if there is something to do and no other run has the lease.
"""

import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from quarterhour.errors import Busy, QuarterhourError
from quarterhour.store.environment import calls
from quarterhour.store.queue import FLEET, ask_to_close, shards
from quarterhour.store.rollup.closing import NONE_MS, Outcome
from quarterhour.store.rollup.outlook import Marked, Outlook, old_lists
from quarterhour.store.rollups import Errand, roll_up, roll_up_fleet, sample, ships_of
from quarterhour.store.table import keys
from quarterhour.store.table.leases import Leases
from quarterhour.store.table.marks import done
from quarterhour.time import instants
from quarterhour.time.calendar import BUCKET_MS, MINUTE_MS, day_text

# What a call that is under way, the look at what is left, and the answer may still take.
RESERVE_S = 30.0
# What the only shard's run leaves for the fleet's step after it, however much there is to do.
FLEET_S = 120.0
# What a run has to have left for a sample.
SAMPLE_S = 20.0
NOT_AS_READ = "kept otherwise than the readings say"
# What stands in template.yaml for the time; an emulator of the scheduler may leave it as it is.
UNFILLED = "<aws.scheduler.scheduled-time>"

logger = Logger()
metrics = Metrics()


def now_ms(scheduled: str) -> int:
    """Return the present, but never later than the time an event names.

    A replayed event settles no more than it would have, one made by hand nothing early; one that
    nobody filled in is of now. ValueError where it is not a time.
    """
    present_ms = int(time.time() * 1000)
    return present_ms if scheduled == UNFILLED else min(instants.parse(scheduled), present_ms)


def is_quarterly(at_ms: int) -> bool:
    """Return whether a run, of those of each minute, is the one of a quarter of an hour.

    That one also tries again what failed before, and takes a sample.
    """
    return at_ms % BUCKET_MS < MINUTE_MS


def tell_idle(outlook: Outlook, left: int = 0) -> None:
    """Say that there was nothing to do, and how much is left that could not be done before."""
    logger.info("nothing to do", left=left, is_skewed=outlook.is_skewed)
    _count(TodoSettled=0, TodoLeft=left, ClockSkew=int(outlook.is_skewed))


def run_all(scheduled: str, context: LambdaContext) -> None:
    """Roll up the only shard there is, then the fleet; as `run` does."""
    one = _Run(0, now_ms(scheduled), context)
    if one.is_held():
        return
    marked = one.marked()
    if not (one.has_work(marked) or marked.handed_over or one.outlook.is_fleet_behind()):
        one.tell_idle(marked)
        return
    with one.lease() as is_mine:
        if is_mine:
            is_waiting = one.roll_up(marked, scheduled, kept_s=FLEET_S)
            one.roll_up_fleet(scheduled)
            if is_waiting and one.is_quarterly and one.outlook.may:
                ask_to_close(0, scheduled, one.outlook.may)
            one.sample()


def run(shard: int | str, scheduled: str, context: LambdaContext, may: str = "") -> None:
    """Roll a shard or the fleet up as far as the function's time goes; the next run does the rest.

    Days up to `may` may be closed: whoever asked for the run has waited. ValueError where there is
    no such shard, or `scheduled` is not a time.
    """
    at_ms = now_ms(scheduled)
    if shard != FLEET and shard not in range(shards()):
        raise ValueError(f"shard {shard} of {shards()}: the number of shards has changed")
    one = _Run(shard, at_ms, context)
    if one.is_held():
        return
    if shard == FLEET:
        with one.lease() as is_mine:
            if is_mine:
                one.roll_up_fleet(scheduled)
        return
    marked = one.marked()
    if not one.has_work(marked):
        one.tell_idle(marked)
        return
    with one.lease() as is_mine:
        if is_mine:
            one.roll_up(marked, scheduled, may=may)
            one.sample()


class _Run:
    """A run of a shard or the fleet by a function, which takes it to be `at_ms`."""

    def __init__(self, shard: int | str, at_ms: int, context: LambdaContext) -> None:
        self._shard = shard
        self._at_ms = at_ms
        self._context = context
        self._left: Collection[str] | None = None
        self.outlook = Outlook(calls(), shards(), at_ms)
        self._lease = self.outlook.lease(str(shard))

    @property
    def is_quarterly(self) -> bool:
        """Whether this, of the runs of each minute, also tries again what failed before."""
        return is_quarterly(self._at_ms)

    def is_held(self) -> bool:
        """Return whether another run has the lease, which is told."""
        held = self._lease.is_held(self.outlook.clock_ms, self._holder)
        if held:
            self._tell_held()
        return held

    def marked(self) -> Marked:
        """Return what is marked in the shard."""
        table = calls()
        return self.outlook.marked(table, int(self._shard), old_lists(table))

    def has_work(self, marked: Marked) -> bool:
        """Return whether there is anything to do that was not just tried in vain."""
        tried = frozenset[str]() if self.is_quarterly else self._lease.left
        return self.outlook.has_work(int(self._shard), marked, tried)

    def tell_idle(self, marked: Marked) -> None:
        """Say that there was nothing to do; what could not be done before is still left."""
        tell_idle(self.outlook, len(marked.due))
        self.sample()

    @contextmanager
    def lease(self) -> Iterator[bool]:
        """Have the lease for the time of the `with`, unless another run has it, which is told."""
        for_ms = self._context.get_remaining_time_in_millis()
        taken = Leases(calls(), self.outlook.clock_ms).take(self._lease, self._holder, for_ms)
        if not taken:
            self._tell_held()
        try:
            yield taken
        finally:
            if taken:
                Leases(calls(), 0).give_back(self._lease.name, self._holder, self._left)

    def roll_up(
        self, before: Marked, scheduled: str, *, kept_s: float = 0.0, may: str = ""
    ) -> bool:
        """Roll the shard up; return whether a day that is due has to wait to be closed."""
        shard = int(self._shard)
        failed: list[str] = []
        outcomes: list[Outcome] = []

        def tell(owner: str, error: Exception) -> None:
            logger.error("not settled", shard=shard, source=owner, exc_info=error)
            failed.append(owner)

        def work() -> None:
            may_ms = keys.begin_ms(may) if may else NONE_MS
            errand = Errand(may_ms, self._lease.newest_first)
            limit_s = self._left_s() - kept_s
            outcomes.append(roll_up(shard, self._at_ms, limit_s, tell, errand))

        try:
            is_whole = _tried(work, shard, scheduled)
        finally:
            _count(SourcesFailed=len(failed))
        after = self.marked()
        if is_whole:
            self._left = before.closed & after.closed
        left = before.due & after.due
        logger.info(
            "rolled up", shard=shard, scheduled=scheduled, due=len(before.due), left=len(left)
        )
        _count(TodoSettled=len(before.due - left), TodoLeft=len(left))
        return any(map(self._is_waiting, outcomes))

    def _is_waiting(self, outcome: Outcome) -> bool:
        """Tell of clocks that are wrong, and of a day that waits; return whether one does."""
        if outcome.is_skewed:
            logger.warning("a clock is wrong", shard=self._shard)
        _count(ClockSkew=int(outcome.is_skewed))
        if outcome.waiting:
            logger.info("waiting", shard=self._shard, day=outcome.waiting)
        return bool(outcome.waiting)

    def roll_up_fleet(self, scheduled: str) -> None:
        """Do the fleet's step above all shards."""
        before = _handed_over()
        _tried(lambda: roll_up_fleet(self._left_s()), FLEET, scheduled)
        left = {token for token, _ in _handed_over() & before}
        due = {token for token, _ in before}
        logger.info("rolled up the fleet", scheduled=scheduled, due=len(due), left=len(left))
        _count(TodoStruck=len(due - left), TodoLeft=len(left))

    def sample(self) -> None:
        """Take a sample of the shard every quarter of an hour, if there is time."""
        if self.is_quarterly and self._left_s() >= SAMPLE_S:
            take_sample(int(self._shard))

    @property
    def _holder(self) -> str:
        # An event that comes again, as its function was killed, is of the same request.
        return self._context.aws_request_id

    def _tell_held(self) -> None:
        logger.info("another run is at work", shard=self._shard)

    def _left_s(self) -> float:
        return self._context.get_remaining_time_in_millis() / 1000 - RESERVE_S


def _tried(work: Callable[[], None], shard: int | str, scheduled: str) -> bool:
    """Do some work; return whether there was time for all of it."""
    try:
        work()
    except Busy:
        logger.warning("cut short", shard=shard, scheduled=scheduled)
        _count(RollupsCutShort=1)
        return False
    return True


def take_sample(shard: int) -> None:
    """Tell a shard's size and check a day of a site; what comes of it is told, and ends no run."""
    with suppress(Busy):  # the next one tells it
        _count(ShipsOfShard=ships_of(shard))
    try:
        found = sample(shard, SAMPLE_S)
    except QuarterhourError as refusal:
        logger.info("not sampled", shard=shard, reason=str(refusal))
        return
    except Exception:  # the run is done, and the next one samples another
        logger.exception("not sampled", shard=shard)
        return
    if found is None:
        return
    for owner, day, what, *_ in found:
        logger.error(NOT_AS_READ, shard=shard, source=owner, day=day_text(day), what=what)
    _count(BlocksWrong=len(found))


def _handed_over() -> set[tuple[str, int]]:
    """Return the days that are for the fleet's step to strike, each with its todo item's token."""
    found = done(calls(), keys.SHIPS, shards())
    return {(item.token, day) for item in found for day in item.done}


def _count(**counts: int) -> None:
    for name, number in counts.items():
        metrics.add_metric(name=name, unit=MetricUnit.Count, value=number)
    metrics.flush_metrics()
