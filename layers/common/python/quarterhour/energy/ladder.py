"""Buckets summed to hours, days and months, up one ladder (docs/semantics.md, rule 9).

An hour or a day is the fsum of its buckets, a month the fsum of its days, so that an answer has
the same bytes whether it was summed now or stored before.
"""

from collections.abc import Callable, Iterable, Mapping
from itertools import groupby
from math import fsum
from typing import NamedTuple

from quarterhour.energy.resample import Bucket
from quarterhour.time.calendar import (
    BUCKET_MS,
    DAY_MS,
    HOUR_MS,
    day_of,
    hour_of,
    month_of,
    next_month,
)

QUARTER_HOURS = "15min"


class Row(NamedTuple):
    """A period's beginning, its energy, and the share of the whole period that is covered."""

    start_ms: int
    kwh: float
    coverage: float


class Sum(NamedTuple):
    """The energy that begins at an instant, and how much time of it is covered."""

    start_ms: int
    kwh: float
    covered_ms: int


class Gauge(NamedTuple):
    """What a gauge showed in a period: the sum of its hours' means, and the extremes."""

    start_ms: int
    total: float
    hours: int
    least: float
    most: float

    @property
    def mean(self) -> float:
        """The plain mean of the hours with data."""
        return self.total / self.hours


def of_buckets(buckets: Mapping[int, Bucket]) -> list[Sum]:
    """Return buckets as the lowest rung."""
    return [Sum(at, kwh, covered_ms) for at, (kwh, covered_ms) in sorted(buckets.items())]


def summed(parts: Iterable[Sum], period_of: Callable[[int], int]) -> list[Sum]:
    """Return the next rung: ascending parts put together by the period they lie in."""
    sums = []
    for start_ms, group in groupby(parts, key=lambda part: period_of(part.start_ms)):
        _, kwh, covered_ms = zip(*group, strict=True)
        sums.append(Sum(start_ms, fsum(kwh), sum(covered_ms)))
    return sums


def rows(buckets: Mapping[int, Bucket], interval: str) -> list[Row]:
    """Return the periods (`INTERVALS`) that have data, ascending."""
    if interval == QUARTER_HOURS:  # nothing to add up, and the most rows
        return [Row(at, kwh, ms / BUCKET_MS) for at, (kwh, ms) in sorted(buckets.items())]
    return rows_of(of_buckets(buckets), interval)


def rows_of(parts: list[Sum], interval: str) -> list[Row]:
    """Return the periods of ascending parts: buckets, or for days and months already days."""
    return INTERVALS[interval](parts)


def _hours(parts: list[Sum]) -> list[Row]:
    return [Row(at, kwh, covered / HOUR_MS) for at, kwh, covered in summed(parts, hour_of)]


def _days(parts: list[Sum]) -> list[Row]:
    return [Row(at, kwh, covered / DAY_MS) for at, kwh, covered in summed(parts, day_of)]


def _months(parts: list[Sum]) -> list[Row]:
    return [
        Row(at, kwh, covered / (next_month(at) - at))
        for at, kwh, covered in summed(summed(parts, day_of), month_of)
    ]


INTERVALS: dict[str, Callable[[list[Sum]], list[Row]]] = {
    "hour": _hours,
    "day": _days,
    "month": _months,
}
