"""Requests for values that are wrong, or meant to hurt: never a 5xx, and always what is wrong."""

from itertools import product
from typing import Any
from urllib.parse import quote

import pytest

from tests.catalogues import PATH, entry, meter, sensor
from tests.conftest import Call
from tests.refused import places, refused
from tests.value_requests import items, local, post, target

pytestmark = pytest.mark.integration

PATHS = ("devices/1", "circuits/ashp", "temperatures")
LAST_ID = 2**53 - 1


@pytest.fixture
def house(call: Call) -> Call:
    """A meter of two channels, one of water, and a sensor; an hour of data."""
    water = {"gallons": {"quantity": "volume"}}
    put = entry(meter(1, "used", "ashp"), meter(2, channels=water), sensor(3, "outdoor"))
    assert call("PUT", PATH, put).status == 201
    post(call, 1, local(2013, 1, 5), used=[1], ashp=[1])
    return call


WRONG: list[tuple[str, dict[str, str], str]] = [
    ("interval", {}, "15min, hour, hours, hourly, day"),
    ("interval", {"interval": ""}, "is required"),
    ("interval", {"interval": "week"}, "must be one of 15min, hour"),
    ("interval", {"interval": "15 min"}, "must be one of"),
    ("interval", {"interval": "Day"}, "must be one of"),
    ("interval", {"interval": "hour,day"}, "must be one of"),
    ("start", {"interval": "day", "start": "2013-13"}, "calendar"),
    ("start", {"interval": "day", "start": "yesterday"}, "2013-01-05"),
    ("start", {"interval": "day", "start": "1999"}, "2000 to 2099"),
    ("start", {"interval": "day", "start": "2014", "end": "2013"}, "is after end"),
    ("end", {"interval": "day", "end": "2013-02-29"}, "calendar"),
    ("duration", {"interval": "day", "start": "2013", "duration": "week"}, "1day"),
    ("start", {"interval": "day", "start": "2013-01-05T24:01"}, "calendar"),
    ("start", {"interval": "day", "start": "1999-01-01T00:00"}, "2000 to 2099"),
    ("start", {"interval": "day", "start": "2013-01-05T00:00", "end": "2013"}, "is after end"),
    ("end", {"interval": "day", "end": "2013-01-05T00:00:00 05:99"}, "ISO 8601"),
    ("format", {"interval": "day", "format": "xml"}, "must be 'json' or 'csv'"),
    ("fields", {"interval": "day", "fields": "nothing"}, "'nothing' is not one of"),
    ("fields", {"interval": "day", "fields": ","}, "'' is not one of"),
    ("fields", {"interval": "day", "fields": "device"}, "'device' is not one of"),
    ("after", {"interval": "day", "after": "now"}, "`next`"),
    ("after", {"interval": "day", "after": "1357362000000"}, "`next`"),
    ("after", {"interval": "day", "after": "1357362000000.77"}, "`next`"),
    ("after", {"interval": "day", "after": "1.1"}, "`next`"),
    ("after", {"interval": "day", "after": f"{10**14}.1"}, "`next`"),
    ("after", {"interval": "day", "after": "-5.1"}, "`next`"),
    ("after", {"interval": "day", "after": f"{'9' * 5000}.1"}, "`next`"),
]


@pytest.mark.parametrize("path", PATHS)
def test_a_wrong_parameter_is_named_with_what_is_allowed(house: Call, path: str) -> None:
    for field, parameters, said in WRONG:
        body = refused(house("GET", target(path, **parameters)))
        assert places(body) == [(None, field)], parameters
        assert said in body["details"][0]["reason"]


def test_all_wrong_parameters_are_named_at_once(house: Call) -> None:
    wrong = {"interval": "week", "start": "x", "end": "y", "duration": "z", "after": "a"}
    body = refused(house("GET", target("devices/1", **wrong)))
    assert {field for _, field in places(body)} == {*wrong}


def test_an_unknown_field_is_answered_with_what_there_is(house: Call) -> None:
    body = refused(house("GET", target("devices/1,2", interval="day", fields="used,temperature")))
    assert body["details"][0]["reason"] == (
        "'temperature' is not one of used, ashp, solar, net, gallons"
    )


@pytest.mark.parametrize("name", ["interval", "start", "fields", "after"])
def test_a_parameter_twice_is_refused(house: Call, name: str) -> None:
    body = refused(house("GET", f"{target('devices/1', interval='day')}&{name}=a&{name}=b"))
    assert (None, name) in places(body)


