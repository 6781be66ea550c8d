"""Buckets summed to hours, days and months, up one ladder (docs/semantics.md, rule 9).

An hour or a day is the fsum of its buckets, a month the fsum of its days, so that an answer has
the same bytes whether it was summed now or stored before.
"""

from collections.abc import Callable, Iterable, Mapping
from itertools import groupby
from math import fsum
from typing import NamedTuple

from quarterhour.calendar import BUCKET_MS, DAY_MS, HOUR_MS, day_of, hour_of, month_of, next_month
from quarterhour.resample import Bucket


class Row(NamedTuple):
    """A period's beginning, its energy, and the share of the whole period that is covered."""

    start_ms: int
    kwh: float
    coverage: float


class _Sum(NamedTuple):
    start_ms: int
    kwh: float
    covered_ms: int


def rows(buckets: Mapping[int, Bucket], interval: str) -> list[Row]:
    """Return the periods (`INTERVALS`) that have data, ascending."""
    parts = [
        _Sum(at, bucket.energy_kwh, bucket.covered_ms) for at, bucket in sorted(buckets.items())
    ]
    return INTERVALS[interval](parts)


def _summed(parts: Iterable[_Sum], period_of: Callable[[int], int]) -> list[_Sum]:
    sums = []
    for start_ms, group in groupby(parts, key=lambda part: period_of(part.start_ms)):
        _, kwh, covered_ms = zip(*group, strict=True)
        sums.append(_Sum(start_ms, fsum(kwh), sum(covered_ms)))
    return sums


def _quarter_hours(parts: list[_Sum]) -> list[Row]:
    return [Row(at, kwh, covered_ms / BUCKET_MS) for at, kwh, covered_ms in parts]


def _hours(parts: list[_Sum]) -> list[Row]:
    return [Row(at, kwh, covered / HOUR_MS) for at, kwh, covered in _summed(parts, hour_of)]


def _days(parts: list[_Sum]) -> list[Row]:
    return [Row(at, kwh, covered / DAY_MS) for at, kwh, covered in _summed(parts, day_of)]


def _months(parts: list[_Sum]) -> list[Row]:
    return [
        Row(at, kwh, covered / (next_month(at) - at))
        for at, kwh, covered in _summed(_summed(parts, day_of), month_of)
    ]


INTERVALS: dict[str, Callable[[list[_Sum]], list[Row]]] = {
    "15min": _quarter_hours,
    "hour": _hours,
    "day": _days,
    "month": _months,
}
