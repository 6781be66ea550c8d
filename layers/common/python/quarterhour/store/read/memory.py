"""What an environment keeps of blocks between requests (docs/table.md, "Kept blocks").

What is kept is the rows of one measure in a block's period, with the counter they are of. It is
used like a block that was read eventually, only much earlier: whoever takes it does so before the
counters are read, and believes it only at an equal counter. What a read derived is kept as well,
but only of days that are closed: in an open day readings come without a mark. No clock says that a
day is closed, and not the fence, but the watermark, read before the readings.
"""

from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

from quarterhour.energy.profile import Profile
from quarterhour.energy.readings import Series
from quarterhour.sites.sources import Source, is_of_house
from quarterhour.store.table import keys
from quarterhour.store.table.blocks import Periods
from quarterhour.store.table.calls import Calls
from quarterhour.store.table.fence import of_item
from quarterhour.store.table.registry import closed_by_mark
from quarterhour.time.calendar import DAY_MS, UTC, Zone

if TYPE_CHECKING:
    from quarterhour.store.table.clock import Moment

# Of a function's 1,024 MB; about 20,000 days by the quarter hour, or as many months by the day.
MOST_BYTES = 64 * 2**20
# Of an entry without its figures: its place, its columns and where it stands among the others.
_ENTRY_BYTES = 900

NOT_CLOSED = -1
EVER = 1 << 62  # more often than anything is kept
_ALL = "all"  # no watermark: where those begin that there are not
_PAUSE_S = 60.0


class BlockPlace(NamedTuple):
    """Of what rows are kept: one measure in the period of a block, a day, a month or a year."""

    source: Source
    measure: Series
    kind: str
    zone: str
    begin_ms: int


def of_day(source: Source, measure: Series, day: int) -> BlockPlace:
    """Return where the buckets of a UTC day are kept."""
    return BlockPlace(source, measure, "d", UTC.name, day)


def of_period(
    source: Source, measure: Series, kind: Periods, zone: Zone, period: int
) -> BlockPlace:
    """Return where the days of a month, or the months of a year, are kept."""
    return BlockPlace(source, measure, kind.form, zone.name, period)


class Kept(NamedTuple):
    """Rows of a period up to `upto_ms`, and the sum of the counters of its days they are of."""

    marks: int
    upto_ms: int
    rows: Profile

    @classmethod
    def of_day(cls, day: int, marks: int, rows: Profile) -> "Kept":
        """Return the buckets of a whole UTC day."""
        return cls(marks, day + DAY_MS, rows)


class BlockMemory:
    """The rows of blocks that were used last, and up to which day each shard has closed.

    For any number of threads; of more than `most_bytes` those used longest ago go. With 0 nothing
    is kept.
    """

    def __init__(self, shards: int = 1, most_bytes: int = 0) -> None:
        self._shards = shards
        self._most_bytes = most_bytes
        self._bytes = 0
        self._kept: OrderedDict[BlockPlace, tuple[int, Kept]] = OrderedDict()
        self._begins: dict[tuple[object, ...], set[int]] = {}
        self._times = 0
        self._until: dict[str, int] = {}
        self._asked: Moment | None = None
        self._lock = Lock()

    @property
    def keeps(self) -> bool:
        """Whether anything is ever kept."""
        return self._most_bytes > 0

    @property
    def times(self) -> int:
        """How often something was kept by now: what a request that begins now may take."""
        return self._times

    def begins(self, place: BlockPlace, start_ms: int, end_ms: int) -> list[int]:
        """Return the periods from `start_ms` on, before `end_ms`, of which the like is kept."""
        with self._lock:
            return [at for at in self._begins.get(_any(place), ()) if start_ms <= at < end_ms]

    def take(self, place: BlockPlace, times: int) -> Kept | None:
        """Return what was kept of a place by the time that so much was; it is then used last."""
        with self._lock:
            nth, kept = self._kept.get(place, (0, None))
            if kept is None or nth > times:
                return None
            self._kept.move_to_end(place)
            return kept

    def keep(self, place: BlockPlace, kept: Kept) -> None:
        """Keep rows of a block that is valid, or that were derived of closed days."""
        size = _size(kept)
        with self._lock:
            if size > self._most_bytes:
                return
            _, known = self._kept.get(place, (0, None))
            if known and known.marks == kept.marks and known.upto_ms >= kept.upto_ms:
                return
            self._drop(place)
            self._times += 1
            self._kept[place] = self._times, kept
            self._begins.setdefault(_any(place), set()).add(place.begin_ms)
            self._bytes += size
            while self._bytes > self._most_bytes:
                self._drop(next(iter(self._kept)))

    def drop(self, place: BlockPlace) -> None:
        """Forget what is kept of a place."""
        with self._lock:
            self._drop(place)

    def last_closed(self, calls: Calls, owner: str, wanted: int) -> int:
        """Return a day up to which all of an owner's shard is closed.

        What is remembered is enough if it reaches the `wanted` day: a watermark only grows, so it
        may be read eventually, and is right for ever. One that does not is asked for once a minute.
        """
        source = Source(owner)
        kind = keys.HOUSES if is_of_house(source) else keys.SHIPS
        mark = kind.watermark(keys.shard_of(source, self._shards))
        if self._closed_by(mark) < wanted and self._may_ask(calls):
            items = {item["sk"]["S"]: item for item in calls.query(keys.WATERMARKS, strong=False)}
            fence = of_item(items.get(keys.FENCE, {}))
            found = {
                _ALL: fence.first_ms if fence else NOT_CLOSED,
                **closed_by_mark(items.values()),
            }
            with self._lock:
                for name, until in found.items():
                    self._until[name] = max(until, self._until.get(name, NOT_CLOSED))
        return self._closed_by(mark)

    def _closed_by(self, mark: str) -> int:
        """Return a watermark, or where all of them begin."""
        return self._until.get(mark, self._until.get(_ALL, NOT_CLOSED))

    def _may_ask(self, calls: Calls) -> bool:
        now = calls.clock.moment()
        with self._lock:
            if self._asked and self._asked.age_s(now) < _PAUSE_S:
                return False
            self._asked = now
            return True

    def _drop(self, place: BlockPlace) -> None:
        _, kept = self._kept.pop(place, (0, None))
        if kept:
            self._bytes -= _size(kept)
            begins = self._begins[_any(place)]
            begins.remove(place.begin_ms)
            if not begins:
                del self._begins[_any(place)]


def _any(place: BlockPlace) -> tuple[object, ...]:
    """Return what all places of a measure and kind have in common."""
    return place[:-1]


def _size(kept: Kept) -> int:
    return _ENTRY_BYTES + sum(column.itemsize * len(column) for column in kept.rows.columns)
