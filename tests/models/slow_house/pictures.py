"""The views `heatmap` and `chart`, and `views/default`: what a frontend draws first."""

from collections.abc import Iterable, Mapping
from typing import Any

from tests.models.slow_house.asked import Asked, Refused
from tests.models.slow_house.figures import Body, minus, plus, present, times, view
from tests.models.slow_house.house import HOUSE_ENERGY, House
from tests.models.slow_house.posted import TEMPERATURE

Row = Mapping[str, float]


def heatmap(house: House, asked: Asked) -> Body:
    """One entry for each local day with an outdoor temperature."""
    return view(
        "heatmap",
        asked,
        days=[
            present(
                {
                    "date": day.isoformat(),
                    **_energies(
                        house, house.energy.days.get(day, {}), house.circuits.days.get(day, {})
                    ),
                    "outdoor_deg_min": outdoor.low,
                    "outdoor_deg_max": outdoor.high,
                    "hdd": house.hdd.days.get(day, {}).get("hdd"),
                }
            )
            for day, outdoor in sorted(asked.days(house.outdoor_days).items())
        ],
    )


def chart(house: House, asked: Asked) -> Body:
    """The hours of the local day of `start` that have a first-floor temperature."""
    if asked.start is None:
        raise Refused(400)
    locations = {str(one.entry["location"]): one for one in house.devices if _located(one)}
    warmth = {f"{at}_temp": house.temperature(house.sensor_at(at)) for at in locations}
    hours = [
        hour
        for hour in sorted(warmth.get("first_floor_temp", {}))
        if house.clock.date_of(hour) == asked.start
    ]
    return view(
        "chart",
        asked,
        hours=[
            present(
                {
                    "date": house.clock.spaced(hour),
                    **_watt_hours(house, hour),
                    **{name: of[hour].mean for name, of in warmth.items() if hour in of},
                    "hdd": house.hdd.hours.get(hour, {}).get("hdd"),
                }
            )
            for hour in hours
        ],
    )


def _located(device: Any) -> bool:
    return bool(device.entry.get("location") and device.first(TEMPERATURE))


def _watt_hours(house: House, hour: int) -> Body:
    energy, circuits = house.energy.hours.get(hour, {}), house.circuits.hours.get(hour, {})
    return {name: times(one, 1000) for name, one in _energies(house, energy, circuits).items()}


def _energies(house: House, energy: Row, circuits: Row) -> dict[str, float | None]:
    """Return the house's energy, each circuit, and what is left over if all of them are there."""
    used, solar = energy.get("used"), energy.get("solar")
    found = {name: circuits.get(name) for name in house.circuit_ids}
    known = [one for one in found.values() if one is not None]
    other = minus(used, sum(known)) if len(known) == len(found) else None
    return {"net": plus(used, solar), "solar": solar, "used": used, **found, "all_other": other}


def default(house: House, params: Mapping[str, str], origin: str) -> Body:
    """Return `views/default` by months or by days."""
    interval = params.get("interval") or "months"
    if interval in {"month", "months", "monthly"}:
        return _years(house, origin)
    if interval in {"day", "days", "daily"}:
        return {"limits": _limits(house)}
    raise Refused(400, f"Interval '{interval}' does not exist")


def _years(house: House, origin: str) -> Body:
    found = (one.posted.newest({*HOUSE_ENERGY} & {*one.energies}) for one in house.energy_devices)
    newest = max((at for at in found if at is not None), default=None)
    asof = None if newest is None else house.clock.wall(newest).date().isoformat()
    years = sorted({str(month.year) for month in house.energy.months})
    return {"years": years, **present({"asof": asof}), "house": described(house, origin)}


def described(house: House, origin: str) -> Body:
    """Return what `/api/houses/H/` says of the house."""
    there = f"{origin}/api/houses/{house.id}"
    urls = {name: f"{there}/{name}/" for name in ("devices", "circuits", "views")}
    return {"id": house.id, "name": house.entry["name"], "sname": house.entry["sname"], **urls}


def _limits(house: House) -> Body:
    hours, outdoor = house.energy.hours, house.outdoor.values()
    used = [row["used"] for row in hours.values() if "used" in row]
    solar = [row["solar"] for row in hours.values() if "solar" in row]
    cold = [row["hdd"] for row in house.hdd.hours.values()]
    return present(
        {
            "used_max": times(_most(used), 1000),
            "solar_min": times(min(solar, default=None), 1000),
            "outdoor_deg_min": min((one.low for one in outdoor), default=None),
            "outdoor_deg_max": _most(one.high for one in outdoor),
            "hdd_max": _most(cold),
            "start_date": house.clock.spaced(min(hours)) if hours else None,
            "end_date": house.clock.spaced(max(hours)) if hours else None,
        }
    )


def _most(figures: Iterable[float]) -> float | None:
    return max(figures, default=None)
