"""The intervals of answers: an interval is added here, and where rows are summed up to it."""

from typing import NamedTuple

from quarterhour.energy.aggregate import DAY, HOUR, MONTH, QUARTER_HOURS, YEAR
from quarterhour.time.calendar import BUCKET_MS, DAY_MS, HOUR_MS

LONG = {MONTH, YEAR}  # whose rows are days or months


class Granularity(NamedTuple):
    """What an interval of answers is: its spellings, and how long the longest period of it is.

    `most_days` is the longest range of ships that is answered by it; None is any.
    """

    spellings: tuple[str, ...]
    longest_ms: int
    is_of_ships: bool = True
    most_days: int | None = None


# So many points fit an answer that is packed. Of those that are not, a year of quarter hours does;
# hours of five years are 43,848.
MOST_PACKED_POINTS = 250_000
INTERVALS = {
    QUARTER_HOURS: Granularity((QUARTER_HOURS,), BUCKET_MS, most_days=366),
    HOUR: Granularity((HOUR, "hours", "hourly"), HOUR_MS, most_days=5 * 365 + 2),
    DAY: Granularity((DAY, "days", "daily"), DAY_MS),
    MONTH: Granularity((MONTH, "months", "monthly"), 31 * DAY_MS),
    YEAR: Granularity((YEAR, "years", "yearly"), 366 * DAY_MS, is_of_ships=False),
}

LONGEST_DAYS = {
    name: interval.most_days for name, interval in INTERVALS.items() if interval.most_days
}
LONGEST_PACKED_DAYS = {
    name: MOST_PACKED_POINTS * INTERVALS[name].longest_ms // DAY_MS for name in LONGEST_DAYS
}
OF_SHIPS = [name for name, interval in INTERVALS.items() if interval.is_of_ships]
# Those of values and of views, by all their spellings; views have no quarter hours.
OF_VALUES = {
    spelling: name for name, interval in INTERVALS.items() for spelling in interval.spellings
}
OF_VIEWS = {spelling: name for spelling, name in OF_VALUES.items() if name != QUARTER_HOURS}
