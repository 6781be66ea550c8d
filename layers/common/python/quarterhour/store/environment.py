"""What an environment of a function keeps between requests: a client, and the ships it has seen."""

import os
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from botocore.config import Config

from quarterhour.store.read.fleet import FleetReader
from quarterhour.store.read.rows import Reader
from quarterhour.store.read.sites import SiteReader
from quarterhour.store.read.top_users import RankingReader
from quarterhour.store.read.window import Windows
from quarterhour.store.rollup.fleet import FleetSettler
from quarterhour.store.rollup.rollup import Rollup, Sites, of_house, of_ship
from quarterhour.store.rollup.settler import Settler
from quarterhour.store.table import keys
from quarterhour.store.table.calls import Calls
from quarterhour.store.table.clients import client
from quarterhour.store.table.house_entries import HouseEntries
from quarterhour.store.table.parallel import side_by_side
from quarterhour.store.table.registry import Registry
from quarterhour.store.write.known_sites import KnownSites, Remembered
from quarterhour.store.write.writer import Writer
from quarterhour.time.calendar import BUCKET_MS

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


def calls() -> Calls:
    """Return the calls of one request, which begins now."""
    env = environment()
    return Calls(env.client, env.table)


def writer() -> Writer:
    """Return the table for one write, which begins now."""
    return _writer(calls())


def reader() -> SiteReader:
    """Return the table for one read of a ship or house, which begins now."""
    return SiteReader(calls(), environment().shards)


def houses() -> HouseEntries:
    """Return what is put about houses, for one request, which begins now."""
    return HouseEntries(calls(), environment().shards)


def known_sites_and_writer() -> tuple[KnownSites, Writer]:
    """Return the sites and the table for one write to one of them, which begins now."""
    table, env = calls(), environment()
    sites = KnownSites(HouseEntries(table, env.shards), env.houses, table.began_s)
    return sites, _writer(table)


def fleet_reader() -> FleetReader:
    """Return the table for one read of the fleet, which begins now."""
    table = calls()
    return FleetReader(table, Windows(table, Reader(table), _ships(table)))


def ranking_reader() -> RankingReader:
    """Return the table for one question about the top users, which begins now."""
    table = calls()
    windows = Windows(table, Reader(table), _ships(table))
    return RankingReader(table, Reader(table), windows, FleetReader(table, windows))


def roll_up(shard: int, now_ms: int, limit_s: float) -> None:
    """Roll up a shard's ships and houses; Busy where the next run has to go on.

    Each kind is first every other time, so that none waits for ever.
    """
    env = environment()
    table = Calls(env.client, env.table, limit_s=limit_s)
    reading = Reader(table)
    settler = Settler(table, reading, side_by_side)
    entries = HouseEntries(table, env.shards)
    ships, houses = (Registry(table, kind, env.shards) for kind in (keys.SHIPS, keys.HOUSES))
    kinds = (
        Sites(houses, lambda owner: of_house(entries.of_owner(owner))),
        Sites(ships, of_ship, FleetSettler(table, reading, ships)),
    )
    for sites in kinds[:: -1 if now_ms // BUCKET_MS % 2 else 1]:
        Rollup(table, settler, sites, now_ms).run_shard(shard)


def _writer(table: Calls) -> Writer:
    env = environment()
    if len(env.known) > MAX_KNOWN:
        env.known.clear()
    return Writer(table, env.known, env.shards, side_by_side)


def _ships(table: Calls) -> Registry:
    return Registry(table, keys.SHIPS, environment().shards)
