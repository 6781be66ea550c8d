"""Gaps: the quarter hours of a range that no reading covers as a whole (docs/semantics.md)."""

from collections.abc import Iterator
from typing import NamedTuple

from quarterhour.energy.profile import Profile
from quarterhour.time.calendar import BUCKET_MS, HOUR_MS, bucket_of


class Gap(NamedTuple):
    """Quarter hours in a row in which nothing is covered, or of which each is covered in part."""

    start_ms: int
    end_ms: int
    covered_ms: int = 0

    @property
    def length_ms(self) -> int:
        """From its beginning to its end."""
        return self.end_ms - self.start_ms

    @property
    def hours(self) -> float:
        """How long it is."""
        return self.length_ms / HOUR_MS

    @property
    def coverage(self) -> float:
        """The share of it that is covered."""
        return self.covered_ms / self.length_ms


class Gaps(NamedTuple):
    """The gaps of a range of quarter hours, by time; and how much of it is covered."""

    gaps: list[Gap]
    covered_ms: int
    length_ms: int

    @property
    def share(self) -> float | None:
        """The share of the range that is covered; None of a range without a quarter hour."""
        return self.covered_ms / self.length_ms if self.length_ms else None


def coverage(found: Profile, start_ms: int, end_ms: int) -> Gaps:
    """Return what is covered of the quarter hours that begin in [start_ms, end_ms)."""
    first, last = _up(start_ms), max(_up(start_ms), _up(end_ms))
    within = found.within(first, last)
    return Gaps([*_gaps(within, first, last)], sum(within.covered), last - first)


def _up(at_ms: int) -> int:
    """Return the first beginning of a quarter hour that is not before an instant."""
    return bucket_of(at_ms + BUCKET_MS - 1)


def _gaps(found: Profile, first: int, last: int) -> Iterator[Gap]:
    at_ms, partly = first, None
    for start_ms, covered_ms in zip(found.starts, found.covered, strict=True):
        end_ms = start_ms + BUCKET_MS
        is_whole, is_next = covered_ms == BUCKET_MS, start_ms == at_ms
        if partly and (is_whole or not is_next):
            yield partly
            partly = None
        if not is_next:
            yield Gap(at_ms, start_ms)
        if partly:
            partly = Gap(partly.start_ms, end_ms, partly.covered_ms + covered_ms)
        elif not is_whole:
            partly = Gap(start_ms, end_ms, covered_ms)
        at_ms = end_ms
    if partly:
        yield partly
    if at_ms < last:
        yield Gap(at_ms, last)
