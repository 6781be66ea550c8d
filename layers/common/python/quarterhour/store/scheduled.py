"""The rollup of a shard as a scheduled function runs it: until when, how long, what is left."""

import time

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from quarterhour.energy.lookback import closed_from
from quarterhour.errors import Busy
from quarterhour.store.environment import calls, environment, roll_up
from quarterhour.store.queue import shards
from quarterhour.store.table import keys
from quarterhour.store.table.marks import listed
from quarterhour.time import instants

# What a call that is under way, the look at what is left, and the answer may still take.
RESERVE_S = 30.0
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


def run(shard: int, scheduled: str, context: LambdaContext) -> None:
    """Roll the shard up as far as the function's time goes; the next run does the rest.

    ValueError where there is no such shard, or `scheduled` is not a time.
    """
    if shard not in range(shards()):
        raise ValueError(f"shard {shard} of {shards()}: the number of shards has changed")
    at_ms = now_ms(scheduled)
    limit_s = context.get_remaining_time_in_millis() / 1000 - RESERVE_S
    waiting = _due(shard, at_ms)
    try:
        roll_up(shard, at_ms, limit_s)
    except Busy:
        logger.warning("cut short", shard=shard, scheduled=scheduled)
        _count(RollupsCutShort=1)
    left = _due(shard, at_ms) & waiting
    logger.info("rolled up", shard=shard, scheduled=scheduled, due=len(waiting), left=len(left))
    _count(TodoSettled=len(waiting - left), TodoLeft=len(left))


def _due(shard: int, now_ms: int) -> set[str]:
    """Return the tokens of a shard's todo items whose days are all closed at `now_ms`.

    A token that is there before a run and after it is work the run did not do: whoever marks anew
    leaves another one.
    """
    return {
        item.token
        for kind in (keys.SHIPS, keys.HOUSES)
        for item in listed(calls(), kind)
        if keys.shard_of(item.source, environment().shards) == shard
        and all(closed_from(day) <= now_ms for day in item.days)
    }


def _count(**counts: int) -> None:
    for name, number in counts.items():
        metrics.add_metric(name=name, unit=MetricUnit.Count, value=number)
    metrics.flush_metrics()
