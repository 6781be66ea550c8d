"""What months shall come to, summed over the months of a group."""

from collections.abc import Callable, Iterable
from math import fsum

from quarterhour.sites.house import Budget, House


def budgeted(
    house: House, months: Iterable[int], figure_of: Callable[[Budget], float | None]
) -> float | None:
    """Return the sum of one figure of the months' budgets; None where none of them says it."""
    budgets = (house.budgets.get(f"{house.zone.date_of(at):%Y-%m}") for at in months)
    figures = [figure for budget in budgets if budget and (figure := figure_of(budget)) is not None]
    return fsum(figures) if figures else None
