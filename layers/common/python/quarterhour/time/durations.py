"""Durations: the `interval` of a POST, ISO 8601 (semantics, rule 2), and calendar months."""

import re
from calendar import monthrange
from datetime import date
from decimal import Decimal

from quarterhour.time.calendar import DAY_MS, MINUTE_MS

MIN_DECLARED_MS = MINUTE_MS
MAX_DECLARED_MS = DAY_MS

_N = r"([0-9]{1,9}(?:[.,][0-9]{1,9})?)"
_DURATION = re.compile(rf"P(?=.)(?:{_N}D)?(?:T(?=.)(?:{_N}H)?(?:{_N}M)?(?:{_N}S)?)?")
_PARTS_MS = (86_400_000, 3_600_000, 60_000, 1_000)

# Calendar months and years: what a period total counts for.
MONTH, YEAR = "P1M", "P1Y"
PERIODS = (MONTH, YEAR)


def interval_ms(text: str) -> int:
    """Return a declared interval in milliseconds; ValueError unless it is PT1M to P1D.

    >>> interval_ms("PT300S") == interval_ms("PT5M") == 300_000
    True
    """
    spelled = _DURATION.fullmatch(text)
    total = sum(
        Decimal(part.replace(",", ".")) * ms
        for part, ms in zip(spelled.groups() if spelled else (), _PARTS_MS, strict=False)
        if part
    )
    if not MIN_DECLARED_MS <= total <= MAX_DECLARED_MS:
        raise ValueError("must be an ISO 8601 duration from PT1M to P1D, as PT15M or PT1H")
    return int(total)


def interval_or_period(text: str) -> int | str:
    """Return an interval in milliseconds, or MONTH or YEAR; ValueError for anything else.

    >>> interval_or_period("PT1H"), interval_or_period("P1M")
    (3600000, 'P1M')
    """
    if text in PERIODS:
        return text
    try:
        return interval_ms(text)
    except ValueError as error:
        raise ValueError(f"{error}, or {' or '.join(PERIODS)}") from None


def later(day: date, months: int) -> date:
    """Return the same date some months later, or the last day of that month.

    >>> later(date(2013, 1, 31), 1), later(date(2012, 2, 29), 12)
    (datetime.date(2013, 2, 28), datetime.date(2013, 2, 28))
    """
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
