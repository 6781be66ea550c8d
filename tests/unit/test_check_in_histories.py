"""Checks in the midst of random histories, in rough weather and by wrong clocks: no false alarm.

And of one that meets a transaction that is seen in part: a second look finds it whole.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

import pytest

from quarterhour.energy.readings import Reading
from quarterhour.errors import NotFound
from quarterhour.store.read.rows import Reader
from quarterhour.store.rollup.check import Difference, SiteCheck, confirmed
from quarterhour.store.rollup.failures import Failures
from quarterhour.store.rollup.fleet_check import FleetCheck
from quarterhour.store.rollup.rollup import of_house, of_ship
from quarterhour.store.rollup.vouched import Vouched
from quarterhour.store.table.calls import Calls
from quarterhour.store.table.parallel import in_turn
from quarterhour.store.write.known_fence import FenceMemory, KnownFence
from quarterhour.store.write.writer import Writer
from quarterhour.time.calendar import BUCKET_MS
from tests.models.faulty_stores import replaced
from tests.models.histories import DAY, History
from tests.models.histories_of_houses import HouseHistory
from tests.models.histories_of_ships import ShipHistory
from tests.models.interleave import Scheduler
from tests.models.network import Faults
from tests.unit.test_todo_by_shard import (
    ENERGY,
    FIRST,
    LATER,
    MIDNIGHT,
    NOON,
    SHARDS,
    settled,
)

pytestmark = pytest.mark.no_cover

CHECK: dict[str, Any] = {"asks": ("check",), "mix": (4, 5, 6)}
# Late posts and rollups meet checks all the time.
CROWDED = CHECK | {
    "weather": Faults(freeze=0.03, freeze_seconds=20.0),
    "mix": (5, 5, 8),
    "crowd": (8, 14),
    "moments": 5,
}


def a_day(history: History, start: int) -> int:
    """Return a day around what is asked for, closed or not."""
    return start - start % DAY - history.random.choice((0, 0, 1, 2)) * DAY


def tell(found: list[Difference]) -> None:
    assert not found, f"a false alarm: {[*map(str, found)]}"


@dataclass
class CheckedShips(ShipHistory):
    """A history in which readers check days of all ships, or of one."""

    checks: int = 0

    def _check(self, start: int, _: int) -> None:
        day, calls = a_day(self, start), self.calls(1e9)
        fleet = FleetCheck(calls, self._registry(calls), Reader(calls))
        if self.random.random() < 0.5:
            tell([*fleet.differences(day, Failures())])
        else:
            tell([*fleet.of_ship(self.random.choice(self.ships), day)])
        self.checks += 1


@dataclass
class CheckedHouses(HouseHistory):
    """A history in which readers check days of houses."""

    checks: int = 0

    def _check(self, start: int, _: int) -> None:
        calls = self.calls(1e9)
        number = self.random.choice([*self.first])
        try:
            house = self._entries(calls).get(number)
        except NotFound:
            return
        site = SiteCheck(Reader(calls))
        tell([*site.differences(*of_house(house), a_day(self, start))])
        self.checks += 1


KINDS: dict[str, type[CheckedShips | CheckedHouses]] = {
    "ships": CheckedShips,
    "houses": CheckedHouses,
}


def checks(kind: str, seeds: Iterable[int], how: dict[str, Any] = CHECK) -> int:
    """Run histories; return how many checks there were."""
    return sum(KINDS[kind](seed, **how).run().checks for seed in seeds)


@pytest.mark.parametrize("kind", KINDS)
def test_a_check_in_a_history_finds_nothing(kind: str) -> None:
    assert checks(kind, range(8)) > 80


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_checks_in_many_histories_find_nothing(kind: str) -> None:
    assert checks(kind, range(8, 100)) > 900


@pytest.mark.slow
def test_checks_in_a_crowd_find_nothing() -> None:
    assert checks("ships", range(60), CROWDED) > 900


HEADS_ONCE = replaced(SiteCheck, "_is_written", lambda *_: False)
NO_SECOND_LOOK = replaced(Vouched, "still_holds", lambda _: True)


@pytest.mark.parametrize(
    ("fault", "kind", "how", "first"),
    [
        (HEADS_ONCE, "ships", CROWDED, 10),
        (HEADS_ONCE, "houses", CHECK, 49),
        (NO_SECOND_LOOK, "ships", CHECK, 50),
    ],
    ids=["heads read only once", "heads of houses read only once", "no second look"],
)
def test_without_a_precaution_a_history_has_a_false_alarm(
    fault: Any, kind: str, how: dict[str, Any], first: int
) -> None:
    """`first` is a history that catches it as the store is now."""
    with fault(), pytest.raises(AssertionError, match="a false alarm") as caught:
        checks(kind, (first, *range(100)), how)
    print(caught.value.__notes__[-1])  # noqa: T201  for `first`: pytest -rP


# --- A transaction that is seen in part -----------------------------------------------------------


class InParts:
    """A late batch that is stored item by item, while the day it is of is checked."""

    def __init__(self, seed: int) -> None:
        self._engine = settled().engine
        in_parts = Faults(spread_transactions=True)
        self._scheduler = Scheduler(seed, self._engine, in_parts, start=LATER / 1000)
        self.found: list[Difference] = []

    def run(self) -> bool:
        """Return whether anything differed."""
        for work in (self._write, self._look):
            self._scheduler.spawn(work.__name__, work, mortal=False)
        self._scheduler.run()
        return bool(self.found)

    def _calls(self) -> Calls:
        scheduler = self._scheduler
        return Calls(scheduler.client(), self._engine.table, scheduler.clocks, 1e9)

    def _write(self) -> None:
        calls, first = self._calls(), MIDNIGHT + NOON + 10 * BUCKET_MS
        buckets = range(first, first + 20 * BUCKET_MS, BUCKET_MS)
        fence = KnownFence(calls, FenceMemory(), SHARDS)
        writer = Writer(calls, {FIRST.name}, fence, SHARDS, in_turn)
        writer.put(FIRST, {ENERGY: [Reading(at, 3.0, BUCKET_MS) for at in buckets]})

    def _look(self) -> None:
        calls = self._calls()
        site, ship = SiteCheck(Reader(calls)), of_ship(FIRST.owner)
        self.found = confirmed(lambda: site.differences(*ship, MIDNIGHT), calls.clock.sleep)


def once(look: Callable[[], Iterable[Difference]], _: object) -> list[Difference]:
    return [*look()]


def looks_at_a_transaction(seeds: Iterable[int]) -> int:
    """Return how often something differed while a late batch was stored."""
    return sum(InParts(seed).run() for seed in seeds)


def test_a_transaction_that_is_seen_in_part_is_seen_whole_at_a_second_look() -> None:
    assert looks_at_a_transaction(range(60)) == 0


def test_a_single_look_would_take_it_for_a_difference() -> None:
    with patch(f"{__name__}.confirmed", once):
        assert looks_at_a_transaction(range(60)) > 0
