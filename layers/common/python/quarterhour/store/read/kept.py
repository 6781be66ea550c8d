"""Readings as they are kept, page by page: raw, in their stored units, with their intervals."""

from collections.abc import Iterable, Iterator
from heapq import merge
from itertools import groupby, islice

from quarterhour.energy.period_totals import Total
from quarterhour.sites.kept import KeptPage, KeptPlace, KeptReading
from quarterhour.sites.site import Site
from quarterhour.sites.sources import Source
from quarterhour.store.table import keys, period_totals
from quarterhour.store.table.calls import Calls, Item
from quarterhour.store.table.codec import Readings, add_readings
from quarterhour.store.table.unknown_readings import Unknown
from quarterhour.time.declared import iso_duration

SIZE = 1_000
# Buckets a call: those of a page of readings five minutes apart are two calls.
BUCKETS_AT_ONCE = 250


class KeptReadings:
    """The readings, and of a house's device the period totals, of one source of a site."""

    def __init__(self, calls: Calls, site: Site, source: Source) -> None:
        self._calls = calls
        self._site = site
        self._source = source

    def page(self, start_ms: int, end_ms: int, after: KeptPlace | None = None) -> KeptPage:
        """Return those that begin in [start_ms, end_ms), after a place; strongly consistent."""
        begin_ms = max(start_ms, after.at_ms) if after else start_ms
        if begin_ms >= end_ms:
            return KeptPage([])
        kept = merge(self._readings(begin_ms, end_ms), self._totals(begin_ms, end_ms), key=_place)
        following = (
            reading
            for reading in kept
            if begin_ms <= reading.at_ms < end_ms and (after is None or reading.place > after)
        )
        found = [*islice(following, SIZE + 1)]
        return KeptPage(found[:SIZE], found[SIZE - 1].place if len(found) > SIZE else None)

    def _readings(self, begin_ms: int, end_ms: int) -> Iterator[KeptReading]:
        """Yield the readings of the buckets of a range, by their places."""
        partition, sorts = keys.bucket_partition(self._source), keys.between(begin_ms - 1, end_ms)
        unknown = Unknown()
        try:
            for item in self._calls.by_few(partition, *sorts, BUCKETS_AT_ONCE):
                yield from sorted(_of_bucket(item, unknown), key=_place)
        finally:  # a page ends before the range does
            unknown.note()

    def _totals(self, begin_ms: int, end_ms: int) -> Iterator[KeptReading]:
        """Yield the totals of a range by their places; of two for one, the present."""
        calls, owner = self._calls, self._source.owner
        present: Iterable[Total] = ()
        early: Iterable[Total] = ()
        if self._site.has_totals:
            present = period_totals.beginning(calls, owner, begin_ms, end_ms)
        if self._site.has_early_totals:
            early = period_totals.early(calls, owner)
        hidden = sorted(self._of_device(early), key=_place)
        both = merge(_by_place(self._of_device(present)), hidden, key=_place)
        for _, same in groupby(both, key=_place):
            yield next(same)

    def _of_device(self, totals: Iterable[Total]) -> Iterator[KeptReading]:
        for total in totals:
            if total.device == self._source.device:
                found = total.start_ms, total.measure, total.amount, total.period
                yield KeptReading(*found, is_total=True)


def _place(reading: KeptReading) -> KeptPlace:
    return reading.place


def _of_bucket(item: Item, unknown: Unknown) -> Iterator[KeptReading]:
    by_series: Readings = {}
    add_readings(item, by_series, unknown)
    for series, readings in by_series.items():
        for at_ms, value, interval_ms in readings:
            lasts = iso_duration(interval_ms) if interval_ms else ""
            yield KeptReading(at_ms, series, value, lasts)


def _by_place(totals: Iterable[KeptReading]) -> Iterator[KeptReading]:
    """Yield totals by their places; as text `00.500Z` comes before `00Z`."""
    for _, same in groupby(totals, key=lambda total: total.at_ms // 1000):
        yield from sorted(same, key=_place)
