"""The day blocks of meters of one owner, and the readings where there is no valid one."""

from collections.abc import Iterable, Sequence
from functools import partial

from quarterhour.energy.aggregate import Profiles
from quarterhour.energy.profile import Profile, joined
from quarterhour.energy.readings import Series
from quarterhour.sites.virtual_meters import Meter
from quarterhour.store.read import memory
from quarterhour.store.read.access import RAW_DAYS, Access, bucketed_of
from quarterhour.store.read.memory import Kept
from quarterhour.store.table import blocks, keys
from quarterhour.store.table.blocks import is_current
from quarterhour.store.table.calls import Item
from quarterhour.store.table.marks import Heads
from quarterhour.time.calendar import DAY_MS, UTC
from quarterhour.time.intervals import Interval, between


class StoredDays:
    """The day blocks of meters of one owner, read when this is made; whole UTC days.

    Those that the environment keeps are not read; where not `reads`, no others are either, and of
    the `interval`, all of which may have readings, nothing else is.
    """

    def __init__(
        self, access: Access, meters: Sequence[Meter], interval: Interval, *, reads: bool = True
    ) -> None:
        self._access = access
        self._meters = meters
        self._interval = interval
        self._reads = reads
        self.range = UTC.day_of(interval[0]), UTC.day_of(interval[1] - 1) + DAY_MS
        self.owner = meters[0].source.owner
        self._kept = [self._taken(meter) for meter in meters]
        self._stale: dict[tuple[int, Series], set[int]] = {}
        self._items: dict[tuple[str, str], dict[int, Item]] = {}
        missing = self._missing()
        self.has_read = reads and any(missing.values())
        if self.has_read:
            wanted = [(partial(keys.day_sort, *of), days) for of, days in missing.items()]
            days = (self.range[1] - self.range[0]) // DAY_MS
            for item in access.stored(self.owner, wanted, days):
                _, device, channel, day = item["sk"]["S"].split("#")
                self._items.setdefault((device, channel), {})[keys.begin_ms(day)] = item

    def completed(self, heads: Heads) -> list[Profiles]:
        """Return the meters' buckets, by counters that were read after this was made."""
        if self._drop_stale(heads):
            anew = StoredDays(self._access, self._meters, self._interval)
            return anew.completed(self._access.heads(self.owner, *self.range))
        pieces = self.valid(heads)
        gaps = [
            (place, part)
            for place, days in enumerate(pieces)
            for part in self._gaps(self._meters[place], days, heads)
        ]
        closed_ms = self._closed_ms(gaps) if self._access.may_keep(heads) else None
        found = self._access.derived_all([(self._meters[place], part) for place, part in gaps])
        for (place, part), buckets in zip(gaps, found, strict=True):
            pieces[place][part[0]] = buckets
            if closed_ms is not None:
                self._keep(place, part, buckets, heads, closed_ms)
        return [
            {measure: self._put_together(measure, of_meter) for measure in bucketed_of(meter)}
            for meter, of_meter in zip(self._meters, pieces, strict=True)
        ]

    def _gaps(self, meter: Meter, days: Iterable[int], heads: Heads) -> list[Interval]:
        """Return the intervals between days of which the readings are read."""
        whole = [(day, day + DAY_MS) for day in days]
        if not self._reads:
            return between(whole, *self._interval)
        return [
            part
            for gap in between(whole, *self.range)
            for part in self._access.with_readings(meter.source, UTC, gap, heads)
        ]

    def valid(self, heads: Heads) -> list[dict[int, Profiles]]:
        """Return of each meter the days of which every measure's block is valid, ascending."""
        return [self._valid(*of, heads) for of in zip(self._meters, self._kept, strict=True)]

    def _past_days(self) -> list[int]:
        """Return the days of which a block may be taken."""
        return [day for day in range(*self.range, DAY_MS) if self._access.is_past(day + DAY_MS)]

    def _taken(self, meter: Meter) -> dict[Series, dict[int, Kept]]:
        """Take what is kept of the days that are past."""
        past = self.range[0], self._access.past_of(self.range[1]) - DAY_MS + 1
        taken: dict[Series, dict[int, Kept]] = {}
        for measure in bucketed_of(meter):
            kept_days = sorted(self._access.begins(memory.of_day(meter.source, measure, 0), past))
            found = {
                day: self._access.taken(memory.of_day(meter.source, measure, day))
                for day in kept_days
            }
            taken[measure] = {day: kept for day, kept in found.items() if kept}
        return taken

    def _missing(self) -> dict[tuple[str, str], list[int]]:
        """Return the past days of each device and channel whose blocks are to be read."""
        days = self._past_days()
        missing: dict[tuple[str, str], set[int]] = {}
        for meter, taken in zip(self._meters, self._kept, strict=True):
            for measure, kept in taken.items():
                of_source = missing.setdefault((meter.source.device, measure.channel), set())
                of_source.update(day for day in days if day not in kept)
        return {source: sorted(of_source) for source, of_source in missing.items()}

    def _drop_stale(self, heads: Heads) -> bool:
        """Drop what is kept of other counters; return whether the table's blocks are to be read.

        Of many days, which may have been settled anew; few are read raw.
        """
        stale: set[int] = set()
        for place, (meter, taken) in enumerate(zip(self._meters, self._kept, strict=True)):
            for measure, kept in taken.items():
                marks = {day: heads.of_day(meter.source, day) for day in kept}
                old = {day for day, found in kept.items() if found.marks != marks[day]}
                for day in old:
                    del kept[day]
                    self._access.drop(memory.of_day(meter.source, measure, day))
                self._stale[place, measure] = old
                stale |= old
        return self._reads and len(stale) > RAW_DAYS

    def _valid(
        self, meter: Meter, taken: dict[Series, dict[int, Kept]], heads: Heads
    ) -> dict[int, Profiles]:
        days: dict[int, Profiles] = {}
        for measure, kept in taken.items():
            for day, found in kept.items():
                days.setdefault(day, {})[measure] = found.rows
            for day, item in self._stored(meter, measure).items():
                marks = heads.of_day(meter.source, day)
                if day not in kept and is_current(item, marks, measure.quantity):
                    rows = days.setdefault(day, {})[measure] = blocks.day_buckets(day, item)
                    self._access.keep(
                        memory.of_day(meter.source, measure, day), Kept.of_day(day, marks, rows)
                    )
        return {day: days[day] for day in sorted(days) if len(days[day]) == len(taken)}

    def _stored(self, meter: Meter, measure: Series) -> dict[int, Item]:
        """Return the blocks that were read of days that are past."""
        stored = self._items.get((meter.source.device, measure.channel), {})
        return {day: item for day, item in stored.items() if self._access.is_past(day + DAY_MS)}

    def _closed_ms(self, gaps: Sequence[tuple[int, Interval]]) -> int:
        """Return the end of the closed days, as far as there are no blocks that say it."""
        unknown = [
            part
            for place, part in gaps
            for measure in self._kept[place]
            if not self._had_blocks(place, measure) >= {*_whole_days(part)}
        ]
        return self._access.closed_ms(self.owner, unknown)

    def _had_blocks(self, place: int, measure: Series) -> set[int]:
        """Return the days of which there was a block, however old: one is made of a closed day."""
        return {*self._stored(self._meters[place], measure)} | self._stale.get(
            (place, measure), set()
        )

    def _keep(
        self, place: int, part: Interval, buckets: Profiles, heads: Heads, closed_ms: int
    ) -> None:
        """Keep the days of an interval that were derived, as far as they are closed."""
        meter = self._meters[place]
        for measure, of_measure in buckets.items():
            had_blocks = self._had_blocks(place, measure)
            for day in _whole_days(part):
                if day + DAY_MS <= closed_ms or day in had_blocks:
                    marks = heads.of_day(meter.source, day)
                    rows = of_measure.within(day, day + DAY_MS)
                    self._access.keep(
                        memory.of_day(meter.source, measure, day), Kept.of_day(day, marks, rows)
                    )

    def _put_together(self, measure: Series, pieces: dict[int, Profiles]) -> Profile:
        parts = (piece[measure] for piece in pieces.values() if measure in piece)
        return joined(parts).within(*self._interval)


def _whole_days(part: Interval) -> Sequence[int]:
    return range(UTC.day_of(part[0] + DAY_MS - 1), part[1] - DAY_MS + 1, DAY_MS)
