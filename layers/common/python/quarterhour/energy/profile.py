"""Profiles: what a measure came to, period by period, in columns.

A profile is the one form of quarter hours, hours, days and months between the table and an answer:
they are cut and put together by place, and nothing is made for a single period.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import compress, pairwise
from typing import Any, NamedTuple


class Row(NamedTuple):
    """What was measured in one period, that begins at `start_ms`; figures as in a Profile."""

    start_ms: int
    total: float
    covered: int
    least: float = 0.0
    most: float = 0.0

    @property
    def mean(self) -> float:
        """The plain mean of a gauge's hours with data."""
        return self.total / self.covered


def _figures() -> "array[float]":
    return array("d")


@dataclass(frozen=True, slots=True)
class Profile:
    """The periods of a measure that have data, ascending: a column for each of their figures.

    `starts` are their beginnings, milliseconds since 1970. Of amounts `totals` are their sums, in
    the stored unit, and `covered` the milliseconds of them that are covered. Of a gauge `totals`
    are the sums of their hours' means and `covered` the numbers of these hours, but of quarter
    hours as they are read (buckets) the means and the milliseconds covered; `least` and `most` are
    the extremes, columns that only gauges have.
    """

    starts: "array[int]"
    totals: "array[float]"
    covered: "array[int]"
    least: "array[float]" = field(default_factory=_figures)
    most: "array[float]" = field(default_factory=_figures)

    def __len__(self) -> int:
        """Return the number of periods."""
        return len(self.starts)

    def part(self, first: int, last: int) -> "Profile":
        """Return the periods of the places first up to last, excluded."""
        return Profile(*(column[first:last] for column in self.columns))

    def within(self, start_ms: int, end_ms: int) -> "Profile":
        """Return the periods that begin in [start_ms, end_ms)."""
        first, last = bisect_left(self.starts, start_ms), bisect_left(self.starts, end_ms)
        return self if (first, last) == (0, len(self)) else self.part(first, last)

    def where(self, kept: Sequence[object]) -> "Profile":
        """Return the periods for which `kept`, which is as long, has anything true."""
        return profile(*(compress(column, kept) for column in self.columns))

    def rows(self) -> Iterator[Row]:
        """Yield the periods one by one."""
        columns = self.columns if self.least else self.columns[:3]
        return map(Row, *columns)

    def by_start(self) -> dict[int, float]:
        """Return the totals by the beginnings of their periods."""
        return dict(zip(self.starts, self.totals, strict=True))

    @property
    def columns(self) -> "tuple[array[Any], ...]":
        """The columns in their order, empty ones too."""
        return self.starts, self.totals, self.covered, self.least, self.most


def profile(
    starts: Iterable[int] = (),
    totals: Iterable[float] = (),
    covered: Iterable[int] = (),
    least: Iterable[float] = (),
    most: Iterable[float] = (),
) -> Profile:
    """Return the profile of these columns."""
    return Profile(
        array("q", starts),
        array("d", totals),
        array("q", covered),
        array("d", least),
        array("d", most),
    )


def of_rows(rows: Iterable[Row], *, of_gauge: bool = False) -> Profile:
    """Return the profile of ascending rows."""
    columns = [*zip(*rows, strict=True)]
    return profile(*(columns if of_gauge else columns[:3]))


def joined(parts: Iterable[Profile]) -> Profile:
    """Return profiles of one measure, which have no period in common, as one."""
    some = sorted((part for part in parts if part), key=lambda part: part.starts[0])
    if len(some) == 1:
        return some[0]
    whole = profile()
    for part in some:
        for column, more in zip(whole.columns, part.columns, strict=True):
            column.extend(more)
    if all(part.starts[-1] < later.starts[0] for part, later in pairwise(some)):
        return whole
    places = sorted(range(len(whole)), key=whole.starts.__getitem__)
    return profile(*(map(column.__getitem__, places) if column else () for column in whole.columns))


def filled(first: Profile, second: Profile) -> Profile:
    """Return the first's periods, and those of the second that the first does not have."""
    if not first or not second:
        return first or second
    there = set(first.starts)
    return joined((first, second.where([start not in there for start in second.starts])))
