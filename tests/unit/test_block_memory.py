"""What an environment keeps of blocks: how much of them, and up to when a shard is closed."""

from collections.abc import Iterator
from threading import Thread
from typing import Any

import pytest

from quarterhour.energy.profile import profile
from quarterhour.energy.readings import Series
from quarterhour.sites.sources import Source
from quarterhour.store.read.memory import NOT_CLOSED, BlockMemory, BlockPlace, Kept
from quarterhour.store.table.calls import Calls, Item
from quarterhour.store.table.clock import Clock
from quarterhour.store.table.codec import number
from quarterhour.time.calendar import DAY_MS

BEGIN_MS = 1_535_068_800_000
FIGURES = 96
MOST_BYTES = 10_000  # three days of these, and no fourth


def place(nth: int, ship: int = 1) -> BlockPlace:
    return BlockPlace(Source(f"S{ship}"), Series("used"), "d", "UTC", BEGIN_MS + nth * DAY_MS)


def kept(marks: int = 0, upto_ms: int = 1, figures: int = FIGURES) -> Kept:
    numbers = range(figures)
    return Kept(marks, upto_ms, profile(numbers, numbers, numbers))


@pytest.fixture
def memory() -> BlockMemory:
    return BlockMemory(most_bytes=MOST_BYTES)


def there(memory: BlockMemory, *nths: int) -> list[bool]:
    return [memory.take(place(nth), memory.times) is not None for nth in nths]


def test_rows_are_kept_of_their_place(memory: BlockMemory) -> None:
    memory.keep(place(1), one := kept())
    assert memory.take(place(1), memory.times) is one
    assert memory.take(place(1, ship=2), memory.times) is None


def test_what_was_kept_later_is_not_taken(memory: BlockMemory) -> None:
    """A request takes what was kept before it began, and so before its counters were read."""
    before = memory.times
    memory.keep(place(1), kept())
    assert memory.take(place(1), before) is None
    between = memory.times
    memory.keep(place(1), kept(marks=1))
    assert memory.take(place(1), between) is None
    assert there(memory, 1) == [True]


def test_those_that_were_used_longest_ago_go_first(memory: BlockMemory) -> None:
    for nth in range(3):
        memory.keep(place(nth), kept())
    assert there(memory, 0)
    memory.keep(place(3), kept())
    assert there(memory, 0, 1, 2, 3) == [True, False, True, True]


def test_of_the_same_counter_what_reaches_further_stays(memory: BlockMemory) -> None:
    memory.keep(place(1), long := kept(marks=2, upto_ms=9))
    memory.keep(place(1), kept(marks=2, upto_ms=8))
    assert memory.take(place(1), memory.times) is long
    memory.keep(place(1), newer := kept(marks=3, upto_ms=8))
    assert memory.take(place(1), memory.times) is newer


def test_what_is_kept_anew_takes_no_more_room(memory: BlockMemory) -> None:
    for marks in range(9):
        memory.keep(place(1), kept(marks))
    memory.keep(place(2), kept())
    memory.keep(place(3), kept())
    assert there(memory, 1, 2, 3) == [True, True, True]


