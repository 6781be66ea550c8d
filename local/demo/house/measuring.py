"""What the sample house's devices reported: the household and the weather, as meters see them.

A meter is a little off, is silent for hours and now and then for a day; sometimes one of its
channels has no value.
"""

import random
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache
from math import fsum
from typing import NamedTuple

from local.demo.house import circuits, weather
from local.demo.house.catalogue import Id
from local.demo.house.history import HOURLY, Sample, Stretch, next_month
from local.demo.house.hours import STREAMS, ZONE, hour
from local.demo.house.weather import SEED

Values = Mapping[str, float | None]

_WARM_F = 65
_HEATED = range(6, 22)
_METER = STREAMS - 1


class _Losses(NamedTuple):
    """What is missing of a device's local day, by the clock: of all, and of the nth channel."""

    of_all: range
    nth: int
    of_nth: range


def readings(house: Sample, stretch: Stretch) -> Iterator[tuple[datetime, Values]]:
    """Yield what a device reported, ascending; None where a channel had no value."""
    at = stretch.start
    while at < stretch.end:
        local = at.astimezone(ZONE)
        losses = _losses(stretch.device, local.date())
        if local.hour not in losses.of_all and not _is_silent(house, stretch.device, at):
            values = _SEEN[stretch.device](at)
            lost = _lost(losses, local.hour, list(values))
            if stretch.device is Id.OLD_MONITOR and at < house.barn_begin:
                lost.add("barn")
            yield at, {name: None if name in lost else value for name, value in values.items()}
        at += stretch.every


def bills(house: Sample) -> Iterator[tuple[datetime, Values]]:
    """Yield the gallons of the months for which there is only a bill."""
    for begin in house.bills():
        hours = (next_month(begin) - begin) // HOURLY
        used = fsum(hour(begin + nth * HOURLY).main_gal for nth in range(hours))
        yield begin, {"gallons": _figure(used)}


def _is_silent(house: Sample, device: Id, at: datetime) -> bool:
    begin, end = house.outage
    if device is Id.SECOND_FLOOR and not begin <= at < end:
        begin, end = house.broken_sensor
    return begin <= at < end


def _lost(losses: _Losses, clock: int, channels: list[str]) -> set[str]:
    """Return the channel that has no value; a device of one channel then has no reading at all."""
    if len(channels) == 1 or clock not in losses.of_nth:
        return set()
    return {channels[losses.nth % len(channels)]}


@lru_cache(maxsize=64)
def _losses(device: Id, day: date) -> _Losses:
    draw = random.Random(f"{SEED} device {device.value} {day}")
    is_lost = draw.random() < 1 / 100
    some, of_nth = (_hours(draw, share) for share in (1 / 25, 1 / 15))
    return _Losses(range(24) if is_lost else some, draw.randrange(1_000), of_nth)


def _hours(draw: random.Random, share: float) -> range:
    """Return some hours of this share of days, and none of the others."""
    begin, hours = draw.randrange(20), draw.randrange(1, 8)
    return range(begin, begin + hours if draw.random() < share else begin)


def _meter(share: float) -> Callable[[datetime], dict[str, float]]:
    """Return a meter of the whole house that shows this share of what a circuit monitor shows."""

    def seen(at: datetime) -> dict[str, float]:
        error = share + 0.0015 * hour(at).chance(_METER)
        return {"used": _figure(_used_wh(at) * error), "solar": _figure(_solar_wh(at) * error)}

    return seen


def _monitor(at: datetime) -> dict[str, float]:
    used, solar = _used_wh(at), _solar_wh(at)
    by_circuit = {name: _figure(wh) for name, wh in circuits.circuits_wh(at).items()}
    return {"used": used, "solar": solar, "adjusted_load": _figure(used + solar), **by_circuit}


def _used_wh(at: datetime) -> float:
    return _figure(fsum([*circuits.circuits_wh(at).values(), circuits.other_wh(at)]))


def _solar_wh(at: datetime) -> float:
    return _figure(circuits.solar_wh(at))


def _outdoor(at: datetime) -> dict[str, float]:
    return _climate(weather.temperature_f(at), weather.humidity_pct(at))


def _floor(warmer_f: float) -> Callable[[datetime], dict[str, float]]:
    """Return a sensor in the rooms: heated by the clock, warmer in the sun and in summer."""

    def seen(at: datetime) -> dict[str, float]:
        season_f = weather.season_f(at)
        heated_f = 68.0 if at.astimezone(ZONE).hour in _HEATED else 65.0
        warm_f = 65.5 + 0.32 * (season_f - 50) + 0.1 * (weather.temperature_f(at) - season_f)
        sunny_f = 1.6 * weather.sunshine(at)
        return _climate(max(heated_f, warm_f) + sunny_f + warmer_f, _indoor_pct(at))

    return seen


def _basement(at: datetime) -> dict[str, float]:
    """Follow the ground, which is at its warmest weeks after the air."""
    ground_f = weather.season_f(at - timedelta(days=35))
    return _climate(60 + 0.25 * (ground_f - 50), _indoor_pct(at) + 9)


def _indoor_pct(at: datetime) -> float:
    return 43 + 0.5 * (weather.season_f(at) - 50) + 0.1 * (weather.humidity_pct(at) - 60)


def _climate(temperature_f: float, humidity_pct: float) -> dict[str, float]:
    return {"temperature": _figure(temperature_f), "humidity": _figure(humidity_pct)}


def _main_water(at: datetime) -> dict[str, float]:
    return {"gallons": _figure(hour(at).main_gal, 2)}


def _hot_water(at: datetime) -> dict[str, float]:
    return {"gallons": _figure(hour(at).hot_gal, 2)}


def _hdd_station(at: datetime) -> dict[str, float]:
    """Stand some miles away, where it is a little colder."""
    return {"hdd": _figure(max(0.0, _WARM_F - weather.temperature_f(at) + 0.8) / 24, 4)}


def _figure(value: float, decimals: int = 1) -> float:
    """Round what a display shows; minus nothing is 0."""
    return round(value, decimals) + 0.0


_SEEN: dict[Id, Callable[[datetime], dict[str, float]]] = {
    Id.OUTDOOR: _outdoor,
    Id.FIRST_FLOOR: _floor(0.0),
    Id.SECOND_FLOOR: _floor(1.4),
    Id.BASEMENT: _basement,
    Id.MAIN_WATER: _main_water,
    Id.HOT_WATER: _hot_water,
    Id.OLD_METER: _meter(1.006),
    Id.NEW_METER: _meter(0.997),
    Id.OLD_MONITOR: _monitor,
    Id.NEW_MONITOR: _monitor,
    Id.HDD_STATION: _hdd_station,
}
