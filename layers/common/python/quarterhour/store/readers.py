"""The table for requests that read; with the blocks that the environment keeps."""

from quarterhour.store.environment import calls, environment
from quarterhour.store.read.fleet import FleetReader
from quarterhour.store.read.rows import Reader
from quarterhour.store.read.ships import ShipsReader
from quarterhour.store.read.sites import SiteReader
from quarterhour.store.read.top_users import RankingReader
from quarterhour.store.read.window import Windows
from quarterhour.store.table import keys, parallel
from quarterhour.store.table.calls import Calls
from quarterhour.store.table.registry import Registry


def reader(received_s: float = 0.0) -> SiteReader:
    """Return the table for one read of a ship or house, which begins now."""
    env = environment()
    return SiteReader(calls(received_s), env.shards, parallel.side_by_side, env.blocks)


def ships_reader(received_s: float = 0.0) -> ShipsReader:
    """Return the list of ships for one request, which begins now."""
    table = calls(received_s)
    registry = Registry(table, keys.SHIPS, environment().shards)
    return ShipsReader(table, registry, parallel.side_by_side)


def fleet_reader(received_s: float = 0.0) -> FleetReader:
    """Return the table for one read of the fleet, which begins now."""
    table = calls(received_s)
    return FleetReader(table, _windows(table))


def ranking_reader(received_s: float = 0.0) -> RankingReader:
    """Return the table for one question about the top users, which begins now."""
    table = calls(received_s)
    windows = _windows(table)
    return RankingReader(table, _reader(table), windows, FleetReader(table, windows))


def _reader(table: Calls) -> Reader:
    return Reader(table, now_ms=table.now_ms, memory=environment().blocks)


def _windows(table: Calls) -> Windows:
    return Windows(
        table,
        _reader(table),
        Registry(table, keys.SHIPS, environment().shards),
        parallel.side_by_side,
    )
