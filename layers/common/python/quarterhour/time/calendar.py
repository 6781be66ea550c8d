"""The calendar: quarter hours, and the hours, days, months, years of a time zone.

Instants are milliseconds since the epoch; a period is named by the instant at which it begins. A
local day has 92, 96 or 100 quarter hours where clocks change by an hour (semantics, rule 10).
"""

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from quarterhour.time.instants import EPOCH

MINUTE_MS = 60_000
BUCKET_MS = 15 * MINUTE_MS
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS

_MS = timedelta(milliseconds=1)
_ONE_DAY = timedelta(days=1)
# Not names of zones: what a machine has set for itself, and copies of the zones.
_NAME = re.compile(r"(?!localtime|posix|right/|Factory)[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*")
_NEVER = 1 << 62


def bucket_of(at_ms: int) -> int:
    """Return the beginning of the bucket that holds this instant."""
    return at_ms - at_ms % BUCKET_MS


def periods(first_ms: int, end_ms: int, following: Callable[[int], int]) -> list[int]:
    """Return the beginnings of the periods from the first up to end_ms, excluded."""
    begins = []
    while first_ms < end_ms:
        begins.append(first_ms)
        first_ms = following(first_ms)
    return begins


class _Change(NamedTuple):
    """The offsets of a UTC day: before the clocks change in it, and from then on."""

    before_ms: int
    at_ms: int
    after_ms: int


def _offsets(changes: Iterable[_Change]) -> set[int]:
    return {offset for change in changes for offset in (change.before_ms, change.after_ms)}


