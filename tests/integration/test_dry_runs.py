"""`dry_run=true`: nothing is stored, and the answer says what would be."""

from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quarterhour.sites.preview import MOST_BUCKETS
from tests.builders import MIDNIGHT, batch, channel_batch, in_range, iso, reading, readings, values
from tests.catalogues import PATH, entry, meter
from tests.conftest import Call
from tests.counting import Counted
from tests.integration.conftest import SetClock

pytestmark = pytest.mark.integration

SHIPS = count(1000)  # each has posted nothing yet
DRY = "/data?dry_run=true"
DEVICE = f"{PATH}devices/1/readings?dry_run=true"
WRITES = {"UpdateItem", "PutItem", "TransactWriteItems", "DeleteItem", "BatchWriteItem"}


@pytest.mark.usefixtures("nothing_is_stored")
def test_what_would_be_stored_is_answered(call: Call) -> None:
    answer = call("POST", DRY, batch(readings([22, 24, 23, 18, 22], minutes=5), units="kW"))
    assert answer.json == {
        "message": "Nothing was stored for ship 1: this is a dry run",
        "spaceship_id": 1,
        "accepted": 5,
        "start": iso(MIDNIGHT),
        "end": iso(MIDNIGHT + timedelta(minutes=20)),
        "warnings": [],
        "rejected": [],
        "rejected_count": 0,
        "dry_run": True,
        "buckets": [
            {"datetime": iso(MIDNIGHT), "value": 5.75},
            {
                "datetime": iso(MIDNIGHT + timedelta(minutes=15)),
                "value": 3.333333,
                "coverage": 0.666667,
            },
        ],
    }


def test_a_dry_run_writes_nothing_and_reads_nothing_of_a_ship(call: Call, counted: Counted) -> None:
    assert call("POST", DRY, batch(readings([1] * 500))).status == 200
    assert counted.calls == []


def test_a_dry_run_of_a_device_reads_the_house_alone(call: Call, counted: Counted) -> None:
    call("PUT", PATH, entry(meter(1)))
    counted.clear()
    assert call("POST", DEVICE, channel_batch(values(used=1))).status == 200
    assert not WRITES & {*counted.calls}
    assert call("GET", f"{PATH}devices/1?interval=day").json["items"] == []


@pytest.mark.usefixtures("nothing_is_stored")
def test_what_would_be_refused_is(call: Call) -> None:
    bad = batch([reading(), reading("soon")])
    assert call("POST", DRY, bad).json == call("POST", "/data", bad).json
    answer = call("POST", f"{DRY}&partial=true", bad)
    assert (answer.json["accepted"], answer.json["rejected_count"]) == (1, 1)
    dense = batch([reading(MIDNIGHT + timedelta(milliseconds=80 * n), 1) for n in range(10_001)])
    assert call("POST", DRY, dense).status == 413


@pytest.mark.usefixtures("nothing_is_stored")
def test_warnings_are_those_of_the_batch(call: Call) -> None:
    answer = call("POST", DRY, batch(readings([4, 4], minutes=120)))
    assert [one["code"] for one in answer.json["warnings"]] == ["gap"]


def test_channels_are_shown_side_by_side(call: Call) -> None:
    channels = {
        "used": {"quantity": "power"},
        "solar": {"quantity": "energy", "signed": True},
        "warmth": {"quantity": "temperature"},
    }
    call("PUT", PATH, entry(meter(1, channels=channels)))
    data = [
        values(MIDNIGHT, used=4, solar=-1, warmth=20),
        values(MIDNIGHT + timedelta(minutes=30), used=8),
    ]
    units = {"used": "kW", "solar": "kWh", "warmth": "degC"}
    answer = call("POST", DEVICE, channel_batch(*data, units=units, interval="PT20M"))
    assert answer.json["house_id"] == 5
    assert [tuple(bucket.values()) for bucket in answer.json["buckets"]] == [
        ("2018-08-24T00:00:00Z", {"used": 1, "solar": -0.75, "warmth": 68}),
        (
            "2018-08-24T00:15:00Z",
            {"used": 0.333333, "solar": -0.25, "warmth": 68},
            {"used": 0.333333, "solar": 0.333333, "warmth": 0.333333},
        ),
        ("2018-08-24T00:30:00Z", {"used": 2}),
        ("2018-08-24T00:45:00Z", {"used": 0.666667}, {"used": 0.333333}),
    ]


def test_the_first_200_quarter_hours_are_shown(call: Call) -> None:
    batches: list[tuple[Any, dict[str, str]]] = [
        (readings([1] * 300, minutes=15), {}),
        (readings([96, 96, 96], minutes=1440), {"interval": "P1D"}),
        (readings([1] * 250, minutes=120), {}),
    ]
    for ship, (data, more) in enumerate(batches):
        body = batch(data, ship=ship, **more)
        buckets = call("POST", DRY, body).json["buckets"]
        assert len(buckets) == MOST_BUCKETS
        call("POST", "/data", body)
        target = in_range(end=MIDNIGHT + timedelta(days=60), ship=ship)
        assert call("GET", target).json["data"][:MOST_BUCKETS] == buckets


def test_power_of_a_dry_run_is_as_of_now(call: Call, it_is: SetClock) -> None:
    it_is(MIDNIGHT + timedelta(minutes=20))
    answer = call("POST", DRY, batch(readings([4]), units="kW", interval="PT12H"))
    assert [one["value"] for one in answer.json["buckets"]] == [1, 0.333333]


@settings(
    max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(data=st.data())
def test_the_buckets_are_those_of_a_ship_with_nothing_else(call: Call, data: Any) -> None:
    ship = next(SHIPS)
    instants = data.draw(st.lists(st.integers(0, 3 * 86_400), min_size=1, max_size=20, unique=True))
    more = data.draw(st.sampled_from([{}, {"interval": "PT1H"}, {"interval": "PT7M"}]))
    units = data.draw(st.sampled_from(["kW", "kWh"]))
    body = batch(
        [reading(MIDNIGHT + timedelta(seconds=at), at % 7) for at in instants],
        ship=ship, units=units, **more,
    )  # fmt: skip
    shown = call("POST", DRY, body)
    assert call("POST", "/data", body).status == 200
    end = MIDNIGHT + timedelta(days=5)
    found = call("GET", in_range(end=end, ship=ship)).json["data"]
    assert shown.json["buckets"] == found[:MOST_BUCKETS]
