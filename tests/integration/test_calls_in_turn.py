"""What does not depend on each other is read side by side: calls in turn, counted."""

from datetime import timedelta
from typing import Any

import pytest

from tests.catalogues import PATH, entry, meter, sensor
from tests.conftest import Call
from tests.counting import Counted
from tests.fleets import settle
from tests.value_requests import local, post, target

pytestmark = pytest.mark.integration

CHANNELS = 20
DAYS = 6
START = local(2013, 6, 1)


@pytest.fixture
def house(call: Call) -> Call:
    """A wide meter and nine sensors, of some days."""
    wide = meter(1, "used", "solar", *(f"c{nth}" for nth in range(2, CHANNELS)))
    sensors = [sensor(nth, f"room{nth}") for nth in range(2, 11)]
    assert call("PUT", PATH, entry(wide, *sensors)).status == 201
    channels: dict[str, Any] = {name: [0.5] * 24 * DAYS for name in wide["channels"]}
    post(call, 1, START, **channels)
    for nth in range(2, 11):
        post(call, nth, START, units="degF", temperature=[50.5] * 24 * DAYS)
    return call


def in_turn(call: Call, counted: Counted, asked: str) -> tuple[int, int]:
    """Return how many calls a request makes, and how many of them in turn."""
    counted.clear()
    assert call("GET", asked).status == 200
    return len(counted.calls), counted.in_turn


def test_the_channels_of_a_wide_device_are_read_eight_at_a_time(
    house: Call, counted: Counted
) -> None:
    """In turn: the catalogue, the blocks of twenty channels, the heads of the house."""
    settle()
    end = (START + timedelta(DAYS)).date()
    asked = target("devices/1", interval="hour", start=START.date(), end=end)
    assert in_turn(house, counted, asked) == (1 + CHANNELS + 1, 1 + 3 + 1)


def test_the_readings_of_many_devices_are_read_eight_at_a_time(
    house: Call, counted: Counted
) -> None:
    """In turn: catalogue, blocks that there are not, heads, nine devices' readings, watermark."""
    asked = target("temperatures", interval="day", start=START.date(), duration=f"{DAYS}days")
    assert in_turn(house, counted, asked) == (1 + 1 + 1 + 9 + 1, 1 + 1 + 1 + 2 + 1)


def test_what_a_view_wants_by_hour_and_by_day_is_read_side_by_side(
    house: Call, counted: Counted
) -> None:
    """In turn: the catalogue, hours, days and months at once, the heads."""
    settle()
    view = f"{PATH}views/generation?interval=months&start=2013-06-01&duration=6days"
    assert in_turn(house, counted, view) == (1 + 3 + 1, 1 + 1 + 1)


def test_the_newest_reading_of_several_meters_is_looked_for_at_once(
    call: Call, counted: Counted
) -> None:
    call("PUT", PATH, entry(*(meter(nth) for nth in range(1, 6))))
    for nth in range(1, 6):
        post(call, nth, START, used=[1] * 24)
    settle()
    calls, turns = in_turn(call, counted, f"{PATH}views/default?interval=months")
    assert calls - turns >= 4
