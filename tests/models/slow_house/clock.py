"""The hours of a zone as a house's answers write them."""

from datetime import date, datetime, timedelta

from tests.models import local_time

HOUR = 3_600_000
ONE_DAY = timedelta(days=1)


class Clock:
    """What the clock on the wall shows; instants are milliseconds of UTC.

    An hour is known by the instant at which the hour hand stood at its beginning.
    """

    def __init__(self, timezone: str) -> None:
        self._zone = timezone
        self._hours: dict[int, int] = {}
        self._shown: dict[int, datetime] = {}

    def wall(self, at_ms: int) -> datetime:
        """Return the local time, aware."""
        return local_time.wall(self._zone, at_ms)

    def hour_of(self, at_ms: int) -> int:
        """Return the hour that an instant lies in; the hour that DST repeats is two."""
        if at_ms not in self._hours:
            shown = self.wall(at_ms)
            offset_ms = (shown.utcoffset() or timedelta()) // timedelta(milliseconds=1)
            hour = at_ms - (at_ms + offset_ms) % HOUR
            self._hours[at_ms] = hour
            self._shown[hour] = shown
        return self._hours[at_ms]

    def date_of(self, hour: int) -> date:
        """Return the date of an hour that `hour_of` gave."""
        return self._shown[hour].date()

    def label(self, hour: int) -> str:
        """Return the hour as items write it: `2013-01-05T07:00:00`."""
        return self._shown[hour].strftime("%Y-%m-%dT%H:00:00")

    def spaced(self, hour: int) -> str:
        """Return the hour as extremes and charts write it: `2013-01-05 07:00:00`."""
        return self.label(hour).replace("T", " ")

    def midnight(self, day: date) -> int:
        """Return the instant at which a date begins."""
        return local_time.midnight(self._zone, day)

    def changes(self, first: date, last: date) -> list[date]:
        """Return the days of [first, last] that have not 24 hours."""
        days = [first + n * ONE_DAY for n in range((last - first).days + 1)]
        return [
            one for one in days if self.midnight(one + ONE_DAY) - self.midnight(one) != 24 * HOUR
        ]
