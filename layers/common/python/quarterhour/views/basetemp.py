"""The view `basetemp`, whose answer calls itself `heat`: the heat pump's kWh against the cold."""

from collections.abc import Iterator, Sequence
from math import fsum
from typing import Any, NamedTuple

from quarterhour.energy import degree_days
from quarterhour.energy.readings import Series
from quarterhour.query.asked import Asked, in_range
from quarterhour.query.periods import energy, grouped, label, present
from quarterhour.query.rows import Found, Grain, Plan
from quarterhour.sites import virtual_meters
from quarterhour.sites.house import SOLAR, House
from quarterhour.sites.virtual_meters import Meter
from quarterhour.views.extremes import DECIMALS
from quarterhour.views.fit import fit

HEAT_PUMP = "ashp"
RUNS_ABOVE_KWH = 0.05
SUNNY_FROM_KWH = -0.5  # solar is negative when generating


class _Hour(NamedTuple):
    """An hour in which the heat pump ran; `solar` is None in a house that has no such channel."""

    ashp: float
    temperature: float
    solar: float | None


def plan(question: Asked, house: House) -> Plan:
    """Want hours of the heat pump's circuit, of `solar` beside it, of the outdoor temperature."""
    meters = {
        "circuits": _circuits(house),
        "outdoor": virtual_meters.temperature(house, virtual_meters.outdoor(house)),
    }
    return {
        name: in_range(meter, Grain.HOUR, question, house.zone) for name, meter in meters.items()
    }


def answer(question: Asked, house: House, results: Found) -> dict[str, Any]:
    """Return kWh, degree days at the base and mean degF of the heated hours, and their line."""
    hours = {at: hour for at, hour in _hours(house, results) if _is_heated(hour, question.base_f)}
    points = {
        rows[0]: _point([hours[at] for at in rows], question.base_f)
        for rows in grouped(hours, question.interval, house.zone)
    }
    return {
        "view": "heat",
        "base": question.base_text,
        "interval": question.interval,
        "points": [
            {"date": label(at, question.interval, house.zone), **point}
            for at, point in points.items()
        ],
        "fit": fit(*([point[name] for point in points.values()] for name in ("hdd", HEAT_PUMP))),
    }


def _circuits(house: House) -> Meter:
    return virtual_meters.circuits(house).only(HEAT_PUMP, SOLAR)


def _hours(house: House, results: Found) -> Iterator[tuple[int, _Hour]]:
    """Yield the hours of which everything is known: solar too, where there is such a channel."""
    ashp, solar = energy(results["circuits"], HEAT_PUMP), energy(results["circuits"], SOLAR)
    has_solar = Series(SOLAR) in _circuits(house).measures
    for at, outdoor in results["outdoor"].only_gauge.items():
        if at in ashp and (at in solar or not has_solar):
            yield at, _Hour(ashp[at], outdoor.mean, solar.get(at))


def _is_heated(hour: _Hour, base_f: float) -> bool:
    """Return whether the heat pump ran, the sun was faint and it was not above the base."""
    return (
        _shown(hour.ashp) > RUNS_ABOVE_KWH
        and (hour.solar is None or _shown(hour.solar) > SUNNY_FROM_KWH)
        and _shown(hour.temperature) <= _shown(base_f)
    )


def _shown(figure: float) -> float:
    return round(figure, DECIMALS)


def _point(hours: Sequence[_Hour], base_f: float) -> dict[str, float]:
    solar = [hour.solar for hour in hours if hour.solar is not None]
    return {
        "ashp": fsum(hour.ashp for hour in hours),
        "hdd": fsum(degree_days.of_hour(hour.temperature, base_f) for hour in hours),
        "temperature": fsum(hour.temperature for hour in hours) / len(hours),
        **present(solar=fsum(solar) if solar else None),
    }
