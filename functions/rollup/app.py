"""Every minute: settle what is marked, and close the days that are due."""

from typing import TypedDict

from aws_lambda_powertools.utilities.typing import LambdaContext

from quarterhour.store.dispatch import ask_for_rollups
from quarterhour.store.queue import shards
from quarterhour.store.scheduled import logger, run_all


class Scheduled(TypedDict):
    """What EventBridge Scheduler sends: template.yaml's Input with the time filled in."""

    time: str


@logger.inject_lambda_context
def handler(event: Scheduled, context: LambdaContext) -> None:
    """Roll the only shard up here, and the fleet; of several, ask for those that have work."""
    if shards() == 1:
        run_all(event["time"], context)
    else:
        ask_for_rollups(event["time"])
