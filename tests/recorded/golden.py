"""A small table of each release, with what that release answered: what later ones have to read.

`.venv/bin/python -m tests.recorded.golden` records this tree's, under its version or a name that is
given, where there is none yet: what a release left in tables stays as it was.
"""

import os
import sys
from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import product
from pathlib import Path
from typing import Any

from local.engine import dynamodb as engines
from local.gateway.http_api import Gateway
from local.runtime import functions
from quarterhour import __version__
from quarterhour.views.by_name import VIEWS
from tests.builders import reading, readings, values
from tests.catalogues import budgets, circuit, entry, meter, sensor
from tests.conftest import TEMPLATE
from tests.recorded.bodies import HOUR, QUARTER, device, put, ship, sunny, times, utc, wave
from tests.recorded.recording import written
from tests.recorded.running import Request, Row, Service, service
from tests.recorded.targets import get

TABLES = Path(__file__).parent / "releases"

OPENED_AT = "2024-11-05T10:20:00Z"
READ_AT = "2024-11-05T11:20:00Z"
DAY = utc(2024, 11, 1, 4)
HOUSE = "/api/houses/5"
_ENDS = {"start": "2024-11-01T00:00:00Z", "end": "2024-11-03T00:00:00Z"}
_SETTLED = {"start": "2024-10-20T00:00:00Z", "end": "2024-10-21T00:00:00Z"}
_CUT = {"start": "2024-10-20T05:15:00Z", "end": "2024-10-20T09:45:00Z"}
_MONTHS = {"start": "2024-10-01T00:00:00Z", "end": "2024-12-01T00:00:00Z"}


# --- What is posted -------------------------------------------------------------------------------


def house() -> dict[str, Any]:
    """Return a house that has every quantity, circuits, and two meters that take turns."""
    volume, degree_days = {"quantity": "volume"}, {"quantity": "degree_days"}
    return entry(
        meter(1, "used", "solar", "stove", priority=2),
        meter(2, channels={"used": {"quantity": "power"}}, priority=1),
        meter(3, channels={"main": volume, "hot": volume}, role="main_water"),
        meter(4, channels={"hdd": degree_days}, role="hdd_station"),
        sensor(0, "outdoor"),
        sensor(5, "attic"),
        circuits=[circuit("stove")],
    )


def opening() -> Iterator[Request]:
    """Yield what is posted before the rollup."""
    hours = times(DAY, DAY + timedelta(days=1), HOUR)
    yield ship(1, readings([1.5, 2, 0.25, 12.125] * 6, start=DAY), interval="PT1H")
    yield ship(2, readings([3, 3.5, 0, 7] * 8, start=DAY, minutes=7.5), "kW")
    yield ship(3, [reading("2024-11-01T12:00:00.5Z", 0.125), reading("2024-11-01T12:40:00Z", 3)])
    settled = utc(2024, 10, 20)
    yield ship(1, readings([1, 2, 3, 4] * 6, start=settled), interval="PT1H")
    yield ship(2, readings([5, 6, 7, 8], start=settled + 5 * HOUR), "kW")
    yield put(f"{HOUSE}/", house())
    yield put(f"{HOUSE}/budgets/", budgets(m2024_11={"used": 820, "solar": -430, "water": 1900}))
    energy = [values(at, used=wave(at, 100, 900), solar=sunny(at), stove=5) for at in hours]
    yield device(5, 1, energy[:12], "Wh", interval="PT1H")
    power = [values(at, used=wave(at, 0, 4, 2)) for at in times(hours[12], hours[20], QUARTER)]
    yield device(5, 2, power, "kW")
    yield device(5, 3, [values(at, hot=wave(at, 0, 9, 3)) for at in hours[:6]], "gal")
    yield device(5, 3, [values("2024-10-01T04:00:00Z", main=310)], "gal", interval="P1M")
    yield device(5, 3, [values("2023-11-01T04:00:00Z", main=3660)], "gal", interval="P1Y")
    yield device(5, 4, [values(at, hdd=0.75) for at in hours[::6]], "hdd", interval="PT6H")
    air = [values(at, temperature=wave(at, 20, 60, 4), humidity=40 + at.hour) for at in hours]
    yield device(5, 0, air, {"temperature": "degF", "humidity": "%"})
    yield device(5, 5, [values(at, temperature=70) for at in hours[::2]], "degF")


