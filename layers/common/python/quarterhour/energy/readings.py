"""Readings: one series' values at instants, and what a batch of them must and should be."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from quarterhour.energy.quantities import Quantity
from quarterhour.errors import BadRequest, Detail
from quarterhour.time.calendar import DAY_MS
from quarterhour.time.instants import iso

USED = "used"
MAX_SPAN_DAYS = 400
MAX_READINGS = 20_000
MAX_VALUE = 1e9


class Series(NamedTuple):
    """A channel of a source in one quantity; W and kW are one series, Wh and kWh another.

    What is read of a channel is a series, too: that of energy stands for its power as well, and
    the one of HEATING is made of its temperature.
    """

    channel: str
    quantity: Quantity = Quantity.ENERGY


ENERGY_USED = Series(USED)


class Reading(NamedTuple):
    """A value in its stored unit from `at_ms` on, and how long it was declared to last (or 0)."""

    at_ms: int
    value: float
    interval_ms: int = 0


@dataclass(frozen=True, slots=True)
class Posted:
    """A reading of a batch with its place in it, to point at."""

    index: int
    at_ms: int
    value: float


def distinct(batch: Iterable[Posted]) -> list[Posted]:
    """Return one reading an instant, sorted; BadRequest names instants with two values (rule 5)."""
    first: dict[int, Posted] = {}
    clashes: list[Detail] = []
    for posted in batch:
        kept = first.setdefault(posted.at_ms, posted)
        if kept.value != posted.value:
            reason = f"the reading at index {kept.index} has another value for this instant"
            clashes.append(Detail(reason, "value", posted.index))
    if clashes:
        raise BadRequest("The batch has two values for one instant.", clashes)
    return sorted(first.values(), key=lambda posted: posted.at_ms)


def check_span(readings: Sequence[Posted]) -> None:
    """Refuse a batch whose first and last reading lie too far apart to be one batch."""
    if readings[-1].at_ms - readings[0].at_ms > MAX_SPAN_DAYS * DAY_MS:
        reason = f"more than {MAX_SPAN_DAYS} days after {iso(readings[0].at_ms)}"
        raise BadRequest(
            f"The batch spans more than {MAX_SPAN_DAYS} days: post it in parts.",
            [Detail(reason, "datetime", readings[-1].index)],
        )
