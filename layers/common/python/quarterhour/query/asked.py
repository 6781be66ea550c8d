"""What is asked: interval and range, how long that may be, and the rows that views want for it."""

from dataclasses import dataclass
from datetime import date

from quarterhour.energy.readings import MAX_SPAN_DAYS
from quarterhour.errors import BadRequest, Detail
from quarterhour.query.intervals import LONG, LONGEST_DAYS, LONGEST_PACKED_DAYS
from quarterhour.query.rows import Grain, RowQuery
from quarterhour.sites.virtual_meters import Meter
from quarterhour.time.calendar import DAY_MS, Zone
from quarterhour.time.instants import FIRST_MS, LAST_MS
from quarterhour.time.intervals import Interval


@dataclass(frozen=True, slots=True)
class Asked:
    """The checked parameters of a view; `end` is exclusive, None is open.

    `by_duration`: the end was given as a duration; one of hours also says, as `until_ms`, where
    within the last day hours end. `base_f` and `base_text` are the base
    temperature and how it was written; `location` is a device id as it was written.
    """

    interval: str
    start: date | None = None
    end: date | None = None
    by_duration: bool = False
    until_ms: int | None = None
    circuit: str = "summary"
    base_f: float = 65.0
    base_text: str = "65"
    location: str = "0"

    @property
    def by_month(self) -> bool:
        """Whether rows are months."""
        return self.interval in LONG

    def hours(self, zone: Zone) -> tuple[int, int]:
        """Return the half-open range of the hours that are asked for."""
        start_ms, end_ms = self.days(zone)
        return start_ms, end_ms if self.until_ms is None else self.until_ms

    def days(self, zone: Zone) -> tuple[int, int]:
        """Return the half-open range of the days of which the beginning is asked for."""
        return (
            zone.begin(self.start) if self.start else _first(zone),
            zone.begin(self.end) if self.end else _end(zone),
        )

    def months(self, zone: Zone) -> tuple[int, int]:
        """Return the range of the whole months whose first day is asked for."""
        start_ms, end_ms = self.days(zone)
        first = zone.month_of(start_ms)
        if first < start_ms:
            first = zone.next_month(first)
        last = zone.next_month(zone.month_of(end_ms - 1)) if end_ms > first else first
        return first, last


@dataclass(frozen=True, slots=True)
class AskedRange:
    """What is asked of values: an interval, and the instants of [start, end); None is open."""

    interval: str
    start_ms: int | None = None
    end_ms: int | None = None

    def within(self, zone: Zone) -> Interval:
        """Return the range, an open one as long as there may be data."""
        return (
            _first(zone) if self.start_ms is None else self.start_ms,
            _end(zone) if self.end_ms is None else self.end_ms,
        )


def grain(question: Asked) -> Grain:
    """Return the rows that items are made of: whole months for years, too."""
    return Grain.MONTH if question.by_month else Grain(question.interval)


def day_grain(question: Asked) -> Grain:
    """Return the rows of a view that knows no whole months: hours if asked for, else days."""
    return Grain.HOUR if grain(question) is Grain.HOUR else Grain.DAY


def by_interval(meter: Meter, question: Asked, zone: Zone) -> RowQuery:
    """Want the rows that items are made of: months that begin in the range, or its days, hours."""
    if question.by_month:
        return RowQuery(meter, grain(question), *question.months(zone))
    return in_range(meter, grain(question), question, zone)


def in_range(meter: Meter, grain: Grain, question: Asked, zone: Zone) -> RowQuery:
    """Want the hours or days of the range, whatever the interval."""
    between = question.hours(zone) if grain is Grain.HOUR else question.days(zone)
    return RowQuery(meter, grain, *between)


def check_order(start_ms: int | None, end_ms: int | None) -> None:
    """Refuse a range that runs backwards; start == end is an empty one."""
    if start_ms is not None and end_ms is not None and start_ms > end_ms:
        raise BadRequest("start must not be after end.", [Detail("is after end", "start")])


def check_range(start_ms: int, end_ms: int, interval: str, *, is_packed: bool = False) -> None:
    """Refuse a range that runs backwards or is too long for its interval."""
    check_order(start_ms, end_ms)
    longest = (LONGEST_PACKED_DAYS if is_packed else LONGEST_DAYS).get(interval)
    if longest and end_ms - start_ms > longest * DAY_MS:
        reason = f"at most {longest} days after start at interval={interval}"
        raise BadRequest(
            f"The range is too long: at interval={interval} it may span {longest} days.",
            [Detail(reason, "end")],
        )


def check_days(start_ms: int, end_ms: int) -> None:
    """Refuse a range of readings, not of periods, that runs backwards or is too long."""
    check_order(start_ms, end_ms)
    if end_ms - start_ms > MAX_SPAN_DAYS * DAY_MS:
        raise BadRequest(
            f"The range is too long: it may span {MAX_SPAN_DAYS} days.",
            [Detail(f"at most {MAX_SPAN_DAYS} days after start", "end")],
        )


def _first(zone: Zone) -> int:
    return zone.year_of(FIRST_MS)


def _end(zone: Zone) -> int:
    return zone.next_year(LAST_MS)