def later() -> Iterator[Request]:
    """Yield what is posted after it: to days that are settled, and to one that is not."""
    yield ship(2, [reading(DAY + 2 * HOUR, 40)], "kW")
    yield device(5, 1, [values(DAY + 13 * HOUR, used=77)], "Wh", interval="PT1H")
    yield ship(1, [reading("2024-11-05T11:00:00Z", 4.5)], interval="PT15M")


# --- What is read ---------------------------------------------------------------------------------


def targets() -> Iterator[Request]:
    """Yield what is asked of the table."""
    for number in (1, 2, 3):
        for interval in ("15min", "hour", "day"):
            yield get("/data", _ENDS, spaceship_id=number, interval=interval)
        yield get("/data", _MONTHS, spaceship_id=number, interval="month")
    yield get("/data", spaceship_id=1, start="2024-11-05T00:00:00Z", end="2024-11-06T00:00:00Z")
    yield get("/data", _ENDS, spaceship_id=1, interval="hour", format="csv")
    for interval, window in product(("15min", "hour", "day"), (_ENDS, _SETTLED, _CUT)):
        yield get("/data/fleet", window, interval=interval)
    yield get("/data/fleet", _MONTHS, interval="month")
    for window in ({}, _ENDS, _MONTHS, _SETTLED, _CUT):
        yield get("/topusers", window, count=3)
    yield get("/api/houses")
    for path in ("", "/catalogue", "/budgets", "/devices", "/circuits", "/views"):
        yield get(f"{HOUSE}{path}")
    for path in ("devices/1,2", "devices/3", "devices/4", "devices/0,5", "circuits/stove"):
        yield from _by_grain(f"{HOUSE}/{path}")
    yield from _by_grain(f"{HOUSE}/temperatures")
    for view in VIEWS:
        yield from _by_grain(f"{HOUSE}/views/{view}")
    for interval in ("months", "days"):
        yield get(f"{HOUSE}/views/default", interval=interval)


def _by_grain(path: str) -> Iterator[Request]:
    yield get(path, interval="hours", start="2024-11-01", duration="1day")
    yield get(path, interval="days", start="2024-11", duration="1month")
    yield get(path, interval="months", start="2024", duration="1year")


# --- Playing and recording ------------------------------------------------------------------------


def play(running: Service) -> list[Row]:
    """Post everything; return the table's items, some days of which are marked."""
    running.clock.stop_at(OPENED_AT)
    _accept(running, opening())
    running.roll_up()
    running.clock.stop_at(READ_AT)
    _accept(running, later())
    return running.items()


def _accept(running: Service, requests: Iterable[Request]) -> None:
    for request in requests:
        answer = running.answer(request)
        assert answer["status"] in {200, 201}, answer


def answers(running: Service) -> list[Row]:
    """Return what is answered, whatever it costs."""
    kept = ("request", "status", "body")
    return [{name: row[name] for name in kept} for row in running.answers(targets())]


def table(name: str) -> Path:
    """Return the file of a release's table."""
    return TABLES / name / "table.jsonl.gz"


def answered(name: str) -> Path:
    """Return the file of a release's answers."""
    return TABLES / name / "answers.jsonl.gz"


def main() -> None:
    """Record this tree's table and answers."""
    name = sys.argv[1] if sys.argv[1:] else __version__
    folder = TABLES / name
    if folder.exists():
        sys.exit(f"{folder} is there: what a release left in tables stays as it was.")
    os.environ.pop("AWS_ENDPOINT_URL_DYNAMODB", None)
    os.environ.pop("LOCALSTACK_HOST", None)
    engine = engines.start(None)
    try:
        with service(engine, Gateway(TEMPLATE, functions.load(TEMPLATE))) as running:
            items, found = play(running), answers(running)
    finally:
        engine.stop()
    folder.mkdir(parents=True)
    written(table(name), items)
    written(answered(name), found)


if __name__ == "__main__":
    main()
