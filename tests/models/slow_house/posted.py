"""What was posted to a device: bodies exactly as they were sent, to one value an instant."""

import re
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from typing import Any

from tests.models import local_time

Body = Mapping[str, Any]
Series = dict[int, tuple[float, int]]  # instant -> value in its stored unit, declared ms or 0
Totals = dict[int, tuple[float, int]]  # instant -> value, calendar months that it is the total of

ENERGY, POWER, VOLUME, DEGREES = "energy", "power", "volume", "degree_days"
TEMPERATURE, HUMIDITY = "temperature", "humidity"

_LITRES = 3.785411784
_UNITS: dict[str, tuple[str, Callable[[float], float]]] = {
    "kwh": (ENERGY, lambda x: x),
    "wh": (ENERGY, lambda x: x / 1000),
    "kw": (POWER, lambda x: x),
    "w": (POWER, lambda x: x / 1000),
    "gal": (VOLUME, lambda x: x),
    "l": (VOLUME, lambda x: x / _LITRES),
    "m3": (VOLUME, lambda x: x * 1000 / _LITRES),
    "hdd": (DEGREES, lambda x: x),
    "degf": (TEMPERATURE, lambda x: x),
    "degc": (TEMPERATURE, lambda x: x * 9 / 5 + 32),
    "%": (HUMIDITY, lambda x: x),
}
_TOTALS = {"P1M": 1, "P1Y": 12}
_PART = r"(?:([0-9]+(?:[.,][0-9]+)?){})?"
_DURATION = re.compile("P{}(?:T{}{}{})?".format(*(_PART.format(unit) for unit in "DHMS")))
_SECONDS = (86_400, 3_600, 60, 1)


class Posted:
    """The readings of a device: `series` by channel and what is measured, `totals` by channel."""

    def __init__(self, bodies: Iterable[Body]) -> None:
        self.series: dict[tuple[str, str], Series] = {}
        self.totals: dict[str, Totals] = {}
        for body in bodies:
            for row in body["data"]:
                for channel, value in row["values"].items():
                    if value is not None:
                        self._take(body, channel, instant(row["datetime"]), value)

    def _take(self, body: Body, channel: str, at_ms: int, value: float) -> None:
        units, interval = body["units"], body.get("interval")
        unit = units if isinstance(units, str) else units[channel]
        kind, stored = _UNITS[unit.lower()]
        if interval in _TOTALS:
            self.totals.setdefault(channel, {})[at_ms] = stored(value), _TOTALS[interval]
        else:
            declared = length(interval) if interval else 0
            self.series.setdefault((channel, kind), {})[at_ms] = stored(value), declared

    def of(self, channel: str, kind: str) -> Series:
        """Return one series, ascending."""
        return dict(sorted(self.series.get((channel, kind), {}).items()))

    def newest(self, channels: Iterable[str]) -> int | None:
        """Return the instant of the newest energy reading or total on these channels."""
        found: list[int] = []
        for channel in channels:
            found += self.series.get((channel, ENERGY), {})
            found += self.series.get((channel, POWER), {})
            found += self.totals.get(channel, {})
        return max(found, default=None)


def instant(text: str) -> int:
    """Return an ISO time with Z or an offset in milliseconds, a finer fraction cut off."""
    return local_time.instant(text.upper().replace(" ", "T"))


def length(interval: str) -> int:
    """Return a duration of PT1M to P1D in milliseconds."""
    found = _DURATION.fullmatch(interval)
    if not found:
        raise ValueError(interval)
    parts = zip(found.groups(), _SECONDS, strict=True)
    return int(sum(Fraction(n.replace(",", ".")) * s for n, s in parts if n) * 1000)
