"""Budgets: sums over months, of what they say."""

from quarterhour.sites.house import Budget
from quarterhour.views.budgets import budgeted
from tests.house_builders import at, house

HOME = house(
    budgets={
        "2013-01": Budget(used=820, solar=0.0),
        "2013-02": Budget(used=0.1, hdd=1300),
        "2013-03": Budget(used=0.2),
    }
)
JANUARY, FEBRUARY, MARCH, APRIL = map(at, ("2013-01-01", "2013-02-01", "2013-03-01", "2013-04-01"))


def test_budgets_are_summed_over_the_given_months_alone() -> None:
    assert budgeted(HOME, [JANUARY, MARCH], lambda one: one.used) == 820.2


def test_a_month_whose_budget_does_not_say_a_figure_adds_nothing() -> None:
    assert budgeted(HOME, [JANUARY, FEBRUARY, APRIL], lambda one: one.hdd) == 1300


def test_what_no_month_says_is_absent_and_zero_is_not() -> None:
    assert budgeted(HOME, [FEBRUARY, APRIL], lambda one: one.solar) is None
    assert budgeted(HOME, [JANUARY], lambda one: one.solar) == 0
    assert budgeted(HOME, [], lambda one: one.used) is None


def test_budgets_are_not_rounded_on_the_way() -> None:
    tenths = {f"2013-{month:02}": Budget(used=0.1) for month in range(1, 11)}
    months = [at(f"{month}-01") for month in tenths]
    assert budgeted(house(budgets=tenths), months, lambda one: one.used) == 1.0
