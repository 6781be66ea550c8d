"""The demo data, up to now, sent through the API itself: a year of ships, two years of a house.

Ship 1 reports its power every five minutes (kW), ship 2 its energy every quarter of an hour (kWh),
ship 3 its energy every hour (kWh, declared as PT1H). House 1 is the sample house, with ten devices.
`python -m local.demo.loader URL DATA_DIR` sends them, the newest first, and remembers in DATA_DIR
what is sent: a run cut short goes on.
"""

import http.client
import json
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any

from local.demo.fleet import SHIPS
from local.demo.loading import Loading
from local.demo.part import Part, readings_in
from local.demo.progress import YEARS, Extent, Progress, plan, remember
from local.line import Line

_TRIES = 3
_ALL = 1_000

# The newest part of every ship, and the house, of which there are no readings yet.
_FIRST = len(SHIPS) + 2


class DemoError(Exception):
    """The API refused the demo data; the text says what it said."""


def example(planned: Progress) -> str:
    """Return the query string of ship 1's last whole UTC day, by the hour."""
    end = datetime.fromisoformat(planned.until).replace(hour=0, minute=0)
    start = end - timedelta(days=1)
    form = "%Y-%m-%dT%H-%M-%SZ"
    return f"spaceship_id=1&start={start:{form}}&end={end:{form}}&interval=hour"


def begin(url: str, data_dir: Path, now_s: float, extent: Extent) -> Progress | None:
    """Plan the load, and load the newest part of every ship, and the house.

    What fails is a line on stderr; None where nothing could be planned.
    """
    progress = None
    with _told():
        progress = plan(data_dir, now_s, extent)
        if not progress.done:
            load(url, data_dir, progress, most=_FIRST)
    return progress


def load(url: str, data_dir: Path, progress: Progress, most: int = _ALL) -> int:
    """Send `most` parts of what is left; give the number of readings in them.

    How far it is is told on stderr. DemoError where the API refuses.
    """
    posted, left = 0, progress.left
    with Loading(readings_in(progress.all), readings_in(left)) as loading:
        loading.tell()
        for part in left[:most]:
            posted += _send(url, part).get("accepted", 0)
            progress.done.append(part.name)
            remember(data_dir, progress)
            loading.add(part.readings)
    return posted


def _send(url: str, part: Part) -> dict[str, Any]:
    content = json.dumps(part.body(), separators=(",", ":")).encode()
    for attempt in range(_TRIES):
        status, answer = _request(url, part, content)
        if status in {HTTPStatus.OK, HTTPStatus.CREATED}:
            return answer
        time.sleep(attempt)
    raise DemoError(f"{part.method} {part.path}: {status} {answer}")


def _request(url: str, part: Part, content: bytes) -> tuple[int, dict[str, Any]]:
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=60)
    try:
        connection.request(part.method, part.path, content, {"content-type": "application/json"})
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    except (http.client.HTTPException, ValueError) as error:
        raise DemoError(f"{part.method} {part.path}: {error!r}") from error
    finally:
        connection.close()


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except (DemoError, OSError) as error:
        Line(sys.stderr).add(f"Demo data: stopped ({error}); the next start goes on.")


def main(url: str, data_dir: str) -> None:
    """Load the rest, and say so in one line."""
    began = time.monotonic()
    with _told():
        progress = plan(Path(data_dir), time.time(), YEARS)
        posted = load(url, Path(data_dir), progress)
        ships = ", ".join(str(ship.id) for ship in SHIPS)
        took = f"{posted:,} readings in {time.monotonic() - began:.0f} s"
        of_ships = f"{progress.extent.days} days of ships {ships}"
        of_house = f"{progress.extent.house_days} of house 1"
        print(f"Demo data: {of_ships} and {of_house} are there ({took}).")


if __name__ == "__main__":
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: sys.exit(0))
    main(*sys.argv[1:])
