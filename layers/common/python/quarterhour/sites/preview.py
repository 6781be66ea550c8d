"""The quarter hours that a batch alone makes, for who wants to see them before they are stored."""

from collections.abc import Mapping

from quarterhour.energy import aggregate
from quarterhour.energy.lookback import LOOKAHEAD_MS
from quarterhour.energy.profile import Row
from quarterhour.energy.readings import Series
from quarterhour.sites.batch import Batch
from quarterhour.time.calendar import BUCKET_MS, bucket_of
from quarterhour.time.declared import MAX_DECLARED_MS

MOST_BUCKETS = 200

# Rows of buckets by their beginning, of each channel that has any there.
Preview = Mapping[int, Mapping[str, Row]]


def preview(batch: Batch, now_ms: int) -> Preview:
    """Return the first MOST_BUCKETS quarter hours of a batch's readings, as they are seen now."""
    readings = batch.readings()
    begins = sorted({bucket_of(one.at_ms) for series in readings.values() for one in series})
    if not begins:
        return {}
    # Each of these has data: what lasts longer makes more of them, and none that is earlier.
    is_all = len(begins) < MOST_BUCKETS
    last = begins[-1] + MAX_DECLARED_MS if is_all else begins[MOST_BUCKETS - 1]
    end_ms = last + BUCKET_MS
    near = {
        series: [one for one in found if one.at_ms < end_ms + LOOKAHEAD_MS]
        for series, found in readings.items()
    }
    measures = dict.fromkeys(Series(one.channel, one.quantity.read_as) for one in readings)
    rows: dict[int, dict[str, Row]] = {}
    for measure in measures:
        buckets = aggregate.buckets(near, measure, begins[0], end_ms, now_ms)
        for row in buckets.rows():
            rows.setdefault(row.start_ms, {})[measure.channel] = row
    return {begin: rows[begin] for begin in sorted(rows)[:MOST_BUCKETS]}
