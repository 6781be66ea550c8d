"""What a frontend asks for first: the years that have energy, or the limits of its scales."""

from collections.abc import Mapping
from typing import Any

from quarterhour.energy.aggregate import DAY, MONTH
from quarterhour.energy.quantities import WH_PER_KWH
from quarterhour.errors import BadRequest
from quarterhour.query.asked import Asked, by_interval, in_range
from quarterhour.query.intervals import OF_VIEWS
from quarterhour.query.periods import clock, energy, label, present, with_data
from quarterhour.query.rows import Found, Grain, Plan
from quarterhour.sites import virtual_meters
from quarterhour.sites.house import SOLAR, USED, House

LONGEST_ECHO = 40


def interval(text: str) -> str:
    """Return MONTH, also for an empty text, or DAY; BadRequest for any other."""
    name = OF_VIEWS.get(text or MONTH)
    if name is None or name not in {MONTH, DAY}:
        raise BadRequest(f"Interval '{text[:LONGEST_ECHO]}' does not exist")
    return name


def plan_years(house: House) -> Plan:
    """Want all months of the house's energy."""
    return {"energy": by_interval(virtual_meters.energy(house), Asked(MONTH), house.zone)}


def years(house: House, results: Found, newest_ms: int | None) -> dict[str, Any]:
    """Return the years with energy, and the day of the newest reading of it, if there is one."""
    months = sorted(with_data(results["energy"]))
    named = dict.fromkeys(str(house.zone.date_of(at).year) for at in months)
    asof = {} if newest_ms is None else {"asof": label(newest_ms, DAY, house.zone)}
    return {"years": [*named], **asof}


def plan_limits(house: House) -> Plan:
    """Want all hours of the house's energy and degree days, all days of the outdoors."""
    everything, zone = Asked(DAY), house.zone
    outdoor = virtual_meters.temperature(house, virtual_meters.outdoor(house))
    return {
        "energy": in_range(virtual_meters.energy(house), Grain.HOUR, everything, zone),
        "hdd": in_range(virtual_meters.degree_days(house), Grain.HOUR, everything, zone),
        "outdoor": in_range(outdoor, Grain.DAY, everything, zone),
    }


def limits(house: House, results: Found) -> dict[str, Any]:
    """Return the extremes of all hours, Wh, degF and degree days F; the first and last hour."""
    outdoor, zone = results["outdoor"].only_gauge.values(), house.zone
    hours = with_data(results["energy"])
    ends = {"start_date": min(hours), "end_date": max(hours)} if hours else {}
    return {
        **present(
            used_max=_most_wh(energy(results["energy"], USED)),
            solar_min=_least_wh(energy(results["energy"], SOLAR)),
            outdoor_deg_min=min((day.least for day in outdoor), default=None),
            outdoor_deg_max=max((day.most for day in outdoor), default=None),
            hdd_max=max(results["hdd"].only_sum.values(), default=None),
        ),
        **{name: clock(at, zone) for name, at in ends.items()},
    }


def _most_wh(hours: Mapping[int, float]) -> float | None:
    return max(hours.values()) * WH_PER_KWH if hours else None


def _least_wh(hours: Mapping[int, float]) -> float | None:
    return min(hours.values()) * WH_PER_KWH if hours else None
