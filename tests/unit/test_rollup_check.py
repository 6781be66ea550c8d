"""Ships and houses under random histories; and stores that are wrong, which the check catches."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import pytest

from tests.models import faulty_houses, faulty_stores
from tests.models.histories_of_houses import HouseHistory
from tests.models.histories_of_ships import ShipHistory
from tests.models.network import Faults

pytestmark = pytest.mark.no_cover  # other tests cover the store, at a third of the time

FAULTS = faulty_stores.FAULTS | faulty_houses.FAULTS

SHIPS, HOUSES = "ships", "houses"
KINDS = {SHIPS: ShipHistory, HOUSES: HouseHistory}
# What cannot be read at all is wrong, too: blocks of a house are of several kinds.
WRONG: dict[str, Any] = {SHIPS: AssertionError, HOUSES: (AssertionError, ValueError)}

DAILY = {SHIPS: range(15), HOUSES: range(5)}
SLOW = {SHIPS: range(15, 600), HOUSES: range(5, 150)}  # and 200 and 50 on the engine
UNCLEAR_OF = {SHIPS: 1000, HOUSES: 500}  # of so many reads at most one could not be judged

How = dict[str, Any]

# Answers that are lost make clients repeat what was applied; long freezes make old rollups.
LOST: How = {
    "weather": Faults(unanswered=0.15, late_seconds=300.0, freeze=0.01, freeze_seconds=60.0)
}
FROZEN = Faults(freeze=0.03, freeze_seconds=600.0)
OLD_WRITES: How = {"weather": FROZEN, "mix": (4, 7, 1)}
OLD_RUNS: How = {"weather": FROZEN, "mix": (5, 7, 1)}
OLD_TOKENS: How = {"weather": Faults(freeze=0.01, freeze_seconds=7200.0), "mix": (5, 7, 1)}
CROWDED: How = {
    "weather": Faults(freeze=0.01, freeze_seconds=3600.0),
    "mix": (3, 5, 0),
    "crowd": (6, 10),
    "moments": 5,
}
CROWDED_READERS: How = {
    "weather": Faults(freeze=0.03, freeze_seconds=20.0),
    "mix": (2, 2, 12),
    "asks": ("fleet",),
    "crowd": (8, 14),
    "moments": 5,
}
# Many writers and readers at once, slow: reads meet writes, and one run of a rollup another.
CROWDED_HOUSES: How = {
    "weather": Faults(freeze=0.02, freeze_seconds=60.0, skew_seconds=30.0, stale_seconds=60.0),
    "mix": (4, 3, 4),
    "crowd": (5, 9),
    "moments": 5,
}
# Catalogues that change all the time.
CHANGING: How = {"changes": 0.35, "moments": 10, "mix": (6, 4, 3)}
TOTALS: How = {"totals": 0.4, "changes": 0.2}


def run(kind: str, seeds: Iterable[int], **how: Any) -> tuple[int, int]:
    """Run histories; return how many reads were judged, and how many could not be."""
    reads = unclear = 0
    for seed in seeds:
        history = KINDS[kind](seed, **how).run()
        reads += len(history.reads)
        unclear += history.unclear
    return reads, unclear


def assert_right(kind: str, seeds: range, unclear_of: int, **how: Any) -> None:
    """No answer is wrong, and few of many could not be judged."""
    reads, unclear = run(kind, seeds, **how)
    assert reads > 15 * len(seeds)
    assert unclear <= reads / unclear_of


@pytest.mark.parametrize("kind", KINDS)
def test_every_read_is_within_the_promise_and_every_block_ends_right(kind: str) -> None:
    assert_right(kind, DAILY[kind], UNCLEAR_OF[kind])


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_hundreds_of_histories(kind: str) -> None:
    assert_right(kind, SLOW[kind], UNCLEAR_OF[kind])


@pytest.mark.slow
def test_clients_that_repeat_what_was_applied_without_an_answer_do_no_harm() -> None:
    assert_right(SHIPS, range(30), UNCLEAR_OF[SHIPS], **LOST, mix=(6, 5, 3))


@pytest.mark.slow
def test_crowds_of_writers_rollups_and_readers() -> None:
    assert_right(HOUSES, range(60), 100, **CROWDED_HOUSES)


class Hunt(NamedTuple):
    """How a fault is looked for: in so many histories, of which kind.

    `first` is a history that catches it as the store is now, and comes first. Where it does not any
    more all the others are run, which takes longer, and says the same.
    """

    histories: int
    how: How | None = None
    first: int = 0


FAST = {
    SHIPS: {
        "no mark": Hunt(20),
        "marks reach less far ahead": Hunt(200, first=25),
        "raw reaches less far back": Hunt(20),
        "raw reaches less far ahead": Hunt(100),
        "heads read eventually consistent": Hunt(100),
        "todo deleted before the blocks are written": Hunt(100),
        "todo deleted whatever its token is": Hunt(100, first=13),
        "watermark moved first": Hunt(20, first=8),
    },
    HOUSES: {
        "no mark": Hunt(10),
        "marks reach less far ahead": Hunt(10, first=3),
        "raw reaches less far back": Hunt(10),
        "a blend is valid by its first member": Hunt(20, first=1),
        "a blend is chosen by the day": Hunt(20, first=3),
        "a blend is chosen by the measure": Hunt(20, first=3),
        "a mark settles no blend": Hunt(20, first=1),
        "the zone is not checked": Hunt(40, CHANGING, first=4),
        "a rollup keeps the readings": Hunt(40, OLD_RUNS, first=4),
        "months made piece by piece": Hunt(10),
        "local days begin at UTC midnights": Hunt(10),
        "local hours begin at UTC hours": Hunt(20, first=1),
        "totals begin with UTC days": Hunt(20, first=1),
    },
}
THOROUGH = {
    SHIPS: {
        "marks reach less far back": Hunt(500, first=163),
        "mark in a second call, after": Hunt(1_000, first=63),
        "mark in a second call, before": Hunt(500, first=26),
        "settling without MARGIN": Hunt(1_500, first=295),
        "registering after the first reading": Hunt(500, first=52),
        "raw read before the head in settle": Hunt(500, first=64),
        "a block written without s <= r": Hunt(1_000, OLD_WRITES, first=32),
        "a month written without s <= :s": Hunt(1_500, first=446),
        "todo deleted by a counter": Hunt(500, OLD_TOKENS, first=299),
        "fleet items without gen": Hunt(300, CROWDED, first=86),
        "gen read after what the item is made from": Hunt(300, CROWDED, first=173),
        "fleet items read before the todo list": Hunt(300, CROWDED_READERS, first=3),
    },
    HOUSES: {
        "the kind is not checked": Hunt(300, CHANGING, first=27),
        "local days have 24 hours": Hunt(200, first=83),
        "mark in a second call, after": Hunt(300, first=61),
        "mark in a second call, before": Hunt(200, first=12),
        "settling without MARGIN": Hunt(1_500, first=104),
        "marks reach less far back": Hunt(500, first=9),
        "raw reaches less far ahead": Hunt(500, first=17),
        "heads read eventually consistent": Hunt(100, first=3),
        "a block written without s <= r": Hunt(300, OLD_RUNS, first=17),
        "what is read of a blend decides who counts": Hunt(200, first=31),
        "blends of other ranks have one name": Hunt(200, CHANGING, first=3),
        "a month counts only its own UTC days": Hunt(500, first=13),
        "the measures are not checked": Hunt(1_000, CHANGING, first=11),
        "a channel that was a gauge stays one": Hunt(200, CHANGING, first=81),
        "days before the house are skipped too soon": Hunt(200, first=19),
        "the catalogue read eventually consistent": Hunt(100, CHANGING, first=5),
        "raw read before the head in settle": Hunt(500, OLD_RUNS, first=36),
        "totals count beside interval data": Hunt(200, TOTALS),
        "totals of several devices are added": Hunt(300, TOTALS, first=43),
        "a total counts of a channel that was left out": Hunt(500, TOTALS, first=47),
        "todo deleted before the blocks are written": Hunt(200, OLD_RUNS, first=29),
        "todo deleted whatever its token is": Hunt(200, OLD_RUNS, first=6),
        "watermark moved first": Hunt(300, OLD_RUNS, first=22),
    },
}


def pairs(hunts: dict[str, dict[str, Hunt]]) -> list[tuple[str, str]]:
    return [(kind, fault) for kind, of_kind in hunts.items() for fault in of_kind]


def assert_caught(kind: str, fault: str, hunt: Hunt) -> None:
    seeds = [hunt.first, *range(hunt.histories)]
    with FAULTS[fault](), pytest.raises(WRONG[kind]) as caught:
        run(kind, seeds, **(hunt.how or {}))
    print(f"{kind}, {fault}: {caught.value.__notes__[-1]}")  # noqa: T201  for `first`: pytest -rP


@pytest.mark.parametrize(("kind", "fault"), pairs(FAST))
def test_a_fault_is_caught(kind: str, fault: str) -> None:
    assert_caught(kind, fault, FAST[kind][fault])


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "fault"), pairs(THOROUGH))
def test_a_rare_fault_is_caught(kind: str, fault: str) -> None:
    assert_caught(kind, fault, THOROUGH[kind][fault])


def test_every_fault_is_looked_for() -> None:
    assert FAULTS.keys() == {fault for hunts in (FAST, THOROUGH) for _, fault in pairs(hunts)}
