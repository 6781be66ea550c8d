"""Warnings of a batch: what is accepted but looks wrong (docs/semantics.md, "Warnings")."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise

from quarterhour.energy.lookback import MAX_HOLD_MS
from quarterhour.energy.quantities import Quantity
from quarterhour.energy.readings import Posted, Reading
from quarterhour.time.instants import iso

MAX_OF_A_CODE = 100
# W posted as kW, or Wh as kWh, is a thousand times too much; loads themselves vary, so from 500 on.
JUMP = 500


@dataclass(frozen=True, slots=True)
class BatchWarning:
    """A warning of a POST: its code, a sentence, and the reading it points at."""

    code: str
    message: str
    index: int


def of_batch(
    readings: Sequence[Posted],
    quantity: Quantity,
    before: Sequence[Reading] = (),
) -> list[BatchWarning]:
    """Return the warnings of a series' batch sorted by time, at most MAX_OF_A_CODE of each code.

    `before` is what the bucket of the batch already held of the series, where that is known.
    """
    by_code = (
        _overlaps(readings, _end_of) if quantity.is_amount else iter(()),
        _gaps(readings),
        iter(()) if quantity.is_gauge else _jumps(readings, before),
    )
    return [warning for group in by_code for warning in islice(group, MAX_OF_A_CODE)]


def of_totals(readings: Sequence[Posted], end_of: Callable[[Posted], int]) -> list[BatchWarning]:
    """Return the warnings of one channel's period totals, by where each of them ends."""
    by_code = _overlaps(readings, end_of), _jumps(readings, ())
    return [warning for group in by_code for warning in islice(group, MAX_OF_A_CODE)]


def _gaps(readings: Sequence[Posted]) -> Iterator[BatchWarning]:
    for before, after in pairwise(readings):
        if after.at_ms - before.at_ms > MAX_HOLD_MS and not before.interval:
            message = (
                f"Nothing for more than 65 minutes after {iso(before.at_ms)}: the gap stays empty. "
                "Declare an interval if these readings last longer."
            )
            yield BatchWarning("gap", message, after.place)


def _end_of(posted: Posted) -> int:
    return posted.at_ms + int(posted.interval)


def _overlaps(
    readings: Sequence[Posted], end_of: Callable[[Posted], int]
) -> Iterator[BatchWarning]:
    for before, after in pairwise(readings):
        if after.at_ms < end_of(before):
            message = f"Begins inside the interval of {iso(before.at_ms)}: both count."
            yield BatchWarning("overlap", message, after.place)


def _jumps(readings: Sequence[Posted], before: Sequence[Reading]) -> Iterator[BatchWarning]:
    """Find magnitudes far above the median of the others, in the batch or already in its bucket."""
    written = {posted.at_ms for posted in readings}
    stored = sorted(abs(reading.value) for reading in before if reading.at_ms not in written)
    stored_median = _median(len(stored), stored.__getitem__)
    ranked = sorted(readings, key=_magnitude)
    for rank in range(len(ranked) - 1, -1, -1):
        posted = ranked[rank]
        others_median = _median_without(ranked, rank)
        if not any(0 < m * JUMP <= _magnitude(posted) for m in (others_median, stored_median)):
            return
        message = "About a thousand times the median of the readings beside it: is the unit right?"
        yield BatchWarning("jump", message, posted.place)


def _median_without(ranked: Sequence[Posted], rank: int) -> float:
    """Return the median magnitude of the others, without copying them."""
    return _median(len(ranked) - 1, lambda nth: _magnitude(ranked[nth + (nth >= rank)]))


def _magnitude(posted: Posted) -> float:
    return abs(posted.value)


def _median(count: int, nth: Callable[[int], float]) -> float:
    """Return the median of `count` ascending values; 0 of none."""
    half = count // 2
    if not count:
        return 0.0
    return nth(half) if count % 2 else (nth(half - 1) + nth(half)) / 2
