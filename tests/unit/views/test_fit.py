"""The line through points: least squares, and what there is of it where there is little to fit."""

from fractions import Fraction
from math import isclose

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from quarterhour.views.fit import fit

FIGURES = st.floats(-1e4, 1e4).map(lambda one: round(one, 4))
POINTS = st.lists(st.tuples(FIGURES, FIGURES), min_size=2, max_size=30)


def test_points_on_a_line_are_fitted_exactly() -> None:
    line = fit([0.0, 2.0, 4.0], [2.0, 3.0, 4.0])
    assert line == {"slope": 0.5, "intercept": 2.0, "r2": 1.0, "n": 3}
    assert [*line] == ["slope", "intercept", "r2", "n"]


def test_the_textbook_s_example() -> None:
    """Anscombe's first quartet: four sets of points of one line."""
    xs = [10.0, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5]
    ys = [8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68]
    found = {name: round(figure, 6) for name, figure in fit(xs, ys).items()}
    assert found == {"slope": 0.500091, "intercept": 3.000091, "r2": 0.666542, "n": 11}


@pytest.mark.parametrize("xs", [[], [2.0], [2.0, 2.0, 2.0], [2.0, 2.0000004]])
def test_without_two_different_x_there_is_only_their_number(xs: list[float]) -> None:
    assert fit(xs, [float(nth) for nth in range(len(xs))]) == {"n": len(xs)}


def test_a_flat_line_explains_nothing() -> None:
    assert fit([1.0, 2.0, 4.0], [3.0, 3.0, 3.0]) == {"slope": 0.0, "intercept": 3.0, "n": 3}


def test_a_spread_counts_from_the_last_decimal_that_is_shown() -> None:
    assert fit([1.0, 1.000001], [0.0, 1.0]).keys() == {"slope", "intercept", "r2", "n"}
    assert "r2" not in fit([1.0, 2.0], [1.0, 1.0000004])


@given(POINTS)
def test_no_other_line_has_smaller_squares(points: list[tuple[float, float]]) -> None:
    """The normal equations, in exact arithmetic: residuals sum to 0, and so do theirs times x."""
    xs, ys = zip(*points, strict=True)
    assume(max(xs) - min(xs) > 1)
    line = fit(xs, ys)
    slope, intercept = Fraction(line["slope"]), Fraction(line["intercept"])
    rests = [Fraction(y) - intercept - slope * Fraction(x) for x, y in points]
    largest = 1 + max(map(abs, (*xs, *ys)))
    assert abs(sum(rests)) < 1e-9 * largest * len(points)
    assert abs(sum(rest * Fraction(x) for rest, x in zip(rests, xs, strict=True))) < (
        1e-9 * largest**2 * len(points)
    )


@given(POINTS)
def test_r2_is_the_share_of_the_spread_that_the_line_explains(
    points: list[tuple[float, float]],
) -> None:
    xs, ys = zip(*points, strict=True)
    assume(max(xs) - min(xs) > 1)
    assume(max(ys) - min(ys) > 1)
    line = fit(xs, ys)
    mean = sum(map(Fraction, ys)) / len(ys)
    fitted = [line["intercept"] + line["slope"] * x for x in xs]
    left = sum((Fraction(y) - Fraction(at)) ** 2 for y, at in zip(ys, fitted, strict=True))
    whole = sum((Fraction(y) - mean) ** 2 for y in ys)
    assert isclose(line["r2"], 1 - left / whole, abs_tol=1e-6)
