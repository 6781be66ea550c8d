"""Instants: ISO 8601 text or Unix time, in milliseconds since the epoch, UTC (rule 8)."""

import re
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)
_DAY_MS = 86_400_000
FIRST_MS = (datetime(2000, 1, 1, tzinfo=UTC) - EPOCH) // _MS
LAST_MS = (datetime(2100, 1, 1, tzinfo=UTC) - EPOCH) // _MS - 1
# Unix time is in milliseconds from this number on: as seconds it would be the year 5138.
UNIX_MS_FROM = 1e11

_DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_OFFSET = r"(?:[Zz]|[+-][0-9]{2}(?::?[0-5][0-9])?)"
_FRACTION = r"(?:[.,][0-9]{1,9})?"
_ISO = re.compile(rf"{_DATE}[Tt ][0-9]{{2}}:[0-9]{{2}}(?::[0-9]{{2}}{_FRACTION})?{_OFFSET}")
_NAIVE = re.compile(rf"{_DATE}(?:[Tt ][0-9]{{2}}:[0-9]{{2}}(?::[0-9]{{2}}{_FRACTION})?)?")
# Where a day ends, and a leap second: not among datetime's times.
_DAY_END = re.compile(r"([Tt ])24:00((?::00(?:[.,]0+)?)?(?![0-9:.,]))")
_LEAP_SECOND = re.compile(r"([Tt ]23:59:)60")
_CLOCK = r"T([01][0-9]|2[0-3]):([0-5][0-9]):([0-5][0-9])Z"
# In queries only. A `+` that was not escaped arrives as a space.
_ANY_CLOCK = rf"[0-9]{{2}}[:-][0-9]{{2}}(?:[:-][0-9]{{2}}{_FRACTION})?"
_BLANK = re.compile(rf"({_DATE}[Tt ]{_ANY_CLOCK}) ([0-9]{{2}}(?::?[0-5][0-9])?)")
_DASHES = re.compile(rf"({_DATE})[Tt]([0-9]{{2}})-([0-9]{{2}})-([0-9]{{2}}{_FRACTION})({_OFFSET})")
# Seconds since 1970 of the accepted years have nine or ten digits; more of them are milliseconds.
_EPOCH = re.compile(r"([0-9]{9,14})(?:\.([0-9]{1,9}))?")
_LEAST_MS = 10**11


def parse(text: str) -> int:
    """Return the instant in milliseconds, a finer fraction cut off; ValueError says what is wrong.

    >>> parse("2018-08-24T02:00:00.5+02:00") - parse("2018-08-24T00:00:00Z")
    500
    """
    usual_ms = _usual(text)
    return _any(text) if usual_ms is None else usual_ms


def is_naive(text: str) -> bool:
    """Return whether this is a date, or a time without an offset.

    >>> is_naive("2018-08-24T00:15"), is_naive("2018-08-24T00:15Z")
    (True, False)
    """
    return bool(_NAIVE.fullmatch(text))


def _any(text: str) -> int:
    if not _ISO.fullmatch(text):
        if _NAIVE.fullmatch(text):
            raise ValueError("needs Z or an offset, as in 2018-08-24T00:00:00Z")
        raise ValueError("must be an ISO 8601 time with Z or an offset, as in 2018-08-24T00:00:00Z")
    before, ends = _DAY_END.subn(r"\g<1>00:00\g<2>", text)
    before, leaps = _LEAP_SECOND.subn(r"\g<1>59", before)
    try:
        at_ms = (datetime.fromisoformat(before.upper()) - EPOCH) // _MS
    except (ValueError, OverflowError):
        raise ValueError("is not a time of the calendar") from None
    return _within(at_ms + ends * _DAY_MS + leaps * 1000)


def of_unix(time: float) -> int:
    """Return the instant of a Unix time: seconds, or from UNIX_MS_FROM on milliseconds.

    >>> of_unix(1535069700) == of_unix(1535069700000) == of_unix(1535069700.0009)
    True
    """
    if not -UNIX_MS_FROM < time < 100 * UNIX_MS_FROM:  # any number, also none that is finite
        return _within(-1)
    of_ms = time >= UNIX_MS_FROM
    if isinstance(time, int):
        return _within(time if of_ms else time * 1000)
    # As it is written: a float's own fraction may be a little less.
    return _within(int(Decimal(repr(time)) * (1 if of_ms else 1000)))


def _within(at_ms: int) -> int:
    if not FIRST_MS <= at_ms <= LAST_MS:
        raise ValueError("must lie in the years 2000 to 2099 (UTC)")
    return at_ms


def _usual(text: str) -> int | None:
    """Return the instant of a `2018-08-24T00:15:00Z`, as nearly all are written; None of others.

    A batch has few days, and the next one mostly the same times of day.
    """
    if len(text) != len("2018-08-24T00:15:00Z"):
        return None
    day_ms, clock_ms = _of_day(text[:10]), _of_clock(text[10:])
    return None if day_ms is None or clock_ms is None else day_ms + clock_ms


@lru_cache(maxsize=1024)
def _of_day(text: str) -> int | None:
    if not re.fullmatch(_DATE, text):
        return None
    with suppress(ValueError):
        day_ms = (datetime.fromisoformat(f"{text}T00:00:00Z") - EPOCH) // _MS
        return day_ms if FIRST_MS <= day_ms <= LAST_MS else None
    return None


@lru_cache(maxsize=4096)
def _of_clock(text: str) -> int | None:
    if not (found := re.fullmatch(_CLOCK, text)):
        return None
    hours, minutes, seconds = map(int, found.groups())
    return ((hours * 60 + minutes) * 60 + seconds) * 1000


def parse_query(text: str) -> int:
    """Return the instant of a query parameter, which may be written in more ways.

    As 2018-08-24T00-00-00Z, with an offset whose `+` became a space, or as Unix time: seconds, from
    1e11 on milliseconds.

    >>> parse_query("1535068800.5") == parse_query("1535068800500")
    True
    >>> iso(parse_query("2018-08-24T02:00:00 02:00"))
    '2018-08-24T00:00:00Z'
    """
    if epoch := _EPOCH.fullmatch(text):
        return _of_epoch(*epoch.groups(default=""))
    if blank := _BLANK.fullmatch(text):
        text = "+".join(blank.groups())
    if dashes := _DASHES.fullmatch(text):
        day, hour, minute, second, offset = dashes.groups()
        text = f"{day}T{hour}:{minute}:{second}{offset}"
    return parse(text)


def _of_epoch(digits: str, fraction: str) -> int:
    whole = int(digits)
    at_ms = whole if whole >= _LEAST_MS else whole * 1000 + int(f"{fraction:0<3}"[:3])
    if not FIRST_MS <= at_ms <= LAST_MS:
        raise ValueError("must lie in the years 2000 to 2099 (UTC)")
    return at_ms


def iso(at_ms: int) -> str:
    """Return the instant as text, with milliseconds only where there are any.

    >>> iso(parse("2018-08-24T00:15:00Z")), iso(500)
    ('2018-08-24T00:15:00Z', '1970-01-01T00:00:00.500Z')
    """
    days, ms = divmod(at_ms, _DAY_MS)
    seconds, fraction = divmod(ms, 1000)
    clock = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return f"{_date(days)}T{clock}.{fraction:03}Z" if fraction else f"{_date(days)}T{clock}Z"


@lru_cache(maxsize=4096)
def _date(days: int) -> str:
    return (EPOCH + timedelta(days)).strftime("%Y-%m-%d")
