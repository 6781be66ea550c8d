"""The functions of a process are called one at a time, each within a limit."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from local.gateway.turns import OverdueError, Turns
from tests.patience import PATIENCE_S


def test_what_a_call_returns_or_raises_comes_back() -> None:
    turns = Turns()
    assert turns.take(lambda: 1) == 1
    with pytest.raises(ZeroDivisionError):
        turns.take(lambda: 1 // 0)
    with pytest.raises(TimeoutError, match="of the call itself"):
        turns.take(raises_a_timeout)
    assert not turns.overdue


def raises_a_timeout() -> None:
    raise TimeoutError("of the call itself")


def test_all_calls_are_of_one_thread() -> None:
    turns = Turns()
    with ThreadPoolExecutor(8) as pool:
        threads = set(pool.map(lambda _: turns.take(threading.get_ident), range(100)))
    assert len(threads) == 1


def test_a_turn_is_taken_while_it_lasts_and_its_end_is_seen() -> None:
    turns = Turns()
    seen: list[bool] = []
    turns.watch = lambda: seen.append(turns.taken)
    turns.take(lambda: seen.append(turns.taken))
    assert seen == [True, False]


def test_after_a_call_that_takes_too_long_there_is_no_other() -> None:
    turns, goes_on = Turns(limit_s=0.01), threading.Event()
    with pytest.raises(OverdueError):
        turns.take(goes_on.wait)
    assert turns.overdue
    goes_on.set()
    with pytest.raises(OverdueError):
        turns.take(lambda: pytest.fail("the environment is no more"))
    assert turns.taken


def test_who_comes_meanwhile_waits_for_the_turn() -> None:
    turns, begun, goes_on = Turns(limit_s=60), threading.Event(), threading.Event()

    def first() -> bool:
        begun.set()
        return goes_on.wait(PATIENCE_S)

    with ThreadPoolExecutor(2) as pool:
        one = pool.submit(turns.take, first)
        assert begun.wait(PATIENCE_S)
        other = pool.submit(turns.take, lambda: "other")
        assert not other.done()
        goes_on.set()
        assert one.result()
        assert other.result() == "other"
