"""What an hour is like in the sample house: the weather, the clock on the wall, what is done.

What is done depends on the day of the week and on some chance. The same hour is always the same.
"""

import random
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from local.demo.house import weather
from local.demo.house.weather import SEED

ZONE = ZoneInfo("America/New_York")

_WEDNESDAY, _SATURDAY, _SUNDAY = 2, 5, 6
_LAUNDRY_DAYS = {_WEDNESDAY, _SATURDAY}
_OFF_DAYS = {_SATURDAY, _SUNDAY}
_WASHING = {10, 11}
# Gallons by the clock, on an average day.
_WATER = (0, 0, 0, 0, 0, 1, 8, 9, 5, 3, 2, 2, 3, 2, 1, 1, 2, 4, 6, 5, 4, 3, 2, 0.5)

_TAPS, STREAMS = 0, 24
_MOST = 2.5


class _Day(NamedTuple):
    """What chance decides about a local day: what is done, how much of it, and noise."""

    water: float
    laundry: bool
    dishes: bool
    oven: float
    study: float
    noise: tuple[float, ...]


class Hour(NamedTuple):
    """All that the loads of an hour depend on; `clock` is the local hour, `month` 1 to 12."""

    outdoor_f: float
    sunshine: float
    clock: int
    month: int
    is_off: bool
    day: _Day

    def between(self, first: int, last: int) -> bool:
        """Return whether the clock is in [first, last)."""
        return first <= self.clock < last

    def chance(self, stream: int) -> float:
        """Return one of the hour's 24 draws: of mean 0 and deviation 1, within limits."""
        return self.day.noise[self.clock * STREAMS + stream]

    @property
    def main_gal(self) -> float:
        """Water from the well, in gallons."""
        return self._tapped + self._washing

    @property
    def hot_gal(self) -> float:
        """What of it was heated."""
        return 0.36 * self._tapped + 0.3 * self._washing

    @property
    def _tapped(self) -> float:
        return _WATER[self.clock] * self.day.water * max(0.2, 1 + 0.3 * self.chance(_TAPS))

    @property
    def _washing(self) -> float:
        return 14.0 if self.day.laundry and self.clock in _WASHING else 0.0


@lru_cache(maxsize=1024)
def hour(at: datetime) -> Hour:
    """Return the hour that begins at that instant."""
    middle, local = at + timedelta(minutes=30), at.astimezone(ZONE)
    return Hour(
        outdoor_f=weather.temperature_f(middle),
        sunshine=weather.sunshine(middle),
        clock=local.hour,
        month=local.month,
        is_off=local.weekday() in _OFF_DAYS,
        day=_day(local.date()),
    )


@lru_cache(maxsize=64)
def _day(day: date) -> _Day:
    draw = random.Random(f"{SEED} household {day}")
    return _Day(
        water=draw.triangular(0.5, 1.5, 0.9),
        laundry=day.weekday() in _LAUNDRY_DAYS and draw.random() < 9 / 10,
        dishes=draw.random() < 3 / 5,
        oven=draw.triangular(0.1, 1.2, 0.6),
        study=draw.triangular(0.4, 1.3, 1),
        noise=tuple(max(-_MOST, min(_MOST, draw.gauss(0, 1))) for _ in range(24 * STREAMS)),
    )
