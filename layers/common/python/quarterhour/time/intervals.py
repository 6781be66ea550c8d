"""Intervals of time; those that touch are put together, so that one query serves them all."""

from collections.abc import Iterable

from quarterhour.time.calendar import DAY_MS

Interval = tuple[int, int]  # milliseconds since 1970: [begin, end)


def joined(intervals: Iterable[Interval]) -> list[Interval]:
    """Return ascending half-open intervals with those that touch made one.

    >>> joined([(0, 2), (2, 3), (5, 6)])
    [(0, 3), (5, 6)]
    """
    wholes: list[Interval] = []
    for begin, end in intervals:
        if wholes and wholes[-1][1] == begin:
            wholes[-1] = (wholes[-1][0], end)
        else:
            wholes.append((begin, end))
    return wholes


def intervals_of_days(days: Iterable[int]) -> list[Interval]:
    """Return the intervals that ascending days make up."""
    return joined((day, day + DAY_MS) for day in days)


def end_of(intervals: Iterable[Interval], upto: int) -> int:
    """Return the last end, up to `upto`, of intervals; 0 where none ends by then.

    >>> end_of([(0, 2), (2, 4), (4, 6)], 5)
    4
    """
    return max((end for _, end in intervals if end <= upto), default=0)


def between(intervals: Iterable[Interval], start_ms: int, end_ms: int) -> list[Interval]:
    """Return the gaps that ascending intervals leave in [start_ms, end_ms).

    >>> between([(2, 3)], 0, 5)
    [(0, 2), (3, 5)]
    """
    edges = [start_ms, *(edge for interval in intervals for edge in interval), end_ms]
    gaps = zip(edges[::2], edges[1::2], strict=True)
    return [(begin, end) for begin, end in gaps if begin < end]
