"""The table for requests that write readings; with the sites and the fence that are remembered."""

from quarterhour.store.environment import calls, environment
from quarterhour.store.table import parallel
from quarterhour.store.table.calls import Calls
from quarterhour.store.table.house_entries import HouseEntries
from quarterhour.store.write.known_fence import KnownFence
from quarterhour.store.write.known_sites import KnownSites
from quarterhour.store.write.writer import Writer

MAX_KNOWN = 100_000


def writer(received_s: float = 0.0) -> Writer:
    """Return the table for one write, which begins now."""
    return writer_of(calls(received_s))


def known_sites_and_writer(received_s: float = 0.0) -> tuple[KnownSites, Writer]:
    """Return the sites and the table for one write to one of them, which begins now."""
    table, env = calls(received_s), environment()
    sites = KnownSites(HouseEntries(table, env.shards), env.houses, table.began)
    return sites, writer_of(table)


def writer_of(table: Calls) -> Writer:
    """Return what writes by the calls of a request."""
    env = environment()
    if len(env.known) > MAX_KNOWN:
        env.known.clear()
    fence = KnownFence(table, env.fence, env.shards)
    return Writer(table, env.known, fence, env.shards, parallel.side_by_side)
