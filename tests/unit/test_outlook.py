"""What a look at watermarks, fence and leases says there is to do."""

import pytest

from quarterhour.store.rollup.closing import MOST_AHEAD_MS
from quarterhour.store.rollup.outlook import KINDS, Outlook
from quarterhour.store.table import keys
from quarterhour.store.table.calls import set_values
from quarterhour.store.table.codec import number
from quarterhour.store.table.leases import LONGEST_MS, Lease
from quarterhour.time.calendar import DAY_MS, HOUR_MS, MINUTE_MS
from tests.unit.test_fence import SHARDS, TODAY, YESTERDAY, World

NOW = TODAY + 12 * HOUR_MS
NEW = TODAY + 2 * HOUR_MS  # yesterday is due from now on
CLOSABLE = NEW + 15 * MINUTE_MS


def outlook(now_ms: int = NOW, *, fence: int = YESTERDAY, **until: int) -> Outlook:
    """Return a look at a table whose watermarks are at yesterday, but for those that are given."""
    world = World()
    marks = {kind.watermark(shard): YESTERDAY for kind in KINDS for shard in range(SHARDS)}
    marks |= {keys.FLEET_MARK: YESTERDAY, **{name.strip("_"): at for name, at in until.items()}}
    values = {name: {"until": number(at)} for name, at in marks.items() if at}
    values[keys.FENCE] = {"fence": number(fence), "first": number(YESTERDAY - 9 * DAY_MS)}
    for name, item in values.items():
        world.calls().update(set_values(keys.WATERMARKS, name, item))
    return Outlook(world.calls(), SHARDS, now_ms)


def announcing(seen: Outlook) -> list[bool]:
    return [seen.is_announcing(shard) for shard in range(SHARDS)]


def closing(seen: Outlook) -> list[bool]:
    return [seen.is_closing(shard) for shard in range(SHARDS)]


def test_a_new_table_is_to_begin() -> None:
    seen = Outlook(World().calls(), SHARDS, NOW)
    assert [seen.is_due(shard) for shard in range(SHARDS)] == [True] * SHARDS
    assert seen.is_fleet_behind()
    assert seen.may == ""
    assert closing(seen) == [False] * SHARDS


def test_where_all_is_closed_nothing_is_due() -> None:
    seen = outlook()
    assert [seen.is_due(shard) for shard in range(SHARDS)] == [False] * SHARDS
    assert not seen.is_fleet_behind()
    assert seen.may == "2025-03-13"


def test_a_shard_without_a_watermark_of_either_kind_is_to_begin() -> None:
    for mark, begun in (("_0", [False, True]), ("H1", [True, False])):
        seen = outlook(**{mark: 0})
        assert [seen.is_begun(shard) for shard in range(SHARDS)] == begun


def test_a_day_is_announced_when_it_is_due_and_closed_a_quarter_of_an_hour_later() -> None:
    before = {f"{kind}{shard}": YESTERDAY - DAY_MS for kind in ("_", "H") for shard in (0, 1)}
    for now_ms, fence, is_announced, is_closed in (
        (NEW - 1, YESTERDAY - DAY_MS, False, False),
        (NEW, YESTERDAY - DAY_MS, True, False),
        (NEW, YESTERDAY, False, False),
        (CLOSABLE - 1, YESTERDAY, False, False),
        (CLOSABLE, YESTERDAY, False, True),
        (CLOSABLE, YESTERDAY - DAY_MS, True, False),  # what is not announced is not closed
    ):
        seen = outlook(now_ms, fence=fence, **before)
        assert announcing(seen) == [is_announced] * SHARDS, now_ms
        assert closing(seen) == [is_closed] * SHARDS, now_ms


def test_a_shard_that_is_behind_announces_nothing_that_it_might_not() -> None:
    """Three days beyond what it has closed; a run for more than that would be in vain."""
    behind = YESTERDAY - 5 * DAY_MS
    at = {"_0": behind, "H0": behind}
    assert announcing(outlook(fence=behind + MOST_AHEAD_MS, **at)) == [False, True]
    assert announcing(outlook(fence=behind + MOST_AHEAD_MS - DAY_MS, **at)) == [True, True]


def test_the_slower_of_a_shard_s_ships_and_houses_has_a_day_to_close() -> None:
    assert closing(outlook(H1=YESTERDAY - DAY_MS)) == [False, True]


@pytest.mark.parametrize(
    ("shards", "fleet", "behind"),
    [
        ((0, 0), 0, 0),
        ((0, -1), 0, 0),  # as far as the slowest
        ((0, 0), -1, 1),
        ((0, -1), -1, 0),
    ],
)
def test_the_fleet_is_behind_when_every_shard_is_further(
    shards: tuple[int, int], fleet: int, behind: int
) -> None:
    until = {f"_{nth}": YESTERDAY + days * DAY_MS for nth, days in enumerate(shards)}
    seen = outlook(**until, fleet=YESTERDAY + fleet * DAY_MS)
    assert seen.is_fleet_behind() == bool(behind)


def test_a_lease_is_had_until_it_ends_and_not_if_it_could_not_be_that_long() -> None:
    for ends_ms, is_held in (
        *((NOW - 1, False), (NOW, False), (NOW + 1, True)),
        *((NOW + LONGEST_MS, True), (NOW + LONGEST_MS + 1, False)),
    ):
        lease = Lease("0", "somebody", ends_ms=ends_ms, asked_ms=ends_ms)
        assert (lease.is_held(NOW), lease.is_asked(NOW)) == (is_held, is_held), ends_ms
        assert not lease.is_held(NOW, "somebody")


def test_a_run_begins_with_the_newest_days_but_after_one_that_did_and_had_no_time() -> None:
    assert [Lease("0", order=order).newest_first for order in ("", "newest", "oldest")] == [
        *(True, False, True),
    ]
