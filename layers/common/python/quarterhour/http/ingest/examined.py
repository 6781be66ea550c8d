"""What is posted, examined when it arrives: what cannot be, and what may be and is strange."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

from quarterhour.energy import possible, warnings
from quarterhour.energy.readings import MAX_SPAN_DAYS, Posted, Series
from quarterhour.energy.warnings import BatchWarning
from quarterhour.http.ingest.readings import Faults
from quarterhour.time.calendar import DAY_MS
from quarterhour.time.instants import iso

BySeries = dict[Series, list[Posted]]


class Examination:
    """One of what arrives at `now_ms`; its faults are added to others of the body.

    `member` is what a value is called that cannot be, where that is not its channel.
    """

    def __init__(self, now_ms: int, faults: Faults, member: str = "") -> None:
        self._now_ms = now_ms
        self._faults = faults
        self._member = member
        self._noted: list[tuple[str, BatchWarning]] = []

    def times(self, *by_series: Mapping[Series, Sequence[Posted]]) -> None:
        """Note what is ahead of now, once for each reading of a body."""
        ahead: dict[int, str] = {}
        future: dict[int, BatchWarning] = {}
        for posted in chain(*(found.values() for found in by_series)):
            future |= {one.index: one for one in warnings.of_times(posted, self._now_ms)}
            ahead |= dict(self._too_far_ahead(posted))
        for index in sorted(ahead):
            self._faults.add(ahead[index], "datetime", index)
        self._noted.extend(("", future[index]) for index in sorted(future))

    def possible(self, found: BySeries) -> BySeries:
        """Note the values that cannot be; return all as they would be stored.

        A humidity a little above 100 % becomes 100 %.
        """
        return {series: self._possible(series, posted) for series, posted in found.items()}

    def kept(self, found: BySeries) -> BySeries:
        """Return what is stored: of a partial batch, what is valid."""
        if not self._faults.is_partial:
            return found
        valid = self._valid(found)
        last_ms = max((posted[-1].at_ms for posted in valid.values()), default=0)
        first_ms = last_ms - MAX_SPAN_DAYS * DAY_MS
        early = {one.place for posted in valid.values() for one in posted if one.at_ms < first_ms}
        for index in sorted(early):
            reason = f"more than {MAX_SPAN_DAYS} days before {iso(last_ms)}"
            self._faults.add(reason, "datetime", index)
        return self._valid(valid) if early else valid

    def kept_totals(self, totals: BySeries) -> BySeries:
        """Return likewise the totals of periods, which may be of any number of years."""
        return self._valid(totals) if self._faults.is_partial else totals

    def kept_warnings(self) -> list[tuple[str, BatchWarning]]:
        """Return the warnings of what is kept."""
        return [
            (channel, warning)
            for channel, warning in self._noted
            if not self._faults.has(warning.index, self._member or channel)
        ]

    def _valid(self, found: BySeries) -> BySeries:
        by_series = {
            series: [
                one
                for one in posted
                if not self._faults.has(one.place, self._member or series.channel)
            ]
            for series, posted in found.items()
        }
        return {series: posted for series, posted in by_series.items() if posted}

    def _possible(self, series: Series, posted: list[Posted]) -> list[Posted]:
        if not series.quantity.is_gauge:
            return posted
        for one, reason in possible.impossible(series.quantity, posted):
            self._faults.add(reason, self._member or series.channel, one.place)
        too_wet = possible.too_wet(series.quantity, posted)
        if not too_wet:
            return posted
        self._noted.extend((series.channel, one) for one in warnings.of_humidities(too_wet))
        return [one._replace(value=min(one.value, possible.FULL_HUMIDITY)) for one in posted]

    def _too_far_ahead(self, posted: Sequence[Posted]) -> Iterator[tuple[int, str]]:
        for one in reversed(posted):
            reason = possible.too_far_ahead(one.at_ms, self._now_ms)
            if reason is None:
                return
            yield one.place, reason
