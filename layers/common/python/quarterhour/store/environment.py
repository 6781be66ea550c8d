"""What an environment of a function keeps between requests: a client, and the ships it has seen."""

import os
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from botocore.config import Config

from quarterhour.store.read.fleet import FleetReader
from quarterhour.store.read.houses import HouseReader
from quarterhour.store.read.rows import Reader
from quarterhour.store.read.ships import ShipReader
from quarterhour.store.read.top_users import RankingReader
from quarterhour.store.read.window import Windows
from quarterhour.store.rollup.fleet import FleetSettler
from quarterhour.store.rollup.houses import HouseRollup
from quarterhour.store.rollup.rollups import Rollups
from quarterhour.store.rollup.settler import Settler
from quarterhour.store.rollup.ships import Rollup
from quarterhour.store.table.calls import Calls
from quarterhour.store.table.clients import client
from quarterhour.store.table.house_entries import HouseEntries
from quarterhour.store.table.parallel import side_by_side
from quarterhour.store.write.known_sites import KnownSites, Remembered
from quarterhour.store.write.writer import Writer

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

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


@dataclass(slots=True)
class _Environment:
    client: "DynamoDBClient"
    table: str
    shards: int
    known: set[str] = field(default_factory=set)
    houses: dict[int, Remembered] = field(default_factory=dict)


@lru_cache(maxsize=1)
def environment() -> _Environment:
    """Return this environment's client and memory, made when first asked for."""
    return _Environment(
        client=client("dynamodb", _CLIENT),
        table=os.environ["TABLE_NAME"],
        shards=int(os.environ["SHARDS"]),
    )


def writer() -> Writer:
    """Return the table for one write, which begins now."""
    return _writer(_calls())


def reader() -> ShipReader:
    """Return the table for one read of a ship, which begins now."""
    return ShipReader(_calls(), environment().shards)


def house_reader() -> HouseReader:
    """Return the table for one read of a house, which begins now."""
    return HouseReader(_calls())


def houses() -> HouseEntries:
    """Return what is put about houses, for one request, which begins now."""
    return HouseEntries(_calls(), environment().shards)


def known_sites_and_writer() -> tuple[KnownSites, Writer]:
    """Return the sites and the table for one write to one of them, which begins now."""
    calls, here = _calls(), environment()
    sites = KnownSites(HouseEntries(calls, here.shards), here.houses, calls.began_s)
    return sites, _writer(calls)


def fleet_reader() -> FleetReader:
    """Return the table for one read of the fleet, which begins now."""
    calls, shards = _calls(), environment().shards
    return FleetReader(calls, Windows(calls, ShipReader(calls, shards), shards))


def ranking_reader() -> RankingReader:
    """Return the table for one question about the top users, which begins now."""
    calls, shards = _calls(), environment().shards
    reading = ShipReader(calls, shards)
    windows = Windows(calls, reading, shards)
    return RankingReader(calls, reading, windows, FleetReader(calls, windows))


def rollup(now_ms: int, limit_s: float) -> Rollups:
    """Return the table for one rollup; what is not done within the limit is for the next run."""
    here = environment()
    calls = Calls(here.client, here.table, limit_s=limit_s)
    settler = Settler(calls, Reader(calls), side_by_side)
    fleet = FleetSettler(calls, ShipReader(calls, here.shards))
    entries = HouseEntries(calls, here.shards)
    ships = Rollup(calls, settler, fleet, here.shards, now_ms)
    houses = HouseRollup(calls, settler, entries, here.shards, now_ms)
    return Rollups(ships, houses, now_ms)


def _writer(calls: Calls) -> Writer:
    here = environment()
    if len(here.known) > MAX_KNOWN:
        here.known.clear()
    return Writer(calls, here.known, here.shards, side_by_side)


def _calls() -> Calls:
    here = environment()
    return Calls(here.client, here.table)
