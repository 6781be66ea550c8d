"""The readings of a device, read so that a bounded number of them is in memory at a time.

However long a range is and however dense its readings, they are read in one Query, and what is
derived from them is derived piece by piece while they arrive.
"""

from collections.abc import Container, Iterable, Iterator, Mapping
from typing import NamedTuple

from quarterhour.energy import aggregate
from quarterhour.energy.aggregate import Profiles, bucketed
from quarterhour.energy.lookback import (
    LOOKAHEAD_MS,
    UNDECLARED_LOOKBACK_MS,
    neighbourhood,
    still_felt,
)
from quarterhour.energy.profile import Profile, joined
from quarterhour.energy.readings import Series
from quarterhour.sites.sources import Source
from quarterhour.sites.virtual_meters import Meter
from quarterhour.store.read.allowance import Allowance
from quarterhour.store.table import keys
from quarterhour.store.table.calls import Calls
from quarterhour.store.table.codec import Readings, add_readings, declares, in_order
from quarterhour.store.table.parallel import SideBySide, in_turn
from quarterhour.store.table.unknown_readings import Unknown
from quarterhour.time.calendar import bucket_of
from quarterhour.time.intervals import Interval

# Readings in memory at a time, about 40 MB of them; and as many may be kept.
MOST_AT_ONCE = 200_000
_KEYS = 2  # attributes of an item that are no readings

Place = tuple[Source, Interval]
# The channels of devices, by the device.
Channels = Mapping[str, Container[str]]


class _Known(NamedTuple):
    """What is kept of a device and range: its readings, or what was derived from too many."""

    readings: Readings | None
    buckets: Profiles


class Raw:
    """Buckets of devices as their readings decide them; what was read is not read again.

    Not what lies in a range that was read, either: a bucket is decided by what is near it.

    Where not `keeps` every range is read each time that it is asked for. `channels` are those that
    are ever asked for, by device; of a device that is not among them it is all. Powers and gauges
    hold no further than `now_ms`; None for a rollup.
    """

    def __init__(  # noqa: PLR0913  how readings are read, and up to when they count
        self,
        calls: Calls,
        *,
        keeps: bool = True,
        allowance: Allowance | None = None,
        side_by_side: SideBySide = in_turn,
        channels: Channels | None = None,
        now_ms: int | None = None,
    ) -> None:
        self._calls = calls
        self._now_ms = now_ms
        self._channels = channels or {}
        self._allowance = allowance
        self._side_by_side = side_by_side
        self._known: dict[Place, _Known] = {}
        self._keeps = keeps
        self._room = MOST_AT_ONCE
        self._has_read = False

    def buckets(self, device: Meter, interval: Interval) -> Profiles:
        """Return the buckets that begin in a range, of all that a device's measures are made of."""
        measures = dict.fromkeys(map(bucketed, device.measures))
        known = self._known_of(device.source, interval)
        if known and known.readings is not None:
            return aggregate.derived(known.readings, measures, *interval, self._now_ms)
        if known and measures.keys() <= known.buckets.keys():
            return {measure: known.buckets[measure].within(*interval) for measure in measures}
        buckets, readings = self._read(device.source, measures, interval)
        if self._keeps:
            self._keep((device.source, interval), buckets, readings)
        return buckets

    def read(self, wanted: Iterable[tuple[Meter, Interval]]) -> None:
        """Read devices and ranges that are not known yet side by side, for `buckets` to tell."""
        places: dict[Place, dict[Series, None]] = {}
        for device, interval in wanted:
            if not self._known_of(device.source, interval):
                measures = places.setdefault((device.source, interval), {})
                measures |= dict.fromkeys(map(bucketed, device.measures))
        found: dict[Place, tuple[Profiles, Readings | None]] = {}

        def read(place: Place) -> None:
            source, interval = place
            found[place] = self._read(source, places[place], interval)

        self._side_by_side(read, [*places])
        for place in places:
            self._keep(place, *found.pop(place))

    def _known_of(self, source: Source, interval: Interval) -> _Known | None:
        """Return what is known of a range, or of one in which it lies."""
        if (source, interval) in self._known or not self._keeps:
            return self._known.get((source, interval))
        around = (
            known
            for (of, (start, end)), known in self._known.items()
            if of == source and start <= interval[0] and interval[1] <= end
        )
        return next(around, None)

    @property
    def has_read(self) -> bool:
        """Whether any readings were read by now."""
        return self._has_read

    def forget(self, read: Iterable[tuple[Meter, Interval]]) -> None:
        """Forget what was read of devices and ranges, unless it is to be kept.

        Nothing else: of other ships another thread may just have read it.
        """
        if not self._keeps:
            for device, interval in read:
                self._known.pop((device.source, interval), None)

    def _read(
        self, source: Source, measures: Iterable[Series], interval: Interval
    ) -> tuple[Profiles, Readings | None]:
        """Return a device's buckets, and the readings where they were few enough to keep them."""
        self._has_read = True
        parts: dict[Series, list[Profile]] = {measure: [] for measure in measures}
        readings: Readings | None = {}
        channels = self._channels.get(source.device)
        found_pieces = pieces(self._calls, source, interval, self._allowance, channels)
        for part, part_readings in found_pieces:
            derived = aggregate.derived(part_readings, measures, *part, self._now_ms)
            for measure, found in derived.items():
                parts[measure].append(found)
            readings = part_readings if part == interval else None
        buckets = {measure: joined(found) for measure, found in parts.items()}
        return buckets, readings if self._keeps else None

    def _keep(self, place: Place, buckets: Profiles, readings: Readings | None) -> None:
        size = sum(map(len, readings.values())) if readings is not None else 0
        is_kept = readings is not None and size <= self._room
        self._room -= size if is_kept else 0
        self._known[place] = _Known(readings, {}) if is_kept else _Known(None, buckets)


def pieces(
    calls: Calls,
    source: Source,
    interval: Interval,
    allowance: Allowance | None = None,
    channels: Container[str] | None = None,
) -> Iterator[tuple[Interval, Readings]]:
    """Yield ranges that make up the interval, each with the readings that decide its buckets.

    Of some channels, or of all.

    All of it at once where that has few readings; each series' readings are sorted.
    """
    begin, end = interval
    readings: Readings = {}
    size, most, unknown = 0, MOST_AT_ONCE, Unknown()
    first, last = keys.between(*neighbourhood(begin, end))
    # What is older decides nothing unless it is declared to last, or follows what is.
    felt = keys.bucket_sort(bucket_of(begin - UNDECLARED_LOOKBACK_MS))
    items = calls.query(keys.bucket_partition(source), first, last)
    for item in allowance.counted(items) if allowance else items:
        if not readings and item["sk"]["S"] < felt and not declares(item):
            continue
        if size > most:
            # All readings before this item's are there: those of LOOKAHEAD before it are decided.
            cut = bucket_of(keys.bucket_ms(item["sk"]["S"]) - LOOKAHEAD_MS)
            if cut < end:
                found = in_order(readings)
                if begin < cut:
                    yield (begin, cut), found
                    begin = cut
                readings = {series: still_felt(values, cut) for series, values in found.items()}
                size = sum(map(len, readings.values()))
                most = max(MOST_AT_ONCE, 2 * size)
        add_readings(item, readings, unknown, channels)
        size += len(item) - _KEYS
    unknown.note()
    yield (begin, end), in_order(readings)
