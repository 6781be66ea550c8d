"""`partial=true`: what is valid is stored, and the answer names what is not."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from quarterhour.http.ingest.readings import MAX_REJECTED
from tests.builders import MIDNIGHT, batch, channel_batch, in_range, reading, readings, values
from tests.catalogues import PATH, entry, meter
from tests.conftest import Answer, Call
from tests.integration.conftest import SetClock
from tests.refused import refused

pytestmark = pytest.mark.integration

SHIP = "/data?partial=true"
DEVICE = f"{PATH}devices/1/readings?partial=true"


@pytest.fixture
def house(call: Call) -> Call:
    """House 5, with a meter of energy, power and temperature."""
    channels = {
        "used": {"quantity": "energy"},
        "main": {"quantity": "volume"},
        "warmth": {"quantity": "temperature"},
    }
    call("PUT", PATH, entry(meter(1, channels=channels), timezone="UTC"))
    return call


def stored(call: Call) -> list[float]:
    answer = call("GET", in_range())
    return [one["value"] for one in answer.json["data"]] if answer.status == 200 else []


def rejected(answer: Answer) -> list[tuple[int, str]]:
    assert answer.status == 200, answer.text[:1000]
    return [(one["index"], one["field"]) for one in answer.json["rejected"]]


def test_287_good_readings_and_one_of_1970(call: Call) -> None:
    data = readings([6] * 288, minutes=5)
    data[100] = reading("1970-01-01T00:00:00Z", 6)
    answer = call("POST", SHIP, batch(data, units="kW"))
    assert answer.status == 200
    assert (answer.json["accepted"], answer.json["rejected_count"]) == (287, 1)
    reason = "must lie in the years 2000 to 2099 (UTC)"
    assert answer.json["rejected"] == [{"index": 100, "field": "datetime", "reason": reason}]
    assert sum(stored(call)) == 144  # the reading before lasts ten minutes
    assert refused(call("POST", "/data", batch(data, units="kW")), 400)


def test_a_good_batch_is_stored_whole_and_nothing_is_rejected(call: Call) -> None:
    answer = call("POST", SHIP, batch(readings([1, 2])))
    assert (answer.json["rejected"], answer.json["rejected_count"]) == ([], 0)
    assert "rejected" not in call("POST", "/data?partial=false", batch(readings([1, 2]))).json
    assert sum(stored(call)) == 3


@pytest.mark.usefixtures("nothing_is_stored")
@pytest.mark.parametrize(
    "data",
    [
        [reading("soon"), reading(MIDNIGHT, -1), reading(MIDNIGHT, "1"), 7, None, [], {}],
        [reading(MIDNIGHT, None)],
        [],
    ],
)
def test_a_batch_of_nothing_good_is_refused_as_ever(call: Call, data: list[Any]) -> None:
    answer = call("POST", SHIP, batch(data))
    assert answer.status == 400
    assert answer.json == call("POST", "/data", batch(data)).json


@pytest.mark.usefixtures("nothing_is_stored")
@pytest.mark.parametrize(
    "more",
    [{"units": "stones"}, {"ship": -1}, {"interval": "1h"}, {"data": None}, {"label": "end"}],
)
def test_what_is_wrong_of_all_readings_is_refused(call: Call, more: dict[str, Any]) -> None:
    body = {"data": [reading(), reading("soon")], **more}
    assert call("POST", SHIP, batch(**body)).status == 400


def test_everything_that_can_be_wrong_with_a_reading_rejects_it_alone(
    call: Call, it_is: SetClock
) -> None:
    it_is(MIDNIGHT + timedelta(hours=4))
    data = [
        reading(MIDNIGHT, 1),
        reading(MIDNIGHT, 2),  # another value for that instant
        reading(MIDNIGHT + timedelta(days=3), 1),
        reading(MIDNIGHT + timedelta(hours=1), -1),
        reading(MIDNIGHT + timedelta(hours=1), 1e10),
        {"datetime": "2018-08-24T01:00:00Z"},
        {"value": 1},
        "x",
        reading(MIDNIGHT + timedelta(hours=1), 1, end="2018-08-24T00:00:00Z"),
        reading(datetime(2000, 1, 1, tzinfo=UTC), 1),  # a clock that begins anew
        reading(MIDNIGHT + timedelta(hours=1), 4),
    ]
    answer = call("POST", SHIP, batch(data, interval="PT1H"))
    assert sorted(index for index, _ in rejected(answer)) == [1, 2, 3, 4, 5, 6, 7, 8, 9]
    assert answer.json["rejected_count"] == 9
    assert (answer.json["accepted"], answer.json["warnings"]) == (2, [])
    assert sum(stored(call)) == 5


def test_a_hundred_are_named_and_all_are_counted(call: Call) -> None:
    data = [*(reading(f"day {nth}") for nth in range(5_000)), reading(MIDNIGHT, 4)]
    answer = call("POST", SHIP, batch(data))
    assert (len(answer.json["rejected"]), answer.json["rejected_count"]) == (MAX_REJECTED, 5_000)
    answer = call("POST", SHIP, batch(data[:-1]))
    assert refused(answer, 400)
    assert answer.json["error"] == "Nothing was stored: 5000 readings are not valid."


def test_of_a_device_s_reading_the_good_channels_are_stored(house: Call) -> None:
    data = [
        values(MIDNIGHT, used=1, warmth=-300, main=3, cellar=9),
        values(MIDNIGHT + timedelta(hours=1), used=-1, warmth=20),
        values("soon", used=5),
        values(MIDNIGHT + timedelta(hours=2), used=None),
    ]
    units = {"used": "kWh", "warmth": "degC", "main": "gal"}
    answer = house("POST", DEVICE, channel_batch(*data, units=units, interval="PT1H"))
    assert sorted(rejected(answer)) == [(0, "cellar"), (0, "warmth"), (1, "used"), (2, "datetime")]
    assert (answer.json["accepted"], answer.json["rejected_count"]) == (2, 3)
    items = house("GET", f"{PATH}devices/1?interval=hour&start=2018-08-24&duration=1day").json
    assert [{"used", "main", "avg_warmth"} & {*item} for item in items["items"]]
    assert [item.get("used") for item in items["items"]] == [1, None]


def test_totals_of_what_does_not_add_up_are_rejected_alone(house: Call) -> None:
    data = [
        values("2018-01-01T00:00:00Z", used=5, warmth=20) | {"end": "2018-01-06T00:00:00Z"},
        values("2018-01-06T00:00:00Z", warmth=20),
    ]
    body = channel_batch(*data, units={"used": "kWh", "warmth": "degC"})
    answer = house("POST", DEVICE, body)
    assert rejected(answer) == [(0, "end")]
    assert answer.json["accepted"] == 1


@pytest.mark.parametrize("name", ["partial", "dry_run"])
@pytest.mark.parametrize("value", ["", "1", "yes", "True", "TRUE"])
@pytest.mark.usefixtures("nothing_is_stored")
def test_a_flag_is_true_or_false(call: Call, name: str, value: str) -> None:
    answer = call("POST", f"/data?{name}={value}", batch(readings([1])))
    assert answer.status == 400
    assert answer.json["details"] == [{"field": name, "reason": "must be true or false"}]
