"""The demo data, up to now, sent through the API itself: a year of ships, two years of a house.

Ship 1 reports its power every five minutes (kW), ship 2 its energy every quarter of an hour (kWh),
ship 3 its energy every hour (kWh, declared as PT1H). House 1 is the sample house, with ten devices.
`python -m local.demo URL DATA_DIR` sends them, the newest first, and remembers in DATA_DIR what is
sent: a run cut short goes on.
"""

import http.client
import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any, NamedTuple

from local import fleet
from local.fleet import SHIPS
from local.house import parts as house_parts
from local.house.history import Sample
from local.part import Part, windows

_STATE = "demo.json"
_TRIES = 3
_ALL = 1_000

# The newest part of every ship, and the house, of which there are no readings yet.
_FIRST = len(SHIPS) + 2


class DemoError(Exception):
    """The API refused the demo data; the text says what it said."""


class Extent(NamedTuple):
    """How much is posted of ships, how much at once, and how much of the house; in days."""

    days: int
    window_days: int
    # What was planned before there was a house gets one, too.
    house_days: int = 730


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

    until: str
    extent: Extent
    done: list[str]

    @property
    def left(self) -> list[Part]:
        """What is still to be sent, in order."""
        every = parts(datetime.fromisoformat(self.until), self.extent)
        return [part for part in every if part.name not in self.done]


def plan(data_dir: Path, now_s: float, extent: Extent) -> Progress:
    """Give what was planned for this folder's table; the first time it is planned now."""
    state = data_dir / _STATE
    if state.exists():
        found = json.loads(state.read_text())
        return Progress(found["until"], Extent(*found["extent"]), found["done"])
    # Of the hour that is still going on there are no readings yet.
    hour = datetime.fromtimestamp(now_s, UTC).replace(minute=0, second=0, microsecond=0)
    fresh = Progress(hour.isoformat(), extent, [])
    _remember(data_dir, fresh)
    return fresh


def forget(data_dir: Path) -> None:
    """Count nothing as posted: the table is new."""
    (data_dir / _STATE).unlink(missing_ok=True)


def example(planned: Progress) -> str:
    """Give the query string of ship 1's last whole UTC day, by the hour."""
    end = datetime.fromisoformat(planned.until).replace(hour=0, minute=0)
    start = end - timedelta(days=1)
    form = "%Y-%m-%dT%H-%M-%SZ"
    return f"spaceship_id=1&start={start:{form}}&end={end:{form}}&interval=hour"


def begin(url: str, data_dir: Path, progress: Progress) -> None:
    """Load the newest part of every ship, and the house; failing is a line on stderr."""
    if not progress.done:
        with _told():
            load(url, data_dir, progress, most=_FIRST)


def load(url: str, data_dir: Path, progress: Progress, most: int = _ALL) -> int:
    """Send `most` parts of what is left; give the number of readings in them.

    DemoError where the API refuses.
    """
    posted = 0
    for part in progress.left[:most]:
        posted += _send(url, part).get("accepted", 0)
        progress.done.append(part.name)
        _remember(data_dir, progress)
    return posted


def _remember(data_dir: Path, progress: Progress) -> None:
    """Write the state so that a crash leaves the old one or the new one."""
    fresh = data_dir / f"{_STATE}.new"
    fresh.write_text(json.dumps(asdict(progress)))
    fresh.replace(data_dir / _STATE)


def _send(url: str, part: Part) -> dict[str, Any]:
    sent = json.dumps(part.body(), separators=(",", ":")).encode()
    for attempt in range(_TRIES):
        status, answer = _request(url, part, sent)
        if status in {HTTPStatus.OK, HTTPStatus.CREATED}:
            return answer
        time.sleep(attempt)
    raise DemoError(f"{part.method} {part.path}: {status} {answer}")


def _request(url: str, part: Part, sent: bytes) -> tuple[int, dict[str, Any]]:
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=60)
    try:
        connection.request(part.method, part.path, sent, {"content-type": "application/json"})
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    finally:
        connection.close()


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except (DemoError, OSError) as error:
        print(f"Demo data: stopped ({error}); the next start goes on.", file=sys.stderr)


def main(url: str, data_dir: str) -> None:
    """Load the rest, and say so in one line."""
    began = time.monotonic()
    progress = plan(Path(data_dir), time.time(), YEARS)
    with _told():
        posted = load(url, Path(data_dir), progress)
        ships = ", ".join(str(ship.id) for ship in SHIPS)
        took = f"{posted:,} readings in {time.monotonic() - began:.0f} s"
        of_ships = f"{progress.extent.days} days of ships {ships}"
        of_house = f"{progress.extent.house_days} of house 1"
        print(f"Demo data: {of_ships} and {of_house} are there ({took}).")


if __name__ == "__main__":
    main(*sys.argv[1:])
