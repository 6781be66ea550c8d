"""The whole table under random histories; and stores that are wrong, which the check catches."""

from collections.abc import Iterable
from typing import Any

import pytest

from tests.models.faulty_stores import FAULTS
from tests.models.histories_of_rollups import History
from tests.models.network import Faults

pytestmark = pytest.mark.no_cover  # other tests cover the store, at a third of the time

DAILY = range(15)
SLOW = range(DAILY.stop, 600)  # and 200 on the engine

# Answers that are lost make clients repeat what was applied; long freezes make old rollups.
LOST = Faults(unanswered=0.15, late_seconds=300.0, freeze=0.01, freeze_seconds=60.0)
FROZEN = Faults(freeze=0.03, freeze_seconds=600.0)
FROZEN_FOR_HOURS = Faults(freeze=0.01, freeze_seconds=7200.0)
CROWDED: dict[str, Any] = {
    "weather": Faults(freeze=0.01, freeze_seconds=3600.0),
    "mix": (3, 5, 0),
    "crowd": (6, 10),
    "moments": 5,
}
CROWDED_READERS: dict[str, Any] = {
    "weather": Faults(freeze=0.03, freeze_seconds=20.0),
    "mix": (2, 2, 12),
    "asks": ("fleet",),
    "crowd": (8, 14),
    "moments": 5,
}


def run(seeds: Iterable[int], **how: Any) -> tuple[int, int]:
    """Run histories; return how many reads were judged, and how many could not be."""
    reads = unclear = 0
    for seed in seeds:
        history = History(seed, **how).run()
        reads += len(history.reads)
        unclear += history.unclear
    return reads, unclear


def assert_right(seeds: range, **how: Any) -> None:
    reads, unclear = run(seeds, **how)
    assert reads > 15 * len(seeds)
    assert unclear <= reads / 1000


def test_every_read_is_within_the_promise_and_every_block_ends_right() -> None:
    assert_right(DAILY)


@pytest.mark.slow
def test_clients_that_repeat_what_was_applied_without_an_answer_do_no_harm() -> None:
    assert_right(range(30), weather=LOST, mix=(6, 5, 3))


@pytest.mark.slow
def test_hundreds_of_histories() -> None:
    assert_right(SLOW)


FAST = {
    "no mark": 20,
    "marks reach less far ahead": 200,
    "raw reaches less far back": 20,
    "raw reaches less far ahead": 100,
    "heads read eventually consistent": 100,
    "todo deleted before the blocks are written": 100,
    "todo deleted whatever its token is": 100,
    "watermark moved first": 20,
}
THOROUGH: dict[str, tuple[int, dict[str, Any]]] = {
    "marks reach less far back": (500, {}),
    "mark in a second call, after": (1_000, {}),
    "mark in a second call, before": (500, {}),
    "settling without MARGIN": (1_500, {}),
    "registering after the first reading": (500, {}),
    "raw read before the head in settle": (500, {}),
    "a block written without s <= r": (1_000, {"weather": FROZEN, "mix": (4, 7, 1)}),
    "a month written without s <= :s": (1_500, {}),
    "todo deleted by a counter": (500, {"weather": FROZEN_FOR_HOURS, "mix": (5, 7, 1)}),
    "fleet items without gen": (300, CROWDED),
    "gen read after what the item is made from": (300, CROWDED),
    "fleet items read before the todo list": (300, CROWDED_READERS),
}


# Histories that catch a fault as the store is now: they come first. Where none of them does any
# more all the others are run, which takes longer, and says the same.
CAUGHT_BY = {
    "marks reach less far ahead": (25,),
    "todo deleted whatever its token is": (13,),
    "marks reach less far back": (163,),
    "mark in a second call, after": (63,),
    "mark in a second call, before": (26,),
    "settling without MARGIN": (295,),
    "registering after the first reading": (52,),
    "raw read before the head in settle": (64,),
    "a block written without s <= r": (32,),
    "fleet items read before the todo list": (3,),
}


def assert_caught(fault: str, histories: int, **how: Any) -> None:
    seeds = [*CAUGHT_BY.get(fault, ()), *range(histories)]
    with FAULTS[fault](), pytest.raises(AssertionError) as caught:
        run(seeds, **how)
    print(f"{fault}: {caught.value.__notes__[-1]}")  # noqa: T201  for CAUGHT_BY: pytest -rP


@pytest.mark.parametrize("fault", FAST)
def test_a_fault_is_caught(fault: str) -> None:
    assert_caught(fault, FAST[fault])


@pytest.mark.slow
@pytest.mark.parametrize("fault", THOROUGH)
def test_a_rare_fault_is_caught(fault: str) -> None:
    histories, how = THOROUGH[fault]
    assert_caught(fault, histories, **how)
