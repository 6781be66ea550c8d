"""Values of any range: from an instant to an instant, and how much of their periods is covered."""

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.builders import batch, channel_batch, reading, values
from tests.catalogues import PATH, entry, meter, sensor
from tests.conftest import Call
from tests.fleets import settle
from tests.value_requests import covered_items, items, local, pages, post, target

pytestmark = pytest.mark.integration

HOUR = timedelta(hours=1)


@pytest.fixture
def house(call: Call) -> Call:
    """Two days of hours, 1 to 48, of a meter in New York."""
    assert call("PUT", PATH, entry(meter(1, "used", "solar"))).status == 201
    post(call, 1, local(2024, 2, 9), used=range(1, 49), solar=[-1] * 48)
    return call


# --- From an instant to an instant ----------------------------------------------------------------


def used(call: Call, **parameters: Any) -> list[tuple[str, float]]:
    found = items(call, "devices/1", fields="used", **parameters)
    return [(item["date"], item["used"]) for item in found]


@pytest.mark.parametrize(
    "start",
    [
        *("2024-02-10T05:00:00Z", "2024-02-10T06:00:00+01:00", "2024-02-10T00:00", "2024-02-10"),
        *("2024-02-10T05-00-00Z", "1707541200", "1707541200000", "2024-02-10 00:00:00.000"),
    ],
)
def test_hours_begin_at_the_instant_that_is_given(house: Call, start: str) -> None:
    found = used(house, interval="hour", start=start, duration="9hours")
    assert found == [(f"2024-02-10T{nth:02}:00:00", 25 + nth) for nth in range(9)]


def test_a_plus_that_is_not_escaped_is_one_where_the_text_is_a_time(house: Call) -> None:
    """It arrives as a blank."""
    plain = house("GET", f"{PATH}devices/1/?interval=hour&start=2024-02-10T06:00:00+01:00").json
    escaped = target("devices/1", interval="hour", start="2024-02-10T06:00:00+01:00")
    assert plain["items"] == house("GET", escaped).json["items"]
    assert len(plain["items"]) == 24


def test_an_hour_that_is_cut_has_what_is_in_the_range(house: Call) -> None:
    between = {"start": "2024-02-10T00:30", "end": "2024-02-10T02:15"}
    assert covered_items(house, "devices/1", interval="hour", fields="used", **between) == [
        {"device": 1, "date": "2024-02-10T00:00:00", "used": 12.5, "coverage": {"used": 0.5}},
        {"device": 1, "date": "2024-02-10T01:00:00", "used": 26},
        {"device": 1, "date": "2024-02-10T02:00:00", "used": 6.75, "coverage": {"used": 0.25}},
    ]


@pytest.mark.parametrize("is_settled", [False, True])
def test_days_months_and_years_are_cut_by_the_range_and_dated_by_their_beginning(
    house: Call, *, is_settled: bool
) -> None:
    if is_settled:
        settle()
    between = {"start": "2024-02-09T12:00", "end": "2024-02-10T06:00"}
    assert used(house, interval="day", **between) == [
        ("2024-02-09", sum(range(13, 25))),
        ("2024-02-10", sum(range(25, 31))),
    ]
    assert used(house, interval="month", **between) == [("2024-02-01", sum(range(13, 31)))]
    assert used(house, interval="year", **between) == [("2024-01-01", sum(range(13, 31)))]


def test_a_duration_keeps_the_local_time_and_hours_are_counted(call: Call) -> None:
    """The day of 23 hours: from noon to noon."""
    call("PUT", PATH, entry(meter(1)))
    post(call, 1, local(2013, 3, 9), used=[1] * 72)
    noon = {"interval": "day", "start": "2013-03-09T12:00"}
    assert used(call, **noon, duration="1day") == [("2013-03-09", 12), ("2013-03-10", 11)]
    assert used(call, **noon, duration="24hours") == [("2013-03-09", 12), ("2013-03-10", 12)]


def test_a_share_of_a_total_is_of_a_whole_day(call: Call) -> None:
    call("PUT", PATH, entry(meter(1, channels={"main": {"quantity": "volume"}})))
    total = channel_batch(values("2013-02-01T05:00:00Z", main=56), units="gal", interval="P1M")
    assert call("POST", f"{PATH}devices/1/readings/", total).status == 200
    between = {"start": "2013-02-05T01:00", "end": "2013-02-08T23:00"}
    assert covered_items(call, "devices/1", interval="day", **between) == [
        {"device": 1, "date": f"2013-02-0{day}", "main": 2} for day in (6, 7)
    ]
    (month,) = covered_items(call, "devices/1", interval="month", **between)
    assert month == {
        "device": 1,
        "date": "2013-02-01",
        "main": 4,
        "coverage": {"main": 0.071429},
    }


