"""What a view is: a module that says what it reads of a house and what it answers."""

from typing import Any, Protocol

from quarterhour.query.asked import Asked
from quarterhour.query.rows import Found, Plan
from quarterhour.sites.house import House


class ViewModule(Protocol):
    """A module of a view. Its figures are not rounded, and those without data are absent."""

    def plan(self, question: Asked, house: House) -> Plan:
        """Return what is read; QuarterhourError where the view has no such answer."""

    def answer(self, question: Asked, house: House, results: Found) -> dict[str, Any]:
        """Return the answer's members, made of what the plan found."""
