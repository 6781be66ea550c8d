"""The totals and items of a view: the same figures of all rows and of the rows of each period."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from quarterhour.energy.readings import Series
from quarterhour.query.asked import Asked
from quarterhour.query.periods import grouped, label
from quarterhour.query.rows import Figures
from quarterhour.time.zones import Zone

# What is told of rows, by their beginnings; figures without data left out.
Told = Callable[[Sequence[int]], Mapping[str, float]]


def totals_and_items(rows: Iterable[int], asked: Asked, zone: Zone, told: Told) -> dict[str, Any]:
    """Return `totals` and `items`, each item dated by its earliest row."""
    begins = [*rows]
    items = [
        {"date": label(group[0], asked.interval, zone), **told(group)}
        for group in grouped(begins, asked.interval, zone)
    ]
    return {"totals": {**told(begins)}, "items": items}


def with_data(figures: Figures) -> set[int]:
    """Return the rows in which any of the measures has data."""
    return {at for rows in (*figures.sums.values(), *figures.gauges.values()) for at in rows}


def energy(figures: Figures, channel: str) -> Mapping[int, float]:
    """Return a channel's kWh; none where its energy is not measured."""
    return figures.sums.get(Series(channel), {})


def net(used: float | None, solar: float | None) -> float | None:
    """Return what was taken from the grid; None unless both are known. Generation is negative."""
    return None if used is None or solar is None else used + solar
