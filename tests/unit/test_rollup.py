"""Which days a rollup announces and closes, and in what portions it works."""

from itertools import pairwise

from quarterhour.energy.lookback import last_due, last_to_close
from quarterhour.sites.sources import ship
from quarterhour.store.table.marks import PORTION_DAYS, Todo, portions
from quarterhour.time.calendar import DAY_MS, HOUR_MS, MINUTE_MS
from quarterhour.time.instants import parse

MIDNIGHT = parse("2018-08-24T00:00:00Z")


def todo(ship_id: int, days: int) -> Todo:
    marked = tuple(MIDNIGHT + n * DAY_MS for n in range(days))
    return Todo(ship(ship_id), MIDNIGHT, marked, "x", "T#0")


def test_a_day_is_due_two_hours_after_its_end_and_may_be_closed_a_quarter_hour_later() -> None:
    yesterday, due = MIDNIGHT - DAY_MS, MIDNIGHT + 2 * HOUR_MS
    assert [last_due(due - 1), last_due(due)] == [yesterday - DAY_MS, yesterday]
    closes = due + 15 * MINUTE_MS
    assert [last_to_close(closes - 1), last_to_close(closes)] == [yesterday - DAY_MS, yesterday]


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
