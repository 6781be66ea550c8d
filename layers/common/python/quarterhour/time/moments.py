"""Where a range of a house begins or ends: a date, a local time, or an instant."""

import re
from datetime import date, datetime, timedelta

from quarterhour.time import dates, instants
from quarterhour.time.calendar import HOUR_MS, Zone
from quarterhour.time.dates import LAST_END, Duration, later

_DATE = re.compile(r"[0-9]{4}(?:-[0-9]{2}){0,2}")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ]|[0-9]{9,}")
_MS = 1000


def moment(text: str, zone: Zone) -> int:
    """Return the instant of a text; ValueError says what is wrong.

    A date is its midnight in the zone, a time without an offset is one of its clocks: the first at
    which they show it, or more where they skip it.

    >>> zone = Zone("America/New_York")
    >>> [zone.iso_of(moment(text, zone)) for text in ("2013-01", "2013-03-10T02:30")]
    ['2013-01-01T00:00:00-05:00', '2013-03-10T03:00:00-04:00']
    """
    if _DATE.fullmatch(text):
        return zone.begin(dates.day(text))
    if instants.is_naive(text):
        return zone.at_clock(_clock(text))
    try:
        return instants.parse_query(text)
    except ValueError as error:
        if _TIME.match(text):
            raise
        reason = "must be a date, as 2013, 2013-01 or 2013-01-05, or a time, as 2013-01-05T17:00"
        raise ValueError(reason) from error


def _clock(text: str) -> datetime:
    """Return what a clock shows, to the millisecond."""
    dates.day(text)
    try:
        shown = datetime.fromisoformat(text.upper())
    except ValueError:
        raise ValueError("is not a time of the calendar") from None
    return shown.replace(microsecond=shown.microsecond // _MS * _MS)


def after(duration: Duration, start_ms: int, zone: Zone) -> int:
    """Return when a duration from an instant on ends: of days and longer at the same local time.

    What leads beyond 2099 ends with it.
    """
    end_ms = zone.begin(LAST_END)
    if duration.unit == "hour":
        return min(start_ms + duration.number * HOUR_MS, end_ms)
    shown = zone.clock_of(start_ms)
    last = _later(shown.date(), duration)
    return end_ms if last >= LAST_END else zone.at_clock(datetime.combine(last, shown.time()))


def _later(first: date, duration: Duration) -> date:
    if duration.unit == "day":
        return first + timedelta(duration.number)
    return later(first, duration.number * 12 if duration.unit == "year" else duration.number)