# --- Coverage -------------------------------------------------------------------------------------


def test_coverage_is_there_where_it_is_below_1(call: Call) -> None:
    call("PUT", PATH, entry(meter(1, "used", "solar", "ashp")))
    post(call, 1, local(2013, 1, 5), used=[1] * 24, solar=[-1] * 12 + [None] * 12)
    (day,) = covered_items(call, "devices/1", interval="day")
    assert day["coverage"] == {"solar": 0.5, "net": 0.5}
    (day,) = covered_items(call, "devices/1", interval="day", fields="used")
    assert "coverage" not in day
    others = covered_items(call, "circuits/used,solar,adjusted_load,all_other", interval="day")
    assert [item.get("coverage") for item in others] == [
        *(None, {"actual": 0.5}, {"actual": 0.5}, None)
    ]


def test_a_gauge_is_covered_by_the_hours_that_have_it(call: Call) -> None:
    call("PUT", PATH, entry(sensor(7, "outdoor")))
    post(call, 7, local(2013, 1, 5), units="degF", temperature=[30] * 6)
    (day,) = covered_items(call, "temperatures", interval="day")
    assert day["coverage"] == {"temperature": 0.25}
    assert "coverage" not in covered_items(call, "temperatures", interval="hour")[0]


SPANS = st.lists(
    st.tuples(st.integers(0, 60 * 24 * 60), st.integers(1, 24 * 60), st.integers(0, 9)),
    min_size=1,
    max_size=12,
    unique_by=lambda span: span[0],
)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(spans=SPANS, cut=st.integers(0, 60 * 24), length=st.integers(1, 60 * 24 * 60))
def test_a_device_is_covered_as_a_ship_that_sent_the_same(
    call: Call, spans: list[tuple[int, int, int]], cut: int, length: int
) -> None:
    """In UTC, of any range, settled or not: the coverage of a ship is judged elsewhere."""
    house, ship = next(NUMBERS), next(NUMBERS)
    path = f"/api/houses/{house}/"
    assert call("PUT", path, entry(meter(1, "used"), timezone="UTC")).status == 201
    first = datetime(2013, 1, 30, tzinfo=UTC)
    for minute, minutes, kwh in spans:
        at, interval = (first + timedelta(minutes=minute)).isoformat(), f"PT{minutes}M"
        said = batch([reading(at, kwh)], ship=ship, units="kWh", interval=interval)
        assert call("POST", "/data", said).status == 200
        device = channel_batch(values(at, used=kwh), units="kWh", interval=interval)
        assert call("POST", f"{path}devices/1/readings", device).status == 200
    between = {
        "start": f"{first + timedelta(minutes=cut):%Y-%m-%dT%H:%M:00Z}",
        "end": f"{first + timedelta(minutes=cut + length):%Y-%m-%dT%H:%M:00Z}",
    }
    for _ in ("unsettled", "settled"):
        for interval, date in (("hour", "%Y-%m-%dT%H:00:00"), ("day", "%F"), ("month", "%F")):
            query = "&".join(f"{name}={quote(text)}" for name, text in between.items())
            query = f"{query}&interval={interval}"
            of_ship = call("GET", f"/data?spaceship_id={ship}&{query}").json["data"]
            of_house = [
                item
                for page in pages(call, f"{path}devices/1/?{query}&fields=used")
                for item in page.json["items"]
            ]
            assert [
                (item["date"], item["used"], item.get("coverage", {}).get("used"))
                for item in of_house
            ] == [
                (
                    datetime.fromisoformat(point["datetime"]).strftime(date),
                    point["value"],
                    point.get("coverage"),
                )
                for point in of_ship
            ]
        settle()


NUMBERS = iter(range(1000, 10_000))


# --- CSV ------------------------------------------------------------------------------------------


def rows(text: str) -> list[list[str]]:
    assert text.endswith("\r\n")
    return [*csv.reader(io.StringIO(text))]


FIELDS = ("used", "solar", "net")


