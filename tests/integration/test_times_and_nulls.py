"""Times as numbers and as clocks show them at midnight, nulls, and units, over HTTP."""

import json
from typing import Any

import pytest

from tests.builders import batch, in_range, reading
from tests.conftest import Call
from tests.refused import places, refused

pytestmark = pytest.mark.integration

MIDNIGHT_S = 1_535_068_800  # 2018-08-24


def rows(call: Call, **more: Any) -> dict[str, float]:
    answer = call("GET", in_range(**more))
    assert answer.status == 200, answer.text[:1000]
    return {one["datetime"][11:16]: one["value"] for one in answer.json["data"]}


@pytest.mark.parametrize(
    "written",
    [
        "1535068800", "1535068800.0", "1535068800.0009", "1.5350688e9", "1535068800000",
        "1535068800000.9", '"2018-08-24T00:00:00Z"', '"2018-08-23T24:00:00Z"',
        '"2018-08-23T24:00Z"', '"2018-08-23T23:59:60Z"', '"2018-08-23T24:00:00.0-00:00"',
    ],
)  # fmt: skip
def test_one_instant_may_be_written_in_many_ways(call: Call, written: str) -> None:
    body = json.dumps(batch([reading("there", 4)], interval="PT15M"))
    answer = call("POST", "/data", body.replace('"there"', written))
    assert answer.json["start"] == "2018-08-24T00:00:00Z", answer.text
    assert rows(call) == {"00:00": 4}


def test_a_number_has_milliseconds(call: Call) -> None:
    for at in (MIDNIGHT_S + 0.123, MIDNIGHT_S * 1000 + 123):
        answer = call("POST", "/data", batch([reading(at, 4)]))
        assert answer.json["start"] == "2018-08-24T00:00:00.123Z"


def test_an_end_is_written_as_any_time(call: Call) -> None:
    data = [reading(MIDNIGHT_S, 4, end=MIDNIGHT_S + 900.5)]
    assert call("POST", "/data", batch(data)).status == 200
    assert rows(call) == {"00:00": 3.997779, "00:15": 0.002221}


def test_an_interval_of_milliseconds_is_kept(call: Call) -> None:
    data = [reading("2018-08-24T00:14:59.999Z", 1, end="2018-08-24T00:15:01.001Z")]
    assert call("POST", "/data", batch(data)).status == 200
    assert rows(call) == {"00:00": 0.000998, "00:15": 0.999002}


# --- Nulls ----------------------------------------------------------------------------------------


def test_a_null_is_no_value_and_changes_nothing(call: Call) -> None:
    data = [reading(MIDNIGHT_S, 4), reading(MIDNIGHT_S + 900, None), reading(MIDNIGHT_S + 1800, 2)]
    answer = call("POST", "/data", batch(data, interval="PT15M"))
    assert (answer.json["accepted"], answer.json["warnings"]) == (2, [])
    assert rows(call) == {"00:00": 4, "00:30": 2}
    data = [reading(MIDNIGHT_S, None), reading(MIDNIGHT_S, 5), reading(MIDNIGHT_S, None)]
    assert call("POST", "/data", batch(data, interval="PT15M")).json["accepted"] == 1
    assert rows(call) == {"00:00": 5, "00:30": 2}


def test_a_batch_of_nothing_but_nulls_is_refused(call: Call) -> None:
    data = [reading(MIDNIGHT_S + nth, None) for nth in range(3)]
    assert places(refused(call("POST", "/data", batch(data)))) == [(None, "data")]
    assert call("GET", in_range()).status == 404


def test_the_time_of_a_null_has_to_be_one(call: Call) -> None:
    data = [reading(MIDNIGHT_S, 1), reading("soon", None)]
    assert places(refused(call("POST", "/data", batch(data)))) == [(1, "datetime")]


def test_nulls_do_not_count(call: Call) -> None:
    data = [reading(MIDNIGHT_S + nth, 1 if nth % 2 else None) for nth in range(40_000)]
    assert call("POST", "/data", batch(data, units="kW")).json["accepted"] == 20_000
    data[0]["value"] = 1
    assert call("POST", "/data", batch(data, units="kW")).status == 413


# --- Units ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("units", "value"),
    [("MWh", 0.009), ("J", 32_400_000), ("kJ", 32_400), ("MJ", 32.4), ("GJ", 0.0324),
     ("MW", 0.036), ("mw", 0.036)],
)  # fmt: skip
def test_a_ship_s_units(call: Call, units: str, value: float) -> None:
    body = batch([reading(MIDNIGHT_S, value)], units=units, interval="PT15M")
    assert call("POST", "/data", body).status == 200
    assert rows(call) == {"00:00": 9}
