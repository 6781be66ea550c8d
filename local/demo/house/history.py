"""The history of the sample house's devices: when which of them measured, and how often.

The dates are shares of the time there is, so that a house of three days has a change of meters,
too. What takes weeks (a month of a broken sensor, bills of water) is only in a longer one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from local.demo.house.catalogue import Id
from local.demo.house.hours import ZONE

HOURLY = timedelta(hours=1)
QUARTERLY = timedelta(minutes=15)

_OVERLAP = timedelta(hours=5)
_FINE = timedelta(days=28)
_LONG = timedelta(days=200)


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample house: all there is of it lies in [start, until); both are whole hours, in UTC."""

    start: datetime
    until: datetime
    id: int = 1
    hdd_station: bool = False

    @property
    def is_long(self) -> bool:
        """Whether it is long enough for what takes weeks."""
        return self.until - self.start >= _LONG

    @property
    def meter_change(self) -> datetime:
        """The new meter's first hour, at two in the afternoon; the old one goes on for a while."""
        return self._clock(0.5, 14)

    @property
    def monitor_change(self) -> datetime:
        """The new circuit monitor's first hour, likewise."""
        return self._clock(0.55, 10)

    @property
    def monitor_begin(self) -> datetime:
        """The first circuit monitor's first hour, on the last day of a month."""
        if not self.is_long:
            return self.start
        return next_month(self._share(0.1)) - timedelta(hours=13)

    @property
    def barn_begin(self) -> datetime:
        """When the barn's circuit was connected to the monitor."""
        return self._share(0.18)

    @property
    def outage(self) -> tuple[datetime, datetime]:
        """Three days from which there is nothing at all."""
        begin = self._clock(0.3, 9)
        return begin, begin + timedelta(days=3, hours=8) if self.is_long else begin

    @property
    def broken_sensor(self) -> tuple[datetime, datetime]:
        """The rest of a month of which the second floor's sensor saw the first day alone."""
        end = next_month(self._share(0.68))
        begin = month(end - HOURLY) + timedelta(days=1)
        return begin, end if self.is_long else begin

    @property
    def fine_begin(self) -> datetime:
        """The first quarter hour that the outdoor sensor reports; before, it reports hours."""
        return self.until - (_FINE if self.is_long else HOURLY * 6)

    def bills(self) -> list[datetime]:
        """Return the beginnings of the local months for which there is only a water bill."""
        begins, begin = [], next_month(self.start - HOURLY)
        while next_month(begin) <= self._share(0.5):
            begins.append(begin)
            begin = next_month(begin)
        return begins

    def months(self) -> list[str]:
        """Return the local months that have data, as `2013-01`."""
        names, begin = [], month(self.start)
        while begin < self.until:
            names.append(f"{begin.astimezone(ZONE):%Y-%m}")
            begin = next_month(begin)
        return names

    def _share(self, share: float) -> datetime:
        """Return the hour at a share of the whole history."""
        at = self.start + (self.until - self.start) * share
        return at.replace(minute=0, second=0, microsecond=0)

    def _clock(self, share: float, clock: int) -> datetime:
        """Return the same, moved to what a clock in the house shows that day."""
        return self._share(share).astimezone(ZONE).replace(hour=clock).astimezone(UTC)


class Stretch(NamedTuple):
    """[start, end) of a device that reports so often."""

    device: Id
    start: datetime
    end: datetime
    every: timedelta


def stretches(house: Sample, start: datetime, end: datetime) -> Iterator[Stretch]:
    """Yield what the devices measured in [start, end), less the bills."""
    for device, begin, until, every in _service(house):
        if max(begin, start) < min(until, end):
            yield Stretch(device, max(begin, start), min(until, end), every)


def _service(house: Sample) -> Iterator[Stretch]:
    start, until = house.start, house.until
    bills = house.bills()
    yield Stretch(Id.OLD_METER, start, house.meter_change + _OVERLAP, HOURLY)
    yield Stretch(Id.NEW_METER, house.meter_change, until, HOURLY)
    yield Stretch(Id.OLD_MONITOR, house.monitor_begin, house.monitor_change + _OVERLAP, HOURLY)
    yield Stretch(Id.NEW_MONITOR, house.monitor_change, until, HOURLY)
    yield Stretch(Id.OUTDOOR, start, house.fine_begin, HOURLY)
    yield Stretch(Id.OUTDOOR, house.fine_begin, until, QUARTERLY)
    for device in (Id.FIRST_FLOOR, Id.SECOND_FLOOR, Id.BASEMENT, Id.HOT_WATER):
        yield Stretch(device, start, until, HOURLY)
    yield Stretch(Id.MAIN_WATER, next_month(bills[-1]) if bills else start, until, HOURLY)
    if house.hdd_station:
        yield Stretch(Id.HDD_STATION, start, until, HOURLY)


def month(at: datetime) -> datetime:
    """Return the beginning of the local month, in UTC."""
    local = at.astimezone(ZONE)
    return local.replace(day=1, hour=0, minute=0, second=0, microsecond=0, fold=0).astimezone(UTC)


def next_month(at: datetime) -> datetime:
    """Return the beginning of the next local month, in UTC."""
    return month(month(at) + timedelta(days=32))
