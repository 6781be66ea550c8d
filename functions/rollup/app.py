"""Every 15 minutes: settle what is marked, and close the days that are due."""

from typing import TypedDict

from aws_lambda_powertools.utilities.typing import LambdaContext

from quarterhour.store.queue import ask_for_shards, shards
from quarterhour.store.scheduled import logger, run


class Scheduled(TypedDict):
    """What EventBridge Scheduler sends: template.yaml's Input with the time filled in."""

    time: str


@logger.inject_lambda_context
def handler(event: Scheduled, context: LambdaContext) -> None:
    """Roll the only shard up here; of several, ask for one rollup each."""
    if shards() == 1:
        run(0, event["time"], context)
    else:
        ask_for_shards(event["time"])
