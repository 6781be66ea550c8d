"""What the demo ships would have measured: a pure function of the ship and the instant.

Each ship follows a timetable of sea passages and days in port; to its engines come the hotel load,
which is lower at night, the weather, which changes from day to day, and the noise of a meter. A few
hours are missing here and there, as in real data. The same instant always has the same value.
"""

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache, partial
from typing import Any, NamedTuple

from local.demo.part import Part, iso

_SEED = "quarterhour"
_DAY_S = 86_400
_RAMP_H = 1.5


@dataclass(frozen=True, slots=True)
class Ship:
    """A ship of the demo fleet; `timetable` has P for a day in port and S for one at sea."""

    id: int
    units: str
    every: timedelta
    declared: str | None
    timetable: str
    hotel_kw: float
    propulsion_kw: float

    @property
    def hours_each(self) -> float:
        """Hours of one reading where readings are energy, else 1: kW stay kW."""
        return self.every.total_seconds() / 3600 if self.units == "kWh" else 1.0


SHIPS = (
    Ship(1, "kW", timedelta(minutes=5), None, "PSSPPSSSPPSSSSPP", 850, 6_200),
    Ship(2, "kWh", timedelta(minutes=15), None, "PPSSSSSSPSSSSSS", 1_400, 11_500),
    Ship(3, "kWh", timedelta(hours=1), "PT1H", "PSPS", 420, 2_700),
)


class _Day(NamedTuple):
    """What is the same all through a UTC day of a ship."""

    here: str
    after: str
    weather: float
    noise: tuple[float, ...]
    gap: tuple[float, float]


def readings(ship: Ship, start: datetime, end: datetime) -> Iterator[tuple[datetime, float]]:
    """Yield the readings of `ship` in [start, end), ascending, in the ship's own unit."""
    at = datetime.fromtimestamp(
        math.ceil(start.timestamp() / ship.every.total_seconds()) * ship.every.total_seconds(), UTC
    )
    while at < end:
        number, second = divmod(int(at.timestamp()), _DAY_S)
        day, hour = _day(ship, number), second / 3600
        if not day.gap[0] <= hour < day.gap[1]:
            yield at, round(_power_kw(ship, day, hour) * ship.hours_each, 1)
        at += ship.every


def parts(start: datetime, end: datetime) -> Iterator[Part]:
    """Yield the POST of every ship's readings in [start, end), unless that is empty."""
    for ship in SHIPS if start < end else ():
        body = partial(_body, ship, start, end)
        count = (end - start) // ship.every
        yield Part(f"{ship.id} {start:%Y-%m-%d}", "POST", "/data", body, count)


def _body(ship: Ship, start: datetime, end: datetime) -> dict[str, Any]:
    declared = {"interval": ship.declared} if ship.declared else {}
    data = [{"datetime": iso(at), "value": value} for at, value in readings(ship, start, end)]
    return {"spaceship_id": ship.id, "units": ship.units, **declared, "data": data}


@lru_cache(maxsize=8)
def _day(ship: Ship, number: int) -> _Day:
    draw = random.Random(f"{_SEED} {ship.id} {number}")
    here, after = (ship.timetable[(number + step) % len(ship.timetable)] for step in (0, 1))
    lost = draw.uniform(1.5, 7) if draw.random() < 1 / 30 else 0.0
    begin = draw.uniform(0, 17)
    return _Day(
        here=here,
        after=after,
        weather=draw.triangular(0.82, 1.25, 0.97),
        noise=tuple(draw.gauss(1, 0.03) for _ in range(288)),
        gap=(begin, begin + lost),
    )


def _power_kw(ship: Ship, day: _Day, hour: float) -> float:
    noise = day.noise[int(hour * 12)]
    propulsion = ship.propulsion_kw * day.weather * _speed(day, hour) ** 3
    return (_hotel_kw(ship, day, hour) + propulsion) * noise


def _hotel_kw(ship: Ship, day: _Day, hour: float) -> float:
    """Return lights, galley and air conditioning: least at four, most in the early evening."""
    swing = 0.22 * math.sin((hour - 10) / 24 * 2 * math.pi)
    ashore = 0.8 if day.here == "P" else 1.0
    return ship.hotel_kw * ashore * (1 + swing)


def _speed(day: _Day, hour: float) -> float:
    """Return the share of full speed: away at six in the evening, slow before the port."""
    if day.here == "P":
        leaving = (hour - 18) / _RAMP_H if day.after == "S" else 0.0
        return min(1.0, max(0.0, leaving))
    if day.after == "P":
        return min(1.0, max(0.35, (22.5 - hour) / _RAMP_H))
    return 1.0
