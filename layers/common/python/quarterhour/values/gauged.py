"""What a gauge showed in several rows."""

from collections.abc import Sequence
from math import fsum

from quarterhour.energy.ladder import Gauge
from quarterhour.energy.measures import Measure
from quarterhour.query.rows import Figures


def shown(figures: Figures, gauge: Measure, rows: Sequence[int]) -> Gauge | None:
    """Return the rows of a gauge put together; None where none of them has data."""
    known = figures.gauges.get(gauge, {})
    found = [known[at] for at in rows if at in known]
    if not found:
        return None
    return Gauge(
        found[0].start_ms,
        fsum(one.total for one in found),
        sum(one.hours for one in found),
        min(one.least for one in found),
        max(one.most for one in found),
    )
