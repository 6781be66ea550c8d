"""Stretches of time that touch, put together, so that one query serves them all."""

from collections.abc import Iterable

from quarterhour.time.calendar import DAY_MS

Stretch = tuple[int, int]


def joined(stretches: Iterable[Stretch]) -> list[Stretch]:
    """Return ascending half-open stretches with those that touch made one.

    >>> joined([(0, 2), (2, 3), (5, 6)])
    [(0, 3), (5, 6)]
    """
    runs: list[Stretch] = []
    for begin, end in stretches:
        if runs and runs[-1][1] == begin:
            runs[-1] = (runs[-1][0], end)
        else:
            runs.append((begin, end))
    return runs


def runs_of_days(days: Iterable[int]) -> list[Stretch]:
    """Return the stretches that ascending days make up."""
    return joined((day, day + DAY_MS) for day in days)


def between(stretches: Iterable[Stretch], start_ms: int, end_ms: int) -> list[Stretch]:
    """Return the gaps that ascending stretches leave in [start_ms, end_ms).

    >>> between([(2, 3)], 0, 5)
    [(0, 2), (3, 5)]
    """
    edges = [start_ms, *(edge for part in stretches for edge in part), end_ms]
    gaps = zip(edges[::2], edges[1::2], strict=True)
    return [(begin, end) for begin, end in gaps if begin < end]
