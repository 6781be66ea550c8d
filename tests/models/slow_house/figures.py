"""Sums that know when there is nothing to sum, and the plain shape of most views."""

from collections.abc import Callable, Iterable, Mapping
from math import fsum
from typing import Any, TypeVar

from tests.models.slow_house.asked import Asked, group

K = TypeVar("K")
Rows = Mapping[Any, Mapping[str, float]]
Keys = Iterable[Any]
Body = dict[str, Any]


def total(rows: Rows, keys: Keys, name: str) -> float | None:
    """Return the sum of a figure over those of the rows that have it; None where none has."""
    found = [rows[key][name] for key in keys if key in rows and name in rows[key]]
    return fsum(found) if found else None


def plus(one: float | None, other: float | None) -> float | None:
    """Return the sum where both are there."""
    return None if one is None or other is None else one + other


def minus(one: float | None, other: float | None) -> float | None:
    """Return the difference where both are there."""
    return None if one is None or other is None else one - other


def times(one: float | None, factor: float) -> float | None:
    """Return the product."""
    return None if one is None else one * factor


def present(figures: Mapping[str, Any]) -> Body:
    """Return the figures that are there."""
    return {name: one for name, one in figures.items() if one is not None}


def view(name: str, asked: Asked, **more: Any) -> Body:
    """Return what every view begins with; what is None is left out."""
    return {"view": name, "interval": asked.interval, **present(more)}


def listed(asked: Asked, keys: Keys, figures: Callable[[list[Any]], Mapping[str, Any]]) -> Body:
    """Return totals and items of the same figures, each made of its own rows."""
    rows = [*keys]
    return {
        "totals": present(figures(rows)),
        "items": [{"date": at, **present(figures(of))} for at, of in group(asked, rows)],
    }


def first_lowest(figures: Mapping[K, float]) -> tuple[K, float] | None:
    """Return the lowest figure and where it is; of equals (to 6 decimals) the earliest."""
    best: tuple[K, float] | None = None
    for key in sorted(figures):  # type: ignore[type-var]
        if best is None or round(figures[key], 6) < round(best[1], 6):
            best = key, figures[key]
    return best
