"""Settling one source: closed days, and the months and years they lie in, as derived blocks.

The head is read before the readings, and a block says which counter it was derived at; an older
run can never cover a newer one. Anything here may be killed, repeated, or run twice at once.
"""

from collections.abc import Mapping, Sequence
from itertools import groupby

from quarterhour import resample
from quarterhour.calendar import DAY_MS, day_of, month_of
from quarterhour.ladder import Sum, of_buckets, summed
from quarterhour.resample import Bucket
from quarterhour.runs import runs_of_days
from quarterhour.sources import Source
from quarterhour.store import blocks, keys
from quarterhour.store.blocks import MONTH, YEAR, Kind
from quarterhour.store.calls import Calls, only_if, set_values
from quarterhour.store.reading import Counters, Reader

ATTEMPTS = 5

_NEWER = "attribute_not_exists(#s) OR #s <= :s"
_FURTHER = "attribute_not_exists(#s) OR (#s <= :s AND #upto <= :upto)"


class Settler:
    """Writes a source's blocks; which days are closed is for the caller to know."""

    def __init__(self, calls: Calls, reader: Reader) -> None:
        self._calls = calls
        self._reader = reader

    def settle(self, source: Source, channels: Sequence[str], days: Sequence[int]) -> None:
        """Write the blocks of closed days (ascending), also of those without data."""
        for month, of_month in groupby(days, key=month_of):
            counters = self._reader.head(source, month)
            for first, end in runs_of_days(of_month):
                found = self._reader.raw(source, first, end)
                for channel in channels:
                    buckets = resample.buckets(found, channel, first, end)
                    self._write_days(source, channel, range(first, end, DAY_MS), buckets, counters)

    def settle_month(
        self, source: Source, channels: Sequence[str], month: int, upto_ms: int
    ) -> bool:
        """Write the block of a month, complete up to the end of the closed days; say if it held."""
        return self._settle_sums(source, channels, MONTH, month, upto_ms)

    def settle_year(self, source: Source, channels: Sequence[str], year: int, upto_ms: int) -> bool:
        """Write the block of a year, complete up to the end of the closed days; say if it held."""
        return self._settle_sums(source, channels, YEAR, year, upto_ms)

    def _write_days(
        self,
        source: Source,
        channel: str,
        days: Sequence[int],
        buckets: Mapping[int, Bucket],
        counters: Counters,
    ) -> None:
        by_day = {
            day: {at: buckets[at] for at in of_day} for day, of_day in groupby(buckets, day_of)
        }
        for day in days:
            block = blocks.day_block(day, by_day.get(day, {}), counters.get(day, 0))
            update = set_values(source.owner, keys.day_sort(source.device, channel, day), block)
            self._calls.update_if(only_if(update, _NEWER, s=block["s"]))

    def _settle_sums(
        self, source: Source, channels: Sequence[str], kind: Kind, period: int, upto_ms: int
    ) -> bool:
        parts = kind.parts(period)
        upto_ms = min(upto_ms, parts[-1][1])
        if upto_ms <= period:
            return True
        at = source.owner, kind.sort(source.device, period)
        for _ in range(ATTEMPTS):
            sums, marks = self._sums(source, channels, kind, period, upto_ms)
            block = blocks.sums_block(parts, sums, marks, upto_ms)
            update = set_values(*at, block)
            if self._calls.update_if(only_if(update, _FURTHER, s=block["s"], upto=block["upto"])):
                return True
        return False

    def _sums(
        self, source: Source, channels: Sequence[str], kind: Kind, start_ms: int, end_ms: int
    ) -> tuple[dict[str, dict[int, Sum]], int]:
        """Return the parts' sums by channel, and the marks that are sure to be in all of them."""
        found = {}
        totals = []
        for channel in channels:
            sums, counters = _READ[kind](self._reader, source, channel, start_ms, end_ms)
            found[channel] = {one.start_ms: one for one in sums}
            totals.append(counters)
        days = set().union(*totals)
        return found, sum(min(counters.get(day, 0) for counters in totals) for day in days)


def _days(
    reader: Reader, source: Source, channel: str, start_ms: int, end_ms: int
) -> tuple[list[Sum], Counters]:
    buckets, counters = reader.buckets_and_marks(source, channel, start_ms, end_ms)
    return summed(of_buckets(buckets), day_of), counters


def _months(
    reader: Reader, source: Source, channel: str, start_ms: int, end_ms: int
) -> tuple[list[Sum], Counters]:
    days, counters = reader.days_and_marks(source, channel, start_ms, end_ms)
    return summed(days, month_of), counters


_READ = {MONTH: _days, YEAR: _months}
