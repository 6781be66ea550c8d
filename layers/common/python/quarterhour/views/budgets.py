"""What months shall come to, summed over the months of a group."""

from collections.abc import Callable, Iterable
from math import fsum

from quarterhour.sites.house import Budget, House


def budgeted(
    house: House, months: Iterable[int], of: Callable[[Budget], float | None]
) -> float | None:
    """Return the sum of one figure of the months' budgets; None where none of them says it."""
    budgets = (house.budgets.get(f"{house.zone.date_of(at):%Y-%m}") for at in months)
    said = [figure for one in budgets if one and (figure := of(one)) is not None]
    return fsum(said) if said else None
