"""`usage?circuit=summary`: what was used in the range, circuit by circuit."""

from datetime import timedelta
from typing import Any

from quarterhour.energy.aggregate import YEAR
from quarterhour.query.asked import Asked, day_grain, in_range
from quarterhour.query.periods import energy, total, unaccounted, with_data
from quarterhour.query.rows import Found, Grain, Plan
from quarterhour.sites import virtual_meters
from quarterhour.sites.house import USED, House
from quarterhour.views.usage.frame import name

_ONE_DAY = timedelta(days=1)


def plan(question: Asked, house: House) -> Plan:
    """Want the days of the circuits' meter, whatever the interval; hours where a day is cut."""
    grain = Grain.DAY if question.until_ms is None else day_grain(question)
    return {"circuits": in_range(virtual_meters.circuits(house), grain, question, house.zone)}


def answer(question: Asked, house: House, results: Found) -> dict[str, Any]:
    """Return kWh of `used`, of every circuit and of the rest; here what has no data reads 0."""
    circuits, ids = results["circuits"], virtual_meters.circuit_ids(house)
    rows = [*with_data(circuits)]
    actual = {circuit_id: total(energy(circuits, circuit_id), rows) for circuit_id in (USED, *ids)}
    actual["all_other"] = unaccounted(circuits, ids, rows)
    return {
        "view": "usage.summary",
        "circuits": [
            {"circuit_id": circuit_id, "actual": kwh or 0.0, "name": name(house, circuit_id)}
            for circuit_id, kwh in actual.items()
        ],
        "circuit": {"circuit_id": "summary", "name": "Total", **_dates(question)},
    }


def _dates(question: Asked) -> dict[str, str]:
    """Return the range as it was asked for: the last day of a duration, or the given end."""
    if question.interval == YEAR or question.start is None or question.end is None:
        return {}
    last = question.end - _ONE_DAY if question.by_duration else question.end
    return {"startdate": question.start.isoformat(), "enddate": last.isoformat()}
