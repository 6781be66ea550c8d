"""The semantics of readings, as slowly and plainly as they can be said, in exact arithmetic.

Written from the specification alone. Nothing here is shared with the package under test, so an
agreement of the two means something. Readings may come in any order; an `interval_ms` of 0 is
"not declared"; times are milliseconds of UTC; everything is half-open.
"""

from collections.abc import Collection, Iterable, Sequence
from enum import Enum
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

BUCKET = 15 * 60 * 1000
MAX_HOLD = 65 * 60 * 1000
LONELY = 15 * 60 * 1000
DMAX = 26 * 60 * 60 * 1000


class Kind(Enum):
    """How a quantity fills the time it covers. Volume and degree days are AMOUNTs."""

    POWER = "power, kW: energy is power x time"
    AMOUNT = "energy, volume, degree days: spread evenly over the time it covers"
    GAUGE = "temperature, humidity: holds, is averaged over time"


class Posted(NamedTuple):
    """One reading as the table keeps it. The fields after `kind` are those of the package's."""

    kind: Kind
    at_ms: int
    value: float
    interval_ms: int = 0


class Span(NamedTuple):
    """The time that one reading covers, and the reading's value."""

    start: int
    end: int
    value: Fraction


class Amount(NamedTuple):
    """What a bucket holds: kWh (gallons, degree days) and the milliseconds covered."""

    energy: Fraction
    covered_ms: int


class Gauge(NamedTuple):
    """What a bucket of a temperature or humidity holds."""

    mean: Fraction
    lowest: Fraction
    highest: Fraction
    covered_ms: int


def spans(readings: Iterable[Posted], kind: Kind, now_ms: int | None = None) -> list[Span]:
    """Rules 1 and 2 for the one series of `kind`: what each of its readings covers.

    Rule 11: what is no amount holds no further than now, and what begins then not at all.
    """
    series = sorted((r for r in readings if r.kind is kind), key=lambda r: r.at_ms)
    instants = [r.at_ms for r in series]
    if len(set(instants)) != len(instants):
        raise ValueError("a series has one value for one instant")
    covering = [Span(r.at_ms, _end(r, instants), Fraction(r.value)) for r in series]
    if now_ms is None or kind is Kind.AMOUNT:
        return covering
    return [s._replace(end=min(s.end, now_ms)) for s in covering if s.start < now_ms]


def _end(reading: Posted, instants: Sequence[int]) -> int:
    at = reading.at_ms
    following = min((i for i in instants if i > at), default=None)
    previous = max((i for i in instants if i < at), default=None)

    # Rule 2.
    if reading.interval_ms and reading.kind is Kind.AMOUNT:
        return at + reading.interval_ms
    if reading.interval_ms and following is None:
        return at + reading.interval_ms
    if reading.interval_ms and following is not None:
        return min(at + reading.interval_ms, following)

    # Rule 1.
    if following is not None and following - at <= MAX_HOLD:
        return following
    if previous is not None and at - previous <= MAX_HOLD:
        return at + (at - previous)
    return at + LONELY


def slow_amounts(
    readings: Iterable[Posted],
    kind: Kind,
    start_ms: int,
    end_ms: int,
    now_ms: int | None = None,
) -> dict[int, Amount]:
    """Rules 3 and 4 for the POWER or the AMOUNT series: buckets that begin in [start, end)."""
    covering = spans(readings, kind, now_ms)
    answer = {}
    for bucket in _touched(covering):
        if start_ms <= bucket < end_ms:
            inside = [s for s in covering if overlap_ms(s, bucket)]
            energy = sum((_energy(s, kind, bucket) for s in inside), Fraction(0))
            answer[bucket] = Amount(energy, covered_ms(inside, bucket))
    return answer


def _energy(span: Span, kind: Kind, bucket: int) -> Fraction:
    overlap = overlap_ms(span, bucket)
    if kind is Kind.POWER:
        return span.value * Fraction(overlap, 60 * 60 * 1000)
    return span.value * Fraction(overlap, span.end - span.start)


def slow_gauges(
    readings: Iterable[Posted], start_ms: int, end_ms: int, now_ms: int | None = None
) -> dict[int, Gauge]:
    """Time-weighted mean of the covered time, and the lowest and highest value that holds."""
    covering = spans(readings, Kind.GAUGE, now_ms)
    answer = {}
    for bucket in _touched(covering):
        if start_ms <= bucket < end_ms:
            inside = [s for s in covering if overlap_ms(s, bucket)]
            covered = covered_ms(inside, bucket)
            weighed = sum((s.value * overlap_ms(s, bucket) for s in inside), Fraction(0))
            held = [s.value for s in inside]
            answer[bucket] = Gauge(weighed / covered, min(held), max(held), covered)
    return answer


def slow_buckets(
    readings: Collection[Posted], start_ms: int, end_ms: int, now_ms: int | None = None
) -> dict[int, Amount]:
    """Rule 7: of one channel's energy and power, energy where it covers anything, else power."""
    energy = slow_amounts(readings, Kind.AMOUNT, start_ms, end_ms)
    power = slow_amounts(readings, Kind.POWER, start_ms, end_ms, now_ms)
    return {bucket: (power | energy)[bucket] for bucket in sorted(power | energy)}


def _touched(covering: Iterable[Span]) -> list[int]:
    buckets: set[int] = set()
    for span in covering:
        first = span.start // BUCKET * BUCKET
        buckets.update(range(first, span.end, BUCKET))
    return sorted(buckets)


def overlap_ms(span: Span, bucket: int) -> int:
    """How much of the bucket the span covers."""
    return max(0, min(span.end, bucket + BUCKET) - max(span.start, bucket))


def covered_ms(covering: Iterable[Span], bucket: int) -> int:
    """How much of the bucket the spans cover together: their union, piece by piece."""
    clipped = [
        (max(s.start, bucket), min(s.end, bucket + BUCKET))
        for s in covering
        if overlap_ms(s, bucket)
    ]
    edges = sorted({edge for piece in clipped for edge in piece})
    return sum(
        right - left
        for left, right in pairwise(edges)
        if any(start <= left and right <= end for start, end in clipped)
    )


def rate_at(readings: Iterable[Posted], kind: Kind, ms: int) -> Fraction | None:
    """Return what flows or holds during the one millisecond `ms`; None where nothing covers.

    Kilowatts for POWER, amount per millisecond for AMOUNT (overlapping spans both count), the
    value itself for GAUGE.
    """
    here = [s for s in spans(readings, kind) if s.start <= ms < s.end]
    if not here:
        return None
    if kind is Kind.AMOUNT:
        return sum((s.value / (s.end - s.start) for s in here), Fraction(0))
    (only,) = here
    return only.value


def changed(before: Sequence[Posted], after: Sequence[Posted], kind: Kind) -> list[tuple[int, int]]:
    """Return the stretches of time in which two states of a series differ."""
    covering = [*spans(before, kind), *spans(after, kind)]
    edges = sorted({edge for s in covering for edge in (s.start, s.end)})
    return [
        (left, right)
        for left, right in pairwise(edges)
        if rate_at(before, kind, left) != rate_at(after, kind, left)
    ]
