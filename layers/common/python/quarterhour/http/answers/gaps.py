"""Answers of gaps: where data lack, as a whole or in part, and how much of a range is covered."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, NotRequired

from typing_extensions import TypedDict

from quarterhour.energy.gaps import Gap, Gaps
from quarterhour.http.answers.forms import Table, Time, compact, number
from quarterhour.time.instants import iso

# Of an answer: a megabyte.
MOST_GAPS = 10_000
_LEAST = 0.000001  # of what is covered in part, the coverage is never 0, and never 1
_MOST = 1 - _LEAST


class ShipGap(TypedDict):
    """Quarter hours in a row without data (`coverage` is 0), or each covered in part."""

    start: Time
    end: Time
    hours: float
    coverage: float


class ShipGaps(TypedDict):
    """A ship's gaps in a range, and the share of the range that is covered."""

    spaceship_id: int
    coverage: NotRequired[float]
    data: list[ShipGap]
    left_out: NotRequired[int]


class DeviceGap(TypedDict):
    """Quarter hours in a row of a channel without data, or each covered in part."""

    channel: str
    start: Time
    end: Time
    hours: float
    coverage: float


class DeviceGaps(TypedDict):
    """A device's gaps in a range, and the share of the range that is covered, by channel."""

    house_id: int
    device: int
    coverage: dict[str, float]
    data: list[DeviceGap]
    left_out: NotRequired[int]


def ship_gaps(spaceship_id: int, found: Gaps, *, by_length: bool) -> Table:
    """Return a ship's gaps: JSON as `ShipGaps`, and start, end, hours, coverage."""
    about: dict[str, Any] = {"spaceship_id": spaceship_id}
    if found.share is not None:
        about["coverage"] = _share(found.share)
    return _table(about, [("", gap) for gap in found.gaps], by_length=by_length)


def device_gaps(about: Mapping[str, int], found: Mapping[str, Gaps], *, by_length: bool) -> Table:
    """Return the gaps of a device's channels: JSON as `DeviceGaps`, and the same as of a ship."""
    shares = {name: _share(each.share) for name, each in found.items() if each.share is not None}
    gaps = [(name, gap) for name, each in found.items() for gap in each.gaps]
    return _table({**about, "coverage": shares}, gaps, by_length=by_length, named=True)


def _table(
    about: Mapping[str, Any],
    gaps: Sequence[tuple[str, Gap]],
    *,
    by_length: bool,
    named: bool = False,
) -> Table:
    """Return gaps, each with its channel, in one order or the other; at most MOST_GAPS."""
    in_order = sorted(gaps, key=lambda each: (each[1].start_ms, each[0]))
    if by_length:
        in_order.sort(key=lambda each: -each[1].length_ms)
    columns = [*(["channel"] if named else []), "start", "end", "hours", "coverage"]
    rows = [
        [*([name] if named else []), iso(gap.start_ms), iso(gap.end_ms), *_figures(gap)]
        for name, gap in in_order[:MOST_GAPS]
    ]
    left_out = len(in_order) - len(rows)
    said = {**about, "data": [dict(zip(columns, row, strict=True)) for row in rows]}
    return Table(
        partial(compact, said | ({"left_out": left_out} if left_out else {})), columns, rows
    )


def _figures(gap: Gap) -> tuple[float, float]:
    return number(gap.hours), _share(gap.coverage)


def _share(share: float) -> float:
    """Return a share with six decimals; 0 and 1 are these alone."""
    return int(share) if share in {0, 1} else min(max(number(share), _LEAST), _MOST)
