"""Extremes: of figures that read the same the earliest counts."""

from quarterhour.views.extremes import greatest, least


def test_the_least_and_the_greatest_row() -> None:
    rows = {1: -1.0, 2: -3.0, 3: 4.0, 4: 0.0}
    assert least(rows) == (2, -3.0)
    assert greatest(rows) == (3, 4.0)


def test_no_rows_have_no_extremes() -> None:
    assert least({}) is None
    assert greatest({}) is None


def test_figures_that_read_the_same_are_equal_and_the_earliest_counts() -> None:
    assert least({1: -2.0, 2: -2.0000004, 3: -2.0}) == (1, -2.0)
    assert greatest({1: 2.0, 2: 2.0000004, 3: 2.0}) == (1, 2.0)


def test_figures_that_differ_in_the_sixth_decimal_are_not_equal() -> None:
    assert least({1: -2.0, 2: -2.000001}) == (2, -2.000001)
    assert greatest({1: 2.0, 2: 2.000001}) == (2, 2.000001)
