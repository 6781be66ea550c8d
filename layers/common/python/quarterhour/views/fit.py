"""A straight line through points, by least squares."""

from collections.abc import Sequence
from math import fsum

from quarterhour.views.extremes import DECIMALS


def fit(xs: Sequence[float], ys: Sequence[float]) -> dict[str, float]:
    """Return slope, intercept, r2 and n of ys on xs, as far as there are any; always n.

    A slope needs two points of different x, and r2 (the squared correlation) two of different y
    besides: as they are shown, to six decimals.
    """
    n = len(xs)
    if not _differ(xs):
        return {"n": n}
    mean_x, mean_y = fsum(xs) / n, fsum(ys) / n
    dx, dy = [x - mean_x for x in xs], [y - mean_y for y in ys]
    square_x, square_y, product = _product(dx, dx), _product(dy, dy), _product(dx, dy)
    slope = product / square_x
    line = {"slope": slope, "intercept": mean_y - slope * mean_x}
    if _differ(ys):
        line["r2"] = slope * product / square_y
    return {**line, "n": n}


def _differ(figures: Sequence[float]) -> bool:
    return len({round(figure, DECIMALS) for figure in figures}) > 1


def _product(xs: Sequence[float], ys: Sequence[float]) -> float:
    return fsum(x * y for x, y in zip(xs, ys, strict=True))
