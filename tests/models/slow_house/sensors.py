"""Temperatures and humidities by the hour and the day."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from math import fsum
from typing import NamedTuple, TypeVar

from tests.models.slow_house import buckets
from tests.models.slow_house.clock import Clock
from tests.models.slow_house.devices import Device

BALANCE = 65.0
B = TypeVar("B", int, date)


class Gauge(NamedTuple):
    """A period of a gauge: the sum of its hours' means, their number, and the extremes."""

    total: float
    hours: int
    low: float
    high: float

    @property
    def mean(self) -> float:
        """The plain mean of the hours."""
        return self.total / self.hours


def of_channel(clock: Clock, device: Device, channel: str) -> dict[int, Gauge]:
    """Return the hours of a device's gauge."""
    quantity = device.quantities[channel]
    held: dict[int, buckets.Held] = {}
    for at, one in sorted(buckets.gauges(device.posted.of(channel, quantity)).items()):
        hour = clock.hour_of(at)
        held[hour] = buckets.both(held[hour], one) if hour in held else one
    return {hour: of_held(one) for hour, one in held.items()}


def of_held(one: buckets.Held) -> Gauge:
    """Return the gauge of an hour, or of a quarter of it."""
    return Gauge(one.weighed / one.covered_ms, 1, one.low, one.high)


def together(gauges: Iterable[Gauge]) -> Gauge | None:
    """Return the gauge of several hours; None of none."""
    parts = [*gauges]
    if not parts:
        return None
    return Gauge(
        fsum(one.total for one in parts),
        sum(one.hours for one in parts),
        min(one.low for one in parts),
        max(one.high for one in parts),
    )


def by(gauges: Mapping[int, Gauge], period: Callable[[int], B]) -> dict[B, Gauge]:
    """Return the gauges of longer periods."""
    parts: dict[B, list[Gauge]] = {}
    for hour, gauge in gauges.items():
        parts.setdefault(period(hour), []).append(gauge)
    return {at: one for at, of in parts.items() if (one := together(of))}


def heating(gauges: Mapping[int, Gauge]) -> dict[int, dict[str, float]]:
    """Return the degree days of hours: max(0, 65 - T) / 24."""
    return {hour: {"hdd": max(0.0, BALANCE - one.mean) / 24} for hour, one in gauges.items()}