@pytest.mark.parametrize("path", PATHS)
def test_an_empty_parameter_is_none(house: Call, path: str) -> None:
    empty = dict.fromkeys(("start", "end", "duration", "fields", "after", "format"), "")
    plain = items(house, path, interval="day")
    assert items(house, path, interval="day", **empty) == plain
    assert items(house, path, interval="day", duration="5days") == plain


@pytest.mark.parametrize("path", PATHS)
def test_an_unknown_parameter_is_refused_by_its_name(house: Call, path: str) -> None:
    for name in ("intervall", "date", "house", "circuit", "Start", "x" * 5000, ""):
        body = refused(house("GET", target(path, interval="day", **{name: ""})))
        assert body["details"] == [{"field": name[:100], "reason": "is no parameter here"}]
    body = refused(house("GET", target(path, intervall="day")))
    assert {field for _, field in places(body)} == {"intervall", "interval"}
    refused(house("GET", f"/api/houses/7/{path}/?intervall=day"), 404)


@pytest.mark.parametrize(
    "ids",
    [
        *("99", "1,99", "1,,2", ",", "1,", ",1", " 1", "1, 2", "1;2", "1.0", "-1", "+1", "0x1"),
        *("one", "1e1", "null", "*", "1" * 30, str(LAST_ID + 1), "9" * 5000, "٣", "\uff11"),
        ",".join(map(str, range(1_500))),
        ",".join(["1"] * 1_500 + ["4"]),
    ],
)
def test_what_is_no_device_of_the_house_is_not_found(house: Call, ids: str) -> None:
    answer = house("GET", f"{PATH}devices/{quote(ids)}/?interval=day")
    refused(answer, 404)
    assert len(answer.body) < 200


@pytest.mark.parametrize(
    "ids",
    ["x", "ashp,x", "ashp,", ",", "ASHP", "ashp used", "all", "summary", "gallons", "a" * 9999],
)
def test_what_is_no_circuit_of_the_house_is_not_found(house: Call, ids: str) -> None:
    answer = house("GET", f"{PATH}circuits/{quote(ids)}/?interval=day")
    refused(answer, 404)
    assert len(answer.body) < 200


def test_an_unknown_house_has_no_values_whatever_is_wrong_beside_it(call: Call) -> None:
    for path in PATHS:
        refused(call("GET", f"/api/houses/7/{path}/?interval=week"), 404)
        refused(call("GET", f"/api/houses/x/{path}/?interval=day"), 404)


def test_a_device_a_thousand_times_is_there_once(house: Call) -> None:
    ids = ",".join(["1", "01", "2"] * 500)
    answer = house("GET", f"{PATH}devices/{ids}/?interval=day")
    assert answer.status == 200
    assert answer.json["devices"] == [1, 2]
    assert len(answer.json["items"]) == 1


def test_a_field_a_thousand_times_is_there_once(house: Call) -> None:
    fields = ",".join(["used", "net"] * 500)
    (one,) = items(house, "devices/1", interval="day", fields=fields)
    assert one == {"device": 1, "date": "2013-01-05", "used": 1}


def test_a_comma_may_be_percent_encoded(house: Call) -> None:
    plain = house("GET", f"{PATH}devices/2,1/?interval=day&fields=used,net")
    encoded = house("GET", f"{PATH}devices/2%2C1/?interval=day&fields=used%2Cnet")
    assert encoded.json == plain.json


@pytest.mark.parametrize(
    "path", ["devices/1/x", "devices/1/readings/x", "circuits/ashp/x", "values"]
)
def test_there_is_nothing_below(house: Call, path: str) -> None:
    refused(house("GET", target(path, interval="day")), 404)


@pytest.mark.parametrize("path", ["devices/3,2,1", "circuits/all_other,used", "temperatures"])
def test_no_range_is_too_long(house: Call, path: str) -> None:
    ranges: list[dict[str, Any]] = [
        *({}, {"start": "2000"}, {"end": "2099-12-31"}, {"start": "2000", "end": "2099"}),
        *({"start": "2099-12-31"}, {"start": "2000", "duration": "99999999years"}),
        *({"start": "2013", "duration": f"{'9' * 400}hours"}, {"end": "2000"}),
        {"start": "2013-01-05", "duration": "0hours"},
    ]
    for interval, one in product(("15min", "hour", "day", "month", "year"), ranges):
        answer = house("GET", target(path, interval=interval, **one))
        assert answer.status == 200, (one, answer.text[:500])


def test_a_house_of_nothing_has_no_values(call: Call) -> None:
    call("PUT", PATH, {"name": "A", "sname": "a", "timezone": "UTC", "devices": []})
    for path in ("circuits/used,all_other", "temperatures"):
        assert items(call, path, interval="day") == []
    refused(call("GET", target("devices/0", interval="day")), 404)
