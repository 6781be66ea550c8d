"""Local hours, dates and months of a zone: datetime and zoneinfo, nothing else."""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MS = timedelta(milliseconds=1)


def wall(zone: str, at_ms: int) -> datetime:
    """Return what the clock on the wall shows at an instant, aware."""
    return (EPOCH + at_ms * MS).astimezone(ZoneInfo(zone))


@lru_cache(maxsize=100_000)
def hour_of(zone: str, at_ms: int) -> int:
    """Return the instant at which the local hour began; the hour that DST repeats is two."""
    shown = wall(zone, at_ms).replace(minute=0, second=0, microsecond=0)
    return (shown.astimezone(UTC) - EPOCH) // MS


@lru_cache(maxsize=100_000)
def midnight(zone: str, day: date) -> int:
    """Return the instant at which a date begins."""
    return (datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)) - EPOCH) // MS


def later(day: date, months: int) -> date:
    """Return the same date some calendar months later, or the last day of that month."""
    years, month = divmod(day.month - 1 + months, 12)
    found = date(day.year + years, month + 1, 1)
    while found.day < day.day and (found + timedelta(1)).month == found.month:
        found += timedelta(1)
    return found


def instant(text: str) -> int:
    """Return a time with Z or an offset in milliseconds."""
    return (datetime.fromisoformat(text) - EPOCH) // MS
