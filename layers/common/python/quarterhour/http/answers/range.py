"""Answers of energy over time: one point a period that has data."""

from collections.abc import Sequence
from typing import NotRequired

from typing_extensions import TypedDict

from quarterhour.energy.aggregate import Row, lengths_ms
from quarterhour.http.answers.forms import Answer, Time, csv_answer, figure, json_answer, number
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


def coverage(row: Row, length_ms: int) -> float | int:
    """Return the covered share of a row's period, above 0 and at most 1."""
    return max(number(row.covered / length_ms), _LEAST)


def range_json(spaceship_id: int, rows: Sequence[Row], interval: str) -> Answer:
    """Return a ship's rows as JSON (`Range`); written by hand, as a year has 35,000 of them."""
    data = ",".join(map(_point, rows, lengths_ms(rows, interval)))
    return json_answer(f'{{"spaceship_id":{spaceship_id},"units":"kWh","data":[{data}]}}')


def range_csv(_: int, rows: Sequence[Row], interval: str) -> Answer:
    """Return a ship's rows as CSV: datetime, value, coverage."""
    return csv_answer(
        ("datetime", "value", "coverage"),
        (
            (iso(row.start_ms), figure(row.total), coverage(row, length_ms))
            for row, length_ms in zip(rows, lengths_ms(rows, interval), strict=True)
        ),
    )


RANGE_FORMATS = {"json": range_json, "csv": range_csv}


def _point(row: Row, length_ms: int) -> str:
    start = f'{{"datetime":"{bucket_text(row.start_ms)}:00Z","value":{figure(row.total)}'
    if row.covered == length_ms or (covered := coverage(row, length_ms)) == 1:
        return start + "}"
    return f'{start},"coverage":{covered}}}'
