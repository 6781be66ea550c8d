"""Which days a rollup takes as closed, and in what portions it works."""

from itertools import pairwise

from quarterhour.sites.sources import ship
from quarterhour.store.rollup.rollup import first_open_day
from quarterhour.store.table.marks import PORTION_DAYS, Todo, portions
from quarterhour.time.calendar import DAY_MS, HOUR_MS, MINUTE_MS
from quarterhour.time.instants import parse

MIDNIGHT = parse("2018-08-24T00:00:00Z")


def todo(ship_id: int, days: int) -> Todo:
    return Todo(ship(ship_id), MIDNIGHT, tuple(MIDNIGHT + n * DAY_MS for n in range(days)), "x")


def test_a_day_is_closed_two_and_a_quarter_hours_after_its_end() -> None:
    closes = MIDNIGHT + 2 * HOUR_MS + 15 * MINUTE_MS
    assert first_open_day(closes - 1) == MIDNIGHT - DAY_MS
    assert first_open_day(closes) == MIDNIGHT


def test_the_todo_is_done_in_portions_that_keep_their_order() -> None:
    all_of_it = [todo(nth, 31) for nth in range(200)]
    found = list(portions(all_of_it))
    assert [one for portion in found for one in portion] == all_of_it
    sizes = [sum(len(one.days) for one in portion) for portion in found]
    assert all(size < PORTION_DAYS + 31 for size in sizes)
    assert all(size >= PORTION_DAYS for size, _ in pairwise(sizes))


def test_a_small_todo_is_one_portion_and_none_is_no_portion() -> None:
    assert [len(portion) for portion in portions([todo(1, 3), todo(2, 1)])] == [2]
    assert not list(portions([]))