class Zone:
    """A time zone's calendar."""

    def __init__(self, name: str) -> None:
        """Take an IANA name, as `America/New_York`; ValueError for any other."""
        try:
            self._info = ZoneInfo(name if _NAME.fullmatch(name) else "")
        except (KeyError, OSError, ValueError):
            raise ValueError("must be an IANA time zone, as America/New_York") from None
        self.name = name
        self._changes: dict[int, _Change] = {}
        self._begins: dict[int, int] = {}

    def hour_of(self, at_ms: int) -> int:
        """Return the beginning of the local hour; the hour that clocks repeat is two."""
        change = self._change(at_ms - at_ms % DAY_MS)
        offset_ms = change.before_ms if at_ms < change.at_ms else change.after_ms
        begin = at_ms - (at_ms + offset_ms) % HOUR_MS
        return change.at_ms if begin < change.at_ms <= at_ms else begin

    def day_of(self, at_ms: int) -> int:
        """Return the beginning of the local day."""
        return self._begin(self._number(at_ms))

    def month_of(self, at_ms: int) -> int:
        """Return the beginning of the local month."""
        return self.begin(self.date_of(at_ms).replace(day=1))

    def year_of(self, at_ms: int) -> int:
        """Return the beginning of the local year."""
        return self.begin(self.date_of(at_ms).replace(month=1, day=1))

    def next_day(self, at_ms: int) -> int:
        """Return the beginning of the next local day."""
        number = self._number(at_ms) + 1
        while self._begin(number) <= at_ms:  # a date that the zone left out
            number += 1
        return self._begin(number)

    def next_month(self, at_ms: int) -> int:
        """Return the beginning of the next local month."""
        first = self.date_of(at_ms).replace(day=1)
        return self.begin((first + 31 * _ONE_DAY).replace(day=1))

    def next_year(self, at_ms: int) -> int:
        """Return the beginning of the next local year."""
        return self.begin(date(self.date_of(at_ms).year + 1, 1, 1))

    def hours_between(self, start_ms: int, end_ms: int) -> Sequence[int]:
        """Return the beginnings of the local hours that [start_ms, end_ms) touches."""
        changes = {self._change(day) for day in range(start_ms - start_ms % DAY_MS, end_ms, DAY_MS)}
        if len(changes) == 1 and changes.pop().at_ms == _NEVER:
            return range(self.hour_of(start_ms), end_ms, HOUR_MS)
        quarter_hours = range(bucket_of(start_ms), end_ms, BUCKET_MS)
        return [*dict.fromkeys(map(self.hour_of, quarter_hours))]

    def days_between(self, start_ms: int, end_ms: int) -> Sequence[int]:
        """Return the beginnings of the local days that [start_ms, end_ms) touches."""
        return periods(self.day_of(start_ms), end_ms, self.next_day)

    def months_between(self, start_ms: int, end_ms: int) -> list[int]:
        """Return the beginnings of the local months that [start_ms, end_ms) touches."""
        return periods(self.month_of(start_ms), end_ms, self.next_month)

    def years_between(self, start_ms: int, end_ms: int) -> list[int]:
        """Return the beginnings of the local years that [start_ms, end_ms) touches."""
        return periods(self.year_of(start_ms), end_ms, self.next_year)

    def begin(self, day: date) -> int:
        """Return the instant at which a date begins here."""
        return self._begin((day - EPOCH.date()).days)

    def date_of(self, at_ms: int) -> date:
        """Return the local date of an instant."""
        return EPOCH.date() + timedelta(self._number(at_ms))

    def same_time(self, at_ms: int, days: int) -> int:
        """Return when the clock shows the same time some days later; below 0, earlier.

        Where it shows it twice, after whole times of 24 hours; where never, when it passes it.
        """
        there = at_ms + days * DAY_MS
        shown = there + self._offset(at_ms)
        return there if there + self._offset(there) == shown else max(self._passing(shown))

    def instants_of(self, shown_ms: int) -> list[int]:
        """Return the instants at which a clock on the wall shows this, in milliseconds since 1970.

        None that clocks leave out, and two that they show twice.
        """
        instants = (shown_ms - offset for offset in _offsets(self._near(shown_ms)))
        return sorted(at for at in instants if at + self._offset(at) == shown_ms)

    def clock_of(self, at_ms: int) -> datetime:
        """Return what a clock on the wall shows, without a zone."""
        return (EPOCH + (at_ms + self._offset(at_ms)) * _MS).replace(tzinfo=None)

    def at_clock(self, clock: datetime) -> int:
        """Return the first instant at which the clock on the wall shows this or more.

        At midnight a day's beginning: if clocks pass it twice, the second time.
        """
        midnight = clock.replace(hour=0, minute=0, second=0, microsecond=0)
        if clock == midnight:
            return self.begin(clock.date())
        return min(self._passing((clock.replace(tzinfo=EPOCH.tzinfo) - EPOCH) // _MS))

    def iso_of(self, at_ms: int) -> str:
        """Return an instant in local time, with its offset: `2013-01-05T17:00:00-05:00`."""
        minutes = self._offset(at_ms) // MINUTE_MS
        sign, (hour, minute) = "-" if minutes < 0 else "+", divmod(abs(minutes), 60)
        return f"{self.clock_of(at_ms).isoformat(timespec='seconds')}{sign}{hour:02}:{minute:02}"

    def _number(self, at_ms: int) -> int:
        """Return the number of the local day, counted from 1970-01-01."""
        number = (at_ms + self._offset(at_ms)) // DAY_MS
        return number if self._begin(number) <= at_ms else number - 1

    def _begin(self, number: int) -> int:
        """Return when the clock passes the midnight before a day, for good."""
        if number not in self._begins:
            self._begins[number] = max(self._passing(number * DAY_MS))
        return self._begins[number]

    def _passing(self, shown_ms: int) -> list[int]:
        """Return when the clock passes what it shows so many milliseconds after 1970 began here."""
        near = self._near(shown_ms)
        instants = {shown_ms - offset for offset in _offsets(near)} | {one.at_ms for one in near}
        return [at for at in instants - {_NEVER} if self._passes(shown_ms, at)]

    def _near(self, shown_ms: int) -> list[_Change]:
        """Return the changes of the clock of the day that it shows, and of those beside it."""
        day_ms = shown_ms - shown_ms % DAY_MS
        return [self._change(day_ms + nth * DAY_MS) for nth in (-1, 0, 1)]

    def _passes(self, shown_ms: int, at_ms: int) -> bool:
        before = at_ms - 1 + self._offset(at_ms - 1)
        return before < shown_ms <= at_ms + self._offset(at_ms)

    def _offset(self, at_ms: int) -> int:
        change = self._change(at_ms - at_ms % DAY_MS)
        return change.before_ms if at_ms < change.at_ms else change.after_ms

    def _change(self, day_ms: int) -> _Change:
        if day_ms not in self._changes:
            self._changes[day_ms] = self._found(day_ms)
        return self._changes[day_ms]

    def _found(self, day_ms: int) -> _Change:
        """Look for a change of clocks; one inside a quarter hour counts from its beginning."""
        before, after = self._told(day_ms), self._told(day_ms + DAY_MS - 1)
        if before == after:
            return _Change(before, _NEVER, after)
        first, last = day_ms, day_ms + DAY_MS
        while last - first > BUCKET_MS:
            middle = first + (last - first) // 2 // BUCKET_MS * BUCKET_MS
            first, last = (middle, last) if self._told(middle) == before else (first, middle)
        ends_changed = self._told(first + BUCKET_MS - 1) == after
        return _Change(before, first if ends_changed else last, after)

    def _told(self, at_ms: int) -> int:
        local = (EPOCH + at_ms * _MS).astimezone(self._info)
        return (local.utcoffset() or timedelta()) // _MS


class _Utc(Zone):
    """UTC, whose clocks never change: the same by arithmetic, as every write and read needs it."""

    def hour_of(self, at_ms: int) -> int:
        return at_ms - at_ms % HOUR_MS

    def day_of(self, at_ms: int) -> int:
        return at_ms - at_ms % DAY_MS

    def month_of(self, at_ms: int) -> int:
        return _month_of_day(at_ms - at_ms % DAY_MS)

    def same_time(self, at_ms: int, days: int) -> int:
        return at_ms + days * DAY_MS

    def hours_between(self, start_ms: int, end_ms: int) -> range:
        return range(start_ms - start_ms % HOUR_MS, end_ms, HOUR_MS)

    def days_between(self, start_ms: int, end_ms: int) -> range:
        return range(start_ms - start_ms % DAY_MS, end_ms, DAY_MS)

    def _begin(self, number: int) -> int:
        return number * DAY_MS

    def _number(self, at_ms: int) -> int:
        return at_ms // DAY_MS


@lru_cache(maxsize=4096)
def _month_of_day(day_ms: int) -> int:
    return ((EPOCH + day_ms * _MS).replace(day=1) - EPOCH) // _MS


UTC: Final = _Utc("UTC")


@lru_cache(maxsize=256)
def zone(name: str) -> Zone:
    """Return the zone of that name, remembered; ValueError where there is none."""
    return UTC if name == UTC.name else Zone(name)


def day_number(day_ms: int) -> str:
    """Return the two-digit day of the UTC month, `24` for 2018-08-24."""
    return _text(day_ms)[8:10]


def day_text(day_ms: int) -> str:
    """Return a UTC day as `2018-08-24`."""
    return _text(day_ms)


def year_text(at_ms: int) -> str:
    """Return the UTC year of an instant as `2018`."""
    return _text(at_ms - at_ms % DAY_MS)[:4]


def month_text(at_ms: int) -> str:
    """Return the UTC month of an instant as `2018-08`."""
    return _text(at_ms - at_ms % DAY_MS)[:7]


@lru_cache(maxsize=4096)
def _text(day_ms: int) -> str:
    return f"{EPOCH + day_ms * _MS:%Y-%m-%d}"


_CLOCK = [f"{minutes // 60:02}:{minutes % 60:02}" for minutes in range(0, 24 * 60, 15)]


def bucket_text(bucket_ms: int) -> str:
    """Return a bucket's beginning as `2018-08-24T00:15`."""
    return f"{_text(bucket_ms - bucket_ms % DAY_MS)}T{_CLOCK[bucket_ms % DAY_MS // BUCKET_MS]}"
