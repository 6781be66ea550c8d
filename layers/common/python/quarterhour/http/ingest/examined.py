"""What is posted, examined when it arrives: what cannot be, and what may be and is strange."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from quarterhour.energy import possible, warnings
from quarterhour.energy.readings import Posted, Series
from quarterhour.energy.warnings import BatchWarning
from quarterhour.http.ingest.readings import Faults

_BySeries = dict[Series, list[Posted]]


@dataclass(frozen=True, slots=True)
class Examination:
    """One of what arrives at `now_ms`; its faults are added to others of the body.

    `member` is what a value is called that cannot be, where that is not its channel.
    """

    now_ms: int
    faults: Faults
    member: str = ""
    noted: list[tuple[str, BatchWarning]] = field(default_factory=list)

    def times(self, *by_series: Mapping[Series, Sequence[Posted]]) -> None:
        """Note what is ahead of now, once for each reading of a body."""
        ahead: dict[int, str] = {}
        future: dict[int, BatchWarning] = {}
        for found in by_series:
            for posted in found.values():
                future |= {one.index: one for one in warnings.of_times(posted, self.now_ms)}
                ahead |= dict(self._too_far_ahead(posted))
        for index in sorted(ahead):
            self.faults.add(ahead[index], "datetime", index)
        self.noted.extend(("", future[index]) for index in sorted(future))

    def possible(self, found: _BySeries) -> _BySeries:
        """Note the values that cannot be; return the others as they are stored.

        A humidity a little above 100 % becomes 100 %.
        """
        return {series: self._possible(series, posted) for series, posted in found.items()}

    def _possible(self, series: Series, posted: list[Posted]) -> list[Posted]:
        if not series.quantity.is_gauge:
            return posted
        for one, reason in possible.impossible(series.quantity, posted):
            self.faults.add(reason, self.member or series.channel, one.place)
        too_wet = possible.too_wet(series.quantity, posted)
        if not too_wet:
            return posted
        self.noted.extend((series.channel, one) for one in warnings.of_humidities(too_wet))
        return [one._replace(value=min(one.value, possible.FULL_HUMIDITY)) for one in posted]

    def _too_far_ahead(self, posted: Sequence[Posted]) -> Iterator[tuple[int, str]]:
        for one in reversed(posted):
            reason = possible.too_far_ahead(one.at_ms, self.now_ms)
            if reason is None:
                return
            yield one.place, reason
