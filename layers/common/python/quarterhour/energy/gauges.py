"""Temperatures and humidities by the quarter hour (docs/semantics.md, "Quantities").

A value holds as a power does (rules 1 and 2), so at most one holds at any moment.
"""

from collections.abc import Iterable, Sequence
from math import fsum
from typing import NamedTuple

from quarterhour.energy.ladder import Gauge
from quarterhour.energy.readings import Reading
from quarterhour.energy.resample import holds
from quarterhour.time.calendar import BUCKET_MS, bucket_of


class GaugeBucket(NamedTuple):
    """The time-weighted mean of what is covered, and the extremes that hold in it."""

    mean: float
    covered_ms: int
    least: float
    most: float


def gauge_buckets(
    readings: Sequence[Reading], start_ms: int, end_ms: int
) -> dict[int, GaugeBucket]:
    """Return the buckets of a series that begin in [start_ms, end_ms), ascending."""
    held: dict[int, list[tuple[float, int]]] = {}
    for (at, value, _), length in zip(readings, holds(readings), strict=True):
        end = at + length
        for bucket in range(bucket_of(at), end, BUCKET_MS):
            if start_ms <= bucket < end_ms:
                covered_ms = min(end, bucket + BUCKET_MS) - max(at, bucket)
                held.setdefault(bucket, []).append((value, covered_ms))
    return {bucket: _bucket(parts) for bucket, parts in sorted(held.items())}


def hour(start_ms: int, buckets: Iterable[GaugeBucket]) -> Gauge:
    """Return the hour of its buckets: their mean by the time they cover."""
    mean, _, least, most = _put_together(buckets)
    return Gauge(start_ms, mean, 1, least, most)


def _bucket(parts: Sequence[tuple[float, int]]) -> GaugeBucket:
    return _put_together(GaugeBucket(value, ms, value, value) for value, ms in parts)


def _put_together(buckets: Iterable[GaugeBucket]) -> GaugeBucket:
    means, covered, least, most = zip(*buckets, strict=True)
    low, high, covered_ms = min(least), max(most), sum(covered)
    if low == high:  # not a last digit beside it
        return GaugeBucket(low, covered_ms, low, high)
    weighed = fsum(mean * ms for mean, ms in zip(means, covered, strict=True))
    return GaugeBucket(weighed / covered_ms, covered_ms, low, high)
