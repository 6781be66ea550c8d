"""The windows that a page of values is read by: what its items need, and little more."""

from collections.abc import Callable, Iterator

from quarterhour.energy.aggregate import MONTH, YEAR
from quarterhour.query.intervals import INTERVALS
from quarterhour.time.calendar import DAY_MS, Zone
from quarterhour.time.intervals import Interval

# Where data are sparse, windows grow: each is twice as long as the one before, up to this.
MOST_GROWTH = 16

AtOrAfter = Callable[[int], int | None]
Calendar = tuple[Callable[[int], int], Callable[[int], int]]


def whole(interval: str, zone: Zone) -> Calendar:
    """Return what tells the beginning of the least window an instant is in, and of the next one.

    That is a local day, for months a month and for years a year.
    """
    long = {MONTH: (zone.month_of, zone.next_month), YEAR: (zone.year_of, zone.next_year)}
    return long.get(interval, (zone.day_of, zone.next_day))


def windows(
    extent: Interval, interval: str, zone: Zone, periods: int, next_data: AtOrAfter
) -> Iterator[Interval]:
    """Yield windows of a range, ascending; the first has room for so many periods.

    Between two of them `next_data` tells where it is worth to go on: an instant at or after the
    one it is given, before which there is nothing; None where nothing comes.
    """
    begin, range_end = extent
    begin_of, following = whole(interval, zone)
    # The first day may be a part of one.
    length_ms = periods * INTERVALS[interval].longest_ms + DAY_MS
    longest_ms = MOST_GROWTH * length_ms
    while begin < range_end:
        end = min(range_end, following(begin + length_ms))
        yield begin, end
        next_ms = next_data(end) if end < range_end else None
        if next_ms is None:
            return
        begin = begin_of(next_ms)
        length_ms = min(2 * length_ms, longest_ms)
