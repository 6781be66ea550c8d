"""Calls that do not depend on each other, made several at once; nothing runs on afterwards."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

AT_ONCE = 8

_Item = TypeVar("_Item")
# Calls a function on each of the items, and returns when all have ended.
SideBySide = Callable[[Callable[[Any], None], Sequence[Any]], None]


class _Here(threading.local):
    is_piece = False


_here = _Here()


def side_by_side(work: Callable[[_Item], None], items: Sequence[_Item]) -> None:
    """Run the work on every item, up to eight at once; what has not begun when one fails is left.

    The first failure, in the order of the items, is raised when nothing runs any more. What a piece
    of the work gives to this runs in turn, so that never more than eight run at once.
    """
    if len(items) <= 1 or _here.is_piece:
        in_turn(work, items)
        return
    with ThreadPoolExecutor(AT_ONCE, initializer=_begin) as pool:
        futures = [pool.submit(work, item) for item in items]
        try:
            for future in futures:
                future.result()
        finally:
            pool.shutdown(cancel_futures=True)


def _begin() -> None:
    _here.is_piece = True


def in_turn(work: Callable[[_Item], None], items: Sequence[_Item]) -> None:
    """Run the work on every item, one after the other."""
    for item in items:
        work(item)


def shares(items: Sequence[_Item]) -> list[Sequence[_Item]]:
    """Return the items in up to eight shares of about the same size, none of them empty.

    >>> shares([1, 2, 3])
    [[1], [2], [3]]
    """
    size = -(-len(items) // AT_ONCE) or 1
    return [items[first : first + size] for first in range(0, len(items), size)]
