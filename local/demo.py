"""The demo fleet: three ships with a year of readings up to now, posted through the API itself.

Ship 1 reports its power every five minutes (kW), ship 2 its energy every quarter of an hour (kWh),
ship 3 its energy every hour (kWh, declared as PT1H). `python -m local.demo URL DATA_DIR` posts
them, the last 30 days first, and remembers in DATA_DIR what is posted: a run cut short goes on.
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
from typing import Any

from local.fleet import SHIPS, Ship, readings

DAYS = 365
MANY = 1_000
WINDOW = timedelta(days=30)
_STATE = "demo.json"
_TRIES = 5
_OK = 200


class DemoError(Exception):
    """The API refused the demo data; the text says what it said."""


@dataclass(slots=True)
class Progress:
    """What is posted of the year before `until`: the names of its parts."""

    until: str
    done: list[str]
    complete: bool = False


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


def parts(until: datetime) -> Iterator[Part]:
    """Cut the year that ends at `until` into POSTs: newest first, ships in turn."""
    first, end = until - timedelta(days=DAYS), until
    while end > first:
        start = max(end - WINDOW, first)
        for ship in SHIPS:
            yield Part(ship, start, end)
        end = start


def is_complete(data_dir: Path) -> bool:
    """Tell whether the demo data was loaded into this folder's table."""
    state = data_dir / _STATE
    return state.exists() and bool(json.loads(state.read_text())["complete"])


def yesterday(now_s: float) -> str:
    """Give the query string of ship 1's last whole UTC day, by the hour."""
    end = datetime.fromtimestamp(now_s, UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    start = end - timedelta(days=1)
    form = "%Y-%m-%dT%H-%M-%SZ"
    return f"spaceship_id=1&start={start:{form}}&end={end:{form}}&interval=hour"


def load(url: str, data_dir: Path, now_s: float, most: int = MANY) -> int:
    """Post `most` parts of what is not posted yet; give the number of readings.

    DemoError where the API refuses.
    """
    progress = _progress(data_dir, now_s)
    every = list(parts(datetime.fromisoformat(progress.until)))
    posted = 0
    for part in [part for part in every if part.name not in progress.done][:most]:
        posted += _post(url, part.body())["accepted"]
        progress.done.append(part.name)
        progress.complete = len(progress.done) == len(every)
        _remember(data_dir, progress)
    return posted


def _progress(data_dir: Path, now_s: float) -> Progress:
    state = data_dir / _STATE
    if state.exists():
        return Progress(**json.loads(state.read_text()))
    # A reading that is still going on is not there yet.
    last = int(now_s // 3600) * 3600
    return Progress(until=datetime.fromtimestamp(last, UTC).isoformat(), done=[])


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


def begin(url: str, data_dir: Path) -> None:
    """Load the last 30 days of every ship; what cannot be loaded is a line on stderr."""
    with _told():
        load(url, data_dir, time.time(), most=len(SHIPS))


def main(url: str, data_dir: str) -> None:
    """Load the rest, and say so in one line."""
    began = time.monotonic()
    with _told():
        posted = load(url, Path(data_dir), time.time())
        ships = ", ".join(str(ship.id) for ship in SHIPS)
        took = time.monotonic() - began
        print(
            f"Demo data: ships {ships} have a whole year now ({posted:,} readings, {took:.0f} s)."
        )


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except (DemoError, OSError) as error:
        print(f"Demo data: stopped ({error}); the next start goes on.", file=sys.stderr)


if __name__ == "__main__":
    main(*sys.argv[1:])
