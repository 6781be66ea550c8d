"""What an environment of a function keeps between requests: a client, and the ships it has seen."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

import boto3
from botocore.config import Config

from quarterhour.store.calls import Calls
from quarterhour.store.fleet_reading import FleetReader
from quarterhour.store.fleet_settling import FleetSettler
from quarterhour.store.ranking_reading import RankingReader
from quarterhour.store.reading import Reader
from quarterhour.store.rollup import Rollup
from quarterhour.store.settling import Settler
from quarterhour.store.window import Windows
from quarterhour.store.writing import Writer

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MONTHS_AT_ONCE = 8
MAX_KNOWN = 100_000
# Our own retries know the time limit; a call that hangs is given up so that one more fits in.
# All requests are built in calls.py: checking their shapes again would be a third of a POST's CPU.
_CLIENT = Config(
    connect_timeout=2,
    read_timeout=5,
    retries={"total_max_attempts": 1},
    tcp_keepalive=True,
    parameter_validation=False,
)

_Item = TypeVar("_Item")


@dataclass(slots=True)
class _Environment:
    client: "DynamoDBClient"
    table: str
    shards: int
    known: set[str] = field(default_factory=set)


@lru_cache(maxsize=1)
def environment() -> _Environment:
    """Return this environment's client and memory, made when first asked for."""
    return _Environment(
        client=boto3.client("dynamodb", config=_CLIENT),
        table=os.environ["TABLE_NAME"],
        shards=int(os.environ["SHARDS"]),
    )


def writer() -> Writer:
    """Return the table for one write, which begins now."""
    here = environment()
    if len(here.known) > MAX_KNOWN:
        here.known.clear()
    return Writer(_calls(), here.known, here.shards, _side_by_side)


def reader() -> Reader:
    """Return the table for one read of a source, which begins now."""
    return Reader(_calls(), environment().shards)


def fleet_reader() -> FleetReader:
    """Return the table for one read of the fleet, which begins now."""
    calls, shards = _calls(), environment().shards
    return FleetReader(calls, Windows(calls, Reader(calls, shards), shards))


def ranking_reader() -> RankingReader:
    """Return the table for one question about the top users, which begins now."""
    calls, shards = _calls(), environment().shards
    reading = Reader(calls, shards)
    windows = Windows(calls, reading, shards)
    return RankingReader(calls, reading, windows, FleetReader(calls, windows))


def rollup(now_ms: int, limit_s: float) -> Rollup:
    """Return the table for one rollup; what is not done within the limit is for the next run."""
    here = environment()
    calls = Calls(here.client, here.table, limit_s=limit_s)
    reading = Reader(calls, here.shards)
    fleet = FleetSettler(calls, reading)
    return Rollup(calls, Settler(calls, reading), fleet, here.shards, now_ms)


def _calls() -> Calls:
    here = environment()
    return Calls(here.client, here.table)


def _side_by_side(work: Callable[[_Item], None], items: list[_Item]) -> None:
    """Run the work on every item, up to eight at once; nothing runs on after it returns."""
    if len(items) == 1:
        work(items[0])
        return
    with ThreadPoolExecutor(MONTHS_AT_ONCE) as pool:
        for done in [pool.submit(work, item) for item in items]:
            done.result()
