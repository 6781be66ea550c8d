"""The demo fleet: three ships with a year of readings up to now, posted through the API itself.

Ship 1 reports its power every five minutes (kW), ship 2 its energy every quarter of an hour (kWh),
ship 3 its energy every hour (kWh, declared as PT1H). `python -m local.demo URL DATA_DIR` posts
them, the newest first, and remembers in DATA_DIR what is posted: a run cut short goes on.
"""

import http.client
import json
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from local.fleet import SHIPS, Ship, readings

_STATE = "demo.json"
_TRIES = 3
_OK = 200
_ALL = 1_000


class DemoError(Exception):
    """The API refused the demo data; the text says what it said."""


class Extent(NamedTuple):
    """How much is posted, and how much of one ship at once; in days."""

    days: int
    window_days: int


YEAR = Extent(365, 30)
# Moto's server takes the longer the more it holds: for a year it would need hours.
FEW_DAYS = Extent(3, 1)


@dataclass(frozen=True, slots=True)
class Part:
    """One POST: a ship's readings from `start` up to, not including, `end`."""

    ship: Ship
    start: datetime
    end: datetime

    @property
    def name(self) -> str:
        """Tell this part from every other of the same load."""
        return f"{self.ship.id} {self.start:%Y-%m-%d}"

    def body(self) -> dict[str, Any]:
        """Give the body of the POST."""
        declared = {"interval": self.ship.declared} if self.ship.declared else {}
        data = [
            {"datetime": f"{at:%Y-%m-%dT%H:%M:%SZ}", "value": value}
            for at, value in readings(self.ship, self.start, self.end)
        ]
        return {"spaceship_id": self.ship.id, "units": self.ship.units, **declared, "data": data}


def parts(until: datetime, extent: Extent) -> Iterator[Part]:
    """Cut the days before `until` into POSTs: newest first, ships in turn."""
    first, end = until - timedelta(days=extent.days), until
    while end > first:
        start = max(end - timedelta(days=extent.window_days), first)
        for ship in SHIPS:
            yield Part(ship, start, end)
        end = start


@dataclass(slots=True)
class Progress:
    """What is to be posted, up to `until`, and the names of the parts that are."""

    until: str
    extent: Extent
    done: list[str]
    complete: bool = False


def plan(data_dir: Path, now_s: float, extent: Extent) -> Progress:
    """Give what was planned for this folder's table; the first time it is planned now."""
    state = data_dir / _STATE
    if state.exists():
        found = json.loads(state.read_text())
        return Progress(**{**found, "extent": Extent(*found["extent"])})
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
    """Load the newest part of every ship; what cannot be loaded is a line on stderr."""
    if not progress.done:
        with _told():
            load(url, data_dir, progress, most=len(SHIPS))


def load(url: str, data_dir: Path, progress: Progress, most: int = _ALL) -> int:
    """Post `most` parts of what is not posted yet; give the number of readings.

    DemoError where the API refuses.
    """
    every = list(parts(datetime.fromisoformat(progress.until), progress.extent))
    posted = 0
    for part in [part for part in every if part.name not in progress.done][:most]:
        posted += _post(url, part.body())["accepted"]
        progress.done.append(part.name)
        progress.complete = len(progress.done) == len(every)
        _remember(data_dir, progress)
    return posted


def _remember(data_dir: Path, progress: Progress) -> None:
    """Write the state so that a crash leaves the old one or the new one."""
    fresh = data_dir / f"{_STATE}.new"
    fresh.write_text(json.dumps(asdict(progress)))
    fresh.replace(data_dir / _STATE)


def _post(url: str, body: Mapping[str, Any]) -> dict[str, Any]:
    sent = json.dumps(body, separators=(",", ":")).encode()
    for attempt in range(_TRIES):
        status, answer = _request(url, sent)
        if status == _OK:
            return answer
        time.sleep(attempt)
    raise DemoError(f"POST /data: {status} {answer}")


def _request(url: str, sent: bytes) -> tuple[int, dict[str, Any]]:
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=60)
    try:
        connection.request("POST", "/data", sent, {"content-type": "application/json"})
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
    progress = plan(Path(data_dir), time.time(), YEAR)
    with _told():
        posted = load(url, Path(data_dir), progress)
        ships = ", ".join(str(ship.id) for ship in SHIPS)
        took = f"{posted:,} readings in {time.monotonic() - began:.0f} s"
        print(f"Demo data: {progress.extent.days} days of ships {ships} are there ({took}).")


if __name__ == "__main__":
    main(*sys.argv[1:])
