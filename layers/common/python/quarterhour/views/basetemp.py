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


def plan(asked: Asked, house: House) -> Plan:
    """Want hours of the heat pump's circuit, of `solar` beside it, of the outdoor temperature."""
    wanted = {
        "circuits": _circuits(house),
        "outdoor": virtual_meters.temperature(house, virtual_meters.outdoor(house)),
    }
    return {name: in_range(meter, Grain.HOUR, asked, house.zone) for name, meter in wanted.items()}


def answer(asked: Asked, house: House, found: Found) -> dict[str, Any]:
    """Return kWh, degree days at the base and mean degF of the heated hours, and their line."""
    hours = {at: one for at, one in _hours(house, found) if _is_heated(one, asked.base_f)}
    points = {
        rows[0]: _point([hours[at] for at in rows], asked.base_f)
        for rows in grouped(hours, asked.interval, house.zone)
    }
    return {
        "view": "heat",
        "base": asked.base_text,
        "interval": asked.interval,
        "points": [
            {"date": label(at, asked.interval, house.zone), **one} for at, one in points.items()
        ],
        "fit": fit(*([one[name] for one in points.values()] for name in ("hdd", HEAT_PUMP))),
    }


def _circuits(house: House) -> Meter:
    return virtual_meters.circuits(house).only(HEAT_PUMP, SOLAR)


def _hours(house: House, found: Found) -> Iterator[tuple[int, _Hour]]:
    """Yield the hours of which everything is known: solar too, where there is such a channel."""
    ashp, solar = energy(found["circuits"], HEAT_PUMP), energy(found["circuits"], SOLAR)
    has_solar = Series(SOLAR) in _circuits(house).measures
    for at, outdoor in found["outdoor"].only_gauge.items():
        if at in ashp and (at in solar or not has_solar):
            yield at, _Hour(ashp[at], outdoor.mean, solar.get(at))


def _is_heated(one: _Hour, base_f: float) -> bool:
    """Return whether the heat pump ran, the sun was faint and it was not above the base."""
    return (
        _shown(one.ashp) > RUNS_ABOVE_KWH
        and (one.solar is None or _shown(one.solar) > SUNNY_FROM_KWH)
        and _shown(one.temperature) <= _shown(base_f)
    )


def _shown(figure: float) -> float:
    return round(figure, DECIMALS)


def _point(hours: Sequence[_Hour], base_f: float) -> dict[str, float]:
    solar = [one.solar for one in hours if one.solar is not None]
    return {
        "ashp": fsum(one.ashp for one in hours),
        "hdd": fsum(degree_days.of_hour(one.temperature, base_f) for one in hours),
        "temperature": fsum(one.temperature for one in hours) / len(hours),
        **present(solar=fsum(solar) if solar else None),
    }
