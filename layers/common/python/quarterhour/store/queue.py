"""The queue of the shards that are to be rolled up."""

import json
import os
from functools import lru_cache
from typing import Any

from botocore.config import Config

from quarterhour.errors import Busy
from quarterhour.store.environment import environment
from quarterhour.store.table.clients import client

MAX_SENT_AT_ONCE = 10
_CLIENT = Config(connect_timeout=2, read_timeout=5, retries={"total_max_attempts": 5})


def shards() -> int:
    """Return how many parts the registry of ships has."""
    return environment().shards


def ask_for_shards(scheduled: str) -> None:
    """Send one message for each shard; Busy where some were refused: sending again is safe."""
    for first in range(0, shards(), MAX_SENT_AT_ONCE):
        batch = range(first, min(first + MAX_SENT_AT_ONCE, shards()))
        answer = _queue().send_message_batch(
            QueueUrl=os.environ["SHARD_QUEUE_URL"],
            Entries=[
                {"Id": str(shard), "MessageBody": _message(shard, scheduled)} for shard in batch
            ],
        )
        if answer.get("Failed"):
            refused = ", ".join(entry["Id"] for entry in answer["Failed"])
            raise Busy(f"The queue did not take the shards {refused}.")


def _message(shard: int, scheduled: str) -> str:
    return json.dumps({"shard": shard, "time": scheduled})


@lru_cache(maxsize=1)
def _queue() -> Any:
    return client("sqs", _CLIENT)
