"""What the histories ask of a table at rest is what a rollup has to leave, and no more."""

import pytest

from quarterhour.sites.sources import Source
from quarterhour.store.rollup.rollup import of_ship
from quarterhour.store.table import keys
from quarterhour.time.calendar import DAY_MS, UTC, day_text
from tests.models import meters_by_hand
from tests.models.settled_fleets import SettledFleet
from tests.models.settled_sites import Rest, Site
from tests.unit.test_todo_by_shard import FIRST, Play

pytestmark = pytest.mark.no_cover


def check(play: Play, *ships: Source) -> None:
    """Check a table whose ships were put before anything was closed."""
    sites = []
    for source in ships:
        zone, (meter,) = of_ship(source.owner)
        sites.append(Site(source.owner, zone, play.now_ms, [(meter, meters_by_hand.SHIP)]))
    rest = Rest(play.engine, keys.SHIPS, play.shards, sites, play.now_ms)
    rest.check(marks=[keys.FLEET_MARK])
    SettledFleet(rest).check()


def closed_in_turn(days: int) -> Play:
    """Return a table of a ship in the first shard, that has closed days since it began.

    It begins with the last day that may be closed: that one is marked, and never closed in turn.
    """
    play = Play()
    play.post(FIRST, UTC.day_of(play.now_ms) - DAY_MS)
    play.settle()
    for _ in range(days):
        play.now_ms += DAY_MS
        play.settle()
    return play


def test_a_shard_without_ships_has_no_items_of_periods_in_which_it_has_closed_nothing() -> None:
    play = closed_in_turn(0)
    assert not [pk for pk in play.engine.partitions() if pk[0] == "Q" and "1" in play.items(pk)]
    check(play, FIRST)


@pytest.mark.parametrize("days", [1, 3])
def test_it_has_them_from_the_first_day_that_it_closed(days: int) -> None:
    check(closed_in_turn(days), FIRST)
    last = day_text(closed_in_turn(days).now_ms - DAY_MS)
    for period in (last, last[:7], last[:4]):
        play = closed_in_turn(days)
        at = {"pk": {"S": keys.shard_partition(period)}, "sk": {"S": "1"}}
        play.engine.delete_item(TableName=play.engine.table, Key=at)
        with pytest.raises(AssertionError, match=f"no {period} of shard 1"):
            check(play, FIRST)
