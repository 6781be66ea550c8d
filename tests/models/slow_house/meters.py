"""Rows of a meter: what its devices say by the hour, the day and the month, never added twice."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from math import fsum
from typing import TypeVar

from tests.models.slow_house import buckets
from tests.models.slow_house.clock import ONE_DAY, Clock
from tests.models.slow_house.devices import Device
from tests.models.slow_house.posted import HUMIDITY, TEMPERATURE

Figures = dict[str, float]  # by channel; empty where only a gauge has data
Quarters = dict[int, Figures]
A = TypeVar("A", int, date)
B = TypeVar("B", int, date)


@dataclass
class Meter:
    """Figures by hour, local day, and month (its first day), ascending."""

    hours: dict[int, Figures] = field(default_factory=dict)
    days: dict[date, Figures] = field(default_factory=dict)
    months: dict[date, Figures] = field(default_factory=dict)


def metered(
    clock: Clock, devices: Sequence[Device], channels: Collection[str] | None = None
) -> Meter:
    """Return the meter that these devices, the one that counts first in front, make together."""
    wanted = [_wanted(one, channels) for one in devices]
    own = [quarters(*of_device) for of_device in zip(devices, wanted, strict=True)]
    hours = summed(chosen(own), clock.hour_of)
    days = summed(hours, clock.date_of)
    for channel in {name for names in wanted for name in names}:
        known = {clock.date_of(clock.hour_of(at)) for of in own for at in of if channel in of[at]}
        for day, figure in _totals(clock, devices, channel).items():
            if day not in known:
                days.setdefault(day, {})[channel] = figure
    return risen(hours, days)


def of_hours(clock: Clock, hours: Mapping[int, Figures]) -> Meter:
    """Return the meter of which these are the hours."""
    return risen(dict(hours), summed(hours, clock.date_of))


def risen(hours: dict[int, Figures], days: Mapping[date, Figures]) -> Meter:
    """Return the meter of hours and days, with its months."""
    days = dict(sorted(days.items()))
    return Meter(hours, days, summed(days, lambda day: day.replace(day=1)))


def quarters(device: Device, channels: Sequence[str]) -> Quarters:
    """Return what a device says in each quarter hour; a gauge is only there."""
    found: Quarters = {}
    for channel in channels:
        quantity = device.quantities[channel]
        if quantity in {TEMPERATURE, HUMIDITY}:
            for at in buckets.gauges(device.posted.of(channel, quantity)):
                found.setdefault(at, {})
        else:
            for at, amount in buckets.of_channel(device.posted, channel, quantity).items():
                found.setdefault(at, {})[channel] = amount
    return found


def chosen(devices: Sequence[Quarters]) -> Quarters:
    """Return in each quarter hour what the first device says that says anything there."""
    found: Quarters = {}
    for device in devices:
        for at, figures in device.items():
            if at not in found:
                found[at] = figures
    return dict(sorted(found.items()))


def summed(rows: Mapping[A, Figures], period: Callable[[A], B]) -> dict[B, Figures]:
    """Return the sums of rows by the period they begin in."""
    parts: dict[B, dict[str, list[float]]] = {}
    for at, figures in rows.items():
        of_period = parts.setdefault(period(at), {})
        for channel, figure in figures.items():
            of_period.setdefault(channel, []).append(figure)
    return {at: {name: fsum(of[name]) for name in of} for at, of in parts.items()}


def _wanted(device: Device, channels: Collection[str] | None) -> list[str]:
    return [name for name in device.quantities if channels is None or name in channels]


def _totals(clock: Clock, devices: Sequence[Device], channel: str) -> dict[date, float]:
    """Return by day what period totals give it: those of the first device that has one for it."""
    found: dict[date, float] = {}
    for device in devices:
        own: dict[date, float] = {}
        for day, share in _shares(clock, device, channel):
            own[day] = own.get(day, 0.0) + share
        found = {**own, **found}
    return found


def _shares(clock: Clock, device: Device, channel: str) -> Iterator[tuple[date, float]]:
    for at, (value, days) in device.posted.totals.get(channel, {}).items():
        first = clock.wall(at).date()
        for nth in range(days):
            yield first + nth * ONE_DAY, value / days
