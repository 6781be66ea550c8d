"""The requests that load the demo data, and the stretches of time that they are cut into."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any


@dataclass(frozen=True, slots=True)
class Part:
    """A request that loads a part of the demo data; its name is unlike all others of the load.

    It has about so many `readings`: those that are missing of a device are counted, too.
    """

    name: str
    method: str
    path: str
    body: Callable[[], dict[str, Any]]
    readings: int = 0


def windows(
    start: datetime, end: datetime, longest: timedelta
) -> Iterator[tuple[datetime, datetime]]:
    """Cut [start, end) into half-open stretches, the newest first; only the oldest is shorter."""
    while end > start:
        begin = max(end - longest, start)
        yield begin, end
        end = begin


def readings_in(parts: Iterable[Part]) -> int:
    """Return about how many readings the parts have together."""
    return sum(part.readings for part in parts)


def iso(at: datetime) -> str:
    """Write a UTC time as the API takes it."""
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"
