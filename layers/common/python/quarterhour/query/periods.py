"""Rows put together to the items of a view, each dated by its earliest row."""

from collections.abc import Iterable, Mapping
from itertools import groupby
from math import fsum

from quarterhour.energy.aggregate import Row, together
from quarterhour.query.asked import DAY, HOUR, MONTH, YEAR
from quarterhour.time.zones import Zone


def grouped(rows: Iterable[int], interval: str, zone: Zone) -> list[list[int]]:
    """Return ascending beginnings of rows, those of the same hour, day, month or year together."""
    period_of = {HOUR: zone.hour_of, DAY: zone.day_of, MONTH: zone.month_of, YEAR: zone.year_of}[
        interval
    ]
    return [[*group] for _, group in groupby(sorted(set(rows)), key=period_of)]


def label(at_ms: int, interval: str, zone: Zone) -> str:
    """Return the `date` of an item or point: a day, or for hours a day and an hour, local time."""
    if interval == HOUR:
        return f"{zone.clock_of(at_ms):%Y-%m-%dT%H}:00:00"
    return zone.date_of(at_ms).isoformat()


def clock(at_ms: int, zone: Zone) -> str:
    """Return an instant's hour as `2013-01-05 17:00:00`, local time."""
    return f"{zone.clock_of(at_ms):%Y-%m-%d %H}:00:00"


def total(rows: Mapping[int, float], of: Iterable[int]) -> float | None:
    """Return the sum of those of the rows that are there; None where none is."""
    found = [rows[at] for at in of if at in rows]
    return fsum(found) if found else None


def shown(rows: Mapping[int, Row], of: Iterable[int]) -> Row | None:
    """Return what a gauge shows in those of the rows that are there; None where none is."""
    found = [rows[at] for at in of if at in rows]
    return together(found[0].start_ms, (row[1:] for row in found)) if found else None


def present(**figures: float | None) -> dict[str, float]:
    """Return the figures that have data: what has none is absent."""
    return {name: figure for name, figure in figures.items() if figure is not None}
