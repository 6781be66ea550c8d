"""Rows put together to the items of an answer, each dated by its earliest row."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from math import fsum
from typing import Any, Self

from quarterhour.energy.aggregate import DAY, HOUR, MONTH, YEAR
from quarterhour.energy.profile import Row
from quarterhour.energy.readings import Series
from quarterhour.query.asked import Asked
from quarterhour.query.rows import Figures
from quarterhour.sites.house import SOLAR, USED
from quarterhour.time import cuts
from quarterhour.time.calendar import BUCKET_MS, HOUR_MS, Zone, bucket_of
from quarterhour.time.intervals import Interval

_CALENDAR = {
    DAY: (Zone.day_of, Zone.next_day),
    MONTH: (Zone.month_of, Zone.next_month),
    YEAR: (Zone.year_of, Zone.next_year),
}
_CUTS = {HOUR: cuts.hours, DAY: cuts.days, MONTH: cuts.months, YEAR: cuts.years}

# What is told of rows, by their beginnings; figures without data left out.
FiguresOf = Callable[[Sequence[int]], Mapping[str, float]]


def grouped(rows: Iterable[int], interval: str, zone: Zone) -> list[list[int]]:
    """Return ascending beginnings of rows, those of the same hour, day, month or year together."""
    starts = sorted({*rows})
    return [starts[first:last] for _, first, last in _CUTS[interval](starts, zone)]


def period_of(at_ms: int, interval: str, zone: Zone) -> Interval:
    """Return the quarter hour, hour, day, month or year that an instant is in, local time."""
    if interval in _CALENDAR:
        begin_of, following = _CALENDAR[interval]
        begin = begin_of(zone, at_ms)
        return begin, following(zone, begin)
    if interval == HOUR:
        begin = zone.hour_of(at_ms)
        return begin, next_hour(begin, zone)
    return bucket_of(at_ms), bucket_of(at_ms) + BUCKET_MS


def next_hour(hour_ms: int, zone: Zone) -> int:
    """Return the beginning of the local hour after this one; clocks may move within it."""
    return next(
        at
        for at in range(hour_ms + BUCKET_MS, hour_ms + 3 * HOUR_MS, BUCKET_MS)
        if zone.hour_of(at) == at
    )


class Label(str):
    """A local time as an answer writes it, which knows its instant: one hour a year is two."""

    __slots__ = ("at_ms",)

    at_ms: int

    def __new__(cls, text: str, at_ms: int) -> Self:
        """Return the label of an instant."""
        new = super().__new__(cls, text)
        new.at_ms = at_ms
        return new


def label(at_ms: int, interval: str, zone: Zone) -> Label:
    """Return the `date` of an item or point: a day, or for hours a day and an hour, local time."""
    if interval == HOUR:
        return Label(f"{zone.clock_of(at_ms).isoformat(timespec='hours')}:00:00", at_ms)
    return Label(zone.date_of(at_ms).isoformat(), at_ms)


def clock(at_ms: int, zone: Zone) -> Label:
    """Return an instant's hour as `2013-01-05 17:00:00`, local time."""
    return Label(f"{zone.clock_of(at_ms):%Y-%m-%d %H}:00:00", at_ms)


def total(rows: Mapping[int, float], begins: Iterable[int]) -> float | None:
    """Return the sum of those of the rows that are there; None where none is."""
    figures = [rows[at] for at in begins if at in rows]
    return fsum(figures) if figures else None


def shown(rows: Mapping[int, Row], begins: Iterable[int]) -> Row | None:
    """Return what a gauge shows in those of the rows that are there; None where none is."""
    parts = [rows[at] for at in begins if at in rows]
    if len(parts) <= 1:
        return parts[0] if parts else None
    starts, totals, covered, least, most = zip(*parts, strict=True)
    return Row(starts[0], fsum(totals), sum(covered), min(least), max(most))


def present(**figures: float | None) -> dict[str, float]:
    """Return the figures that have data: what has none is absent."""
    return {name: figure for name, figure in figures.items() if figure is not None}


def totals_and_items(
    rows: Iterable[int], question: Asked, zone: Zone, figures_of: FiguresOf
) -> dict[str, Any]:
    """Return `totals` and `items`, each item dated by its earliest row."""
    begins = [*rows]
    items = [
        {"date": label(group[0], question.interval, zone), **figures_of(group)}
        for group in grouped(begins, question.interval, zone)
    ]
    return {"totals": {**figures_of(begins)}, "items": items}


def with_data(figures: Figures) -> set[int]:
    """Return the rows in which any of the measures has data."""
    return {at for rows in (*figures.sums.values(), *figures.gauges.values()) for at in rows}


def energy(figures: Figures, channel: str) -> Mapping[int, float]:
    """Return a channel's kWh; none where its energy is not measured."""
    return figures.sums.get(Series(channel), {})


def net(used: float | None, solar: float | None) -> float | None:
    """Return what was taken from the grid; None unless both are known. Generation is negative."""
    return None if used is None or solar is None else used + solar


def net_of(figures: Figures, rows: Sequence[int]) -> float | None:
    """Return what rows took from the grid, kWh; None unless they have both `used` and `solar`."""
    return net(total(energy(figures, USED), rows), total(energy(figures, SOLAR), rows))


def unaccounted(circuits: Figures, ids: Iterable[str], rows: Sequence[int]) -> float | None:
    """Return `used` less its circuits, those without data counting 0; None without `used`."""
    used = total(energy(circuits, USED), rows)
    kwh = [total(energy(circuits, circuit_id), rows) or 0.0 for circuit_id in ids]
    return None if used is None else used - fsum(kwh)
