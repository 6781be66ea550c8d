"""Derives closed days from the readings once more, and compares what is kept of them.

A kept figure that is valid and differs is a fault, of a clock, of the table or of ours: it would be
answered for ever. A day that is written meanwhile says nothing, and is left for another time.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from quarterhour.energy import aggregate
from quarterhour.energy.aggregate import Profiles
from quarterhour.sites.sources import Source
from quarterhour.sites.virtual_meters import Meter
from quarterhour.store.read.raw import Raw
from quarterhour.store.read.rows import Reader, months_of
from quarterhour.store.read.stored_days import StoredDays
from quarterhour.store.table.blocks import MONTHS, Periods
from quarterhour.store.table.marks import Heads
from quarterhour.store.table.sums import Told
from quarterhour.time.calendar import DAY_MS, Zone, day_text
from quarterhour.time.intervals import Interval

# A transaction takes less to be seen as a whole by all who read.
SECOND_LOOK_S = 2.0


class Difference(NamedTuple):
    """What is kept otherwise than the readings say: of which owner, of which UTC day, and what.

    It is made anew when the days of [day, end_ms) of the `sources` are marked.
    """

    owner: str
    day: int
    what: str
    sources: tuple[Source, ...]
    end_ms: int

    def __str__(self) -> str:
        return f"{self.owner}, {day_text(self.day)}: {self.what}"


def confirmed(
    look: Callable[[], Iterable[Difference]], sleep: Callable[[float], None]
) -> list[Difference]:
    """Return what differs at a look, and still does at a second one a while later.

    A reading that is being stored may be seen before the mark that tells of it.
    """
    found = [*look()]
    if not found:
        return []
    sleep(SECOND_LOOK_S)
    again = {*look()}
    return [difference for difference in found if difference in again]


class SiteCheck:
    """Compares the blocks of sites with their readings."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def differences(
        self, zone: Zone, meters: Sequence[Meter], day: int, raw: Raw | None = None
    ) -> Iterator[Difference]:
        """Yield what differs of a site's closed day, and of the local day that begins in it.

        The readings are added to what `raw` has read.
        """
        for meter in meters:
            sources = tuple(part.source for part in meter.devices)
            device = meter.source.device
            named = f" of device {device}" if device else ""
            for what, end_ms in self._of_meter(zone, meter, day, raw):
                yield Difference(meter.source.owner, day, f"{what}{named}", sources, end_ms)

    def _of_meter(
        self, zone: Zone, meter: Meter, day: int, raw: Raw | None
    ) -> Iterator[tuple[str, int]]:
        """Yield what differs of a meter, and the end of the day, UTC or local, of which it does."""
        local_day = day if zone.day_of(day) == day else zone.next_day(day)
        of_local_day = local_day, zone.next_day(local_day)
        month = zone.month_of(local_day)
        of_month = month, zone.next_month(month)
        # Blocks first, then the counters, then the readings, then the counters once more.
        days = StoredDays(self._reader, [meter], (day, day + DAY_MS))
        months = self._reader.stored_months([meter], zone, of_month)
        years = self._reader.stored_years([meter], zone, of_month)
        heads = self._reader.heads(meter.source.owner, *years.range)
        read = min(day, local_day), max(day + DAY_MS, of_local_day[1])
        buckets = self._reader.derived(meter, *read, raw)
        if self._is_written(meter, years.range, heads):
            return
        (kept_buckets,) = days.valid(heads)
        kept_day = None if meter.is_hourly else kept_buckets.get(day)  # that is another's
        for what in _of_days(kept_day, buckets, day):
            yield what, day + DAY_MS
        (kept_days,), (kept_months,) = months.told(heads), years.told(heads)
        if (kept := _of_part(kept_days, of_local_day)) is not None:
            right = _days(zone, meter, buckets, of_local_day)
            for what in _unequal("the month", kept, right):
                yield what, of_local_day[1]
        kept_month = _of_part(kept_months, of_month)
        if kept_month is not None and _whole(MONTHS, zone, month, kept_days):
            right = months_of(kept_days[0].rows, zone)
            for what in _unequal("the year", kept_month, right):
                yield what, of_local_day[1]

    def _is_written(self, meter: Meter, interval: Interval, before: Heads) -> bool:
        """Return whether a day was marked since its counter was read."""
        now = self._reader.heads(meter.source.owner, *interval)
        return now.of_days(meter.source, *interval) != before.of_days(meter.source, *interval)


def _of_days(kept: Profiles | None, buckets: Profiles, day: int) -> Iterator[str]:
    for series, of_series in (kept or {}).items():
        if of_series != buckets[series].within(day, day + DAY_MS):
            yield f"the day of {series.channel}"


def _of_part(told: Iterable[Told], part: Interval) -> Profiles | None:
    """Return what blocks tell of one part of a period; None where they do not."""
    for of_period in told:
        if part in of_period.parts:
            return {series: found.within(*part) for series, found in of_period.rows.items()}
    return None


def _unequal(what: str, kept: Profiles, right: Profiles) -> Iterator[str]:
    for series, of_series in right.items():
        if kept[series] != of_series:
            yield f"{what} of {series.channel}"


def _days(zone: Zone, meter: Meter, buckets: Profiles, day: Interval) -> Profiles:
    """Return the meter's rows of a local day; measures without data have none."""
    cut = {series: of_series.within(*day) for series, of_series in buckets.items()}
    return aggregate.by_measure(cut, meter.measures, aggregate.days, zone)


def _whole(kind: Periods, zone: Zone, period: int, told: Sequence[Told]) -> bool:
    """Return whether blocks tell all parts of one period."""
    return [[*of_period.parts] for of_period in told] == [kind.parts(zone, period)]
