"""The month or year blocks of meters of one owner, and what is below them elsewhere."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial

from quarterhour.energy.aggregate import Profiles
from quarterhour.energy.profile import Profile, joined
from quarterhour.energy.readings import Series
from quarterhour.sites.virtual_meters import Meter
from quarterhour.store.read import memory
from quarterhour.store.read.access import RAW_DAYS, Access, Wanted
from quarterhour.store.read.memory import BlockPlace, Kept
from quarterhour.store.table import keys, sums
from quarterhour.store.table.blocks import MONTHS, Periods
from quarterhour.store.table.calls import Item
from quarterhour.store.table.marks import Heads
from quarterhour.store.table.sums import Told
from quarterhour.time import intervals
from quarterhour.time.calendar import Zone
from quarterhour.time.intervals import Interval, between, end_of

# Returns rows of meters in a gap between blocks, by counters that were read before.
Below = Callable[[Sequence[Meter], Zone, Interval, Heads], list[Profiles]]


class StoredSums:
    """The month or year blocks of meters of one owner, read when this is made.

    Days from month blocks, months from year blocks; `interval` may cut the first and the last part,
    which are made of what is below them. What the environment keeps is not read.
    """

    def __init__(  # noqa: PLR0913, PLR0917  which blocks of what, and what they are made from
        self,
        access: Access,
        kind: Periods,
        meters: Sequence[Meter],
        zone: Zone,
        interval: Interval,
        below: Below,
    ) -> None:
        self._access = access
        self._kind = kind
        self._meters = meters
        self._zone = zone
        self._interval = interval
        self._below = below
        self.owner = meters[0].source.owner
        self._periods = kind.between(zone, *interval)
        self._parts_by_period: dict[int, list[Interval]] = {}
        self.range = self._periods[0], kind.following(zone, self._periods[-1])
        self._kept = [self._taken(meter) for meter in meters]
        self._items: dict[str, list[Item]] = {}
        missing = self._missing()
        self.has_read = any(periods for _, periods in missing)
        for item in self._read(missing):
            self._items.setdefault(keys.first_of_sums(item["sk"]["S"]), []).append(item)
        self._stored = {kind.begin(zone, sort) for sort in self._items}

    def completed(self, heads: Heads) -> list[Profiles]:
        """Return the meters' rows, by counters that were read after this was made."""
        if self._drop_stale(heads):
            anew = StoredSums(
                self._access, self._kind, self._meters, self._zone, self._interval, self._below
            )
            return anew.completed(self._access.heads(self.owner, *self.range))
        told = self.told(heads)
        pieces = [[of_period.rows for of_period in of_meter] for of_meter in told]
        gaps = self._gaps(told, heads)
        for gap, places in gaps.items():
            below = self._below([self._meters[nth] for nth in places], self._zone, gap, heads)
            for nth, piece in zip(places, below, strict=True):
                pieces[nth].append(piece)
        rows = [
            joined_rows(meter, parts) for meter, parts in zip(self._meters, pieces, strict=True)
        ]
        # Whoever had to read the days of it has asked; or what is put together is stored below.
        closed_ms = self._access.closed_ms(self.owner) if self._access.may_keep(heads) else 0
        for gap, places in gaps.items() if closed_ms else ():
            for nth in places:
                self._keep(self._meters[nth], gap, rows[nth], heads, closed_ms)
        return rows

    def told(self, heads: Heads) -> list[list[Told]]:
        """Return what the blocks tell of each meter, period by period."""
        return [[*self._told(*of, heads)] for of in zip(self._meters, self._kept, strict=True)]

    def _told(
        self, meter: Meter, taken: dict[int, dict[Series, Kept]], heads: Heads
    ) -> Iterator[Told]:
        end_ms = self._access.past_of(self._interval[1])
        # A range may have thousands of periods, most of them without data.
        for period in sorted(self._stored | taken.keys()):
            kept = taken.get(period)
            found = self._of_kept(period, kept) if kept else self._of_items(meter, period, heads)
            yield found.within(self._interval[0], end_ms)

    def _of_kept(self, period: int, kept: Mapping[Series, Kept]) -> Told:
        upto_ms = min(of.upto_ms for of in kept.values())
        parts = [part for part in self._parts(period) if part[1] <= upto_ms]
        return Told(parts, {measure: of.rows for measure, of in kept.items()})

    def _of_items(self, meter: Meter, period: int, heads: Heads) -> Told:
        items = self._items.get(self._kind.sort(self._zone, meter, period))
        if not items:
            return sums.NOTHING
        parts = self._parts(period)
        marks = heads.of_days(meter.source, period, parts[-1][1])
        found = sums.kept_rows(parts, items, marks, meter.measures, self._zone)
        for measure, rows in found.rows.items() if found.parts else ():
            kept = Kept(marks, found.parts[-1][1], rows)
            self._access.keep(self._place(meter, measure, period), kept)
        return found

    def _taken(self, meter: Meter) -> dict[int, dict[Series, Kept]]:
        """Take what is kept of periods of which enough is kept of all measures."""
        end_ms = self._access.past_of(self._interval[1])
        taken = {}
        for period in self._kept_of(meter):
            wanted_ms = end_of(self._parts(period), end_ms)
            found = [
                (measure, self._access.taken(self._place(meter, measure, period)))
                for measure in meter.measures
            ]
            kept = {measure: one for measure, one in found if one and one.upto_ms >= wanted_ms}
            if len(kept) == len(found):
                taken[period] = kept
        return taken

    def _kept_of(self, meter: Meter) -> list[int]:
        """Return the periods of which the first measure is kept."""
        if not meter.measures:
            return []
        return self._access.begins(self._place(meter, meter.measures[0], 0), self.range)

    def _parts(self, period: int) -> list[Interval]:
        if period not in self._parts_by_period:
            self._parts_by_period[period] = self._kind.parts(self._zone, period)
        return self._parts_by_period[period]

    def _drop_stale(self, heads: Heads) -> bool:
        """Drop what is kept of other counters; return whether the table's blocks are to be read.

        Of many periods, which may have been settled anew; few are made of what is below them.
        """
        stale = set()
        for meter, taken in zip(self._meters, self._kept, strict=True):
            for period, kept in [*taken.items()]:
                marks = heads.of_days(meter.source, period, self._parts(period)[-1][1])
                if any(of.marks != marks for of in kept.values()):
                    del taken[period]
                    stale.add(period)
                    for measure in kept:
                        self._access.drop(self._place(meter, measure, period))
        return len(stale) > RAW_DAYS

    def _missing(self) -> list[Wanted]:
        """Return which blocks are to be read, of each device once."""
        missing: dict[str, tuple[Meter, set[int]]] = {}
        for meter, taken in zip(self._meters, self._kept, strict=True):
            device = self._kind.sort(self._zone, meter, self.range[0])
            _, of_device = missing.setdefault(device, (meter, set()))
            of_device |= {period for period in self._periods if period not in taken}
        return [
            (partial(self._kind.sort, self._zone, meter), sorted(of))
            for meter, of in missing.values()
        ]

    def _read(self, wanted: Sequence[Wanted]) -> Iterator[Item]:
        """Yield the items of the blocks, and the others of those that have several."""
        items = {
            item["sk"]["S"]: item
            for item in self._access.stored(self.owner, wanted, len(self._periods))
        }
        others = dict.fromkeys(
            keys.sums_sort(sort, nth)
            for sort, item in items.items()
            for nth in range(1, sums.more(item) + 1)
        )
        yield from items.values()
        left = [(self.owner, sort) for sort in others if sort not in items]
        yield from self._access.calls.get_many(left, strong=False)

    def _gaps(self, told: Sequence[Iterable[Told]], heads: Heads) -> dict[Interval, list[int]]:
        """Return what the blocks do not tell, and of which meters."""
        gaps: dict[Interval, list[int]] = {}
        for nth, (meter, of_meter) in enumerate(zip(self._meters, told, strict=True)):
            parts = [part for of_period in of_meter for part in of_period.parts]
            for gap in between(parts, *self._interval):
                days = self._access.with_readings(meter.source, self._zone, gap, heads)
                for part in self._whole(days, gap):
                    gaps.setdefault(part, []).append(nth)
        return gaps

    def _whole(self, days: list[Interval], gap: Interval) -> list[Interval]:
        """Return the months of a gap that intervals of days lie in, where months are asked for."""
        if self._kind is MONTHS:
            return days
        touched = {month for part in days for month in self._zone.months_between(*part)}
        return intervals.joined(
            (max(month, gap[0]), min(self._zone.next_month(month), gap[1]))
            for month in sorted(touched)
        )

    def _keep(
        self, meter: Meter, gap: Interval, rows: Profiles, heads: Heads, closed_ms: int
    ) -> None:
        """Keep what was put together of the periods that a gap touches, as far as it is closed."""
        last_ms = min(closed_ms, self._interval[1])
        for period in self._kind.between(self._zone, gap[0], min(gap[1], last_ms)):
            parts = self._parts(period)
            end_ms = end_of(parts, last_ms)
            if self._interval[0] <= period and gap[0] < end_ms:
                marks = heads.of_days(meter.source, period, parts[-1][1])
                for measure in meter.measures:
                    kept = Kept(marks, end_ms, rows[measure].within(period, end_ms))
                    self._access.keep(self._place(meter, measure, period), kept)

    def _place(self, meter: Meter, measure: Series, period: int) -> BlockPlace:
        return memory.of_period(meter.source, measure, self._kind, self._zone, period)


def joined_rows(meter: Meter, parts: Iterable[Mapping[Series, Profile]]) -> Profiles:
    """Return a meter's rows of several ranges together."""
    pieces = [*parts]
    return {
        measure: joined(part[measure] for part in pieces if measure in part)
        for measure in meter.measures
    }
