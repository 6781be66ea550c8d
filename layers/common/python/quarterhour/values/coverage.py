"""How much of a value's period is covered by readings."""

from collections.abc import Iterable, Mapping, Sequence

from quarterhour.energy.readings import Series
from quarterhour.query.rows import Figures, Grain
from quarterhour.time.calendar import HOUR_MS, Zone
from quarterhour.time.intervals import Interval


class Coverage:
    """The coverage of the rows of one section.

    Of amounts the share of the time that is covered; of gauges that of the hours that have data,
    so 1 in any hour. What is made of several measures is covered as the least of them.
    """

    def __init__(self, figures: Figures, grain: Grain, zone: Zone) -> None:
        self._figures = figures
        self._grain = grain
        self._zone = zone
        self._covered: dict[Series, Mapping[int, int]] = {}

    def share(self, measures: Iterable[Series], rows: Sequence[int], period: Interval) -> float:
        """Return the covered share of a period, above 0 and at most 1, that has these rows."""
        return min(self._share(measure, rows, period[1] - period[0]) for measure in measures)

    def _share(self, measure: Series, rows: Sequence[int], length_ms: int) -> float:
        is_gauge = measure.quantity.is_gauge
        if is_gauge and self._grain.is_within_days:
            return 1.0
        covered = self._of(measure)
        total = sum(covered[at] for at in rows if at in covered)
        # Where clocks move by half an hour, a day has an hour more than it is long.
        return min(1.0, total * (HOUR_MS if is_gauge else 1) / length_ms)

    def _of(self, measure: Series) -> Mapping[int, int]:
        if measure not in self._covered:
            rows = self._figures.profiles[measure]
            # What has none of its own is a period total's share, of the whole day.
            self._covered[measure] = {
                at: covered or self._zone.next_day(at) - at
                for at, covered in zip(rows.starts, rows.covered, strict=True)
            }
        return self._covered[measure]
