"""What of the demo data is to be sent, and what of it is; remembered in DATA_DIR/demo.json."""

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, NamedTuple

from pydantic import AfterValidator, Field, TypeAdapter

from local.demo import fleet, house_parts
from local.demo.house.history import Sample
from local.demo.part import Part, windows

_STATE = "demo.json"
_FIRST_YEAR = 2010


def _utc(text: str) -> str:
    """Check that a text is a time of UTC that leaves room for the years before it."""
    at = datetime.fromisoformat(text)
    if at.utcoffset() != timedelta() or at.year < _FIRST_YEAR:
        raise ValueError(f"{text} is no time to load demo data up to")
    return text


_Days = Annotated[int, Field(ge=1, le=3_660)]


class Extent(NamedTuple):
    """How much is posted of ships, how much at once, and how much of the house; in days."""

    days: _Days
    window_days: _Days
    # What was planned before there was a house gets one, too.
    house_days: _Days = 730


YEARS = Extent(365, 30)
# Moto's server takes the longer the more it holds: for a year it would need hours.
FEW_DAYS = Extent(3, 1, 3)


def parts(until: datetime, extent: Extent) -> Iterator[Part]:
    """Cut what is before `until` into requests: newest first, ships and house in turn."""
    first = until - timedelta(days=extent.days)
    house = Sample(until - timedelta(days=extent.house_days), until)
    window = timedelta(days=extent.window_days)
    for start, end in windows(min(first, house.start), until, window):
        yield from fleet.parts(max(start, first), end)
        if end == until:
            yield from house_parts.opening(house)
        yield from house_parts.parts(house, start, end)


@dataclass(slots=True)
class Progress:
    """What is to be posted, up to `until`, and the names of the parts that are."""

    until: Annotated[str, AfterValidator(_utc)]
    extent: Extent
    done: list[str]

    @property
    def all(self) -> list[Part]:
        """What is sent or still to be sent, in order."""
        return [*parts(datetime.fromisoformat(self.until), self.extent)]

    @property
    def left(self) -> list[Part]:
        """What is still to be sent, in order."""
        return [part for part in self.all if part.name not in self.done]


_PROGRESS = TypeAdapter(Progress)


def plan(data_dir: Path, now_s: float, extent: Extent) -> Progress:
    """Return what was planned for this folder's table; the first time, it is planned now.

    So it is, with a line on stderr, where what was remembered cannot be read.
    """
    state = data_dir / _STATE
    if state.exists():
        try:
            return _PROGRESS.validate_json(state.read_bytes())
        except ValueError:
            print(
                f"Demo data: what {_STATE} says cannot be used; all of it is loaded again.",
                file=sys.stderr,
            )
    # Of the hour that is still going on there are no readings yet.
    hour = datetime.fromtimestamp(now_s, UTC).replace(minute=0, second=0, microsecond=0)
    fresh = Progress(hour.isoformat(), extent, [])
    remember(data_dir, fresh)
    return fresh


def remember(data_dir: Path, progress: Progress) -> None:
    """Write the state so that a crash leaves the old one or the new one."""
    fresh = data_dir / f"{_STATE}.new"
    fresh.write_text(json.dumps(asdict(progress)))
    fresh.replace(data_dir / _STATE)


def forget(data_dir: Path) -> None:
    """Count nothing as posted: the table is new."""
    (data_dir / _STATE).unlink(missing_ok=True)
