"""Runs whose time is shorter than their work: each gets on, until all is done."""

from collections.abc import Callable
from functools import partial
from itertools import count

from quarterhour.sites.sources import ship
from quarterhour.store.table import keys
from quarterhour.store.table.codec import number
from quarterhour.store.table.marks import PORTION_DAYS
from quarterhour.store.table.parallel import in_turn
from quarterhour.store.write.known_fence import FenceMemory, KnownFence
from quarterhour.store.write.writer import Writer
from quarterhour.time.calendar import DAY_MS, UTC
from quarterhour.time.instants import parse
from tests.unit.test_todo_by_shard import FIRST, LITTLE, Play, pytestmark

__all__ = ["pytestmark"]

JULY = parse("2018-07-01T00:00:00Z")
# Calls that are enough for a part of a month of 66 ships. What is not settled yet of a day of their
# shard is read from the readings, a Query a ship.
A_PART = 2400
# Calls that are enough for a few days of the fleet, with the month above them.
A_STEP = 30
MONTH = [JULY + nth * DAY_MS for nth in range(31)]


def left(play: Play) -> int:
    """Return how many days are in the todo of all shards."""
    lists = (f"T#{shard}" for shard in range(play.shards))
    items = [item for partition in lists for item in play.items(partition).values()]
    return sum(1 for item in items for name in item if name.isdigit())


def run_and_step(play: Play, calls: int) -> None:
    """Run the rollup with so many calls, then the fleet's step with as many as it takes."""
    play.hurry(calls, play.roll_up)
    play.step()


def runs_until_done(play: Play, run: Callable[[], object]) -> int:
    """Return how many runs it takes until nothing is left, of which each has to get on."""
    before, runs = left(play), 0
    while before:
        run()
        after = left(play)
        assert after < before, f"run {runs} did nothing"
        before, runs = after, runs + 1
    return runs


def test_a_month_that_no_run_has_time_for_is_handed_over_day_by_day() -> None:
    play = Play()
    for day in MONTH:
        play.post(FIRST, day)
    assert 1 < runs_until_done(play, partial(run_and_step, play, LITTLE)) <= len(MONTH)
    for day in MONTH:
        play.check(day)


def test_a_fleet_s_step_without_time_for_a_month_strikes_some_of_its_days() -> None:
    play = Play()
    for day in MONTH:
        play.post(FIRST, day)
    play.roll_up()
    runs = runs_until_done(play, partial(play.hurry, A_STEP, play.step))
    assert 1 < runs <= len(MONTH)
    for day in MONTH:
        play.check(day)


def test_a_run_goes_on_with_the_day_that_one_before_it_began_to_close() -> None:
    """The months of ships that were reached are complete up to that day, beyond the watermark.

    What is marked in them meanwhile cannot be struck before the day is closed. Were it tried first,
    a run might have no time left to close it.
    """
    ships = [ship(one) for one in range(1, 9)]
    play = Play(shards=1)
    for one in ships:
        play.post(one, MONTH[0])
    play.settle()
    play.now_ms += DAY_MS
    assert not play.hurry(80, play.roll_up)
    before = play.items("W")["0"]
    assert "reached" in before
    for one in ships:
        play.post(one, UTC.day_of(play.now_ms) - 3 * DAY_MS)
    assert not play.hurry(140, play.roll_up)
    assert int(play.items("W")["0"]["until"]["N"]) == int(before["until"]["N"]) + DAY_MS


def test_more_than_a_portion_of_many_ships_is_done_in_pieces() -> None:
    """As many marked days as a portion has, and more, of a shard of many ships."""
    ships = [*map(ship, range(1, PORTION_DAYS // len(MONTH) + 3))]
    play = Play(shards=1)
    for one in ships:
        play.values = count(1)
        play.post(one, MONTH[0])
        fence = KnownFence(play.calls(), FenceMemory(), play.shards)
        Writer(play.calls(), set(), fence, play.shards, in_turn).mark(
            one, MONTH[0], MONTH[-1] + DAY_MS
        )
    assert left(play) > PORTION_DAYS
    assert 2 < runs_until_done(play, partial(run_and_step, play, A_PART)) < 20
    assert play.items(keys.FLEET)[keys.fleet_day_sort(MONTH[0])]["ships"] == number(len(ships))
