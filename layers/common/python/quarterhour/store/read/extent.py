"""Where data begin and end, so that a read need not go through years that have none."""

from collections.abc import Iterable, Sequence

from quarterhour.energy.lookback import LOOKBACK_MS
from quarterhour.energy.period_totals import Total, span
from quarterhour.energy.quantities import POWER_AND_ENERGY
from quarterhour.sites.virtual_meters import Meter
from quarterhour.store.table import keys
from quarterhour.store.table.calls import Calls
from quarterhour.store.table.codec import readings
from quarterhour.time.calendar import BUCKET_MS, Zone
from quarterhour.time.dates import MAX_DECLARED_MS
from quarterhour.time.intervals import Stretch


def next_data(
    calls: Calls, meters: Sequence[Meter], spans: Iterable[Stretch], at_ms: int
) -> int | None:
    """Return an instant, at or after `at_ms`, before which the meters have nothing.

    None where they have nothing from `at_ms` on; `spans` are those of their period totals.
    """
    first = min((max(begin, at_ms) for begin, end in spans if end > at_ms), default=None)
    since, _ = keys.between(at_ms - LOOKBACK_MS, at_ms)
    for partition in _partitions(meters):
        if first == at_ms:
            break
        if item := calls.first(partition, since):
            bucket = max(keys.bucket_ms(item["sk"]["S"]), at_ms)
            first = bucket if first is None else min(first, bucket)
    return first


def end_of_data(calls: Calls, meters: Sequence[Meter], spans: Iterable[Stretch]) -> int | None:
    """Return an instant from which on the meters have nothing; None where they have nothing."""
    newest = (
        next(calls.query(partition, newest_first=True), None) for partition in _partitions(meters)
    )
    buckets = [keys.bucket_ms(item["sk"]["S"]) for item in newest if item]
    ends = [at + BUCKET_MS + MAX_DECLARED_MS for at in buckets]
    return max([*ends, *(end for _, end in spans)], default=None)


def newest_energy(calls: Calls, meter: Meter) -> int | None:
    """Return the instant of the newest reading of a meter's energies; None without any."""
    channels = {measure.channel for measure in meter.measures}
    if not channels:
        return None
    newest = (_newest(calls, partition, channels) for partition in _partitions([meter]))
    return max((at_ms for at_ms in newest if at_ms is not None), default=None)


def _newest(calls: Calls, partition: str, channels: set[str]) -> int | None:
    for item in calls.query(partition, newest_first=True):
        instants = [
            series_readings[-1].at_ms
            for series, series_readings in readings([item]).items()
            if series.channel in channels and series.quantity in POWER_AND_ENERGY
        ]
        if instants:
            return max(instants)
    return None


def spans_of(totals: Iterable[Total], meters: Sequence[Meter], zone: Zone) -> list[Stretch]:
    """Return the days over which totals of the meters are spread."""
    measured = {
        (device.source.device, measure)
        for meter in meters
        for device in meter.devices
        for measure in meter.measures
    }
    return [
        span(total.start_ms, total.period, zone)
        for total in totals
        if (total.device, total.measure) in measured
    ]


def _partitions(meters: Iterable[Meter]) -> list[str]:
    sources = dict.fromkeys(part for meter in meters for part in meter.source.parts)
    return [keys.bucket_partition(source) for source in sources]
