"""How a batch becomes writes: one item-write a bucket, in chunks with the marks they owe.

Pure: what to write, never when or whether (docs/table.md, "Writing").
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from quarterhour.energy.lookback import days_changed, marked_from
from quarterhour.energy.readings import Reading, Series
from quarterhour.errors import TooLarge
from quarterhour.store.table.keys import attribute
from quarterhour.time.calendar import UTC, bucket_of

MAX_BUCKETS = 96  # + 2 heads + 2 todos = 100, the most one transaction takes
MAX_MONTHS = 2
# An UpdateExpression has at most 4 KB and 300 operators.
MAX_ATTRIBUTES = 200
# An item has at most 400 KB; a ship's reading takes up to 40 bytes of it, one of a channel with a
# long name more: that of its attribute, and up to VALUE_BYTES.
MAX_READINGS_OF_BUCKET = 10_000
MAX_BYTES_OF_BUCKET = 390_000
VALUE_BYTES = 30


class ItemWrite(NamedTuple):
    """Readings of one bucket, by attribute, in order of time where they are of one series."""

    bucket_ms: int
    readings: tuple[tuple[str, Reading], ...]

    @property
    def first_ms(self) -> int:
        """The earliest instant written."""
        return min(reading.at_ms for _, reading in self.readings)

    @property
    def last_ms(self) -> int:
        """The latest instant written."""
        return max(reading.at_ms for _, reading in self.readings)


def item_writes(batch: Mapping[Series, Iterable[Reading]]) -> list[ItemWrite]:
    """Return one write for each bucket, in time order; a very dense bucket takes several.

    TooLarge where a bucket has more readings than its item can hold.
    """
    by_bucket: dict[int, list[tuple[str, Reading]]] = {}
    for series, readings in batch.items():
        for reading in readings:
            entry = (attribute(series, reading.at_ms), reading)
            by_bucket.setdefault(bucket_of(reading.at_ms), []).append(entry)
    for entries in by_bucket.values():
        _check_fits(entries)
    return [
        ItemWrite(bucket_ms, tuple(entries[first : first + MAX_ATTRIBUTES]))
        for bucket_ms, entries in sorted(by_bucket.items())
        for first in range(0, len(entries), MAX_ATTRIBUTES)
    ]


def _check_fits(entries: Sequence[tuple[str, Reading]]) -> None:
    """Refuse what the item of a bucket cannot hold."""
    if len(entries) > MAX_READINGS_OF_BUCKET:
        raise TooLarge(f"More than {MAX_READINGS_OF_BUCKET} readings in one quarter hour.")
    if sum(len(name) + VALUE_BYTES for name, _ in entries) > MAX_BYTES_OF_BUCKET:
        raise TooLarge(
            "More readings in one quarter hour than names of this length leave room for."
        )


def chunks(writes: Sequence[ItemWrite]) -> Iterator[Sequence[ItemWrite]]:
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


def marks(chunk: Sequence[ItemWrite], now_ms: int) -> list[tuple[int, list[int]]]:
    """Return the days a chunk owes a mark for, by month: those it can change that are due."""
    due = {day for write in chunk for day in _days(write) if now_ms >= marked_from(day)}
    return [(month, list(days)) for month, days in groupby(sorted(due), key=UTC.month_of)]


def _days(write: ItemWrite) -> range:
    return days_changed(write.first_ms, write.last_ms)


def _is_day_end(writes: Sequence[ItemWrite], cut: int) -> bool:
    return UTC.day_of(writes[cut - 1].bucket_ms) != UTC.day_of(writes[cut].bucket_ms)


def _furthest_ends(writes: Sequence[ItemWrite]) -> list[int]:
    """Return for each write the end of the longest chunk that may begin with it."""
    months = [(UTC.month_of(_days(write)[0]), UTC.month_of(_days(write)[-1])) for write in writes]
    ends = []
    end = 0
    for start in range(len(writes)):
        end = max(end, start + 1)
        while (
            end < len(writes)
            and end - start < MAX_BUCKETS
            and writes[end].bucket_ms != writes[end - 1].bucket_ms
            and len({*months[start], *months[end], months[end - 1][1]}) <= MAX_MONTHS
        ):
            end += 1
        ends.append(end)
    return ends
