"""What a request for a view says: interval, range, and the parameters of single views."""

from dataclasses import dataclass
from datetime import date

from quarterhour.time.instants import FIRST_MS, LAST_MS
from quarterhour.time.zones import Zone

HOUR, DAY, MONTH, YEAR = "hour", "day", "month", "year"

_ADVERBS = {HOUR: "hourly", DAY: "daily", MONTH: "monthly", YEAR: "yearly"}
# The intervals by all their spellings.
INTERVALS = {
    spelled: one for one, adverb in _ADVERBS.items() for spelled in (one, f"{one}s", adverb)
}


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
        return self.interval in {MONTH, YEAR}

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


def _first(zone: Zone) -> int:
    return zone.year_of(FIRST_MS)


def _end(zone: Zone) -> int:
    return zone.next_year(LAST_MS)
