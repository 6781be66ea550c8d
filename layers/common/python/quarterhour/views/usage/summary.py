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


def plan(asked: Asked, house: House) -> Plan:
    """Want the days of the circuits' meter, whatever the interval; hours where a day is cut."""
    grain = Grain.DAY if asked.until_ms is None else day_grain(asked)
    return {"circuits": in_range(virtual_meters.circuits(house), grain, asked, house.zone)}


def answer(asked: Asked, house: House, found: Found) -> dict[str, Any]:
    """Return kWh of `used`, of every circuit and of the rest; here what has no data reads 0."""
    circuits, ids = found["circuits"], virtual_meters.circuit_ids(house)
    rows = [*with_data(circuits)]
    actual = {one: total(energy(circuits, one), rows) for one in (USED, *ids)}
    actual["all_other"] = unaccounted(circuits, ids, rows)
    return {
        "view": "usage.summary",
        "circuits": [
            {"circuit_id": one, "actual": kwh or 0.0, "name": name(house, one)}
            for one, kwh in actual.items()
        ],
        "circuit": {"circuit_id": "summary", "name": "Total", **_dates(asked)},
    }


def _dates(asked: Asked) -> dict[str, str]:
    """Return the range as it was asked for: the last day of a duration, or the given end."""
    if asked.interval == YEAR or asked.start is None or asked.end is None:
        return {}
    last = asked.end - _ONE_DAY if asked.by_duration else asked.end
    return {"startdate": asked.start.isoformat(), "enddate": last.isoformat()}
