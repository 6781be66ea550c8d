"""What was posted to a device: bodies exactly as they were sent, to one value an instant."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from tests.models import local_time
from tests.models.local_time import midnight, wall

Body = Mapping[str, Any]
Series = dict[int, tuple[float, int]]  # instant -> value in its stored unit, declared ms or 0
Totals = dict[int, tuple[float, int]]  # instant -> value, local days that it is the total of

ENERGY, POWER, VOLUME, DEGREES = "energy", "power", "volume", "degree_days"
TEMPERATURE, HUMIDITY = "temperature", "humidity"

_LITRES = 3.785411784
_CUBIC_FOOT = 1728 / 231  # cubic inches, and those of a gallon
_UNITS: dict[str, tuple[str, Callable[[float], float]]] = {
    "kwh": (ENERGY, lambda x: x),
    "wh": (ENERGY, lambda x: x / 1000),
    "kw": (POWER, lambda x: x),
    "w": (POWER, lambda x: x / 1000),
    "mw": (POWER, lambda x: x * 1000),
    "mwh": (ENERGY, lambda x: x * 1000),
    "j": (ENERGY, lambda x: x / 3_600_000),
    "kj": (ENERGY, lambda x: x / 3_600),
    "mj": (ENERGY, lambda x: x / 3.6),
    "gj": (ENERGY, lambda x: x / 0.0036),
    "hl": (VOLUME, lambda x: x / 0.03785411784),
    "ft3": (VOLUME, lambda x: x * _CUBIC_FOOT),
    "ccf": (VOLUME, lambda x: x * _CUBIC_FOOT * 100),
    "gal": (VOLUME, lambda x: x),
    "l": (VOLUME, lambda x: x / _LITRES),
    "m3": (VOLUME, lambda x: x * 1000 / _LITRES),
    "hdd": (DEGREES, lambda x: x),
    "degf": (TEMPERATURE, lambda x: x),
    "degc": (TEMPERATURE, lambda x: x * 9 / 5 + 32),
    "%": (HUMIDITY, lambda x: x),
}
_MONTHS = {"P1M": 1, "P1Y": 12}
_LONGEST = 26 * 3_600_000
_MINUTE, _HOUR = 60_000, 3_600_000
_PART = r"(?:([0-9]+(?:[.,][0-9]+)?){})?"
_DURATION = re.compile("P{}(?:T{}{}{})?".format(*(_PART.format(unit) for unit in "DHMS")))
_SECONDS = (86_400, 3_600, 60, 1)


class Posted:
    """The readings of a device: `series` by channel and what is measured, `totals` by channel.

    Of a device in a zone, whose catalogue entry has these channels.
    """

    def __init__(
        self,
        bodies: Iterable[Body],
        zone: str = "UTC",
        channels: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> None:
        self._zone = zone
        self._channels = channels or {}
        self.series: dict[tuple[str, str], Series] = {}
        self.totals: dict[str, Totals] = {}
        for body in bodies:
            for row in body["data"]:
                for channel, value in row["values"].items():
                    if value is not None:
                        self._take(body, channel, row, value)

    def _take(self, body: Body, channel: str, row: Body, value: float) -> None:
        units, said = body["units"], self._channels.get(channel, {})
        unit = units if isinstance(units, str) else units[channel]
        kind, stored = _UNITS[unit.lower()]
        figure = stored(value * (said.get("factor") or 1))
        at_ms, declared, days = self._when(body, said, row)
        if days:
            self.totals.setdefault(channel, {})[at_ms] = figure, days
        else:
            self.series.setdefault((channel, kind), {})[at_ms] = figure, declared

    def _when(self, body: Body, said: Body, row: Body) -> tuple[int, int, int]:
        """Return where a reading begins, its milliseconds (0: none), or the days it totals."""
        at_ms = instant(row["datetime"])
        if "end" in row:
            return self._between(at_ms, instant(row["end"]))
        interval = body.get("interval") or said.get("interval")
        label = body.get("label") or said.get("label") or "start"
        if not interval:
            return at_ms, 0, 0
        day = wall(self._zone, at_ms).date()
        if interval == "P1D":
            other = same_clock(self._zone, at_ms, 1 if label == "start" else -1)
            length_ms = min(abs(other - at_ms), _LONGEST)
        elif interval in _MONTHS or re.fullmatch("P[0-9]+D", interval):
            first, after = _period(day, interval, label)
            begin_ms = at_ms if label == "start" else midnight(self._zone, first)
            return begin_ms, 0, (after - first).days
        else:
            length_ms = length(interval)
        return (at_ms if label == "start" else at_ms - length_ms), length_ms, 0

    def _between(self, at_ms: int, end_ms: int) -> tuple[int, int, int]:
        if end_ms - at_ms <= _LONGEST:
            return at_ms, end_ms - at_ms, 0
        first, after = (wall(self._zone, one).date() for one in (at_ms, end_ms))
        return at_ms, 0, (after - first).days

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


def _period(day: date, interval: str, label: str) -> tuple[date, date]:
    """Return the first day of a period and the first after it, of the day that is told."""
    sign = 1 if label == "start" else -1
    if interval in _MONTHS:
        other = local_time.later(day, sign * _MONTHS[interval])
    else:
        other = day + sign * timedelta(int(interval[1:-1]))
    return min(day, other), max(day, other)


def same_clock(zone: str, at_ms: int, days: int) -> int:
    """Return when clocks show the same time a day on or back, looked for minute by minute."""
    aimed = wall(zone, at_ms).replace(tzinfo=None) + timedelta(days)
    middle = at_ms + days * 24 * _HOUR
    around = range(middle - 4 * _HOUR, middle + 4 * _HOUR, _MINUTE)
    shown = {one: wall(zone, one).replace(tzinfo=None) for one in around}
    there = [one for one in around if shown[one] == aimed]
    if middle in there or not there:
        # Where it is never shown, clocks were put on, at a whole minute, and passed it.
        passed = next(one for one in around if shown[one] >= aimed)
        return middle if there else passed - passed % _MINUTE
    return there[0]


def instant(written: str | float) -> int:
    """Return an ISO time or a Unix time in milliseconds, a finer fraction cut off."""
    if not isinstance(written, str):
        exact = Decimal(repr(written))
        return int(exact if exact >= 10**11 else exact * 1000)
    text = written.upper().replace(" ", "T")
    for clock, usual, more in (("T24:00", "T00:00", 86_400_000), ("T23:59:60", "T23:59:59", 1000)):
        if clock in text:
            return local_time.instant(text.replace(clock, usual)) + more
    return local_time.instant(text)


def length(interval: str) -> int:
    """Return a duration of PT1S to PT26H in milliseconds."""
    found = _DURATION.fullmatch(interval)
    if not found:
        raise ValueError(interval)
    parts = zip(found.groups(), _SECONDS, strict=True)
    return int(sum(Fraction(n.replace(",", ".")) * s for n, s in parts if n) * 1000)
