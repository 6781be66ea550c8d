"""Dates and durations as they are written: `2013-01`, `1day`."""

import re
from calendar import monthrange
from datetime import date, timedelta
from typing import NamedTuple

from quarterhour.time.calendar import BUCKET_MS, HOUR_MS, Zone

# The accepted years are 2000 to 2099, so the last end is the beginning of 2100.
LAST_END = date(2100, 1, 1)
_YEARS = range(2000, LAST_END.year)

_DATE = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2})(?:[Tt ][0-9:.,Zz +-]*)?)?)?")
_DURATION = re.compile(r"([0-9]+)(hour|day|month|year)s?")
# No duration reaches further: more than a hundred years.
_MOST = {"hour": 900_000, "day": 37_000, "month": 1_212, "year": 101}
_LONGEST_NUMBER = 9


class Duration(NamedTuple):
    """A number of hours, or of local days, calendar months or years."""

    number: int
    unit: str

    def after(self, start: date, zone: Zone) -> tuple[date, int | None]:
        """Return the date of the first day after it; and of hours the instant at which they end."""
        if self.unit == "hour":
            return _after_hours(start, self.number, zone)
        if self.unit == "day":
            return min(start + timedelta(self.number), LAST_END), None
        months = self.number * 12 if self.unit == "year" else self.number
        return min(later(start, months), LAST_END), None


def day(text: str) -> date:
    """Return the date of `2013`, `2013-01` or `2013-01-05`; a time after it counts for nothing.

    >>> day("2013"), day("2013-01-05T17:00:00Z")
    (datetime.date(2013, 1, 1), datetime.date(2013, 1, 5))
    """
    match = _DATE.fullmatch(text)
    if not match:
        raise ValueError("must be a date, as 2013, 2013-01 or 2013-01-05")
    year, month, day_of_month = (int(part or 1) for part in match.groups())
    if year not in _YEARS:
        raise ValueError("must lie in the years 2000 to 2099")
    try:
        return date(year, month, day_of_month)
    except ValueError:
        raise ValueError("is not a day of the calendar") from None


def duration(text: str) -> Duration:
    """Return the duration of `1day` or `12months`; what leads beyond 2099 is only as long as that.

    >>> duration("1day"), duration("012months")
    (Duration(number=1, unit='day'), Duration(number=12, unit='month'))
    """
    match = _DURATION.fullmatch(text)
    if not match:
        raise ValueError("must be digits and hours, days, months or years, as 1day or 12months")
    digits, unit = match.groups()
    number = int(digits.lstrip("0")[:_LONGEST_NUMBER] or 0)
    return Duration(min(number, _MOST[unit]), unit)


def _after_hours(start: date, number: int, zone: Zone) -> tuple[date, int]:
    begin = zone.begin(start)
    end = min(begin + number * HOUR_MS, zone.begin(LAST_END))
    # An hour that has begun is asked for as a whole, also where clocks moved by half of one.
    hours = (at for at in range(end, end + HOUR_MS, BUCKET_MS) if zone.hour_of(at) == at)
    return zone.date_of(zone.next_day(end - 1)), next(hours)


def later(day: date, months: int) -> date:
    """Return the same date some months later, or the last day of that month.

    >>> later(date(2013, 1, 31), 1), later(date(2012, 2, 29), 12)
    (datetime.date(2013, 2, 28), datetime.date(2013, 2, 28))
    """
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
