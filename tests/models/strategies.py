"""Hypothesis strategies: series of readings with every spacing that is known to be nasty."""

from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from tests.models.slow_resample import BUCKET, DMAX, MAX_HOLD, Kind, Posted

MINUTE = 60_000
HOUR = 60 * MINUTE
MIDNIGHT = 1_535_068_800_000  # 2018-08-24T00:00:00Z

# Sub-second, the minutes that meters use, both sides of every limit, and outages.
_MARKS = (MINUTE, 5 * MINUTE, 10 * MINUTE, BUCKET, 2 * BUCKET, HOUR, MAX_HOLD, 2 * MAX_HOLD, DMAX)
GAPS = (1, 250, 999, *(mark + step for mark in _MARKS for step in (-1, 0, 1)), 5 * HOUR, 3 * DMAX)
LIMITS = (MAX_HOLD - 1, MAX_HOLD, MAX_HOLD + 1)
INTERVALS = (1000, MINUTE, MINUTE + 1, 5 * MINUTE, BUCKET, HOUR, MAX_HOLD, 7 * HOUR, DMAX - 1, DMAX)


def gaps() -> SearchStrategy[int]:
    """Milliseconds from one reading to the next."""
    free = st.integers(1, 2 * MAX_HOLD)
    return st.sampled_from(GAPS) | st.sampled_from(LIMITS) | free


def intervals() -> SearchStrategy[int]:
    """Draw declared intervals, PT1S to PT26H, and as often none (0)."""
    declared = st.sampled_from(INTERVALS) | st.integers(1000, DMAX)
    return st.just(0) | declared


def instants() -> SearchStrategy[int]:
    """Draw instants near midnight: on bucket edges, 1 ms beside them, and anywhere."""
    edges = st.integers(-8, 8).map(lambda n: MIDNIGHT + n * BUCKET)
    near = st.builds(lambda edge, step: edge + step, edges, st.sampled_from((-1, 0, 0, 1, 500)))
    return near | st.integers(MIDNIGHT - DMAX, MIDNIGHT + DMAX)


def values() -> SearchStrategy[float]:
    """Magnitudes up to the limit of 1e9; negative ones too, for `signed` channels."""
    plain = st.integers(0, 50).map(float)
    return plain | st.floats(-1e9, 1e9, allow_subnormal=False) | st.sampled_from((0.1, 1e9, 1e-9))


@st.composite
def _spaced(draw: DrawFn, max_size: int) -> list[int]:
    """Ascending instants: free, equally spaced, or equally spaced with an outage inside."""
    begin = draw(instants())
    if draw(st.booleans()):
        return list(accumulate(draw(st.lists(gaps(), max_size=max_size - 1)), initial=begin))
    step = draw(st.sampled_from(LIMITS) | st.sampled_from(GAPS[:-2]))
    outage = draw(st.sampled_from((0, *GAPS)))
    count, cut = draw(st.integers(1, max_size)), draw(st.integers(0, max_size))
    return [begin + n * step + (outage if n >= cut else 0) for n in range(count)]


@st.composite
def series(draw: DrawFn, kind: Kind, *, declared: bool = True, max_size: int = 9) -> list[Posted]:
    """One series, ascending: declared and undeclared readings mixed, unless `declared` is false."""
    wanted = draw(st.sampled_from((st.just(0), intervals()))) if declared else st.just(0)
    return [
        Posted(kind, at, draw(values()), draw(wanted)) for at in draw(_spaced(max_size=max_size))
    ]


def channels() -> SearchStrategy[list[Posted]]:
    """Draw readings of one channel in both its quantities."""
    return st.builds(
        lambda energy, power: [*energy, *power],
        series(Kind.AMOUNT, max_size=6),
        series(Kind.POWER, max_size=6),
    )


def all_of(readings: Sequence[Posted]) -> tuple[int, int]:
    """Return a range, on bucket edges, that no effect of the readings reaches out of."""
    instants_ms = [r.at_ms for r in readings] or [MIDNIGHT]
    first = min(instants_ms) // BUCKET * BUCKET
    last = max(instants_ms) // BUCKET * BUCKET
    return first - 2 * MAX_HOLD // BUCKET * BUCKET - BUCKET, last + DMAX + 2 * BUCKET


@st.composite
def ranges(draw: DrawFn, readings: Sequence[Posted], *, count: int = 2) -> list[int]:
    """Sort `count` bucket edges near the readings: a <= b (<= c ...)."""
    low, high = all_of(readings)
    around = [low, high, *(r.at_ms // BUCKET * BUCKET for r in readings)]
    near = st.builds(
        lambda edge, n: edge + n * BUCKET,
        st.sampled_from(around),
        st.sampled_from((-97, -96, -95, -5, -4, -1, 0, 1, 4, 5, 96)),
    )
    anywhere = st.integers(low // BUCKET, high // BUCKET).map(lambda n: n * BUCKET)
    return sorted(draw(st.lists(near | anywhere, min_size=count, max_size=count)))


class Write(NamedTuple):
    """One write at `at_ms`: the series before it and after it."""

    before: list[Posted]
    after: list[Posted]
    at_ms: int


@st.composite
def writes(draw: DrawFn, kind: Kind, *, declared: bool = True) -> Write:
    """Put, delete or replace (value, interval or both) one reading of a series."""
    before = draw(series(kind, declared=declared))
    neighbour = draw(st.sampled_from(before))
    step = draw(st.sampled_from((0, 0, *GAPS, *(-gap for gap in GAPS))))
    at = neighbour.at_ms + step
    others = [r for r in before if r.at_ms != at]
    if len(others) < len(before) and draw(st.booleans()):
        return Write(before, others, at)
    interval = draw(intervals()) if declared else 0
    after = sorted([*others, Posted(kind, at, draw(values()), interval)], key=lambda r: r.at_ms)
    return Write(before, after, at)
