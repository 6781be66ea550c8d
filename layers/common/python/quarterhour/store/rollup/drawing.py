"""Which days a check can draw: closed ones, from a source's first reading to its last."""

from quarterhour.energy.lookback import days_changed
from quarterhour.sites.sources import Source
from quarterhour.store.table import keys
from quarterhour.store.table.calls import FIRST, Calls
from quarterhour.store.table.registry import closed_by_mark
from quarterhour.time.calendar import BUCKET_MS, DAY_MS, UTC


def closed(calls: Calls) -> dict[str, int]:
    """Return the last closed day by watermark; nothing of those that have not begun."""
    return closed_by_mark(calls.query(keys.WATERMARKS))


def days_with_readings(calls: Calls, source: Source, until_ms: int) -> range:
    """Return the days up to `until_ms` from a source's first reading to the last it can change."""
    partition = keys.bucket_partition(source)
    first = calls.first(partition, FIRST)
    last = next(calls.query(partition, newest_first=True), None)
    if not first or not last:
        return range(0)
    begin, end = (keys.bucket_ms(item["sk"]["S"]) for item in (first, last))
    *_, last_day = days_changed(end, end + BUCKET_MS - 1)
    return range(UTC.day_of(begin), min(last_day, until_ms) + DAY_MS, DAY_MS)
