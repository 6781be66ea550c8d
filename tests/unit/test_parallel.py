"""Work side by side: up to eight pieces at once, and what a failure leaves."""

import threading

import pytest

from quarterhour.store.table.parallel import AT_ONCE, side_by_side
from tests.counting import Turns, most_in_turn

# Only where the pieces run one after another does anybody wait so long.
LONGEST_S = 60.0
A_MOMENT_S = 0.05


def test_eight_pieces_run_at_once() -> None:
    all_there = threading.Barrier(AT_ONCE)

    def meet(_: int) -> None:
        all_there.wait(LONGEST_S)

    side_by_side(meet, range(AT_ONCE))


def test_the_first_failure_in_the_order_of_the_items_is_raised_when_nothing_runs_any_more() -> None:
    both = threading.Barrier(2)
    ended = list[int]()

    def work(item: int) -> None:
        both.wait(LONGEST_S)
        ended.append(item)
        raise ValueError(str(item))

    with pytest.raises(ValueError, match="0"):
        side_by_side(work, [0, 1])
    assert sorted(ended) == [0, 1]


def test_what_has_not_begun_when_one_fails_is_left() -> None:
    begun = list[int]()
    is_left = threading.Event()

    def work(item: int) -> None:
        begun.append(item)
        if item == 0:
            raise ValueError("the first")
        is_left.wait(A_MOMENT_S)

    with pytest.raises(ValueError, match="the first"):
        side_by_side(work, range(1_000))
    assert len(begun) < 1_000


def test_what_a_piece_gives_to_it_runs_in_turn() -> None:
    """So there are never more than eight at once."""
    threads = set[int]()

    def piece(_: int) -> None:
        threads.add(threading.get_ident())

    def whole(_: int) -> None:
        mine = set[int]()
        side_by_side(lambda _: mine.add(threading.get_ident()), range(20))
        assert mine == {threading.get_ident()}
        piece(0)

    side_by_side(whole, range(100))
    assert 0 < len(threads) <= AT_ONCE
    assert threading.get_ident() not in threads


@pytest.mark.parametrize(
    ("calls", "in_turn"),
    [([], 0), ([3], 3), ([1] * 8, 1), ([1] * 9, 2), ([5, *[1] * 14], 5), ([1] * 7 + [2, 2], 3)],
)
def test_calls_in_turn_are_those_of_the_lane_that_has_most(calls: list[int], in_turn: int) -> None:
    assert most_in_turn(calls) == in_turn


def test_calls_in_turn_of_work_inside_work_side_by_side() -> None:
    turns = Turns()

    def one_call(_: int) -> None:
        turns.calls += 1

    def nested(_: int) -> None:
        turns.calls += 1
        turns.side_by_side(one_call, range(9))

    turns.calls = 1
    turns.side_by_side(nested, range(1))
    assert turns.calls == 1 + 1 + 2
    turns.side_by_side(nested, range(2))
    assert turns.calls == 1 + 1 + 2 + 1 + 9
