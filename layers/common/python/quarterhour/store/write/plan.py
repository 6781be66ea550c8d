"""How a batch becomes writes: one item-write a bucket, in chunks with the marks they owe.

Pure: what to write, never when or whether (docs/table.md, "Writing").
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple, Protocol, TypeVar

from quarterhour.energy.lookback import days_changed, marked_from
from quarterhour.energy.readings import Reading, Series
from quarterhour.errors import TooLarge
from quarterhour.store.table.keys import attribute_of, prefix
from quarterhour.time.calendar import BUCKET_MS, UTC

MAX_BUCKETS = 96  # + 2 heads + 2 todos = 100, the most one transaction takes
MAX_MONTHS = 2
# An UpdateExpression has at most 4 KB and 300 operators.
MAX_ATTRIBUTES = 200
# An item has at most 400 KB; a ship's reading takes up to 40 bytes of it, one of a channel with a
# long name more: that of its attribute, and up to VALUE_BYTES.
MAX_READINGS_OF_BUCKET = 10_000
MAX_BYTES_OF_BUCKET = 390_000
VALUE_BYTES = 30

Entry = tuple[str, Reading]  # of a bucket's item: the attribute, and the reading it gets


class BucketChange(Protocol):
    """What is done to the readings of one bucket, between the first and the last instant of them.

    They are put there, or taken away: the days that this can change are the same.
    """

    @property
    def bucket_ms(self) -> int:
        """When the bucket begins."""

    @property
    def first_ms(self) -> int:
        """The first instant."""

    @property
    def last_ms(self) -> int:
        """The last instant."""


_Change = TypeVar("_Change", bound=BucketChange)


class ItemWrite(NamedTuple):
    """Readings of one bucket, by attribute, and the first and the last instant of them."""

    bucket_ms: int
    readings: tuple[Entry, ...]
    first_ms: int
    last_ms: int


def item_writes(batch: Mapping[Series, Iterable[Reading]]) -> list[ItemWrite]:
    """Return one write for each bucket, in time order; a very dense bucket takes several.

    TooLarge where a bucket has more readings than its item can hold.
    """
    by_bucket: defaultdict[int, list[Entry]] = defaultdict(list)
    for series, readings in batch.items():
        named = prefix(series)
        for reading in readings:
            at_ms = reading.at_ms
            offset_ms = at_ms % BUCKET_MS
            by_bucket[at_ms - offset_ms].append((attribute_of(named, offset_ms), reading))
    for entries in by_bucket.values():
        _check_fits(entries)
    return [
        _write(bucket_ms, tuple(entries[first : first + MAX_ATTRIBUTES]))
        for bucket_ms, entries in sorted(by_bucket.items())
        for first in range(0, len(entries), MAX_ATTRIBUTES)
    ]


def _write(bucket_ms: int, entries: tuple[Entry, ...]) -> ItemWrite:
    instants = [reading.at_ms for _, reading in entries]
    return ItemWrite(bucket_ms, entries, min(instants), max(instants))


def _check_fits(entries: Sequence[Entry]) -> None:
    """Refuse what the item of a bucket cannot hold."""
    if len(entries) <= MAX_ATTRIBUTES:
        return
    if len(entries) > MAX_READINGS_OF_BUCKET:
        raise TooLarge(f"More than {MAX_READINGS_OF_BUCKET} readings in one quarter hour.")
    if sum(len(name) + VALUE_BYTES for name, _ in entries) > MAX_BYTES_OF_BUCKET:
        raise TooLarge(
            "More readings in one quarter hour than names of this length leave room for."
        )


def chunks(writes: Sequence[_Change]) -> Iterator[Sequence[_Change]]:
    """Cut the writes into as few transactions as they fit, at day ends where that costs none."""
    ends = _furthest_ends(writes)
    needed = [0] * (len(writes) + 1)
    for start in range(len(writes) - 1, -1, -1):
        needed[start] = 1 + needed[ends[start]]
    start = 0
    while start < len(writes):
        end = ends[start]
        for cut in range(end, start, -1):
            if needed[cut] > needed[end]:
                break
            if cut == len(writes) or _is_day_end(writes, cut):
                end = cut
                break
        yield writes[start:end]
        start = end


def by_month(planned: Iterable[Sequence[_Change]]) -> list[list[Sequence[_Change]]]:
    """Return chunks by the months they begin in: those of several can be written side by side."""
    return [
        list(group)
        for _, group in groupby(planned, key=lambda chunk: UTC.month_of(chunk[0].bucket_ms))
    ]


def marks(chunk: Sequence[BucketChange], now_ms: int, fence_ms: int) -> list[tuple[int, list[int]]]:
    """Return the days a chunk owes a mark for, by month.

    These are the days it can change that lie up to the fence, or are due by the clock.
    """
    changed = {day for days in set(map(_days, chunk)) for day in days}
    owed = sorted(day for day in changed if day <= fence_ms or now_ms >= marked_from(day))
    return [(month, list(days)) for month, days in groupby(owed, key=UTC.month_of)]


def _days(write: BucketChange) -> range:
    return days_changed(write.first_ms, write.last_ms)


def _is_day_end(writes: Sequence[BucketChange], cut: int) -> bool:
    return UTC.day_of(writes[cut - 1].bucket_ms) != UTC.day_of(writes[cut].bucket_ms)


def _furthest_ends(writes: Sequence[BucketChange]) -> list[int]:
    """Return for each write the end of the longest chunk that may begin with it."""
    days = [_days(write) for write in writes]
    of_days = {each: (UTC.month_of(each[0]), UTC.month_of(each[-1])) for each in set(days)}
    months = [of_days[each] for each in days]
    all_fit = len({month for pair in of_days.values() for month in pair}) <= MAX_MONTHS
    ends = []
    end = 0
    for start in range(len(writes)):
        end = max(end, start + 1)
        while (
            end < len(writes)
            and end - start < MAX_BUCKETS
            and writes[end].bucket_ms != writes[end - 1].bucket_ms
            and (all_fit or _fit(*months[start], *months[end], months[end - 1][1]))
        ):
            end += 1
        ends.append(end)
    return ends


def _fit(*months: int) -> bool:
    return len({*months}) <= MAX_MONTHS
