"""Houses under random histories; and stores that are wrong, which the check of houses catches."""

from collections.abc import Iterable
from typing import Any

import pytest

from tests.models.faulty_houses import FAULTS
from tests.models.histories_of_houses import HouseHistory
from tests.models.network import Faults

pytestmark = pytest.mark.no_cover  # other tests cover the store, at a third of the time

DAILY = range(40)
SLOW = range(DAILY.stop, 1_500)  # and 50 on the engine

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


def assert_right(seeds: range, **how: Any) -> None:
    reads, unclear = run(seeds, **how)
    assert reads > 15 * len(seeds)
    assert unclear <= reads / 500


def test_every_answer_about_a_house_is_within_the_promise_and_every_block_ends_right() -> None:
    assert_right(DAILY)


@pytest.mark.slow
def test_thousands_of_histories_of_houses() -> None:
    assert_right(SLOW)


@pytest.mark.slow
def test_crowds_of_writers_rollups_and_readers() -> None:
    assert_right(range(400), **CROWDED)
