"""The table for what runs by a schedule or by hand: rollups, checks, and samples of these."""

from functools import partial
from typing import NamedTuple

from quarterhour.store.environment import calls, calls_within, environment
from quarterhour.store.read.rows import Reader
from quarterhour.store.rollup.check import Difference
from quarterhour.store.rollup.closing import NONE_MS, Closing, Outcome
from quarterhour.store.rollup.failures import Failures, Tell, each
from quarterhour.store.rollup.fleet import FleetSettler
from quarterhour.store.rollup.fleet_step import FleetStep
from quarterhour.store.rollup.rollup import Rollup, Sites, of_house, of_ship
from quarterhour.store.rollup.sample import RationedCalls, Sample
from quarterhour.store.rollup.settler import Settler
from quarterhour.store.rollup.table_check import TableCheck
from quarterhour.store.table import keys, parallel
from quarterhour.store.table.calls import Calls
from quarterhour.store.table.house_entries import HouseEntries
from quarterhour.store.table.registry import Registry
from quarterhour.time.calendar import BUCKET_MS


class Errand(NamedTuple):
    """How a shard is to be rolled up: in which order, and up to which day it may be closed at once.

    Whoever names such a day (`may_ms`) has waited until every writer must know it announced.
    """

    may_ms: int = NONE_MS
    newest_first: bool = True


ANY = Errand()


def roll_up(
    shard: int,
    now_ms: int,
    limit_s: float,
    tell: Tell | None = None,
    errand: Errand = ANY,
) -> Outcome:
    """Roll up a shard's ships and houses; Busy where the next run has to go on.

    "Now" is `now_ms`, or what DynamoDB's clock says if that is earlier. Days beyond the errand's
    may be closed when this environment has known them announced for long enough. Each kind is first
    every other time, so that none waits for ever. `tell` is told of each site that fails, and all
    others go on; without it the first that does ends the run.
    """
    env, table = environment(), calls_within(limit_s)
    closing = Closing(table, env.shards, env.announced, now_ms, errand.may_ms)
    reading = Reader(table)
    settler = Settler(table, parallel.side_by_side)
    entries = HouseEntries(table, env.shards)
    ships, houses = (Registry(table, kind, env.shards) for kind in (keys.SHIPS, keys.HOUSES))
    failures = Failures(tell)
    kinds = (
        Sites(houses, lambda owner: of_house(entries.of_owner(owner))),
        Sites(ships, of_ship, FleetSettler(table, reading, ships, failures)),
    )
    runs = (Rollup(table, settler, sites, closing, failures) for sites in kinds)
    works = [partial(run.run_shard, shard, newest_first=errand.newest_first) for run in runs]
    each(works[:: -1 if now_ms // BUCKET_MS % 2 else 1])
    return closing.outcome()


def roll_up_fleet(limit_s: float) -> None:
    """Do the fleet's step above what the shards have done; Busy where the next one has to go on."""
    table = calls_within(limit_s)
    ships = _ships(table)
    settler = FleetSettler(table, Reader(table), ships)
    FleetStep(table, settler, ships, parallel.side_by_side).run()


def check(limit_s: float, tell: Tell) -> TableCheck:
    """Return what checks closed days; `tell` is told of each site that cannot be read."""
    return TableCheck(calls_within(limit_s), environment().shards, Failures(tell))


def sample(shard: int, limit_s: float) -> list[Difference] | None:
    """Check a day of a site of a shard, both drawn by chance; None where none can be.

    A bounded number of calls; Busy, TooMuchUnsettled where it would take more.
    """
    env = environment()
    return Sample(RationedCalls(env.client, env.table, limit_s=limit_s), env.shards).of_shard(shard)


def ships_of(shard: int) -> int:
    """Return how many ships a shard has."""
    return _ships(calls()).ships(shard)


def _ships(table: Calls) -> Registry:
    return Registry(table, keys.SHIPS, environment().shards)
