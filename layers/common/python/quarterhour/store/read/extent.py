"""Where data begin and end, so that a read need not go through years that have none."""

from collections.abc import Iterable, Iterator, Sequence

from quarterhour.energy.lookback import LOOKBACK_MS
from quarterhour.energy.quantities import POWER_AND_ENERGY, Quantity
from quarterhour.sites.ends import Ends, Newest
from quarterhour.sites.sources import Source
from quarterhour.sites.virtual_meters import Meter
from quarterhour.store.table import keys
from quarterhour.store.table.calls import FIRST, Calls, Item
from quarterhour.store.table.codec import readings
from quarterhour.store.table.parallel import SideBySide
from quarterhour.time.calendar import BUCKET_MS
from quarterhour.time.declared import MAX_DECLARED_MS


def next_data(
    calls: Calls, meters: Sequence[Meter], total_ms: int | None, at_ms: int
) -> int | None:
    """Return an instant, at or after `at_ms`, before which the meters have nothing.

    None where they have nothing from `at_ms` on; `total_ms` is where a period total has days.
    """
    first = total_ms
    since, _ = keys.between(at_ms - LOOKBACK_MS, at_ms)
    for partition in _partitions(meters):
        if first == at_ms:
            break
        if item := calls.first(partition, since):
            bucket = max(keys.bucket_ms(item["sk"]["S"]), at_ms)
            first = bucket if first is None else min(first, bucket)
    return first


def end_of_data(
    calls: Calls, meters: Sequence[Meter], totals_ms: int | None, side_by_side: SideBySide
) -> int | None:
    """Return an instant from which on the meters have nothing; None where they have nothing.

    `totals_ms` is where the days of their period totals have ended.
    """
    ends = [] if totals_ms is None else [totals_ms]

    def read(partition: str) -> None:
        if item := next(calls.query(partition, newest_first=True), None):
            ends.append(keys.bucket_ms(item["sk"]["S"]) + BUCKET_MS + MAX_DECLARED_MS)

    side_by_side(read, _partitions(meters))
    return max(ends, default=None)


def newest_energy(calls: Calls, meter: Meter, side_by_side: SideBySide) -> int | None:
    """Return the instant of the newest reading of a meter's energies; None without any."""
    channels = {measure.channel for measure in meter.measures}
    if not channels:
        return None
    newest: list[int] = []

    def read(partition: str) -> None:
        buckets = (_energies(item, channels) for item in calls.query(partition, newest_first=True))
        newest.extend(next(filter(None, buckets), ()))

    side_by_side(read, _partitions([meter]))
    return max(newest, default=None)


def newest_reading(calls: Calls, source: Source) -> int | None:
    """Return the instant of a source's newest reading; None without any."""
    items = calls.query(keys.bucket_partition(source), strong=False, newest_first=True)
    return next((max(instants) for item in items if (instants := _instants(item))), None)


def ends(calls: Calls, meter: Meter, side_by_side: SideBySide) -> Ends:
    """Return where the readings of a meter's energies begin and end.

    The newest readings are those of each device's last quarter hour with any; the oldest is that of
    any channel of the devices.
    """
    channels = {measure.channel for measure in meter.measures}
    oldest: list[int] = []
    newest: list[tuple[str, Newest]] = []

    def read(partition: str) -> None:
        oldest.extend(next(filter(None, map(_instants, _ascending(calls, partition))), [])[:1])
        buckets = calls.query(partition, newest_first=True)
        found = (_newest(item, channels) for item in buckets)
        newest.extend(next(filter(None, found), ()))

    side_by_side(read, _partitions([meter]) if channels else [])
    newest.sort(key=lambda each: _age(each[1]))
    return Ends(min(oldest, default=None), dict(newest))


def _ascending(calls: Calls, partition: str) -> Iterator[Item]:
    """Yield the buckets of a partition; mostly the first, which is read alone, is enough."""
    if item := calls.first(partition, FIRST):
        yield item
        yield from calls.query(partition, item["sk"]["S"])


def _instants(item: Item) -> list[int]:
    """Return the instants of a bucket's readings, ascending."""
    by_series = readings([item]).values()
    return sorted(one.at_ms for of_series in by_series for one in of_series)


def _newest(item: Item, channels: set[str]) -> list[tuple[str, Newest]]:
    """Return the last energy or power of each of these channels in a bucket."""
    return [
        (series.channel, Newest(series_readings[-1], series.quantity))
        for series, series_readings in readings([item]).items()
        if series.channel in channels and series.quantity in POWER_AND_ENERGY
    ]


def _age(newest: Newest) -> tuple[int, bool]:
    return newest.reading.at_ms, newest.quantity is Quantity.ENERGY


def _energies(item: Item, channels: set[str]) -> list[int]:
    """Return the instants of the last energy of each of these channels in a bucket."""
    return [
        series_readings[-1].at_ms
        for series, series_readings in readings([item]).items()
        if series.channel in channels and series.quantity in POWER_AND_ENERGY
    ]


def _partitions(meters: Iterable[Meter]) -> list[str]:
    sources = dict.fromkeys(part for meter in meters for part in meter.source.parts)
    return [keys.bucket_partition(source) for source in sources]
