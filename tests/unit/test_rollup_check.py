"""Ships and houses under random histories; and stores that are wrong, which the check catches."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import pytest

from tests.models import faulty_houses, faulty_stores
from tests.models.histories_of_houses import HouseHistory
from tests.models.histories_of_ships import ShipHistory
from tests.models.liveness import NotLive
from tests.models.network import Faults
from tests.models.shortest_histories import SHORTEST
from tests.unit.test_todo_by_shard import HISTORIES

pytestmark = pytest.mark.no_cover  # other tests cover the store, at a third of the time

FAULTS = faulty_stores.FAULTS | faulty_houses.FAULTS

SHIPS, HOUSES = "ships", "houses"
KINDS = {SHIPS: ShipHistory, HOUSES: HouseHistory}
# What cannot be read at all is wrong, too: blocks of a house are of several kinds.
WRONG: dict[str, Any] = {SHIPS: AssertionError, HOUSES: (AssertionError, ValueError, LookupError)}

DAILY = {SHIPS: range(15), HOUSES: range(5)}
SLOW = {SHIPS: range(15, 600), HOUSES: range(5, 150)}  # and 200 and 50 on the engine
DAILY_LEASES = {SHIPS: range(5), HOUSES: range(2)}
SLOW_LEASES = {SHIPS: range(5, 100), HOUSES: range(2, 30)}
MANY_OF_TEN = {SHIPS: 6, HOUSES: 2}  # histories at whose end a run was cut short
KEPT = {SHIPS: range(6), HOUSES: range(3)}
KEPT_SLOW = {SHIPS: range(6, 150), HOUSES: range(3, 50)}
UNCLEAR_OF = {SHIPS: 1000, HOUSES: 500}  # of so many reads at most one could not be judged

How = dict[str, Any]

# Answers that are lost make clients repeat what was applied; long freezes make old rollups.
LOST: How = {
    "weather": Faults(unanswered=0.15, late_seconds=300.0, freeze=0.01, freeze_seconds=60.0)
}
FROZEN = Faults(freeze=0.03, freeze_seconds=600.0)
OLD_RUNS: How = {"weather": FROZEN, "mix": (5, 7, 1)}
OLD_TOKENS: How = {"weather": Faults(freeze=0.01, freeze_seconds=7200.0), "mix": (5, 7, 1)}
CROWDED: How = {
    "weather": Faults(freeze=0.01, freeze_seconds=3600.0),
    "mix": (3, 5, 0),
    "crowd": (6, 10),
    "moments": 5,
    "runs": ("both",),
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
# Clocks that are right, for what has nothing to do with them; and such that are far off.
RIGHT: How = {"off": False}
OFF: How = {"off": True}
# Little time, in which the fence begins.
AT_THE_BEGINNING: How = {"off": True, "moments": 2, "mix": (6, 3, 4)}
# Many writers and rollups at once, whose clocks are far off.
CROWDED_CLOCKS: How = {
    "weather": Faults(freeze=0.02, freeze_seconds=120.0, skew_seconds=30.0, stale_seconds=60.0),
    "mix": (6, 6, 1),
    "crowd": (6, 12),
    "moments": 4,
    "off": True,
}
# Crowds of shards' runs at the same months.
CROWDED_RUNS: How = {
    "weather": Faults(freeze=0.02, freeze_seconds=60.0),
    "mix": (5, 7, 0),
    "crowd": (8, 12),
    "moments": 5,
    "runs": ("shards",),
    "off": False,
}
# Half of the writers are of the release before, until the end.
OLD_RELEASE: How = {
    "off": False,
    "old_moments": 9,
    "moments": 9,
    "mix": (4, 4, 6),
    "asks": ("fleet", "top"),
}
# Days that are closed by some shards and not by others, and read.
CLOSING: How = {"weather": FROZEN, "mix": (2, 5, 6), "moments": 10, "asks": ("fleet", "top")}
# Rollups that look first, and leave alone what another has; some are killed, and their leases stay.
LEASES: How = {"leases": True}
KILLED: How = LEASES | {
    "weather": Faults(kill=0.01, freeze=0.004, skew_seconds=30.0, stale_seconds=60.0),
    "mix": (4, 7, 1),
}
CROWDED_LEASES: How = LEASES | {
    "weather": Faults(kill=0.01, freeze=0.02, freeze_seconds=60.0, stale_seconds=60.0),
    "mix": (5, 7, 2),
    "crowd": (8, 12),
    "moments": 5,
}
# Nobody reads before the end: what is wrong is seen there, or never.
UNREAD: How = {"mix": (4, 4, 0)}
# Readers whose environments keep blocks, and mostly ask for what they asked for before.
KEEPING: How = {"keeps": True}
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
    assert unclear <= -(-reads // unclear_of)


@pytest.mark.parametrize("kind", KINDS)
def test_every_read_is_within_the_promise_and_every_block_ends_right(kind: str) -> None:
    assert_right(kind, DAILY[kind], UNCLEAR_OF[kind])


@pytest.mark.parametrize("kind", KINDS)
def test_leases_change_nothing(kind: str) -> None:
    """Of runs that were killed, of clocks that jump: all is settled, and every read is right."""
    histories = DAILY_LEASES[kind]
    assert_right(kind, histories, UNCLEAR_OF[kind], **LEASES)
    assert_right(kind, histories, UNCLEAR_OF[kind], **KILLED)


@pytest.mark.parametrize("kind", KINDS)
def test_environments_that_keep_blocks_answer_as_promised(kind: str) -> None:
    assert_right(kind, KEPT[kind], 100, **KEEPING)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_hundreds_of_histories_with_leases(kind: str) -> None:
    assert_right(kind, SLOW_LEASES[kind], UNCLEAR_OF[kind], **LEASES)
    assert_right(kind, SLOW_LEASES[kind], 100, **CROWDED_LEASES)


def test_leases_are_had_and_left_to_others() -> None:
    """Or nothing would be known of them."""
    taken = held = 0
    for seed in range(3):
        history = ShipHistory(seed, **CROWDED_LEASES | RIGHT).run()
        taken += history.taken
        held += history.held
    assert taken > 2 * held > 20


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_hundreds_of_histories_with_kept_blocks(kind: str) -> None:
    assert_right(kind, KEPT_SLOW[kind], UNCLEAR_OF[kind], **KEEPING)


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
        "a delete does not mark": Hunt(200, RIGHT),
        "marks reach less far ahead": Hunt(200, RIGHT, first=3),
        "raw reaches less far back": Hunt(20, RIGHT, first=2),
        "raw reaches less far ahead": Hunt(100, RIGHT, first=17),
        "heads read eventually consistent": Hunt(100, RIGHT, first=28),
        "no fence": Hunt(10, first=3),
        "marks by the clock alone": Hunt(20),
        "the fence is what is closed": Hunt(100, OFF, first=48),
        "the fence kept for ever": Hunt(100, first=13),
        "the fence's age is of the monotonic clock alone": Hunt(200, OFF),
        "all days are open where no fence is": Hunt(200, AT_THE_BEGINNING, first=100),
        "a day is closed as soon as it is announced": Hunt(100, CROWDED_CLOCKS, first=10),
        "marked days settled up to the clock": Hunt(200, OFF, first=8),
        "a day that is not past taken from its block": Hunt(10),
        "a day that is not past taken from the fleet's items": Hunt(10),
        "power is held beyond now": Hunt(10),
        "what is settled is cut at now": Hunt(100, OFF),
        "an open day is kept": Hunt(50, KEEPING),
        "a kept block is believed": Hunt(50, KEEPING, first=3),
        "todo done before the blocks are written": Hunt(100),
        "todo done whatever its token is": Hunt(100, first=2),
        "watermark moved first": Hunt(300, CLOSING, first=4),
        "todo struck by the shard": Hunt(100),
        "todo struck before the fleet's items are written": Hunt(300, first=58),
        "todo struck by the fleet whatever its token is": Hunt(200, first=15),
        "a day that is marked again stays done": Hunt(100),
        "the fleet strikes days that no shard has done": Hunt(100, first=1),
        "another shard's todo is left out": Hunt(300, first=21),
        "the old todo is left out": Hunt(300, OLD_RELEASE, first=4),
        "old todo of another shard is done": Hunt(300, OLD_RELEASE, first=1),
        "what a shard has done is taken for settled": Hunt(200, first=16),
        "the fleet begins where the shards are": Hunt(300, first=17),
        "the fleet closes what one shard has closed": Hunt(300, CLOSING, first=2),
        "a lease does not end": Hunt(20, KILLED | RIGHT, first=1),
        "a lease of any length is believed": Hunt(60, KILLED | OFF, first=6),
        "a look sees no day to close": Hunt(10, LEASES),
        "a look sees no marked day": Hunt(10, LEASES),
        "a month written without s <= :s": Hunt(20, CROWDED_RUNS),
        "a block written without s <= r": Hunt(60, CROWDED_RUNS, first=6),
    },
    HOUSES: {
        "no mark": Hunt(10),
        "a delete does not mark": Hunt(100, RIGHT),
        "marks reach less far ahead": Hunt(20, RIGHT, first=10),
        "raw reaches less far back": Hunt(10, RIGHT, first=1),
        "a blend is valid by its first member": Hunt(20, RIGHT, first=1),
        "a blend is chosen by the day": Hunt(20, RIGHT, first=1),
        "a blend is chosen by the measure": Hunt(20, RIGHT, first=1),
        "a mark settles no blend": Hunt(20, RIGHT, first=1),
        "the zone is not checked": Hunt(100, CHANGING),
        "months made piece by piece": Hunt(10),
        "local days begin at UTC midnights": Hunt(10),
        "local hours begin at UTC hours": Hunt(20, RIGHT, first=4),
        "totals begin with UTC days": Hunt(60, RIGHT, first=24),
        "no fence": Hunt(10, first=1),
        "days before the house are skipped anew with each entry": Hunt(100, CHANGING, first=73),
        "a day that is not past taken from its block": Hunt(10),
        "a block written without s <= r": Hunt(50, RIGHT | OLD_RUNS, first=14),
    },
}
THOROUGH = {
    SHIPS: {
        "marks reach less far back": Hunt(500, RIGHT, first=146),
        "settling without MARGIN": Hunt(1_500, CROWDED_CLOCKS, first=10),
        "registering after the first reading": Hunt(500, RIGHT, first=22),
    },
    HOUSES: {
        "the kind is not checked": Hunt(300, RIGHT | CHANGING, first=2),
        "local days have 24 hours": Hunt(200, RIGHT, first=83),
        "raw reaches less far ahead": Hunt(500, RIGHT, first=13),
        "heads read eventually consistent": Hunt(100, RIGHT, first=3),
        "what is read of a blend decides who counts": Hunt(200, RIGHT, first=8),
        "blends of other ranks have one name": Hunt(200, RIGHT | CHANGING, first=2),
        "a month counts only its own UTC days": Hunt(500, RIGHT, first=47),
        "the measures are not checked": Hunt(1_000, RIGHT | CHANGING, first=2),
        "a channel that was a gauge stays one": Hunt(200, RIGHT | CHANGING, first=39),
        "days before the house are skipped too soon": Hunt(200, RIGHT, first=19),
        "the catalogue read eventually consistent": Hunt(100, RIGHT | CHANGING, first=1),
        "totals count beside interval data": Hunt(200, RIGHT | TOTALS),
        "totals of several devices are added": Hunt(300, RIGHT | TOTALS, first=17),
        "a total counts of a channel that was left out": Hunt(500, RIGHT | TOTALS, first=8),
        "todo done before the blocks are written": Hunt(200, RIGHT | OLD_RUNS),
        "todo done whatever its token is": Hunt(200, RIGHT | OLD_RUNS),
        "watermark moved first": Hunt(300, RIGHT | OLD_RUNS),
    },
}


# What stops a rollup, or lets it begin anew for ever; and what only the end shows if nobody reads.
AT_THE_END: dict[str, dict[str, Hunt]] = {
    SHIPS: {
        "one site that fails stops the run": Hunt(20),
        "days are never announced": Hunt(20),
        "a portion is struck as a whole or never": Hunt(20, first=4),
        "a month is handed over as a whole or never": Hunt(20),
        "a site that fails is not listed": Hunt(20, first=2),
        "no fence": Hunt(20),
    },
    HOUSES: {
        "one site that fails stops the run": Hunt(20),
        "days are never announced": Hunt(20),
        "a portion is struck as a whole or never": Hunt(60, first=32),
        "a site that fails is not listed": Hunt(20, first=2),
        "no fence": Hunt(20),
    },
}
NOT_LIVE = {
    "one site that fails stops the run",
    "days are never announced",
    "a portion is struck as a whole or never",
    "a month is handed over as a whole or never",
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


@pytest.mark.parametrize(("kind", "fault"), pairs(AT_THE_END))
def test_the_end_of_a_history_catches_it_without_a_read(kind: str, fault: str) -> None:
    hunt = AT_THE_END[kind][fault]
    error = NotLive if fault in NOT_LIVE else AssertionError
    ran: list[Any] = []

    def run_all() -> None:
        for seed in [hunt.first, *range(hunt.histories)]:
            ran.append(KINDS[kind](seed, **UNREAD))
            ran[-1].run()

    with FAULTS[fault](), pytest.raises(error) as caught:
        run_all()
    print(f"{kind}, {fault}: {caught.value.__notes__[-1]}")  # noqa: T201  as above
    assert not ran[-1].reads


@pytest.mark.parametrize("kind", KINDS)
def test_many_runs_at_the_end_of_histories_have_too_little_time(kind: str) -> None:
    """Else nothing is said of how they get on; and some go on until all is done."""
    ends = [KINDS[kind](seed, **UNREAD).run().liveness for seed in range(10)]
    assert sum(end.cut_short > 0 for end in ends) >= MANY_OF_TEN[kind]
    assert max(end.runs for end in ends) > 3


def test_every_fault_is_looked_for() -> None:
    """By chance; or by hand, where it takes more chance than there is time for."""
    by_hand = {fault for _, faults in SHORTEST.values() for fault in faults}
    by_hand |= {fault for faults in HISTORIES.values() for fault in faults}
    by_chance = {fault for hunts in (FAST, THOROUGH, AT_THE_END) for _, fault in pairs(hunts)}
    assert FAULTS.keys() == by_hand | by_chance
