"""How long a reading is declared to last (docs/semantics.md, "Declared intervals").

An interval is a number of milliseconds, or is counted in the local calendar: DAY, or a period of
which a value is the total, as `P5D`, MONTH or YEAR.
"""

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from quarterhour.time.calendar import HOUR_MS, MINUTE_MS, Zone
from quarterhour.time.dates import later

Interval = int | str

MIN_DECLARED_MS = 1_000
MAX_DECLARED_MS = 26 * HOUR_MS  # the longest local day: clocks put back by two hours
MIN_DAYS, MAX_DAYS = 2, 400  # of a period

DAY, MONTH, YEAR = "P1D", "P1M", "P1Y"
_MONTHS = {MONTH: 1, YEAR: 12}

START = "start"
LABELS = {START: False, "end": True}  # whether a time is where an interval ends

_N = r"([0-9]{1,9}(?:[.,][0-9]{1,9})?)"
_ISO_DURATION = re.compile(rf"P(?=.)(?:{_N}D)?(?:T(?=.)(?:{_N}H)?(?:{_N}M)?(?:{_N}S)?)?")
_PARTS_MS = (86_400_000, 3_600_000, 60_000, 1_000)
_DAYS = re.compile(r"P([1-9][0-9]{0,2})D")
_LIMITS = "must be an ISO 8601 duration from PT1S to PT26H, as PT15M or PT1H"
_PERIODS = f"or a period, P{MIN_DAYS}D to P{MAX_DAYS}D, {MONTH} or {YEAR}"


def interval_ms(text: str) -> int:
    """Return a declared interval in milliseconds; ValueError unless it is PT1S to PT26H.

    >>> interval_ms("PT300S") == interval_ms("PT5M") == 300_000
    True
    """
    spelled = _ISO_DURATION.fullmatch(text)
    total = sum(
        Decimal(part.replace(",", ".")) * ms
        for part, ms in zip(spelled.groups() if spelled else (), _PARTS_MS, strict=False)
        if part
    )
    if not MIN_DECLARED_MS <= total <= MAX_DECLARED_MS:
        raise ValueError(_LIMITS)
    return int(total)


def iso_duration(length_ms: int) -> str:
    """Return a declared interval as ISO 8601 writes it, in hours, minutes and seconds.

    >>> iso_duration(5_400_000), iso_duration(86_400_000), iso_duration(60_500)
    ('PT1H30M', 'PT24H', 'PT1M0.5S')
    """
    hours, rest_ms = divmod(length_ms, HOUR_MS)
    minutes, rest_ms = divmod(rest_ms, MINUTE_MS)
    parts = (hours, "H"), (minutes, "M"), (Decimal(rest_ms) / 1000, "S")
    return "PT" + "".join(f"{number}{unit}" for number, unit in parts if number)


def interval_or_period(text: str) -> Interval:
    """Return an interval in milliseconds, DAY or a period; ValueError for anything else.

    >>> interval_or_period("PT1H"), interval_or_period("P1D"), interval_or_period("P5D")
    (3600000, 'P1D', 'P5D')
    """
    if text == DAY or is_period(text):
        return text
    try:
        return interval_ms(text)
    except ValueError as error:
        raise ValueError(f"{error}, {_PERIODS}") from None


def is_period(text: str) -> bool:
    """Return whether this is what a period total counts for.

    >>> [is_period(text) for text in ("P1D", "P2D", "P400D", "P401D", "P1M", "P2M")]
    [False, True, True, False, True, False]
    """
    days = _DAYS.fullmatch(text)
    return text in _MONTHS or bool(days and MIN_DAYS <= int(days[1]) <= MAX_DAYS)


def first_after(first: date, period: str) -> date:
    """Return the date of the first day after a period: the same date a month or year on.

    Where that month is too short to have the date, its last day.

    >>> first_after(date(2013, 1, 31), "P1M"), first_after(date(2013, 1, 31), "P2D")
    (datetime.date(2013, 2, 28), datetime.date(2013, 2, 2))
    """
    if period in _MONTHS:
        return later(first, _MONTHS[period])
    return first + timedelta(int(period[1:-1]))


class Declared(NamedTuple):
    """What a POST declares of its readings: the interval (0: none), and which end of it is told."""

    interval: Interval = 0
    is_end: bool = False

    @property
    def is_total(self) -> bool:
        """Whether the interval is a period, of which a value is the total."""
        return isinstance(self.interval, str) and self.interval != DAY

    @property
    def same_ms(self) -> int | None:
        """The milliseconds that every reading lasts from its time on; None where it depends."""
        return self.interval if isinstance(self.interval, int) and not self.is_end else None

    def laid(self, at_ms: int, zone: Zone) -> tuple[int, Interval]:
        """Return where the reading of a time begins, and how long it lasts: not DAY any more.

        A period that ends at a time is one of whole days, up to the day before.
        """
        interval = self.interval
        if interval == DAY:
            other_ms = zone.same_time(at_ms, -1 if self.is_end else 1)
            interval = min(abs(other_ms - at_ms), MAX_DECLARED_MS)
        if isinstance(interval, int):
            return (at_ms - interval if self.is_end else at_ms), interval
        if not self.is_end:
            return at_ms, interval
        after = zone.date_of(at_ms)
        first = first_of(after, interval)
        return zone.begin(first), f"P{(after - first).days}D"


def first_of(after: date, period: str) -> date:
    """Return the date of the first day of a period, by that of the first day after it.

    >>> first_of(date(2013, 3, 31), "P1M"), first_of(date(2013, 2, 2), "P2D")
    (datetime.date(2013, 2, 28), datetime.date(2013, 1, 31))
    """
    if period in _MONTHS:
        return later(after, -_MONTHS[period])
    return after - timedelta(int(period[1:-1]))


UNDECLARED = Declared()


def until(start_ms: int, end_ms: int, zone: Zone | None) -> Interval:
    """Return the interval of [start_ms, end_ms); ValueError where there is none.

    What is longer than any interval is a period of whole local days of the zone; without one, none.
    """
    length_ms = end_ms - start_ms
    if length_ms < MIN_DECLARED_MS:
        raise ValueError("must be a second or more after datetime")
    if length_ms <= MAX_DECLARED_MS:
        return length_ms
    hours = MAX_DECLARED_MS // HOUR_MS
    if zone is None:
        raise ValueError(f"must be at most {hours} hours after datetime")
    first, last = zone.date_of(start_ms), zone.date_of(end_ms)
    if (zone.begin(first), zone.begin(last)) != (start_ms, end_ms):
        reason = f"is more than {hours} hours after datetime: both must be local midnights"
        raise ValueError(reason)
    days = (last - first).days
    if not MIN_DAYS <= days <= MAX_DAYS:
        raise ValueError(f"must be {MIN_DAYS} to {MAX_DAYS} local days after datetime")
    return f"P{days}D"
