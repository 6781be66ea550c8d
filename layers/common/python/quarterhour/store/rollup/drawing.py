"""Which days a check can draw: closed ones, from a source's first reading to its last."""

from quarterhour.sites.sources import Source
from quarterhour.store.table import keys
from quarterhour.store.table.calls import FIRST, Calls
from quarterhour.store.table.registry import closed_by_mark
from quarterhour.time.calendar import DAY_MS, UTC

# A reading that is declared to last runs on into the day after it.
_FELT_DAYS = 2


def closed(calls: Calls) -> dict[str, int]:
    """Return the last closed day by watermark; nothing of those that have not begun."""
    return closed_by_mark(calls.query(keys.WATERMARKS))


def days_with_readings(calls: Calls, source: Source, until_ms: int) -> range:
    """Return the days up to `until_ms` between a source's first reading and its last."""
    partition = keys.bucket_partition(source)
    first = calls.first(partition, FIRST)
    last = next(calls.query(partition, newest_first=True), None)
    if not first or not last:
        return range(0)
    begin, end = (UTC.day_of(keys.bucket_ms(item["sk"]["S"])) for item in (first, last))
    return range(begin, min(end + _FELT_DAYS * DAY_MS, until_ms + DAY_MS), DAY_MS)