def test_what_is_larger_than_all_room_is_not_kept(memory: BlockMemory) -> None:
    memory.keep(place(2), kept())
    memory.keep(place(1), kept(figures=MOST_BYTES // 8))
    assert there(memory, 1, 2) == [False, True]


def test_what_is_dropped_is_gone(memory: BlockMemory) -> None:
    memory.keep(place(1), kept())
    memory.drop(place(1))
    memory.drop(place(2))
    assert there(memory, 1) == [False]


def test_without_room_nothing_is_kept() -> None:
    memory = BlockMemory()
    assert not memory.keeps
    memory.keep(place(1), kept())
    assert there(memory, 1) == [False]


def test_threads_keep_and_drop_at_once() -> None:
    memory = BlockMemory(most_bytes=MOST_BYTES)

    def work(first: int) -> None:
        for nth in range(first, first + 2_000):
            memory.keep(place(nth % 50), kept(nth))
            memory.take(place((nth + 7) % 50), memory.times)
            memory.drop(place((nth + 3) % 50))

    threads = [Thread(target=work, args=(1_000 * nth,)) for nth in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for nth in range(100, 150):
        memory.keep(place(nth), kept())
    assert there(memory, *range(146, 150)) == [False, True, True, True]


class Replicas:
    """A table whose watermarks are read as each of these in turn, by a clock that is set by hand.

    Of a watermark of None there is no item.
    """

    def __init__(self, *untils: int | None, fence: tuple[int, int] | None = None) -> None:
        self.untils = list(untils)
        self.first_and_fence = fence
        self.asked: list[tuple[str, bool]] = []
        self.now_s = 1e9
        self.clock = Clock(lambda: self.now_s, lambda: self.now_s)

    def query(self, partition: str, *, strong: bool) -> Iterator[Item]:
        self.asked.append((partition, strong))
        until = self.untils.pop(0)
        if self.first_and_fence:
            first, fence = self.first_and_fence
            yield {"sk": {"S": "fence"}, "fence": number(fence), "first": number(first)}
        yield {"sk": {"S": "lease#0"}, "token": {"S": "..."}}
        if until is not None:
            yield {"sk": {"S": "0"}, "until": number(until)}
            yield {"sk": {"S": "H0"}, "until": number(until - 1)}


def last_closed(memory: BlockMemory, table: Any, owner: str, wanted: int) -> int:
    calls: Calls = table
    return memory.last_closed(calls, owner, wanted)


def test_a_watermark_is_read_eventually_and_remembered(memory: BlockMemory) -> None:
    table = Replicas(500)
    assert [last_closed(memory, table, "S1", wanted) for wanted in (400, 500, 7)] == [500] * 3
    assert table.asked == [("W", False)]


def test_a_watermark_that_does_not_reach_is_read_again_and_never_goes_back(
    memory: BlockMemory,
) -> None:
    table = Replicas(500, 300, None, 900)
    found = []
    for _ in range(4):
        found.append(last_closed(memory, table, "S1", 600))
        table.now_s += 60
    assert found == [500, 500, 500, 900]


def test_a_watermark_that_does_not_reach_is_asked_for_once_a_minute(memory: BlockMemory) -> None:
    """Whoever reads a whole fleet asks once; a clock that goes back asks again."""
    table = Replicas(500, 700, 900)
    assert [last_closed(memory, table, f"S{ship}", 600) for ship in range(1, 9)] == [500] * 8
    table.now_s += 59
    assert last_closed(memory, table, "S1", 600) == 500
    table.now_s += 1
    assert last_closed(memory, table, "S1", 600) == 700
    table.now_s -= 1
    assert last_closed(memory, table, "S1", 800) == 900


def test_a_table_without_a_watermark_and_a_fence_has_closed_nothing(memory: BlockMemory) -> None:
    assert last_closed(memory, Replicas(None), "S1", 600) == NOT_CLOSED


def test_where_there_is_no_watermark_it_begins_with_the_fence(memory: BlockMemory) -> None:
    """At its first day: what is announced after that is still open."""
    table = Replicas(None, 700, fence=(400, 900))
    assert [last_closed(memory, table, owner, 300) for owner in ("S1", "H1")] == [400, 400]
    table.now_s += 60
    assert [last_closed(memory, table, owner, 600) for owner in ("S1", "H1")] == [700, 699]
    assert len(table.asked) == 2


def test_ships_and_houses_have_watermarks_of_their_own(memory: BlockMemory) -> None:
    table = Replicas(500)
    assert [last_closed(memory, table, owner, 1) for owner in ("S1", "H1")] == [500, 499]
    assert len(table.asked) == 1


def test_what_is_kept_of_the_like_of_a_place_is_listed() -> None:
    """By its beginnings, however many there might be."""
    memory = BlockMemory(most_bytes=2 * MOST_BYTES)
    for nth in (5, 1, 3):
        memory.keep(place(nth), kept())
    memory.keep(place(2, ship=2), kept())
    first, last = place(1).begin_ms, place(5).begin_ms
    assert sorted(memory.begins(place(0), first, last)) == [first, place(3).begin_ms]
    memory.drop(place(3))
    memory.drop(place(1))
    assert memory.begins(place(0), first, last) == []
    assert memory.begins(place(0), first, last + 1) == [last]
