"""Answers of energy over time: one point a period that has data."""

from collections.abc import Iterator
from functools import partial
from typing import NotRequired

from typing_extensions import TypedDict

from quarterhour.energy.aggregate import QUARTER_HOURS, lengths_ms
from quarterhour.energy.profile import Profile
from quarterhour.http.answers.forms import CLOCK, Table, Time, figures, share, times
from quarterhour.time import cuts
from quarterhour.time.calendar import BUCKET_MS, UTC, day_text

# A day of quarter hours that are covered as a whole: its date, and a place for each figure.
_DATE = "YYYY-MM-DD"
_WHOLE_DAY = ",".join(f'{{"datetime":"{_DATE}{clock}","value":%s}}' for clock in CLOCK)


class Point(TypedDict):
    """The energy of a period, kWh; `coverage` only where less than all of it is covered."""

    datetime: Time
    value: float
    coverage: NotRequired[float]


class Range(TypedDict):
    """A ship's energy over a range."""

    spaceship_id: int
    units: str
    data: list[Point]


def coverage(covered_ms: int, length_ms: int) -> float | int:
    """Return the covered share of a period, above 0 and at most 1."""
    return 1 if covered_ms == length_ms else share(covered_ms / length_ms)


def ship_range(spaceship_id: int, found: Profile, interval: str) -> Table:
    """Return a ship's periods: JSON as `Range`, and datetime, value, coverage."""
    return Table(
        partial(_json, spaceship_id, found, interval),
        ("datetime", "value", "coverage"),
        _points(found, interval),
    )


def _points(found: Profile, interval: str) -> Iterator[tuple[str, str, float]]:
    """Yield each period's beginning, figure and coverage."""
    shares = map(coverage, found.covered, lengths_ms(found.starts, interval))
    yield from zip(times(found.starts), figures(found.totals), shares, strict=True)


def _json(spaceship_id: int, found: Profile, interval: str) -> str:
    """Return a `Range`, written by hand, as a year has 35,000 points."""
    is_by_day = interval == QUARTER_HOURS
    data = ",".join(_days(found) if is_by_day else [_one_by_one(found, interval)])
    return f'{{"spaceship_id":{spaceship_id},"units":"kWh","data":[{data}]}}'


def _days(found: Profile) -> Iterator[str]:
    """Yield the points of each UTC day of quarter hours; those of a whole day at once."""
    for day_ms, first, last in cuts.days(found.starts, UTC):
        day = found.part(first, last)
        if len(day) == len(CLOCK) and min(day.covered) == BUCKET_MS:
            yield _WHOLE_DAY.replace(_DATE, day_text(day_ms)) % tuple(figures(day.totals))
        else:
            yield _one_by_one(day, QUARTER_HOURS)


def _one_by_one(found: Profile, interval: str) -> str:
    return ",".join(
        [
            f'{{"datetime":"{time}","value":{value}}}'
            if covered == 1
            else f'{{"datetime":"{time}","value":{value},"coverage":{covered}}}'
            for time, value, covered in _points(found, interval)
        ]
    )
