"""What one POST gives a device of a site: readings, or totals of calendar periods."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from quarterhour.energy import warnings
from quarterhour.energy.period_totals import Total, span
from quarterhour.energy.readings import MAX_SPAN_DAYS, Posted, Reading, Series
from quarterhour.energy.warnings import MAX_OF_A_CODE, BatchWarning
from quarterhour.errors import BadRequest, Detail
from quarterhour.sites.site import Device, Site
from quarterhour.sites.sources import Source
from quarterhour.time.calendar import DAY_MS, Zone
from quarterhour.time.instants import iso


@dataclass(frozen=True, slots=True)
class Batch:
    """Good values in their stored units, each series sorted and not empty.

    `interval` are the milliseconds that the readings were declared to last (0: none), or the
    period, `P1M` or `P1Y`, that they are totals of.
    """

    site: Site
    device: Device
    interval: int | str
    series: Mapping[Series, Sequence[Posted]]

    def check(self) -> None:
        """Refuse a batch without values, and readings too far apart to be of one batch."""
        if not self.series:
            reason = "must have at least one value"
            raise BadRequest("The batch has no values.", [Detail(reason, "data")])
        last = max(
            (posted[-1] for posted in self.series.values()), key=lambda reading: reading.at_ms
        )
        if last.at_ms - self.start_ms > MAX_SPAN_DAYS * DAY_MS and not self.has_totals:
            reason = f"more than {MAX_SPAN_DAYS} days after {iso(self.start_ms)}"
            raise BadRequest(
                f"The batch spans more than {MAX_SPAN_DAYS} days: post it in parts.",
                [Detail(reason, "datetime", last.place)],
            )

    @property
    def source(self) -> Source:
        """What the table keeps the readings under."""
        return self.site.source(self.device)

    @property
    def has_totals(self) -> bool:
        """Whether the values are totals of periods."""
        return isinstance(self.interval, str)

    @property
    def start_ms(self) -> int:
        """The first instant that has a value."""
        return min(posted[0].at_ms for posted in self.series.values())

    @property
    def end_ms(self) -> int:
        """The last instant that has a value."""
        return max(posted[-1].at_ms for posted in self.series.values())

    @property
    def instants(self) -> int:
        """How many distinct instants have a value."""
        return len({reading.at_ms for posted in self.series.values() for reading in posted})

    @property
    def values(self) -> int:
        """How many values there are."""
        return sum(map(len, self.series.values()))

    def readings(self) -> dict[Series, list[Reading]]:
        """Return the readings as they are stored; of a batch without totals."""
        interval_ms = int(self.interval)
        return {
            series: [Reading(reading.at_ms, reading.value, interval_ms) for reading in posted]
            for series, posted in self.series.items()
        }

    def totals(self) -> list[Total]:
        """Return the totals of a batch of them."""
        return [
            Total(
                self.source.device,
                series,
                reading.at_ms,
                str(self.interval),
                reading.value,
            )
            for series, posted in self.series.items()
            for reading in posted
        ]

    def warnings(
        self, before: Mapping[Series, Sequence[Reading]]
    ) -> list[tuple[str, BatchWarning]]:
        """Return what looks wrong of which channel, at most MAX_OF_A_CODE of each code.

        `before` is what the bucket of the batch already held, where that is known.
        """
        by_code: dict[str, list[tuple[str, BatchWarning]]] = {}
        for series, posted in self.series.items():
            for warning in self._warnings(series, posted, before.get(series, ())):
                by_code.setdefault(warning.code, []).append((series.channel, warning))
        return [pair for pairs in by_code.values() for pair in pairs[:MAX_OF_A_CODE]]

    def _warnings(
        self, series: Series, posted: Sequence[Posted], held: Sequence[Reading]
    ) -> list[BatchWarning]:
        if isinstance(self.interval, str):
            return warnings.of_totals(posted, partial(_end, self.interval, self.site.zone))
        return warnings.of_batch(posted, series.quantity, self.interval, held)


def _end(period: str, zone: Zone, at_ms: int) -> int:
    return span(at_ms, period, zone)[1]
