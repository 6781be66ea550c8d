"""How far a reading reaches: which readings decide a bucket, and which days a write can change.

Every bound is exact and attained (docs/semantics.md, rules 1 and 2).
"""

from bisect import bisect_left
from collections.abc import Sequence
from operator import itemgetter

from quarterhour.energy.readings import Reading
from quarterhour.time.calendar import BUCKET_MS, DAY_MS, HOUR_MS, MINUTE_MS, UTC, bucket_of
from quarterhour.time.declared import MAX_DECLARED_MS

MAX_HOLD_MS = 65 * MINUTE_MS

# A bucket of [a, b) can be covered by a declared interval that began up to 26 hours before a, or by
# an undeclared reading up to MAX_HOLD before a, whose length may be the gap before it. A reading
# before b is cut short by the next one, at most MAX_HOLD later, or it does not matter.
UNDECLARED_LOOKBACK_MS = 2 * MAX_HOLD_MS
LOOKBACK_MS = max(UNDECLARED_LOOKBACK_MS, MAX_DECLARED_MS)
LOOKAHEAD_MS = MAX_HOLD_MS

# From `marked_from(day)` on, a day is due: a write that can change it marks it, whatever the fence
# says. GRACE > MAX_HOLD + usual delay. MARGIN > the longest a request may run (30 s) + the life of
# a signed request (5 min) + two clocks' skew: where clocks are right, no write that did not mark
# the day can land after it. Where they are not, the fence keeps answers right (docs/table.md).
GRACE_MS = 2 * HOUR_MS
MARGIN_MS = 15 * MINUTE_MS


def neighbourhood(start_ms: int, end_ms: int) -> tuple[int, int]:
    """Return the open interval of the readings that decide the buckets of [start_ms, end_ms).

    A bucket that begins just before `end_ms` lasts to the next quarter hour.
    """
    last_end_ms = bucket_of(end_ms + BUCKET_MS - 1)
    return start_ms - LOOKBACK_MS, last_end_ms + LOOKAHEAD_MS


def still_felt(readings: Sequence[Reading], at_ms: int) -> list[Reading]:
    """Return those of a series' readings that decide its buckets from a bucket's begin on.

    Left out is what ends before, and of what was declared to run on the reading after it, which may
    cut it short, is not.
    """
    recent = bisect_left(readings, at_ms - UNDECLARED_LOOKBACK_MS, key=itemgetter(0))
    lasting = [
        place
        for place, reading in enumerate(readings[:recent])
        if reading.interval_ms and reading.at_ms + reading.interval_ms > at_ms
    ]
    felt = {place + after for place in lasting for after in (0, 1) if place + after < recent}
    return [*(readings[place] for place in sorted(felt)), *readings[recent:]]


def days_changed(first_ms: int, last_ms: int) -> range:
    """Return the UTC days that writing readings at first_ms up to last_ms can change."""
    return UTC.days_between(first_ms - MAX_HOLD_MS, last_ms + LOOKBACK_MS)


def marked_from(day_ms: int) -> int:
    """Return W(day): from this instant on, a write that can change the day marks it."""
    return day_ms + DAY_MS + GRACE_MS


def closed_from(day_ms: int) -> int:
    """Return S(day): from this instant on, the day may be closed, if it has been announced."""
    return marked_from(day_ms) + MARGIN_MS


def last_due(now_ms: int) -> int:
    """Return the last day with W(day) <= now."""
    return UTC.day_of(now_ms - GRACE_MS) - DAY_MS


def last_to_close(now_ms: int) -> int:
    """Return the last day with S(day) <= now."""
    return UTC.day_of(now_ms - GRACE_MS - MARGIN_MS) - DAY_MS
