"""Ascending instants cut by the hours, days, months and years of a zone that have any of them."""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import compress, islice, pairwise

from quarterhour.time.calendar import BUCKET_MS, HOUR_MS, Zone

_BUCKETS_OF_HOUR = HOUR_MS // BUCKET_MS


@dataclass(frozen=True, slots=True)
class Cuts:
    """The periods that have any instants, and where they are cut.

    The instants of the nth period, which begins at `begins[n]`, are those of the places `edges[n]`
    up to `edges[n + 1]`, excluded; so there is one edge more.
    """

    begins: Sequence[int]
    edges: Sequence[int]

    def __iter__(self) -> Iterator[tuple[int, int, int]]:
        """Yield each period's beginning, and which instants it has: [first, last)."""
        return zip(self.begins, self.edges, islice(self.edges, 1, None), strict=False)


def days(starts: Sequence[int], zone: Zone) -> Cuts:
    """Cut instants by local days."""
    return _cuts(starts, zone.day_of, zone.next_day)


def months(starts: Sequence[int], zone: Zone) -> Cuts:
    """Cut instants by local months."""
    return _cuts(starts, zone.month_of, zone.next_month)


def years(starts: Sequence[int], zone: Zone) -> Cuts:
    """Cut instants by local years."""
    return _cuts(starts, zone.year_of, zone.next_year)


def hours(starts: Sequence[int], zone: Zone) -> Cuts:
    """Cut beginnings of quarter hours, or of longer periods, by local hours."""
    begins: list[int] = []
    edges: list[int] = []
    for _, first, last in days(starts, zone):
        of_day = zone.hours_between(starts[first], starts[last - 1] + 1)
        if last - first == len(of_day) * _BUCKETS_OF_HOUR:  # no hour has more, so all are full
            begins += of_day
            edges += range(first, last, _BUCKETS_OF_HOUR)
        else:
            places = [bisect_left(starts, begin, first, last) for begin in of_day]
            some = [edge < following for edge, following in pairwise([*places, last])]
            begins += compress(of_day, some)
            edges += compress(places, some)
    return Cuts(begins, [*edges, len(starts)])


def each(starts: Sequence[int]) -> Cuts:
    """Cut instants so that each is a period of its own."""
    return Cuts(starts, range(len(starts) + 1))


def _cuts(
    starts: Sequence[int], period_of: Callable[[int], int], following: Callable[[int], int]
) -> Cuts:
    begins: list[int] = []
    edges = [0]
    while edges[-1] < len(starts):
        first = starts[edges[-1]]
        begins.append(period_of(first))
        edges.append(bisect_left(starts, following(first), edges[-1]))
    return Cuts(begins, edges)
