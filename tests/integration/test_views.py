"""Requests for views: paths, parameters, refusals, and single answers to the letter."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from quarterhour.views.by_name import VIEWS
from tests.builders import channel_batch, values
from tests.catalogues import PATH, circuit, entry, meter, sensor
from tests.conftest import Answer, Call
from tests.refused import places, refused

pytestmark = pytest.mark.integration

VIEW = f"{PATH}views/"
OUTDOOR, METER, DOWNSTAIRS, ATTIC = 0, 2, 4, 7
# The night in which clocks go back in New York: 25 hours from local midnight on.
MIDNIGHT = datetime(2013, 11, 3, 4, tzinfo=UTC)
HERE = {"host": "127.0.0.1:3000"}


@pytest.fixture
def house(call: Call) -> Call:
    """House 5 on the day with 25 hours: two circuits, and a temperature at three places."""
    put = entry(
        meter(METER, "used", "solar", "ashp", "barn"),
        sensor(OUTDOOR, "outdoor"),
        sensor(DOWNSTAIRS, "first_floor"),
        sensor(ATTIC, "attic"),
        circuits=[circuit("ashp", description="Heat pump")],
    )
    call("PUT", PATH, put)
    hours = [MIDNIGHT + timedelta(hours=nth) for nth in range(25)]
    post(call, METER, "Wh", [values(one, used=900, solar=-3, ashp=100, barn=5) for one in hours])
    degrees = {"temperature": "degF", "humidity": "%"}
    for device in (OUTDOOR, DOWNSTAIRS, ATTIC):
        shown = [values(one, temperature=20 + 5 * device, humidity=50) for one in hours]
        post(call, device, degrees, shown)
    return call


def post(call: Call, device: int, units: Any, data: Any) -> None:
    answer = call(
        "POST",
        f"{PATH}devices/{device}/readings/",
        channel_batch(*data, interval="PT1H", units=units),
    )
    assert answer.status == 200, answer.text


def get(call: Call, target: str, **headers: str) -> Any:
    answer = call("GET", f"{VIEW}{target}", **headers)
    assert answer.status == 200, answer.text
    return answer.json


# --- Paths ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("view", [*VIEWS, "default", "defaults"])
def test_a_view_is_answered_with_and_without_a_slash_and_to_head_without_a_body(
    house: Call, view: str
) -> None:
    query = "interval=month&start=2013-11"
    plain, slash, head = (
        house(method, f"{VIEW}{path}?{query}")
        for method, path in (("GET", view), ("GET", f"{view}/"), ("HEAD", f"{view}/"))
    )
    assert plain.status == slash.status == head.status == 200, plain.text
    assert plain.body == slash.body
    assert head.body == b""


@pytest.mark.parametrize("view", ["nope", "Summary", "usage.summary", "heat", "sum%20mary"])
def test_an_unknown_view_is_not_found_whatever_else_is_wrong(house: Call, view: str) -> None:
    body = refused(house("GET", f"{VIEW}{view}/?interval=x"), 404)
    assert body["error"].startswith("There is no view ")


@pytest.mark.parametrize("path", ["6/views/summary", "6/views/default", "x/views/summary"])
def test_an_unknown_house_is_not_found_whatever_else_is_wrong(house: Call, path: str) -> None:
    body = refused(house("GET", f"/api/houses/{path}/?interval=x"), 404)
    assert body["error"] == f"There is no house {path[0]}."


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_views_are_only_read(house: Call, method: str) -> None:
    answer = house(method, f"{VIEW}summary/", {})
    refused(answer, 405)
    assert answer.headers["allow"] == "GET, HEAD"


# --- Parameters -----------------------------------------------------------------------------------


def test_unknown_and_empty_parameters_count_for_nothing(house: Call) -> None:
    plain = get(house, "summary/?interval=day&start=2013-11-03")
    more = (
        "date=false&house=9&start=2013-11-03T17%3A00&end=&duration=&location=%3F&base=x&n%C3%A9=1"
    )
    assert get(house, f"summary/?interval=daily&{more}") == plain


@pytest.mark.parametrize("view", [*VIEWS])
def test_a_wrong_parameter_is_named_with_what_is_allowed(house: Call, view: str) -> None:
    body = refused(house("GET", f"{VIEW}{view}/?start=1999&circuit=all&location=0"))
    assert places(body) == [(None, "interval"), (None, "start")]
    assert [one["reason"][:40] for one in body["details"]] == [
        "is required: must be one of hour, hours,",
        "must lie in the years 2000 to 2099",
    ]


def test_a_parameter_given_twice_is_refused(house: Call) -> None:
    body = refused(house("GET", f"{VIEW}summary/?interval=day&interval=day"))
    assert places(body) == [(None, "interval")]


def test_a_comma_does_not_make_two_values_of_one(house: Call) -> None:
    assert places(refused(house("GET", f"{VIEW}summary/?interval=day,day"))) == [(None, "interval")]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("usage/?interval=day&circuit=attic", "circuit"),
        ("temperature/?interval=day&location=2", "location"),
        ("temperature/?interval=day&location=nowhere", "location"),
    ],
)
def test_what_a_house_does_not_have_is_not_found(house: Call, query: str, field: str) -> None:
    assert places(refused(house("GET", f"{VIEW}{query}"), 404)) == [(None, field)]


@pytest.mark.parametrize("interval", ["hour", "daily"])
def test_water_has_no_days(house: Call, interval: str) -> None:
    answer = house("GET", f"{VIEW}water/?interval={interval}")
    assert (answer.status, answer.json) == (400, {"error": "Interval not available."})


def test_the_chart_needs_a_start(house: Call) -> None:
    assert places(refused(house("GET", f"{VIEW}chart/?interval=hour"))) == [(None, "start")]


def test_a_duration_of_hours_ends_within_the_day(house: Call) -> None:
    said = get(house, "summary/?interval=hours&start=2013-11-03&duration=3hours")
    assert [one["date"] for one in said["items"]] == [
        "2013-11-03T00:00:00",
        "2013-11-03T01:00:00",
        "2013-11-03T01:00:00",
    ]


def test_a_range_without_data_is_empty(house: Call) -> None:
    lists = {"heatmap": "days", "chart": "hours", "basetemp": "points"}
    for view in VIEWS:
        said = get(house, f"{view}/?interval=month&start=2014&duration=1year&circuit=all")
        assert said[lists.get(view, "items")] == []
        assert said.get("totals", {}) == {}


# --- Single answers, to the letter ----------------------------------------------------------------


def text(call: Call, target: str) -> str:
    answer = call("GET", f"{VIEW}{target}", **HERE)
    assert answer.status == 200, answer.text
    return answer.text


def test_default_by_months(house: Call) -> None:
    expected = (
        '{"years":["2013"],"asof":"2013-11-03","house":{"id":5,"name":"A house by the river",'
        '"sname":"River","devices":"http://127.0.0.1:3000/api/houses/5/devices/",'
        '"circuits":"http://127.0.0.1:3000/api/houses/5/circuits/",'
        '"views":"http://127.0.0.1:3000/api/houses/5/views/"}}'
    )
    for query in ("", "?interval=months", "?interval=monthly&date=false"):
        assert text(house, f"default/{query}") == text(house, f"defaults/{query}") == expected


def test_default_by_days(house: Call) -> None:
    assert text(house, "default/?interval=days") == (
        '{"limits":{"used_max":900,"solar_min":-3,"outdoor_deg_min":20,"outdoor_deg_max":20,'
        '"hdd_max":1.875,"start_date":"2013-11-03 00:00:00","end_date":"2013-11-03 23:00:00"}}'
    )


@pytest.mark.parametrize("interval", ["years", "year", "hours", "x%27y"])
def test_default_by_other_intervals_does_not_exist(house: Call, interval: str) -> None:
    answer = house("GET", f"{VIEW}default/?interval={interval}")
    said = interval.replace("%27", "'")
    assert (answer.status, answer.json) == (400, {"error": f"Interval '{said}' does not exist"})


def test_a_house_that_was_only_put_has_defaults_and_views(call: Call) -> None:
    call("PUT", PATH, entry())
    assert get(call, "default/").keys() == {"years", "house"}
    assert get(call, "default/?interval=days") == {"limits": {}}
    for view in ("summary", "generation", "hdd", "basetemp", "heatmap"):
        assert get(call, f"{view}/?interval=year")["view"] in {view, "heat"}


def test_temperature(house: Call) -> None:
    assert text(house, "temperature/?interval=months&location=4") == (
        '{"view":"temperature","interval":"month","location":"4","totals":{"min_temperature":40,'
        '"max_temperature":40,"avg_temperature":40,"min_humidity":50,"max_humidity":50,'
        '"sum_hdd":46.875},"items":[{"date":"2013-11-03","min_temperature":40,'
        '"max_temperature":40,"avg_temperature":40,"min_humidity":50,"max_humidity":50,'
        '"sum_hdd":46.875}]}'
    )


def test_basetemp(house: Call) -> None:
    assert text(house, "basetemp/?interval=days&base=44.0") == (
        '{"view":"heat","base":"44.0","interval":"day","points":[{"date":"2013-11-03","ashp":2.5,'
        '"hdd":25,"temperature":20,"solar":-0.075}],"fit":{"n":1}}'
    )


def test_heatmap(house: Call) -> None:
    assert text(house, "heatmap/?interval=years&start=2013&duration=1year") == (
        '{"view":"heatmap","interval":"year","days":[{"date":"2013-11-03","net":22.425,'
        '"solar":-0.075,"used":22.5,"outdoor_deg_min":20,"outdoor_deg_max":20,"hdd":46.875,'
        '"ashp":2.5,"barn":0.125,"all_other":19.875}]}'
    )


def test_chart(house: Call) -> None:
    said = text(house, "chart/?interval=hours&start=2013-11-03&duration=1year")
    hour = (
        '"net":897,"solar":-3,"used":900,"first_floor_temp":40,"outdoor_temp":20,"attic_temp":55,'
        '"hdd":1.875,"ashp":100,"barn":5,"all_other":795}'
    )
    clocks = ["00", "01", "01", *(f"{hour:02}" for hour in range(2, 24))]
    hours = ",".join(f'{{"date":"2013-11-03 {one}:00:00",{hour}' for one in clocks)
    assert said == f'{{"view":"chart","interval":"hour","hours":[{hours}]}}'


def test_two_houses_know_nothing_of_each_other(house: Call) -> None:
    targets = [f"{view}/?interval=month&start=2013-11" for view in VIEWS]
    before = [text(house, target) for target in targets]
    house("PUT", "/api/houses/55/", entry(meter(METER, "used", "solar", "ashp", "barn")))
    other: Answer = house(
        "POST",
        f"/api/houses/55/devices/{METER}/readings/",
        channel_batch(values(MIDNIGHT, used=5000, ashp=700), interval="PT1H", units="Wh"),
    )
    assert other.status == 200
    assert [text(house, target) for target in targets] == before
