"""The weather over the sample house: a pure function of the instant.

A year's swing and a day's swing, fronts that come and go within days, clouds; and the sun where it
stands at that instant. The same instant always has the same weather.
"""

import math
import random
from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple

SEED = "quarterhour"
_DAY_S = 86_400
_YEAR_DAYS = 365.25

_LATITUDE = math.radians(41.7)
_TILT = math.radians(35)
# The sun is highest at 17:00 UTC here, on an average day.
_NOON_UTC_H = 17.0

_MEAN_F = 50.0
_SEASON_F = 22.5
# The warmest day of an average year is the 24th of July.
_WARMEST_DAY = 205


class _Day(NamedTuple):
    """What a UTC day begins with: `front_f` above or below the season, `cloud` from 0 to 1."""

    front_f: float
    cloud: float
    noise: tuple[float, ...]


def temperature_f(at: datetime) -> float:
    """Return the outdoor temperature in degF."""
    number, hour = _clock(at)
    swing = (8.5 - 6 * cloud(at)) * math.cos((hour - _NOON_UTC_H - 3) / 24 * 2 * math.pi)
    front = _between(_front_f(number), _front_f(number + 1), hour / 24)
    return season_f(at) + front + swing + 0.4 * _noise(number, hour)


def season_f(at: datetime) -> float:
    """Return the average temperature of the time of the year, in degF."""
    turn = (_day_of_year(at) - _WARMEST_DAY) / _YEAR_DAYS
    return _MEAN_F + _SEASON_F * math.cos(2 * math.pi * turn)


def humidity_pct(at: datetime) -> float:
    """Return the outdoor relative humidity: least in the afternoon of a clear day."""
    number, hour = _clock(at)
    swing = 14 * math.cos((hour - _NOON_UTC_H - 3) / 24 * 2 * math.pi)
    humid = 58 + 26 * cloud(at) - swing + 2 * _noise(number + 7, hour)
    return min(100.0, max(12.0, humid))


def cloud(at: datetime) -> float:
    """Return the share of the sky that is covered."""
    number, hour = _clock(at)
    return _between(_day(number).cloud, _day(number + 1).cloud, hour / 24)


def sunshine(at: datetime) -> float:
    """Return what falls on panels that look south: from 0, at night, to 1."""
    declination = math.radians(-23.44) * math.cos(
        2 * math.pi * (_day_of_year(at) + 10) / _YEAR_DAYS
    )
    number, hour = _clock(at)
    turn = (hour - _NOON_UTC_H) / 24 * 2 * math.pi
    height = _cosine(_LATITUDE, declination, turn)
    if height <= 0:
        return 0.0
    through_air = math.pow(0.7, math.pow(height, -0.68))
    direct = through_air * max(0.0, _cosine(_LATITUDE - _TILT, declination, turn))
    open_sky = 1 - 0.9 * math.pow(cloud(at), 1.5)
    flicker = max(0.1, 1 + 0.25 * cloud(at) * _noise(number, hour))
    return min(1.0, (1.3 * direct * open_sky + 0.12 * height) * flicker)


def _cosine(latitude: float, declination: float, turn: float) -> float:
    """Return the cosine of the angle between the sun and the zenith at that latitude."""
    return math.sin(latitude) * math.sin(declination) + math.cos(latitude) * math.cos(
        declination
    ) * math.cos(turn)


def _clock(at: datetime) -> tuple[int, float]:
    """Return the number of the UTC day and the hour in it."""
    number, second = divmod(int(at.timestamp()), _DAY_S)
    return number, second / 3600


def _day_of_year(at: datetime) -> float:
    return (at - datetime(at.year, 1, 1, tzinfo=UTC)).total_seconds() / _DAY_S


def _front_f(number: int) -> float:
    """Weather lasts: a day has something of the day before."""
    return 0.8 * _day(number).front_f + 0.5 * _day(number - 1).front_f


def _between(here: float, after: float, share: float) -> float:
    return here + (after - here) * (1 - math.cos(share * math.pi)) / 2


def _noise(number: int, hour: float) -> float:
    return _day(number).noise[int(hour * 4)]


@lru_cache(maxsize=1024)
def _day(number: int) -> _Day:
    draw = random.Random(f"{SEED} weather {number}")
    return _Day(
        front_f=draw.gauss(0, 8.5),
        cloud=draw.betavariate(0.7, 0.8),
        noise=tuple(draw.gauss(0, 1) for _ in range(96)),
    )
