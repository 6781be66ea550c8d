"""Temperatures and humidities by the quarter hour (docs/semantics.md, "Quantities").

A value holds as a power does (rules 1 and 2), so at most one holds at any moment.
"""

from collections.abc import Iterable, Sequence
from math import fsum

from quarterhour.energy.readings import Reading
from quarterhour.energy.resample import Bucket, holds
from quarterhour.time.calendar import BUCKET_MS, bucket_of


def gauge_buckets(readings: Sequence[Reading], start_ms: int, end_ms: int) -> dict[int, Bucket]:
    """Return the buckets of a series that begin in [start_ms, end_ms), ascending."""
    parts: dict[int, list[Bucket]] = {}
    for (at, value, _), length in zip(readings, holds(readings), strict=True):
        end = at + length
        for bucket in range(bucket_of(at), end, BUCKET_MS):
            if start_ms <= bucket < end_ms:
                covered_ms = min(end, bucket + BUCKET_MS) - max(at, bucket)
                parts.setdefault(bucket, []).append(Bucket(value, covered_ms, value, value))
    return {bucket: weighed(parts[bucket]) for bucket in sorted(parts)}


def weighed(parts: Iterable[Bucket]) -> Bucket:
    """Return parts put together: their mean by the time they cover, and their extremes."""
    means, covered, least, most = zip(*parts, strict=True)
    low, high, covered_ms = min(least), max(most), sum(covered)
    if low == high:  # not a last digit beside it
        return Bucket(low, covered_ms, low, high)
    total = fsum(mean * ms for mean, ms in zip(means, covered, strict=True))
    return Bucket(total / covered_ms, covered_ms, low, high)
