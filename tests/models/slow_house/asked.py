"""The parameters of a request, from their raw text; what is wrong with them is a `Refused`."""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar

from tests.models.local_time import later
from tests.models.slow_house.clock import HOUR, ONE_DAY, Clock
from tests.models.slow_house.meters import Meter

T = TypeVar("T")
SPELLINGS = {
    "hour": ("hour", "hours", "hourly"),
    "day": ("day", "days", "daily"),
    "month": ("month", "months", "monthly"),
    "year": ("year", "years", "yearly"),
}
INTERVALS = {spelled: name for name, spellings in SPELLINGS.items() for spelled in spellings}
QUARTER = "15min"
_DATE = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2})(?:[T ].*)?)?)?")
_DURATION = re.compile(r"([0-9]+)(hour|day|month|year)s?")
_LAST_END = date(2100, 1, 1)


@dataclass(unsafe_hash=True)
class Refused(Exception):
    """The request is answered with this status; `error` where the contract says its words."""

    status: int
    error: str | None = None


@dataclass(frozen=True)
class Asked:
    """Checked parameters: dates [start, end), None is open; `end_ms` cuts the last day short."""

    clock: Clock
    interval: str
    start: date | None
    end: date | None
    end_ms: int | None
    by_duration: bool
    params: Mapping[str, str]

    @property
    def by_month(self) -> bool:
        """Whether rows are months where a view speaks of months."""
        return self.interval in {"month", "year"}

    def text(self, name: str, default: str) -> str:
        """Return a parameter as it was written."""
        return self.params.get(name) or default

    @property
    def base(self) -> float:
        """The base temperature."""
        try:
            base = float(self.text("base", "65"))
        except ValueError:
            raise Refused(400) from None
        if not math.isfinite(base):
            raise Refused(400)
        return base

    def has_day(self, day: date) -> bool:
        """Whether a period that begins with this day is in the range."""
        return not (self.start and day < self.start) and not (self.end and day >= self.end)

    def has_hour(self, hour: int) -> bool:
        """Whether an hour begins in the range."""
        in_time = self.end_ms is None or hour < self.end_ms
        return in_time and self.has_day(self.clock.date_of(hour))

    def hours(self, rows: Mapping[int, T]) -> dict[int, T]:
        """Return the hours in the range."""
        return {hour: row for hour, row in rows.items() if self.has_hour(hour)}

    def days(self, rows: Mapping[date, T]) -> dict[date, T]:
        """Return the days in the range; or the months, whole, of which the 1st is in it."""
        return {day: row for day, row in rows.items() if self.has_day(day)}

    def rows(self, meter: Meter) -> dict[int | date, dict[str, float]]:
        """Return the hours, for interval hour, or the days."""
        if self.interval == "hour":
            return dict(self.hours(meter.hours).items())
        return dict(self.days(meter.days).items())

    def whole_rows(self, meter: Meter) -> dict[int | date, dict[str, float]]:
        """Return the hours, the days, or for months and years whole months."""
        return dict(self.days(meter.months).items()) if self.by_month else self.rows(meter)


def asked(clock: Clock, params: Mapping[str, str], *more: str) -> Asked:
    """Check what all views have; `more` are further intervals."""
    interval = params.get("interval", "")
    if interval not in {*INTERVALS, *more}:
        raise Refused(400)
    start, end = day_of(params.get("start", "")), day_of(params.get("end", ""))
    duration = params.get("duration", "")
    end_ms = None
    by_duration = bool(duration and start)
    if duration:
        count, unit = _duration(duration)
        if start and unit == "hour":
            end_ms = clock.midnight(start) + count * HOUR
            end = _day_after(clock, end_ms)
        elif start:
            end = _ended(start, count, unit)
    name = INTERVALS.get(interval, interval)
    return Asked(clock, name, start, end, end_ms, by_duration, params)


def day_of(text: str) -> date | None:
    """Return the date of `2013`, `2013-01` or `2013-01-05`, whatever the time; None of nothing."""
    if not text:
        return None
    found = _DATE.fullmatch(text)
    if not found:
        raise Refused(400)
    year, month, day = (int(part or 1) for part in found.groups())
    if not 2000 <= year <= 2099:
        raise Refused(400)
    try:
        return date(year, month, day)
    except ValueError:
        raise Refused(400) from None


def _duration(text: str) -> tuple[int, str]:
    found = _DURATION.fullmatch(text)
    if not found:
        raise Refused(400)
    return min(int(found[1]), 10**6), found[2]


def _ended(start: date, count: int, unit: str) -> date:
    if count >= 40_000:  # beyond 2099 in every unit
        return _LAST_END
    if unit == "day":
        return min(start + timedelta(count), _LAST_END)
    months = min(count * (12 if unit == "year" else 1), 12 * 200)
    return min(later(start, months), _LAST_END)


def _day_after(clock: Clock, end_ms: int) -> date:
    """Return the first day that begins at this instant or later."""
    ends_in = clock.wall(end_ms).date()
    return ends_in if clock.midnight(ends_in) == end_ms else ends_in + ONE_DAY


def last_day(one: Asked) -> date | None:
    """Return the last day inside a range of a duration."""
    return one.end - ONE_DAY if one.end else None


def group(one: Asked, keys: Iterable[int | date]) -> list[tuple[str, list[int | date]]]:
    """Return hours, days or months by the interval asked for, each with its item's date."""
    groups: dict[object, list[int | date]] = {}
    for key in sorted(keys):
        day = one.clock.date_of(key) if isinstance(key, int) else key
        period = {"year": day.year, "month": (day.year, day.month), "day": day}
        groups.setdefault(period.get(one.interval, key), []).append(key)
    return [(_dated(one, keys[0]), keys) for keys in groups.values()]


def _dated(one: Asked, key: int | date) -> str:
    if not isinstance(key, int):
        return key.isoformat()
    return one.clock.label(key) if one.interval == "hour" else one.clock.date_of(key).isoformat()
