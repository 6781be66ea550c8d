"""Power and gauges hold up to the time of asking, whoever asks for what; amounts are whole."""

import time
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.builders import at_clock, batch, channel_batch, iso, reading, values
from tests.catalogues import PATH, entry, meter, sensor
from tests.conftest import Call
from tests.fleets import Window, settle, utc
from tests.integration.conftest import SetClock
from tests.patience import begun_at

pytestmark = pytest.mark.integration

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
MIDNIGHT = utc(2025, 3, 14)
NOON = MIDNIGHT + 12 * HOUR
TODAY = Window(MIDNIGHT, MIDNIGHT + 24 * HOUR, "15min")


class Now:
    """What time it is, on the clocks of the functions and of the gateway."""

    def __init__(self, it_is: SetClock) -> None:
        self._set = it_is
        self.at = NOON

    @property
    def at(self) -> datetime:
        return self._at

    @at.setter
    def at(self, at: datetime) -> None:
        self._at = at
        self._set(at)


@pytest.fixture
def now(it_is: SetClock) -> Now:
    return Now(it_is)


def post(call: Call, *readings: tuple[datetime, float], units: str = "kW", **more: Any) -> None:
    body = batch([reading(*one) for one in readings], units=units, **more)
    answer = call("POST", "/data", body)
    assert answer.status == 200, answer.text


def rows(call: Call, window: Window = TODAY) -> dict[str, float]:
    """Return the energy of ship 1 by the quarter hours of today, as `12:15`."""
    return {
        row["datetime"][11:16]: row["value"] for row in call("GET", window.ship(1)).json["data"]
    }


def total(call: Call) -> float:
    return sum(rows(call).values())


def test_six_kilowatts_last_no_further_than_now(call: Call, now: Now) -> None:
    post(call, (NOON - 40 * MINUTE, 6), (NOON, 6))
    assert rows(call) == {"11:15": 1, "11:30": 1.5, "11:45": 1.5}
    now.at += 5 * MINUTE
    (*_, last) = call("GET", TODAY.ship(1)).json["data"]
    assert last == {"datetime": iso(NOON), "value": 0.5, "coverage": 0.333333}
    now.at += HOUR
    assert total(call) == 8


def test_a_later_zero_never_lowers_a_total(call: Call, now: Now) -> None:
    post(call, (NOON - 40 * MINUTE, 6), (NOON, 6))
    now.at += 20 * MINUTE
    before = total(call)
    post(call, (now.at, 0))
    assert total(call) == before == 6
    now.at += HOUR
    assert total(call) == before


@pytest.mark.usefixtures("now")
def test_three_kilowatts_of_three_quarters_of_an_hour_ago(call: Call) -> None:
    post(call, (NOON - 45 * MINUTE, 3), (NOON, 3))
    assert rows(call) == {"11:15": 0.75, "11:30": 0.75, "11:45": 0.75}


def test_a_declared_interval_lasts_no_further_either(call: Call, now: Now) -> None:
    post(call, (NOON - HOUR, 4), interval="PT12H")
    assert total(call) == 4
    now.at += 30 * MINUTE
    assert total(call) == 6
    now.at += 24 * HOUR
    assert total(call) == 48


@pytest.mark.usefixtures("now")
def test_energy_is_an_amount_and_is_not_cut(call: Call) -> None:
    post(call, (NOON - HOUR, 4), units="kWh", interval="PT12H")
    assert total(call) == pytest.approx(4, abs=1e-4)  # of 48 values of six decimals


def test_the_fleet_and_the_top_users_are_of_now_too(call: Call, now: Now) -> None:
    post(call, (NOON - HOUR, 4), interval="PT12H")
    day = Window(TODAY.start, TODAY.end, "day")
    for hours, kwh in ((0, 4), (2, 12)):
        now.at = NOON + hours * HOUR
        assert [row["sum"] for row in call("GET", day.fleet()).json["data"]] == [kwh]
        (ship,) = call("GET", day.top()).json["ships"]
        assert ship["consumption"] == kwh
        (cut,) = call("GET", Window(MIDNIGHT + HOUR, TODAY.end, "day").top()).json["ships"]
        assert cut["consumption"] == kwh
        month = Window(TODAY.start, TODAY.end, "month")
        assert [row["value"] for row in call("GET", month.ship(1)).json["data"]] == [kwh]


def test_a_day_that_was_settled_too_early_is_right_now_and_later(call: Call, now: Now) -> None:
    """By a rollup two days ahead; its blocks are of the whole day."""
    post(call, (NOON - HOUR, 4), interval="PT12H")
    settle(timedelta(days=2))
    assert total(call) == 4
    now.at += HOUR
    assert total(call) == 8
    now.at += 48 * HOUR
    assert total(call) == 48


def test_a_house_has_nothing_ahead_of_now(call: Call, now: Now) -> None:
    devices = meter(1, channels={"used": {"quantity": "power"}}), sensor(2, "outdoor")
    call("PUT", PATH, entry(*devices, timezone="UTC"))
    held = {"interval": "PT12H"}
    power = channel_batch(values(NOON - HOUR, used=4), units="kW", **held)
    warmth = channel_batch(
        values(NOON - HOUR, temperature=41), values(NOON - 90 * MINUTE, temperature=65),
        units="degF", **held,
    )  # fmt: skip
    for device, body in ((1, power), (2, warmth)):
        assert call("POST", f"{PATH}devices/{device}/readings", body).status == 200
    days = "interval=days&start=2025-03-14&duration=1day"
    hours = "interval=hours&start=2025-03-14&duration=1day"
    for later, kwh, hdd in ((0 * HOUR, 4, 1), (HOUR, 8, 2), (24 * HOUR, 48, 12)):
        now.at = NOON + later
        summary = call("GET", f"{PATH}views/summary?{days}").json
        assert summary["totals"]["used"] == kwh
        (item,) = call("GET", f"{PATH}devices/1?{days}").json["items"]
        assert item["used"] == kwh
        assert call("GET", f"{PATH}views/hdd?{days}").json["totals"] == {"actual": hdd}
    now.at = NOON
    found = call("GET", f"{PATH}devices/2?{hours}").json["items"]
    assert [item["date"][11:13] for item in found] == ["10", "11"]


@pytest.mark.usefixtures("now")
def test_the_later_of_two_clocks_is_now(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """The gateway's, where the function's own is late."""
    post(call, (NOON - HOUR, 4), interval="PT12H")
    begun_at(monkeypatch, (NOON - 30 * MINUTE).timestamp)
    monkeypatch.setattr(time, "time", NOON.timestamp)
    assert total(call) == 4
    monkeypatch.setattr(time, "time", (NOON - 45 * MINUTE).timestamp)
    assert total(call) == 2


def test_readings_from_ahead_wait_for_their_time(call: Call, now: Now) -> None:
    data = at_clock({"11:00": 2, "12:00": 2, "13:00": 2}, "2025-03-14")
    assert call("POST", "/data", batch(data, units="kW")).status == 200
    assert total(call) == 2
    now.at += HOUR
    assert total(call) == 4
