"""Houses under random histories; and stores that are wrong, which the check of houses catches."""

from collections.abc import Iterable
from typing import Any

import pytest

from tests.models.faulty_houses import FAULTS
from tests.models.histories_of_houses import HouseHistory
from tests.models.network import Faults

pytestmark = pytest.mark.no_cover  # other tests cover the store, at a third of the time

DAILY = range(5)
SLOW = range(DAILY.stop, 150)  # and 50 on the engine

# Many writers and readers at once, slow: reads meet writes, and one run of a rollup another.
CROWDED: dict[str, Any] = {
    "weather": Faults(freeze=0.02, freeze_seconds=60.0, skew_seconds=30.0, stale_seconds=60.0),
    "mix": (4, 3, 4),
    "crowd": (5, 9),
    "moments": 5,
}


def run(seeds: Iterable[int], **how: Any) -> tuple[int, int]:
    """Run histories; return how many reads were judged, and how many could not be."""
    reads = unclear = 0
    for seed in seeds:
        history = HouseHistory(seed, **how)
        history.run()
        reads += len(history.reads)
        unclear += history.unclear
    return reads, unclear


def assert_right(seeds: range, *, unclear_of: int = 500, **how: Any) -> None:
    """No answer is wrong, and of so many reads at most one could not be judged."""
    reads, unclear = run(seeds, **how)
    assert reads > 15 * len(seeds)
    assert unclear <= reads / unclear_of


def test_every_answer_about_a_house_is_within_the_promise_and_every_block_ends_right() -> None:
    assert_right(DAILY)


@pytest.mark.slow
def test_hundreds_of_histories_of_houses() -> None:
    assert_right(SLOW)


@pytest.mark.slow
def test_crowds_of_writers_rollups_and_readers() -> None:
    assert_right(range(60), unclear_of=100, **CROWDED)


# Old runs of rollups; and catalogues that change all the time.
FROZEN: dict[str, Any] = {
    "weather": Faults(freeze=0.03, freeze_seconds=600.0),
    "mix": (5, 7, 1),
}
CHANGING: dict[str, Any] = {"changes": 0.35, "moments": 10, "mix": (6, 4, 3)}

TOTALS: dict[str, Any] = {"totals": 0.4, "changes": 0.2}

FAST: dict[str, tuple[int, dict[str, Any]]] = {
    "no mark": (10, {}),
    "marks reach less far ahead": (10, {}),
    "raw reaches less far back": (10, {}),
    "a blend is valid by its first member": (20, {}),
    "a blend is chosen by the day": (20, {}),
    "a blend is chosen by the measure": (20, {}),
    "a mark settles no blend": (20, {}),
    "the zone is not checked": (40, CHANGING),
    "a rollup keeps the readings": (40, FROZEN),
    "months made piece by piece": (10, {}),
    "local days begin at UTC midnights": (10, {}),
    "local hours begin at UTC hours": (20, {}),
    "totals begin with UTC days": (20, {}),
}
THOROUGH: dict[str, tuple[int, dict[str, Any]]] = {
    "the kind is not checked": (300, CHANGING),
    "local days have 24 hours": (200, {}),
    "mark in a second call, after": (300, {}),
    "mark in a second call, before": (200, {}),
    "settling without MARGIN": (1_500, {}),
    "marks reach less far back": (500, {}),
    "raw reaches less far ahead": (500, {}),
    "heads read eventually consistent": (100, {}),
    "a block written without s <= r": (300, FROZEN),
    "what is read of a blend decides who counts": (200, {}),
    "blends of other ranks have one name": (200, CHANGING),
    "a month counts only its own UTC days": (500, {}),
    "the measures are not checked": (1_000, CHANGING),
    "a channel that was a gauge stays one": (200, CHANGING),
    "days before the house are skipped too soon": (200, {}),
    "the catalogue read eventually consistent": (100, CHANGING),
    "raw read before the head in settle": (500, FROZEN),
    "totals count beside interval data": (200, TOTALS),
    "totals of several devices are added": (300, TOTALS),
    "a total counts of a channel that was left out": (500, TOTALS),
    "todo deleted before the blocks are written": (200, FROZEN),
    "todo deleted whatever its token is": (200, FROZEN),
    "watermark moved first": (300, FROZEN),
}


# Histories that catch a fault as the store is now: they come first. Where none of them does any
# more all the others are run, which takes longer, and says the same.
CAUGHT_BY = {
    "marks reach less far ahead": (3,),
    "a blend is valid by its first member": (1,),
    "a blend is chosen by the day": (3,),
    "a blend is chosen by the measure": (3,),
    "a mark settles no blend": (1,),
    "the zone is not checked": (4,),
    "a rollup keeps the readings": (4,),
    "local hours begin at UTC hours": (1,),
    "totals begin with UTC days": (1,),
    "the kind is not checked": (27,),
    "local days have 24 hours": (83,),
    "mark in a second call, after": (61,),
    "mark in a second call, before": (12,),
    "marks reach less far back": (9,),
    "heads read eventually consistent": (3,),
    "what is read of a blend decides who counts": (31,),
    "blends of other ranks have one name": (3,),
}


def assert_caught(fault: str, histories: int, **how: Any) -> None:
    """A wrong answer is caught; what cannot be read at all is, too."""
    seeds = [*CAUGHT_BY.get(fault, ()), *range(histories)]
    with FAULTS[fault](), pytest.raises((AssertionError, ValueError)) as caught:
        run(seeds, **how)
    print(f"{fault}: {caught.value.__notes__[-1]}")  # noqa: T201  for CAUGHT_BY: pytest -rP


@pytest.mark.parametrize("fault", FAST)
def test_a_fault_is_caught(fault: str) -> None:
    histories, how = FAST[fault]
    assert_caught(fault, histories, **how)


@pytest.mark.slow
@pytest.mark.parametrize("fault", THOROUGH)
def test_a_rare_fault_is_caught(fault: str) -> None:
    histories, how = THOROUGH[fault]
    assert_caught(fault, histories, **how)


def test_every_fault_is_looked_for() -> None:
    assert FAULTS.keys() == FAST.keys() | THOROUGH.keys()
