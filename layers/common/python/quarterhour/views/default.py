"""What a frontend asks for first: the years that have energy, or the limits of its scales."""

from collections.abc import Collection
from typing import Any

from quarterhour.energy.aggregate import DAY, MONTH
from quarterhour.energy.profile import Row
from quarterhour.energy.quantities import WH_PER_KWH, Quantity
from quarterhour.energy.readings import Series
from quarterhour.errors import BadRequest
from quarterhour.query.asked import Asked, by_interval, in_range
from quarterhour.query.intervals import OF_VIEWS
from quarterhour.query.periods import clock, label, present, with_data
from quarterhour.query.rows import Figures, Found, Grain, Plan, RowQuery
from quarterhour.sites import virtual_meters
from quarterhour.sites.house import SOLAR, USED, House
from quarterhour.sites.virtual_meters import Meter

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
    """Want the extremes of all days: of the hours of energy and degree days, of the outdoors."""
    energies, heating = virtual_meters.energy(house), virtual_meters.degree_days(house)
    outdoor = virtual_meters.temperature(house, virtual_meters.outdoor(house))
    return {
        "energy": _by_day(virtual_meters.hourly(energies), house),
        "hdd": _by_day(virtual_meters.hourly(heating), house),
        "outdoor": _by_day(outdoor, house),
    }


def plan_ends(house: House, results: Found) -> Plan:
    """Want the hours of the first and the last day that has energy; nothing where none has."""
    days, energies = with_data(results["energy"]), virtual_meters.energy(house)
    return {
        name: RowQuery(energies, Grain.HOUR, day, house.zone.next_day(day))
        for name, day in ({"start_date": min(days), "end_date": max(days)} if days else {}).items()
    }


def limits(house: House, results: Found, ends: Found) -> dict[str, Any]:
    """Return the extremes of all hours, Wh, degF and degree days F; the first and last hour."""
    used, solar = (_days_of(results["energy"], channel) for channel in (USED, SOLAR))
    outdoor, heating = (results[name].only_gauge.values() for name in ("outdoor", "hdd"))
    hours = {at for figures in ends.values() for at in with_data(figures)}
    edges = {"start_date": min(hours), "end_date": max(hours)} if hours else {}
    return {
        **present(
            used_max=max((day.most * WH_PER_KWH for day in used), default=None),
            solar_min=min((day.least * WH_PER_KWH for day in solar), default=None),
            outdoor_deg_min=min((day.least for day in outdoor), default=None),
            outdoor_deg_max=max((day.most for day in outdoor), default=None),
            hdd_max=max((day.most for day in heating), default=None),
        ),
        **{name: clock(at, house.zone) for name, at in edges.items()},
    }


def _by_day(meter: Meter, house: House) -> RowQuery:
    return in_range(meter, Grain.DAY, Asked(DAY), house.zone)


def _days_of(energies: Figures, channel: str) -> Collection[Row]:
    return energies.gauges.get(Series(channel, Quantity.HOURLY_ENERGY), {}).values()
