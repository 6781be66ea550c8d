"""Warnings of a batch: what is accepted but looks wrong (docs/semantics.md, "Warnings")."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise

from quarterhour.energy import outliers
from quarterhour.energy.lookback import MAX_HOLD_MS
from quarterhour.energy.possible import FUTURE_MS, ahead_text
from quarterhour.energy.quantities import Quantity
from quarterhour.energy.readings import Posted, Reading
from quarterhour.time.instants import iso

MAX_OF_A_CODE = 100


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
        *_of_values(readings, quantity, before),
    )
    return [warning for group in by_code for warning in islice(group, MAX_OF_A_CODE)]


def of_totals(
    readings: Sequence[Posted], quantity: Quantity, end_of: Callable[[Posted], int]
) -> list[BatchWarning]:
    """Return the warnings of one channel's period totals, by where each of them ends."""
    jumps = map(_jump, outliers.jumps(readings, quantity))
    by_code = _overlaps(readings, end_of), jumps
    return [warning for group in by_code for warning in islice(group, MAX_OF_A_CODE)]


def of_times(readings: Sequence[Posted], now_ms: int) -> Iterator[BatchWarning]:
    """Yield the warnings of instants ahead of now, newest first."""
    for posted in reversed(readings):
        ahead_ms = posted.at_ms - now_ms
        if ahead_ms <= FUTURE_MS:
            return
        message = f"Is {ahead_text(ahead_ms)} ahead of the server's clock: which of them is right?"
        yield BatchWarning("future", message, posted.place)


def of_humidities(readings: Sequence[Posted]) -> Iterator[BatchWarning]:
    """Yield the warnings of humidities that are stored as 100 %."""
    for posted in readings:
        yield BatchWarning("implausible", "Above 100 %: it is stored as 100 %.", posted.place)


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


def _of_values(
    readings: Sequence[Posted], quantity: Quantity, before: Sequence[Reading]
) -> Iterator[Iterator[BatchWarning]]:
    """Yield the warnings of each code that values alone give, beside those the bucket held."""
    written = {posted.at_ms for posted in readings} if before else ()
    held = [reading.value for reading in before if reading.at_ms not in written]
    if outliers.is_of_a_register(readings, quantity):
        yield iter([_register(readings[0])])
    elif outliers.is_of_another_unit(readings, quantity, held):
        yield iter([_unit(readings[0])])
    else:
        jump = _jump_of_gauge if quantity.is_gauge else _jump
        yield map(jump, outliers.jumps(readings, quantity, held))
    yield map(_sensor_fault, outliers.sensor_faults(readings, quantity, held))


def _jump(posted: Posted) -> BatchWarning:
    message = "About a thousand times what the readings beside it are: is the unit right?"
    return BatchWarning("jump", message, posted.place)


def _jump_of_gauge(posted: Posted) -> BatchWarning:
    message = "Very far from the readings beside it: is the unit right?"
    return BatchWarning("jump", message, posted.place)


def _unit(first: Posted) -> BatchWarning:
    message = "All of it is about a thousand times what was posted just before: is the unit right?"
    return BatchWarning("unit?", message, first.place)


def _register(first: Posted) -> BatchWarning:
    message = (
        "The values rise in small steps, as the states of a counter do: post what was used from "
        "one to the next, with `interval`, instead."
    )
    return BatchWarning("register?", message, first.place)


def _sensor_fault(posted: Posted) -> BatchWarning:
    message = "A sensor shows this when it is broken, not connected or just switched on."
    return BatchWarning("implausible", message, posted.place)
