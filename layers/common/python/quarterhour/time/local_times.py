"""Times as a clock on the wall shows them, one after the other, as instants (semantics, "CSV")."""

import re
from collections import Counter
from collections.abc import Sequence
from datetime import date
from itertools import pairwise

from quarterhour.time.calendar import DAY_MS, Zone
from quarterhour.time.instants import EPOCH, FIRST_MS, LAST_MS, of_unix, parse

# The instant of a time, or why it has none.
Instant = int | str

_LOCAL = re.compile(
    r"(\d{4}-\d{2}-\d{2})(?:[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?", re.ASCII
)
_UNIX = re.compile(r"-?[0-9]{1,20}(?:\.[0-9]{1,9})?")
_SIXTY = 60
# The next day's midnight, and a second that is put in before it.
_LAST = {(24, 0, 0), (23, 59, 60)}
_NO_TIME = "is not a time of the calendar"
_OUT_OF_RANGE = "must lie in the years 2000 to 2099 (UTC)"


def instants(texts: Sequence[str], zone: Zone | None, *, are_ends: bool = False) -> list[Instant]:
    """Return the instants of times in their order; those without an offset are the zone's.

    Of an hour that comes twice, what comes twice is first before the change of clocks, and then
    after it; what comes once is before it, unless the times before it were later. Where a file goes
    back in time, this is said from its end. A time that no clock shows is none, but for an end that
    is the very change of clocks (`are_ends`).
    """
    if zone is None:
        return [*map(_parsed, texts)]
    shown = [*map(_shown, texts)]
    clocks = [one for one in shown if isinstance(one, int)]
    rises = sum((after > before) - (after < before) for before, after in pairwise(clocks))
    step = -1 if rises < 0 else 1
    found = _Resolver(zone, Counter(clocks), are_ends=are_ends)
    resolved = [
        found.instant(one) if isinstance(one, int) else one or _parsed(text)
        for one, text in zip(shown[::step], texts[::step], strict=True)
    ]
    return resolved[::step]


class _Resolver:
    """Finds the instants of what a clock showed, in order."""

    def __init__(self, zone: Zone, times: Counter[int], *, are_ends: bool) -> None:
        self._zone = zone
        self._times = times
        self._are_ends = are_ends
        self._seen: Counter[int] = Counter()
        self._last_ms = 0

    def instant(self, shown_ms: int) -> Instant:
        possible = self._zone.instants_of(shown_ms)
        if not possible and self._are_ends:
            possible = [at + 1 for at in self._zone.instants_of(shown_ms - 1)]
        if not possible:
            return f"does not exist in {self._zone.name}: clocks go forward then"
        at_ms = possible[0] if len(possible) == 1 else self._of_two(shown_ms, possible)
        if not FIRST_MS <= at_ms <= LAST_MS:
            return _OUT_OF_RANGE
        self._last_ms = at_ms
        return at_ms

    def _of_two(self, shown_ms: int, possible: Sequence[int]) -> int:
        self._seen[shown_ms] += 1
        is_second = self._seen[shown_ms] > 1
        if self._times[shown_ms] == 1:
            is_second = possible[0] <= self._last_ms < possible[-1]
        return possible[-1] if is_second else possible[0]


def _parsed(text: str) -> Instant:
    try:
        if _UNIX.fullmatch(text):
            return of_unix(float(text) if "." in text else int(text))
        return parse(text)
    except ValueError as error:
        return str(error)


def _shown(text: str) -> Instant | None:
    """Return the milliseconds that a clock shows; text where it shows no such time.

    None where the time has an offset.
    """
    found = _LOCAL.fullmatch(text)
    if not found:
        return None
    day, hour, minute, second, fraction = found.groups()
    clock = int(hour or 0), int(minute or 0), int(second or 0)
    is_any = clock < (24,) and clock[1] < _SIXTY and clock[2] < _SIXTY
    if not is_any and clock not in _LAST:
        return _NO_TIME
    try:
        day_ms = (date.fromisoformat(day) - EPOCH.date()).days * DAY_MS
    except ValueError:
        return _NO_TIME
    ms = int((fraction or "").ljust(3, "0")[:3])
    return day_ms + ((clock[0] * 60 + clock[1]) * 60 + clock[2]) * 1000 + ms
