"""`usage?circuit=all_other`: what no circuit accounts for."""

from collections.abc import Iterable, Sequence
from math import fsum
from typing import Any

from quarterhour.query.asked import Asked
from quarterhour.query.periods import present, total
from quarterhour.query.rows import Figures, Found, Plan
from quarterhour.sites import virtual_meters
from quarterhour.sites.house import USED, House
from quarterhour.views.items import energy, with_data
from quarterhour.views.usage import circuit
from quarterhour.views.usage.frame import framed


def plan(asked: Asked, house: House) -> Plan:
    """Want what any circuit wants."""
    return circuit.plan(asked, house)


def answer(asked: Asked, house: House, found: Found) -> dict[str, Any]:
    """Return kWh used by the circuits' meter that no circuit accounts for."""
    circuits, ids = found["circuits"], virtual_meters.circuit_ids(house)

    def told(rows: Sequence[int]) -> dict[str, float]:
        return present(actual=unaccounted(circuits, ids, rows))

    return framed(asked, house, with_data(circuits), told)


def unaccounted(circuits: Figures, ids: Iterable[str], rows: Sequence[int]) -> float | None:
    """Return `used` less its circuits, those without data counting 0; None without `used`."""
    used = total(energy(circuits, USED), rows)
    known = [total(energy(circuits, one), rows) or 0.0 for one in ids]
    return None if used is None else used - fsum(known)
