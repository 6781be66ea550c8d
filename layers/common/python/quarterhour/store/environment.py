"""What an environment of a function keeps between requests: a client, and what it has seen."""

import os
from dataclasses import dataclass, field
from functools import lru_cache

from quarterhour.store.read.memory import MOST_BYTES, BlockMemory
from quarterhour.store.rollup.closing import Announced
from quarterhour.store.table.calls import Calls
from quarterhour.store.table.house_entries import HouseEntries
from quarterhour.store.table.retries import RetryBudget
from quarterhour.store.table.wire import Wire
from quarterhour.store.write.known_fence import FenceMemory
from quarterhour.store.write.known_sites import Remembered

# Our own retries know the time limit; a call that hangs is given up so that one more fits in.
CONNECT_S, READ_S = 2.0, 5.0


@dataclass(slots=True)
class _Environment:
    client: Wire
    table: str
    shards: int
    blocks: BlockMemory
    known: set[str] = field(default_factory=set)
    houses: dict[int, Remembered] = field(default_factory=dict)
    budget: RetryBudget = field(default_factory=RetryBudget)
    fence: FenceMemory = field(default_factory=FenceMemory)
    announced: Announced = field(default_factory=Announced)


@lru_cache(maxsize=1)
def environment() -> _Environment:
    """Return this environment's client and memory, made when first asked for."""
    shards = int(os.environ["SHARDS"])
    return _Environment(
        client=Wire(os.environ, CONNECT_S, READ_S),
        table=os.environ["TABLE_NAME"],
        shards=shards,
        blocks=BlockMemory(shards, MOST_BYTES),
    )


# Lambda sets it. There the client is made with the import, so that the first request does not wait
# until the certificates are read: that takes as long as a dozen requests.
if "AWS_LAMBDA_INITIALIZATION_TYPE" in os.environ:
    environment()


def calls(received_s: float = 0.0) -> Calls:
    """Return the calls of one request, which begins now; `received_s` is when a gateway had it."""
    env = environment()
    return Calls(env.client, env.table, gateway_s=received_s, budget=env.budget)


def calls_within(limit_s: float) -> Calls:
    """Return the calls of a rollup or a check, which may go on for so long."""
    env = environment()
    return Calls(env.client, env.table, limit_s=limit_s, budget=env.budget)


def house_entries(received_s: float = 0.0) -> HouseEntries:
    """Return what is put about houses, for one request, which begins now."""
    return HouseEntries(calls(received_s), environment().shards)
