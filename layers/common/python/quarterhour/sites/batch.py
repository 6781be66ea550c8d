"""What one POST gives a device of a site: readings, and totals of periods."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

from quarterhour.energy import warnings
from quarterhour.energy.period_totals import Total, span
from quarterhour.energy.readings import MAX_SPAN_DAYS, Posted, Reading, Series
from quarterhour.energy.warnings import MAX_OF_A_CODE, BatchWarning
from quarterhour.errors import BadRequest, Detail
from quarterhour.sites.site import Device, Site
from quarterhour.sites.sources import Source
from quarterhour.time.calendar import DAY_MS, Zone
from quarterhour.time.instants import iso

# A tuple's own way, as a batch has thousands: all of a posted reading but its place.
_reading = partial(tuple.__new__, Reading)


class Rejected(NamedTuple):
    """What of a body is in no batch: the first faults, and of how many readings there are any."""

    details: Sequence[Detail] = ()
    readings: int = 0


NONE_REJECTED = Rejected()


@dataclass(frozen=True, slots=True)
class Batch:
    """Good values in their stored units, each series sorted and not empty.

    Those of `series` are readings, and those of `periods` totals of their periods. `noted` is what
    looked wrong when the body was read, of which channel; of a time it is of none.
    """

    site: Site
    device: Device
    series: Mapping[Series, Sequence[Posted]]
    periods: Mapping[Series, Sequence[Posted]] = field(default_factory=dict)
    noted: Sequence[tuple[str, BatchWarning]] = ()
    rejected: Rejected = NONE_REJECTED

    def check(self) -> None:
        """Refuse a batch without values, and readings too far apart to be of one batch."""
        if not self.series and not self.periods:
            reason = "must have at least one value"
            raise BadRequest("The batch has no values.", [Detail(reason, "data")])
        if not self.series:
            return
        start_ms = min(posted[0].at_ms for posted in self.series.values())
        last = max(
            (posted[-1] for posted in self.series.values()), key=lambda reading: reading.at_ms
        )
        if last.at_ms - start_ms > MAX_SPAN_DAYS * DAY_MS:
            reason = f"more than {MAX_SPAN_DAYS} days after {iso(start_ms)}"
            raise BadRequest(
                f"The batch spans more than {MAX_SPAN_DAYS} days: post it in parts.",
                [Detail(reason, "datetime", last.place)],
            )

    @property
    def source(self) -> Source:
        """What the table keeps the readings under."""
        return self.site.source(self.device)

    @property
    def start_ms(self) -> int:
        """The first instant that has a value."""
        return min(posted[0].at_ms for posted in self._all())

    @property
    def end_ms(self) -> int:
        """The last instant that has a value."""
        return max(posted[-1].at_ms for posted in self._all())

    @property
    def instants(self) -> int:
        """How many distinct instants have a value."""
        return len({reading.at_ms for posted in self._all() for reading in posted})

    @property
    def values(self) -> int:
        """How many values there are."""
        return sum(map(len, self._all()))

    def readings(self) -> dict[Series, list[Reading]]:
        """Return the readings as they are stored."""
        return {
            series: [_reading(reading[1:]) for reading in posted]
            for series, posted in self.series.items()
        }

    def totals(self) -> list[Total]:
        """Return the totals as they are stored."""
        return [
            Total(
                self.source.device,
                series,
                total.at_ms,
                str(total.interval),
                total.value,
            )
            for series, posted in self.periods.items()
            for total in posted
        ]

    def _all(self) -> Iterator[Sequence[Posted]]:
        yield from self.series.values()
        yield from self.periods.values()

    def warnings(
        self, before: Mapping[Series, Sequence[Reading]]
    ) -> list[tuple[str, BatchWarning]]:
        """Return what looks wrong of which channel, at most MAX_OF_A_CODE of each code.

        `before` is what the bucket of the batch already held, where that is known.
        """
        by_code: dict[str, list[tuple[str, BatchWarning]]] = {}
        for channel, warning in self.noted:
            by_code.setdefault(warning.code, []).append((channel, warning))
        for channel, found in self._warnings(before):
            for warning in found:
                by_code.setdefault(warning.code, []).append((channel, warning))
        return [pair for pairs in by_code.values() for pair in pairs[:MAX_OF_A_CODE]]

    def _warnings(
        self, before: Mapping[Series, Sequence[Reading]]
    ) -> Iterator[tuple[str, list[BatchWarning]]]:
        for series, posted in self.series.items():
            held = before.get(series, ())
            yield series.channel, warnings.of_batch(posted, series.quantity, held)
        for series, posted in self.periods.items():
            end_of = partial(_end, self.site.zone)
            yield series.channel, warnings.of_totals(posted, series.quantity, end_of)


def _end(zone: Zone, total: Posted) -> int:
    return span(total.at_ms, str(total.interval), zone)[1]
