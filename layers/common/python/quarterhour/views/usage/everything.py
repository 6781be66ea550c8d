"""`usage?circuit=all`: what the whole house used, beside its budget."""

from collections.abc import Sequence
from typing import Any

from quarterhour.query.asked import Asked, by_interval
from quarterhour.query.periods import energy, present, total, with_data
from quarterhour.query.rows import Found, Plan
from quarterhour.sites import virtual_meters
from quarterhour.sites.house import USED, House
from quarterhour.views.budgets import budgeted
from quarterhour.views.usage.frame import framed


def plan(question: Asked, house: House) -> Plan:
    """Want the house's energy by the asked interval."""
    return {"energy": by_interval(virtual_meters.energy(house), question, house.zone)}


def answer(question: Asked, house: House, results: Found) -> dict[str, Any]:
    """Return kWh used, and by month and year the budgets of the months with energy."""
    used = energy(results["energy"], USED)

    def figures_of(rows: Sequence[int]) -> dict[str, float]:
        budget = budgeted(house, rows, lambda month: month.used) if question.by_month else None
        return present(actual=total(used, rows), budget=budget)

    return framed(question, house, with_data(results["energy"]), figures_of)
