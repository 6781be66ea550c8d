"""From readings at any spacing to 15-minute buckets (docs/semantics.md, rules 1 to 4 and 7).

Pure functions over one series: readings sorted by time, at most one an instant, and complete in
the neighbourhood of the range (`lookback.neighbourhood`). What a bucket amounts to is in the stored
unit, and 1 to 900,000 milliseconds of it are covered.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, repeat
from operator import sub

from quarterhour.energy.lookback import MAX_HOLD_MS
from quarterhour.energy.profile import Profile, filled, profile
from quarterhour.energy.quantities import Quantity
from quarterhour.energy.readings import Reading, Series
from quarterhour.time.calendar import BUCKET_MS, HOUR_MS

_NEVER = 1 << 62


def buckets(
    series: Mapping[Series, Sequence[Reading]],
    channel: str,
    start_ms: int,
    end_ms: int,
    now_ms: int | None = None,
) -> Profile:
    """Return the channel's buckets that begin in [start_ms, end_ms), of power up to now.

    Energy where it covers any part of a bucket, else power; never their sum (rule 7).
    """
    energy = series.get(Series(channel, Quantity.ENERGY), ())
    power = series.get(Series(channel, Quantity.POWER), ())
    return filled(
        energy_buckets(energy, start_ms, end_ms), power_buckets(power, start_ms, end_ms, now_ms)
    )


def power_buckets(
    readings: Sequence[Reading], start_ms: int, end_ms: int, now_ms: int | None = None
) -> Profile:
    """Return the energy of a power series (kW), bucket by bucket, in kWh."""
    if not readings:
        return profile()
    times, kw, _ = zip(*readings, strict=True)
    held = holds(readings, now_ms)
    return _fill(zip(times, kw, held, repeat(HOUR_MS), strict=False), start_ms, end_ms)


def holds(readings: Sequence[Reading], now_ms: int | None = None) -> list[int]:
    """Return how long each reading of a power or a gauge holds; a declared one is cut short.

    None holds further than `now_ms`, and those from then on, the last ones, are left out (rule 11).
    """
    if not readings:
        return []
    times, _, declared = zip(*readings, strict=True)
    gaps = _gaps_after(times)
    held = _holds(gaps)
    if any(declared):
        held = [min(d, gap) if d else h for d, gap, h in zip(declared, gaps, held, strict=True)]
    if now_ms is not None and times[-1] + held[-1] > now_ms:
        past = bisect_left(times, now_ms)
        held = [min(hold, now_ms - at) for at, hold in zip(times[:past], held, strict=False)]
    return held


def energy_buckets(readings: Sequence[Reading], start_ms: int, end_ms: int) -> Profile:
    """Return an energy series (kWh), each reading spread evenly over the time it covers."""
    if not readings:
        return profile()
    times, kwh, declared = zip(*readings, strict=True)
    held = _holds(_gaps_after(times))
    if any(declared):
        held = [d or h for d, h in zip(declared, held, strict=True)]
    return _fill(zip(times, kwh, held, held, strict=True), start_ms, end_ms)


def _gaps_after(times: Sequence[int]) -> list[int]:
    return [*map(sub, times[1:], times), _NEVER]


def _holds(gaps: Sequence[int]) -> list[int]:
    """Return how long each reading covers when nothing is declared (rule 1)."""
    return [
        after if after <= MAX_HOLD_MS else before if before <= MAX_HOLD_MS else BUCKET_MS
        for before, after in zip(chain((_NEVER,), gaps), gaps, strict=False)
    ]


def _fill(spans: Iterable[tuple[int, float, int, int]], start_ms: int, end_ms: int) -> Profile:
    """Cut spans (time, value, how long it holds, and per how long it counts) at bucket edges.

    Overlaps add up, and coverage is their union: times ascend, so what lies below the furthest
    end so far is covered already. A bucket's parts are added in one order whatever the range is,
    so every range gives the same floats. `energy` and `cover` are of the bucket being filled.
    """
    kwh: dict[int, float] = {}
    covered: dict[int, int] = {}
    bucket = edge = cover = covered_to = 0
    energy = 0.0
    for at, value, held, per in spans:
        if at >= edge:
            kwh[bucket], covered[bucket] = energy, cover
            bucket = at - at % BUCKET_MS
            edge = bucket + BUCKET_MS
            energy, cover = kwh.get(bucket, 0.0), covered.get(bucket, 0)
        end = at + held
        if end <= edge:  # the usual case
            energy += value * held / per
            if at >= covered_to:
                cover += held
                covered_to = end
            elif end > covered_to:
                cover += end - covered_to
                covered_to = end
            continue
        fresh = at if at > covered_to else covered_to
        energy += value * (edge - at) / per
        if edge > fresh:
            cover += edge - fresh
            fresh = edge
        for later in range(edge, end, BUCKET_MS):
            until = later + BUCKET_MS if later + BUCKET_MS < end else end
            kwh[later] = kwh.get(later, 0.0) + value * (until - later) / per
            if until > fresh:
                covered[later] = covered.get(later, 0) + until - fresh
                fresh = until
        covered_to = fresh
    kwh[bucket], covered[bucket] = energy, cover
    starts = [at for at in sorted(kwh) if start_ms <= at < end_ms]
    return profile(starts, [kwh[at] for at in starts], [covered[at] for at in starts])
