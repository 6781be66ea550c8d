"""The fence: where it begins, how it moves, how long it is remembered and waited for."""

from typing import Any

import pytest

from quarterhour.sites.sources import house_owner
from quarterhour.store.rollup.closing import WAIT_S, Announced, Closing
from quarterhour.store.table import keys
from quarterhour.store.table.calls import SEND_WITHIN_S, Calls
from quarterhour.store.table.clock import Clock
from quarterhour.store.table.fence import Fence, Fences
from quarterhour.store.table.registry import Registry, Watermarks
from quarterhour.store.write.known_fence import REMEMBERED_S, FenceMemory, KnownFence
from quarterhour.time.calendar import DAY_MS, HOUR_MS, MINUTE_MS
from tests.models.dynamo import ModelDynamo
from tests.models.refusals import OPERATIONS

TABLE = "model-table"
TODAY = 1_741_910_400_000  # 2025-03-14
NOON = TODAY + 12 * HOUR_MS
YESTERDAY = TODAY - DAY_MS
SHARDS = 2
MARKS = ("0", "1", "fleet", "H0", "H1")


class World:
    """A table and clocks that the test moves; `reads` are the reads of the fence."""

    def __init__(self) -> None:
        self.dynamo = ModelDynamo(TABLE)
        self.wall_s = NOON / 1000
        self.elapsed_s = 50.0
        self.reads = 0
        self.date = ""
        self.memory = FenceMemory()
        self.announced = Announced()

    def calls(self) -> Calls:
        clock = Clock(lambda: self.wall_s, lambda: self.elapsed_s, lambda _: None)
        return Calls(self, TABLE, clock)  # type: ignore[arg-type]

    def __getattr__(self, method: str) -> Any:
        if method not in OPERATIONS:
            raise AttributeError(method)

        def call(**request: Any) -> Any:
            self.reads += "'fence'" in str(request.get("Key") or request.get("RequestItems"))
            answer = getattr(self.dynamo, method)(**request)
            headers = {"date": self.date} if self.date else {}
            return {**answer, "ResponseMetadata": {"HTTPHeaders": headers}}

        return call

    def fence(self) -> Fence:
        return Fences(self.calls(), SHARDS).get(NOON)

    def known(self) -> int:
        """Return the fence as a POST that begins now knows it."""
        return KnownFence(self.calls(), self.memory, SHARDS).last_ms()

    def closing(self, now_ms: int = NOON) -> Closing:
        return Closing(self.calls(), SHARDS, self.announced, now_ms)

    def close(self, *marks: str, until: int) -> None:
        for mark in marks:
            assert Watermarks(self.calls(), until).until(mark) == until

    def register(self, owner: str, created_ms: int) -> None:
        kind = keys.HOUSES if owner.startswith("H") else keys.SHIPS
        Registry(self.calls(), kind, SHARDS).add(owner, created_ms)

    def pass_s(self, seconds: float) -> None:
        self.wall_s += seconds
        self.elapsed_s += seconds


@pytest.fixture
def world() -> World:
    return World()


# --- Where it begins ------------------------------------------------------------------------------


def test_a_new_table_waits_for_nothing_all_before_today_is_closed(world: World) -> None:
    assert world.fence() == Fence(YESTERDAY, YESTERDAY)


def test_in_an_older_table_it_begins_with_the_watermarks(world: World) -> None:
    world.close("0", "fleet", until=YESTERDAY - 3 * DAY_MS)
    world.close("1", "H0", "H1", until=YESTERDAY - DAY_MS)
    assert world.fence() == Fence(YESTERDAY - DAY_MS, YESTERDAY - 3 * DAY_MS)


@pytest.mark.parametrize("owner", ["S1", house_owner(5)])
def test_where_nothing_was_closed_of_sites_it_begins_before_they_did(
    world: World, owner: str
) -> None:
    """Readings in order have no marks since: all these days are still to be closed."""
    world.register(owner, NOON - 9 * DAY_MS)
    assert world.fence() == Fence(YESTERDAY, TODAY - 11 * DAY_MS)


def test_where_only_the_fleet_was_never_closed_all_of_it_is_to_be_closed(world: World) -> None:
    world.register("S1", NOON - 9 * DAY_MS)
    world.close("0", "1", "H0", "H1", until=YESTERDAY)
    assert world.fence() == Fence(YESTERDAY, TODAY - 11 * DAY_MS)


def test_a_kind_of_sites_that_a_table_has_none_of_holds_nothing_back(world: World) -> None:
    world.register("S1", NOON - 9 * DAY_MS)
    world.close("0", "1", "fleet", until=YESTERDAY)
    assert world.fence() == Fence(YESTERDAY, YESTERDAY)


def test_what_has_begun_stays_whoever_begins_it_again(world: World) -> None:
    world.fence()
    assert Fences(world.calls(), SHARDS).begin(NOON + 5 * DAY_MS) == Fence(YESTERDAY, YESTERDAY)


def test_it_never_goes_back(world: World) -> None:
    world.fence()
    for day in (TODAY, YESTERDAY):
        Fences(world.calls(), SHARDS).announce(day)
    assert world.fence().last_ms == TODAY


