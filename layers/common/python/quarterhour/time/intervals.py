"""Stretches of time that touch, put together, so that one query serves them all."""

from collections.abc import Iterable

from quarterhour.time.calendar import DAY_MS

Stretch = tuple[int, int]


def joined(stretches: Iterable[Stretch]) -> list[Stretch]:
    """Return ascending half-open stretches with those that touch made one.

    >>> joined([(0, 2), (2, 3), (5, 6)])
    [(0, 3), (5, 6)]
    """
    found: list[Stretch] = []
    for begin, end in stretches:
        if found and found[-1][1] == begin:
            found[-1] = (found[-1][0], end)
        else:
            found.append((begin, end))
    return found


def runs_of_days(days: Iterable[int]) -> list[Stretch]:
    """Return the stretches that ascending days make up."""
    return joined((day, day + DAY_MS) for day in days)


def between(kept: Iterable[Stretch], start_ms: int, end_ms: int) -> list[Stretch]:
    """Return the stretches of [start_ms, end_ms) that lie between the ascending kept ones.

    >>> between([(2, 3)], 0, 5)
    [(0, 2), (3, 5)]
    """
    edges = [start_ms, *(edge for part in kept for edge in part), end_ms]
    gaps = zip(edges[::2], edges[1::2], strict=True)
    return [(begin, end) for begin, end in gaps if begin < end]
