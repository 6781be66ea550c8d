"""UTC buckets of 15 minutes, days and months; all times are milliseconds since the epoch."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from quarterhour.time.instants import EPOCH

MINUTE_MS = 60_000
BUCKET_MS = 15 * MINUTE_MS
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS


def bucket_of(at_ms: int) -> int:
    """Return the beginning of the bucket that holds this instant."""
    return at_ms - at_ms % BUCKET_MS


def day_of(at_ms: int) -> int:
    """Return the beginning of the UTC day that holds this instant."""
    return at_ms - at_ms % DAY_MS


def hour_of(at_ms: int) -> int:
    """Return the beginning of the UTC hour that holds this instant."""
    return at_ms - at_ms % HOUR_MS


@lru_cache(maxsize=4096)
def _month_of_day(day_ms: int) -> int:
    first = (EPOCH + timedelta(milliseconds=day_ms)).replace(day=1)
    return (first - EPOCH) // timedelta(milliseconds=1)


def month_of(at_ms: int) -> int:
    """Return the beginning of the UTC month that holds this instant."""
    return _month_of_day(day_of(at_ms))


def next_month(month_ms: int) -> int:
    """Return the beginning of the month after this one."""
    return month_of(month_ms + 31 * DAY_MS)


def year_of(at_ms: int) -> int:
    """Return the beginning of the UTC year that holds this instant."""
    return _year_of_month(month_of(at_ms))


@lru_cache(maxsize=1024)
def _year_of_month(month_ms: int) -> int:
    first = (EPOCH + timedelta(milliseconds=month_ms)).replace(month=1)
    return (first - EPOCH) // timedelta(milliseconds=1)


def next_year(year_ms: int) -> int:
    """Return the beginning of the year after this one."""
    return year_of(year_ms + 366 * DAY_MS)


def days_between(start_ms: int, end_ms: int) -> range:
    """Return the beginnings of the UTC days that [start_ms, end_ms) touches."""
    return range(day_of(start_ms), end_ms, DAY_MS)


def months_between(start_ms: int, end_ms: int) -> list[int]:
    """Return the beginnings of the UTC months that [start_ms, end_ms) touches."""
    return _periods(month_of(start_ms), end_ms, next_month)


def years_between(start_ms: int, end_ms: int) -> list[int]:
    """Return the beginnings of the UTC years that [start_ms, end_ms) touches."""
    return _periods(year_of(start_ms), end_ms, next_year)


def _periods(first: int, end_ms: int, following: Callable[[int], int]) -> list[int]:
    periods = []
    while first < end_ms:
        periods.append(first)
        first = following(first)
    return periods


def day_number(day_ms: int) -> str:
    """Return the two-digit day of the month, `24` for 2018-08-24."""
    return _text(day_ms)[8:10]


def day_text(day_ms: int) -> str:
    """Return the day as `2018-08-24`."""
    return _text(day_ms)


def year_text(at_ms: int) -> str:
    """Return the year of an instant as `2018`."""
    return _text(day_of(at_ms))[:4]


def month_text(at_ms: int) -> str:
    """Return the month of an instant as `2018-08`."""
    return _text(day_of(at_ms))[:7]


@lru_cache(maxsize=4096)
def _text(day_ms: int) -> str:
    return datetime.fromtimestamp(day_ms / 1000, UTC).strftime("%Y-%m-%d")


_CLOCK = [f"{minutes // 60:02}:{minutes % 60:02}" for minutes in range(0, 24 * 60, 15)]


def bucket_text(bucket_ms: int) -> str:
    """Return a bucket's beginning as `2018-08-24T00:15`."""
    return f"{_text(day_of(bucket_ms))}T{_CLOCK[bucket_ms % DAY_MS // BUCKET_MS]}"
