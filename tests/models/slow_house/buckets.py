"""Quarter hours of one series, in floats: `slow_resample` again, fast enough for years of readings.

A test holds the two together.
"""

from collections.abc import Iterator
from typing import NamedTuple

from tests.models.slow_house.posted import ENERGY, POWER, Posted, Series

BUCKET = 900_000
MAX_HOLD = 65 * 60_000
HOUR = 3_600_000


class Span(NamedTuple):
    """What one reading says of one quarter hour."""

    bucket: int
    value: float
    inside_ms: int
    whole_ms: int


class Held(NamedTuple):
    """What a gauge showed in a quarter hour: value x milliseconds, milliseconds, extremes."""

    weighed: float
    covered_ms: int
    low: float
    high: float


def spans(series: Series, *, cut: bool) -> Iterator[Span]:
    """Yield every reading's quarter hours; a declared reading is cut by the next one, or is not."""
    instants = list(series)
    for place, at in enumerate(instants):
        value, declared = series[at]
        after = instants[place + 1] - at if place + 1 < len(instants) else None
        before = at - instants[place - 1] if place else None
        if declared and cut and after is not None:
            lasts = min(declared, after)
        elif declared:
            lasts = declared
        elif after is not None and after <= MAX_HOLD:
            lasts = after
        elif before is not None and before <= MAX_HOLD:
            lasts = before
        else:
            lasts = BUCKET
        bucket = at // BUCKET * BUCKET
        while bucket < at + lasts:
            inside = min(at + lasts, bucket + BUCKET) - max(at, bucket)
            yield Span(bucket, value, inside, lasts)
            bucket += BUCKET


def amounts(series: Series) -> dict[int, float]:
    """Return what lands in each quarter hour: every reading is spread over the time it covers."""
    found: dict[int, float] = {}
    for bucket, value, inside, whole in spans(series, cut=False):
        found[bucket] = found.get(bucket, 0.0) + value * inside / whole
    return found


def powers(series: Series) -> dict[int, float]:
    """Return the kWh of each quarter hour: kW times the time they hold."""
    found: dict[int, float] = {}
    for bucket, value, inside, _ in spans(series, cut=True):
        found[bucket] = found.get(bucket, 0.0) + value * inside / HOUR
    return found


def gauges(series: Series) -> dict[int, Held]:
    """Return what a gauge showed in each quarter hour."""
    found: dict[int, Held] = {}
    for bucket, value, inside, _ in spans(series, cut=True):
        one = Held(value * inside, inside, value, value)
        found[bucket] = both(found[bucket], one) if bucket in found else one
    return found


def both(one: Held, other: Held) -> Held:
    """Return two stretches as one."""
    return Held(
        one.weighed + other.weighed,
        one.covered_ms + other.covered_ms,
        min(one.low, other.low),
        max(one.high, other.high),
    )


def of_channel(posted: Posted, channel: str, quantity: str) -> dict[int, float]:
    """Return a channel's quarter hours: energy where it covers anything, else power (rule 7)."""
    if quantity not in {ENERGY, POWER}:
        return amounts(posted.of(channel, quantity))
    return {**powers(posted.of(channel, POWER)), **amounts(posted.of(channel, ENERGY))}
