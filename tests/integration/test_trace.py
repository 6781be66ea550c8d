"""How far a request travels: the files of the package that it enters, once everything is warm."""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

import quarterhour
from tests.builders import MIDNIGHT, batch, channel_batch, in_range, readings, values
from tests.catalogues import entry
from tests.conftest import Call
from tests.fleets import settle

pytestmark = pytest.mark.integration

PACKAGE = str(Path(quarterhour.__file__).parent)
DAY = "start=2018-08-24T00:00:00Z&end=2018-08-25T00:00:00Z"
DEVICE = "/api/houses/1/devices/1"

Act = Callable[[Call], object]


def post_of_a_ship(call: Call) -> object:
    return call("POST", "/data", batch(readings([1.5] * 24)))


def post_of_a_device(call: Call) -> object:
    hours = [values(MIDNIGHT + hour * timedelta(hours=1), used=1.5) for hour in range(24)]
    return call("POST", f"{DEVICE}/readings", channel_batch(*hours, interval="PT1H"))


def settled(_: Call) -> None:
    settle()


# What each may enter at most. Fewer is better, as long as each file is about one thing.
# Four are the wire's: botocore's, in its place, did not count.
TRIPS: dict[str, tuple[int, Act]] = {
    "POST /data": (40, post_of_a_ship),
    "POST of a device": (45, post_of_a_device),
    "GET /data of a day": (37, lambda call: call("GET", in_range())),
    "GET /data/fleet of a day": (34, lambda call: call("GET", f"/data/fleet?{DAY}")),
    "rollup": (46, settled),
    "view summary": (
        50,
        lambda call: call(
            "GET", "/api/houses/1/views/summary?interval=months&start=2018&duration=1year"
        ),
    ),
    "values of a device": (
        57,
        lambda call: call("GET", f"{DEVICE}?interval=days&start=2018-08&duration=1month"),
    ),
}


@contextmanager
def entered() -> Iterator[set[str]]:
    """Collect the files of the package of which a function is called, in any thread."""
    files = set[str]()

    def note(frame: FrameType, event: str, _: Any) -> None:
        path = frame.f_code.co_filename
        if event == "call" and path.startswith(PACKAGE):
            files.add(path.removeprefix(PACKAGE))

    threading.setprofile(note)
    sys.setprofile(note)
    try:
        yield files
    finally:
        sys.setprofile(None)
        threading.setprofile(None)


@pytest.mark.parametrize("trip", TRIPS)
def test_a_request_enters_few_files(call: Call, trip: str) -> None:
    most, act = TRIPS[trip]
    assert call("PUT", "/api/houses/1", entry()).status == 201
    for _ in range(2):  # the first time some things are made that stay
        post_of_a_ship(call)
        post_of_a_device(call)
        if act is not settled:
            settle()
        with entered() as files:
            act(call)
    assert 0 < len(files) <= most, sorted(files)
