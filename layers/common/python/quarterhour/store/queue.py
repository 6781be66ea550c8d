"""The queue of the shards that are to be rolled up, and of the fleet's step above them.

A message that a day may be closed says up to which day was announced when it was sent, and is
delivered when that has stood long enough: whoever receives it may close these days, however often.
"""

import json
import os
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from quarterhour.store.environment import environment
from quarterhour.store.rollup.closing import WAIT_S
from quarterhour.store.table.clients import client

MAX_SENT_AT_ONCE = 10
FLEET = "fleet"
_ATTEMPTS = {"total_max_attempts": 5}


def shards() -> int:
    """Return how many parts the registry of ships has."""
    return environment().shards


class Message(NamedTuple):
    """What is asked for: the rollup of a shard, or the fleet's step, as of a `time`.

    `may`: the last day that was announced, as `2018-08-24`; it may be closed when this arrives.
    """

    shard: int | str
    time: str
    may: str = ""

    def entry(self, nth: int) -> dict[str, Any]:
        """Return the message as one of those that are sent at once."""
        body = {name: value for name, value in self._asdict().items() if value != ""}
        delay_s = int(WAIT_S) if self.may else 0
        return {"Id": str(nth), "MessageBody": json.dumps(body), "DelaySeconds": delay_s}


def send(messages: Sequence[Message]) -> list[Message]:
    """Send messages; return those that were refused: sending again is safe."""
    refused: list[Message] = []
    entries = [message.entry(nth) for nth, message in enumerate(messages)]
    for first in range(0, len(entries), MAX_SENT_AT_ONCE):
        answer = _queue().send_message_batch(
            QueueUrl=os.environ["SHARD_QUEUE_URL"],
            Entries=entries[first : first + MAX_SENT_AT_ONCE],
        )
        refused += [messages[int(entry["Id"])] for entry in answer.get("Failed", [])]
    return refused


def ask_to_close(shard: int, time: str, may: str) -> None:
    """Have the days up to `may` closed when they may be, where there is a queue.

    Nothing is lost where it refuses: they are asked for again.
    """
    if "SHARD_QUEUE_URL" in os.environ:
        send([Message(shard, time, may)])


@lru_cache(maxsize=1)
def _queue() -> Any:
    return client("sqs", connect_timeout=2, read_timeout=5, retries=_ATTEMPTS)
