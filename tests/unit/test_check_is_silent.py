"""A check tells of no day that is being written or settled: whatever comes between its calls.

What the store keeps is right here at every moment, so each difference that a check finds is a false
alarm. Each of its precautions is left out once, and a false alarm comes.
"""

from collections.abc import Callable, Iterable
from functools import partial
from itertools import count, product
from typing import Any

import pytest

from quarterhour.energy.lookback import last_to_close
from quarterhour.sites.sources import Source
from quarterhour.store.read.rows import Reader
from quarterhour.store.rollup.check import Difference, SiteCheck
from quarterhour.store.rollup.failures import Failures
from quarterhour.store.rollup.fleet_check import FleetCheck
from quarterhour.store.rollup.vouched import Vouched
from quarterhour.store.table import keys
from quarterhour.store.table.calls import Calls
from quarterhour.time.calendar import DAY_MS
from tests.models.faulty_stores import Fault, replaced
from tests.unit.test_todo_by_shard import FIRST, MIDNIGHT, SECOND, Act, Play, settled

pytestmark = pytest.mark.no_cover

Look = Callable[[Play, Calls], list[Difference]]


def of_the_fleet(play: Play, calls: Calls) -> list[Difference]:
    check = FleetCheck(calls, play.registry(calls), Reader(calls))
    return [*check.differences(MIDNIGHT, Failures())]


def of_a_ship(play: Play, calls: Calls) -> list[Difference]:
    check = FleetCheck(calls, play.registry(calls), Reader(calls))
    return [*check.of_ship(FIRST, MIDNIGHT)]


LOOKS: dict[str, Look] = {"of the fleet": of_the_fleet, "of a ship": of_a_ship}


def nothing(_: Play) -> None:
    """Leave all settled."""


def late(play: Play) -> None:
    play.post(FIRST)


def late_in_another_shard(play: Play) -> None:
    play.post(SECOND)


def late_on_another_day(play: Play) -> None:
    play.post(FIRST, MIDNIGHT + 3 * DAY_MS)


def a_new_ship(play: Play) -> None:
    play.post(Source("S77"))


def done_by_its_shard(play: Play) -> None:
    play.post(FIRST)
    play.roll_up()


def wholly_settled(play: Play) -> None:
    play.post(FIRST)
    play.settle()


def a_new_ship_wholly_settled(play: Play) -> None:
    a_new_ship(play)
    play.settle()


def a_day_is_closed(play: Play) -> None:
    play.now_ms += DAY_MS
    play.settle()


ACTS = (
    *(wholly_settled, late, late_in_another_shard, late_on_another_day, a_new_ship),
    *(done_by_its_shard, a_new_ship_wholly_settled, a_day_is_closed),
)
BEFORE = (nothing, late, done_by_its_shard)


def interrupted(look: Look, before: Callable[[Play], object], act: Callable[[Play], None]) -> int:
    """Look with something done before each of the calls in turn; return how many calls it takes."""
    nth = 0
    while True:
        play = settled()
        before(play)
        found = look(play, play.calls(nth, partial(act, play)))
        assert not found, f"{act.__name__} before call {nth}: {[*map(str, found)]}"
        if not play.is_interrupted:
            return nth
        nth += 1


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("look", LOOKS)
def test_what_comes_between_any_two_calls_is_no_difference(
    look: str, act: Callable[[Play], None]
) -> None:
    assert interrupted(LOOKS[look], nothing, act) > 10


@pytest.mark.slow
@pytest.mark.parametrize("before", [late, done_by_its_shard])
@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("look", LOOKS)
def test_nor_is_it_where_something_was_marked_before(
    look: str, act: Callable[[Play], None], before: Callable[[Play], None]
) -> None:
    assert interrupted(LOOKS[look], before, act) > 10


def assert_silent_twice(first_calls: Iterable[int]) -> None:
    """A late reading before these calls, and its rollups before any later one."""
    for first in first_calls:
        for later in count():
            play = settled(shards=1)
            found = of_the_fleet(play, _twice(play, first, later))
            assert not found, f"before call {first} and {later} later: {[*map(str, found)]}"
            if later and not play.is_interrupted:
                break


def test_what_is_written_in_one_place_and_settled_in_another_is_no_difference() -> None:
    assert_silent_twice((0, 5, 9, 11, 13, 16, 20))


@pytest.mark.slow
def test_wherever_it_is_written_and_wherever_it_is_settled() -> None:
    assert_silent_twice(range(30))


def _twice(play: Play, first: int, later: int) -> Calls:
    """Return calls before one of which a late reading is stored, and settled before a later one."""
    calls = play.calls(first)
    calls.act = partial(_post_and_wait, play, calls, later)  # type: ignore[attr-defined]
    return calls


def _post_and_wait(play: Play, calls: Any, later: int) -> None:
    play.post(FIRST)

    def settle() -> None:
        play.is_interrupted = True
        play.settle()

    calls.nth, calls.act = later - 1, settle
    if not later:
        settle()


def test_a_day_that_the_fleet_has_not_closed_says_nothing() -> None:
    play = settled()
    day = last_to_close(play.now_ms + DAY_MS)
    play.post(FIRST, day)
    play.now_ms += DAY_MS
    calls = play.calls()
    check = FleetCheck(calls, play.registry(calls), Reader(calls))
    works: tuple[Act, ...] = (lambda: None, play.roll_up, play.step)
    for work in works:
        work()
        for found in (check.differences(day, Failures()), check.of_ship(FIRST, day)):
            assert not [*map(str, found)]
    assert play.items(keys.FLEET)[keys.fleet_day_sort(day)]


# --- Precautions that are left out ----------------------------------------------------------------


def _items_alone(self: Vouched) -> bool:
    """Compare the items, and do not look for days that were marked."""
    now = self._read([*self._items])
    return all(item.get("gen") == now[place].get("gen") for place, item in self._items.items())


def _todo_alone(self: Vouched) -> bool:
    self._todo |= self._marked()
    return True


def _todo_last(self: Vouched) -> bool:
    holds = _items_alone(self)
    self._todo |= self._marked()
    return holds


FAULTS: dict[str, Fault] = {
    "heads read only once": replaced(SiteCheck, "_is_written", lambda *_: False),
    "no second look at what vouches": replaced(Vouched, "still_holds", lambda _: True),
    "the todo read only before": replaced(Vouched, "still_holds", _items_alone),
    "the items read only before": replaced(Vouched, "still_holds", _todo_alone),
    "no todo": replaced(Vouched, "_marked", lambda _: set()),
}


def assert_silent() -> None:
    for before, act in product(BEFORE, ACTS):
        interrupted(of_the_fleet, before, act)


def test_if_the_items_come_before_the_todo_there_are_false_alarms() -> None:
    fault = replaced(Vouched, "still_holds", _todo_last)
    with fault(), pytest.raises(AssertionError, match="before call"):
        assert_silent_twice((5, 9, 11))


@pytest.mark.parametrize("fault", FAULTS)
def test_without_a_precaution_there_are_false_alarms(fault: str) -> None:
    with FAULTS[fault](), pytest.raises(AssertionError, match="before call"):
        assert_silent()