# --- How long a writer remembers it ---------------------------------------------------------------


def test_it_is_read_once_a_minute(world: World) -> None:
    world.fence()
    world.reads = 0
    for seconds in (0, REMEMBERED_S - 0.001, 0.001):
        world.pass_s(seconds)
        world.known()
    assert world.reads == 2


@pytest.mark.parametrize("clock", ["wall_s", "elapsed_s"])
def test_the_clock_that_says_most_counts(world: World, clock: str) -> None:
    world.known()
    world.reads = 0
    setattr(world, clock, getattr(world, clock) + REMEMBERED_S)
    world.known()
    assert world.reads == 1


def test_after_a_clock_went_back_it_is_read_again(world: World) -> None:
    world.known()
    world.reads = 0
    world.wall_s -= 0.001
    world.known()
    assert world.reads == 1


# --- How long a rollup waits ----------------------------------------------------------------------


def test_the_wait_is_longer_than_memory_a_request_and_the_life_of_a_signature() -> None:
    signature_s = 300.0
    assert REMEMBERED_S + SEND_WITHIN_S + 10 + signature_s <= WAIT_S


def test_a_day_may_be_closed_when_its_announcement_has_stood_for_so_long(world: World) -> None:
    world.fence()
    later = NOON + DAY_MS
    closing = world.closing(later)
    closing.announce(YESTERDAY)
    assert not closing.may_close(TODAY)
    world.elapsed_s += WAIT_S - 0.001
    assert not world.closing(later).may_close(TODAY)
    world.elapsed_s += 0.001
    closing = world.closing(later)
    assert closing.may_close(TODAY)
    assert not closing.may_close(TODAY + DAY_MS)


def test_the_wall_clock_does_not_count(world: World) -> None:
    world.fence()
    world.closing(NOON + DAY_MS).announce(YESTERDAY)
    world.wall_s += 10 * WAIT_S
    closing = world.closing(NOON + DAY_MS)
    assert not closing.may_close(TODAY)
    assert closing.outcome()[:2] == ("2025-03-14", WAIT_S)


def test_what_another_announced_counts_from_when_it_was_seen(world: World) -> None:
    Fences(world.calls(), SHARDS).begin(NOON)
    Fences(world.calls(), SHARDS).announce(TODAY)
    world.pass_s(WAIT_S)
    assert not world.closing(NOON + DAY_MS).may_close(TODAY)
    world.pass_s(WAIT_S)
    assert world.closing(NOON + DAY_MS).may_close(TODAY)


def test_whoever_asks_for_a_run_may_have_waited(world: World) -> None:
    Fences(world.calls(), SHARDS).begin(NOON)
    closing = Closing(world.calls(), SHARDS, world.announced, NOON + 2 * DAY_MS, TODAY)
    assert closing.may_close(TODAY)
    assert not closing.may_close(TODAY + DAY_MS)


def test_no_more_than_three_days_are_announced_beyond_what_is_closed(world: World) -> None:
    world.fence()
    world.closing(NOON + 30 * DAY_MS).announce(YESTERDAY)
    assert world.fence().last_ms == YESTERDAY + 3 * DAY_MS


def test_nothing_is_announced_before_it_is_due_nor_closed_before_its_time(world: World) -> None:
    due = TODAY + DAY_MS + 2 * HOUR_MS
    world.fence()
    world.closing(due - 1).announce(YESTERDAY)
    assert world.fence().last_ms == YESTERDAY
    world.closing(due).announce(YESTERDAY)
    assert world.fence().last_ms == TODAY
    world.closing(due)
    world.elapsed_s += WAIT_S
    assert not world.closing(due + 15 * MINUTE_MS - 1).may_close(TODAY)
    assert world.closing(due + 15 * MINUTE_MS).may_close(TODAY)


# --- The second clock -----------------------------------------------------------------------------


def test_a_rollup_whose_clock_is_ahead_goes_by_that_of_dynamodb(world: World) -> None:
    world.fence()
    world.date = "Fri, 14 Mar 2025 12:00:00 GMT"
    world.wall_s += 86_400
    closing = world.closing(NOON + DAY_MS)
    closing.announce(YESTERDAY)
    assert world.fence().last_ms == YESTERDAY
    assert closing.outcome().is_skewed


@pytest.mark.parametrize(("off_s", "is_skewed"), [(60, False), (61, True), (-61, True)])
def test_clocks_that_differ_by_more_than_a_minute_are_told(
    world: World, off_s: float, *, is_skewed: bool
) -> None:
    world.fence()
    world.date = "Fri, 14 Mar 2025 12:00:00 GMT"
    world.wall_s += off_s
    assert world.closing().outcome().is_skewed == is_skewed


@pytest.mark.parametrize(("day", "is_skewed"), [(TODAY, False), (TODAY + DAY_MS, True)])
def test_a_fence_ahead_of_today_is_told(world: World, day: int, *, is_skewed: bool) -> None:
    world.fence()
    Fences(world.calls(), SHARDS).announce(day)
    assert world.closing().outcome().is_skewed == is_skewed
