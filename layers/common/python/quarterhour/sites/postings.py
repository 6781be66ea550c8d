"""What a POST of many channels gives a device: readings, or totals of calendar periods."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import islice

from quarterhour.energy import doubts
from quarterhour.energy.doubts import MAX_OF_A_CODE, Doubt
from quarterhour.energy.period_totals import Total, span
from quarterhour.energy.readings import Posted, Reading, Series
from quarterhour.time.zones import Zone


@dataclass(frozen=True)
class Posting:
    """Good values in their stored units, each series sorted.

    `interval` are the milliseconds that the readings were declared to last (0: none), or the
    period, `P1M` or `P1Y`, that they are totals of.
    """

    device_id: int
    interval: int | str
    series: Mapping[Series, Sequence[Posted]]

    @property
    def has_totals(self) -> bool:
        """Whether the values are totals of periods."""
        return isinstance(self.interval, str)

    @cached_property
    def instants(self) -> list[int]:
        """The distinct instants that have a value, ascending."""
        return sorted({one.at_ms for posted in self.series.values() for one in posted})

    @property
    def values(self) -> int:
        """How many values there are."""
        return sum(map(len, self.series.values()))

    def readings(self) -> dict[Series, list[Reading]]:
        """Return the readings as they are stored; of a batch without totals."""
        interval_ms = int(self.interval)
        return {
            series: [Reading(one.at_ms, one.value, interval_ms) for one in posted]
            for series, posted in self.series.items()
        }

    def totals(self) -> list[Total]:
        """Return the totals of a batch of them."""
        return [
            Total(
                str(self.device_id),
                series,
                one.at_ms,
                str(self.interval),
                one.value,
            )
            for series, posted in self.series.items()
            for one in posted
        ]

    def doubts(self, zone: Zone, before: Mapping[Series, Sequence[Reading]]) -> list[Doubt]:
        """Return what looks wrong, channel by channel, at most MAX_OF_A_CODE of each code."""
        found = [*self._doubts(zone, before)]
        return [
            doubt
            for code in dict.fromkeys(one.code for one in found)
            for doubt in islice((one for one in found if one.code == code), MAX_OF_A_CODE)
        ]

    def _doubts(self, zone: Zone, before: Mapping[Series, Sequence[Reading]]) -> Iterator[Doubt]:
        for series, posted in self.series.items():
            if isinstance(self.interval, str):
                of_series = doubts.of_totals(posted, partial(_end, self.interval, zone))
            else:
                held = before.get(series, ())
                of_series = doubts.of_batch(posted, series.quantity, self.interval, held)
            for one in of_series:
                yield Doubt(one.code, f"{series.channel}: {one.message}", one.index)


def _end(period: str, zone: Zone, at_ms: int) -> int:
    return span(at_ms, period, zone)[1]
