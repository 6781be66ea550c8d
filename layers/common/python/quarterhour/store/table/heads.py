"""The mark counters of an owner as they were read: how often a day of a source was marked."""

from collections.abc import Iterable, Mapping
from typing import Any

from quarterhour.sites.sources import Source
from quarterhour.store.table import keys
from quarterhour.time.calendar import day_of


class Heads:
    """Counters of UTC days; a day that was never marked has 0.

    A source made of several devices has the sum of theirs: counters only grow, so equal sums are
    equal counters.
    """

    def __init__(self, items: Iterable[Mapping[str, Any]]) -> None:
        self._counters: dict[str, dict[int, int]] = {}
        for item in items:
            for device, day, marks in keys.marks_of(item):
                self._counters.setdefault(device, {})[day] = marks

    def of_day(self, source: Source, day: int) -> int:
        """Return how often a day of a source was marked."""
        return sum(self._of(one).get(day, 0) for one in source.parts)

    def of_days(self, source: Source, start_ms: int, end_ms: int) -> int:
        """Return how often the days that [start_ms, end_ms) touches were marked, all together."""
        first = day_of(start_ms)
        counters = (self._of(part).items() for part in source.parts)
        return sum(marks for days in counters for day, marks in days if first <= day < end_ms)

    def marked(self, source: Source) -> list[int]:
        """Return the days that were ever marked, ascending."""
        return sorted({day for one in source.parts for day in self._of(one)})

    def _of(self, source: Source) -> Mapping[int, int]:
        return self._counters.get(source.device, {})
