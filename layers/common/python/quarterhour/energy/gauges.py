"""Temperatures and humidities by the quarter hour (docs/semantics.md, "Quantities").

A value holds as a power does (rules 1 and 2), so at most one holds at any moment.
"""

from collections.abc import Sequence
from math import fsum
from operator import mul

from quarterhour.energy.profile import Profile, profile
from quarterhour.energy.readings import Reading
from quarterhour.energy.resample import holds
from quarterhour.time.calendar import BUCKET_MS, bucket_of


def gauge_buckets(
    readings: Sequence[Reading], start_ms: int, end_ms: int, now_ms: int | None = None
) -> Profile:
    """Return the buckets of a series that begin in [start_ms, end_ms), up to now."""
    values: dict[int, list[float]] = {}
    covered: dict[int, list[int]] = {}
    for (at, value, _), length in zip(readings, holds(readings, now_ms), strict=False):
        end = at + length
        for bucket in range(bucket_of(at), end, BUCKET_MS):
            if start_ms <= bucket < end_ms:
                values.setdefault(bucket, []).append(value)
                covered.setdefault(bucket, []).append(
                    min(end, bucket + BUCKET_MS) - max(at, bucket)
                )
    starts = sorted(values)
    least, most = [min(values[at]) for at in starts], [max(values[at]) for at in starts]
    means = [
        weighed(values[at], covered[at], low, high)
        for at, low, high in zip(starts, least, most, strict=True)
    ]
    return profile(starts, means, [sum(covered[at]) for at in starts], least, most)


def weighed(means: Sequence[float], covered_ms: Sequence[int], least: float, most: float) -> float:
    """Return the mean of parts by the time they cover; `least` and `most` are their extremes."""
    if least == most:  # not a last digit beside it
        return least
    return fsum(map(mul, means, covered_ms)) / sum(covered_ms)