def test_values_as_csv_have_local_times_with_offset_and_all_coverage(house: Call) -> None:
    asked = {"interval": "hour", "start": "2024-02-10T00:30", "duration": "90minutes"}
    answer = house("GET", target("devices/1", **{**asked, "duration": "2hours"}, format="csv"))
    assert answer.headers["content-type"] == "text/csv; charset=utf-8; header=present"
    assert answer.headers["content-disposition"] == 'attachment; filename="house-5-devices.csv"'
    assert rows(answer.text) == [
        [
            "device",
            "date",
            "used",
            "solar",
            "net",
            "used_coverage",
            "solar_coverage",
            "net_coverage",
        ],
        ["1", "2024-02-10T00:00:00-05:00", "12.5", "-0.5", "12", "0.5", "0.5", "0.5"],
        ["1", "2024-02-10T01:00:00-05:00", "26", "-1", "25", "1", "1", "1"],
        ["1", "2024-02-10T02:00:00-05:00", "13.5", "-0.5", "13", "0.5", "0.5", "0.5"],
    ]


def test_the_hour_that_clocks_repeat_is_told_apart_and_what_is_not_there_is_empty(
    call: Call,
) -> None:
    call("PUT", PATH, entry(meter(1, "used", "ashp"), sensor(7, "attic"), meter(9, "used")))
    post(call, 1, local(2013, 11, 3, 1), used=[1, 2], ashp=[None, 3])
    answer = call("GET", target("devices/1", interval="hour", fields="ashp,used", format="csv"))
    assert rows(answer.text)[1:] == [
        ["1", "2013-11-03T01:00:00-04:00", "", "1", "", "1"],
        ["1", "2013-11-03T01:00:00-05:00", "3", "2", "1", "1"],
    ]
    assert rows(call("GET", target("temperatures", interval="day", format="csv")).text) == [
        [
            *("device", "location", "date", "min_temperature", "max_temperature"),
            *("avg_temperature", "min_humidity", "max_humidity", "avg_humidity"),
            *("temperature_coverage", "humidity_coverage"),
        ]
    ]


def test_a_page_of_csv_says_in_a_header_where_it_goes_on(call: Call) -> None:
    call("PUT", PATH, entry(meter(1)))
    post(call, 1, local(2013, 10, 25), used=range(1, 502))
    answer = call("GET", target("devices/1", interval="hour"), accept="text/csv")
    assert len(rows(answer.text)) == 501
    url, relation = answer.headers["link"].split("; ")
    assert (relation, "format=csv" in url) == ('rel="next"', True)
    following = call("GET", url[1:-1].split("//", 1)[1].partition("/")[2].join(("/", "")))
    assert len(rows(following.text)) == 2
    assert "link" not in following.headers


VIEWS = {
    "summary": {"interval": "hour"},
    "usage": {"interval": "month", "circuit": "summary"},
    "generation": {"interval": "month"},
    "hdd": {"interval": "day"},
    "water": {"interval": "month"},
    "basetemp": {"interval": "hour"},
    "heatmap": {"interval": "day"},
    "chart": {"interval": "hour", "start": "2013-11-03"},
    "temperature": {"interval": "day", "location": "3"},
}


@pytest.mark.parametrize("view", [*VIEWS])
def test_the_items_of_a_view_are_had_as_csv(call: Call, view: str) -> None:
    circuits = [{"circuit_id": "ashp", "name": 'Heat, "pump"', "description": ""}]
    sensors = sensor(3, "outdoor"), sensor(4, "first_floor")
    house = entry(meter(1, "used", "solar", "ashp"), *sensors, circuits=circuits)
    call("PUT", PATH, house)
    post(call, 1, local(2013, 11, 3), used=[2] * 25, solar=[-0.1] * 25, ashp=[1] * 25)
    for number in (3, 4):
        post(call, number, local(2013, 11, 3), units="degF", temperature=[40] * 25)
    body = call("GET", target(f"views/{view}", **VIEWS[view])).json
    listed = next(
        body[name] for name in ("items", "points", "days", "hours", "circuits") if name in body
    )
    answer = call("GET", target(f"views/{view}", **VIEWS[view], format="csv"))
    assert answer.headers["content-disposition"] == f'attachment; filename="house-5-{view}.csv"'
    columns, *cells = rows(answer.text)
    found = [dict(zip(columns, row, strict=True)) for row in cells]
    zone = ZoneInfo("America/New_York")
    assert len(found) == len(listed)
    for row, item in zip(found, listed, strict=True):
        for name, value in item.items():
            if name == "date":
                at = datetime.fromisoformat(row["date"])
                assert at.astimezone(zone).replace(tzinfo=None) == datetime.fromisoformat(value)
                assert at.utcoffset() == at.astimezone(zone).utcoffset()
            else:
                assert row[name] == str(value)
    if view in {"summary", "chart", "basetemp"}:
        assert len({row["date"] for row in found}) == 25
