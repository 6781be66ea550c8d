"""Stretches of time that touch, put together, so that one query serves them all."""

from collections.abc import Iterable

from quarterhour.calendar import DAY_MS

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
