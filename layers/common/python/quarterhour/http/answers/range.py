"""Answers of energy over time: one point a period that has data."""

from collections.abc import Sequence
from functools import partial
from typing import NotRequired

from typing_extensions import TypedDict

from quarterhour.energy.ladder import Row
from quarterhour.http.answers.forms import Table, Time, figure, number
from quarterhour.time.calendar import bucket_text
from quarterhour.time.instants import iso

_LEAST = 0.000001  # coverage is never 0: what nothing covers is absent


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


def coverage(row: Row) -> float | int:
    """Return the covered share of a row's period, above 0 and at most 1."""
    return max(number(row.coverage), _LEAST)


def ship_range(spaceship_id: int, rows: Sequence[Row]) -> Table:
    """Return a ship's rows: JSON as `Range`, and datetime, value, coverage."""
    return Table(
        partial(_json, spaceship_id, rows),
        ("datetime", "value", "coverage"),
        ((iso(row.start_ms), figure(row.kwh), coverage(row)) for row in rows),
    )


def _json(spaceship_id: int, rows: Sequence[Row]) -> str:
    """Return a `Range`, written by hand, as a year has 35,000 points."""
    data = ",".join(map(_point, rows))
    return f'{{"spaceship_id":{spaceship_id},"units":"kWh","data":[{data}]}}'


def _point(row: Row) -> str:
    start = f'{{"datetime":"{bucket_text(row.start_ms)}:00Z","value":{figure(row.kwh)}'
    if row.coverage == 1 or (covered := coverage(row)) == 1:
        return start + "}"
    return f'{start},"coverage":{covered}}}'
