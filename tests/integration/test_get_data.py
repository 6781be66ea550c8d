"""GET /data: a ship's energy by quarter hour, hour, day or month, as JSON or CSV."""

from datetime import UTC, datetime, timedelta
from math import fsum
from typing import Any

import pytest

from tests.builders import MIDNIGHT, NEXT_MIDNIGHT, at_clock, batch, in_range, iso, readings
from tests.conftest import Call

pytestmark = pytest.mark.integration

HOUR = timedelta(hours=1)
SECONDS = {"15min": 900, "hour": 3600, "day": 86_400, "month": 31 * 86_400}


def points(call: Call, *given: Any, **more: Any) -> list[tuple[Any, ...]]:
    """Return (clock or day, value) of each point, and its coverage where it has one."""
    answer = call("GET", in_range(*given, **more))
    assert answer.status == 200, answer.text
    for point in answer.json["data"]:
        assert point.keys() - {"coverage"} == {"datetime", "value"}
        assert 0 < point.get("coverage", 0.5) < 1
    return [tuple(point.values()) for point in answer.json["data"]]


def at(clock: str, day: str = "2018-08-24") -> str:
    """Return an instant of the day."""
    return f"{day}T{clock}:00Z"


@pytest.fixture
def three_hours(call: Call) -> None:
    """12, 26 and 18 kWh from midnight on."""
    call("POST", "/data", batch(readings([12, 26, 18])))


# --- The answer -----------------------------------------------------------------------------------


@pytest.mark.usefixtures("three_hours")
def test_the_answer_names_the_ship_the_unit_and_each_bucket(call: Call) -> None:
    answer = call("GET", in_range(MIDNIGHT, MIDNIGHT + HOUR / 2))
    assert answer.headers["content-type"] == "application/json"
    assert answer.text == (
        '{"spaceship_id":1,"units":"kWh","data":['
        '{"datetime":"2018-08-24T00:00:00Z","value":3},'
        '{"datetime":"2018-08-24T00:15:00Z","value":3}]}'
    )


@pytest.mark.parametrize(
    ("units", "posted", "expected"),
    [
        ("kWh", {"00:00": 12, "01:00": 26, "02:00": 18}, [3] * 4 + [6.5] * 4 + [4.5] * 4),
        ("kW", {"00:00": 6, "00:05": 0}, [(0.5, 0.666667)]),
        ("kW", {"00:07": 4}, [(0.533333, 0.533333), (0.466667, 0.466667)]),
        ("kW", {"00:00": 12, "00:05": 12, "00:10": 12, "02:10": 12, "02:15": 12},
         [3, (1, 0.333333), (1, 0.333333)]),
        ("kW", {"00:00": 4, "05:00": 8}, [1, 2]),
        ("kW", dict(zip(("00:00", "00:05", "00:10", "00:15", "00:20", "00:25", "00:30"),
                        (22, 24, 23, 18, 22, 23, 8), strict=True)),
         [5.75, 5.25, (0.666667, 0.333333)]),
    ],
)  # fmt: skip
def test_the_examples_of_the_semantics(
    call: Call, units: str, posted: dict[str, Any], expected: list[Any]
) -> None:
    call("POST", "/data", batch(at_clock(posted), units=units))
    found = [rest for _, *rest in points(call)]
    assert found == [list(each) if isinstance(each, tuple) else [each] for each in expected]


def test_coverage_is_given_only_below_1(call: Call) -> None:
    call("POST", "/data", batch(at_clock({"00:00": 4, "00:20": 4}), units="kW", interval="PT20M"))
    assert points(call) == [(at("00:00"), 1), (at("00:15"), 1), (at("00:30"), 0.666667, 0.666667)]


def test_coverage_is_never_0_however_short_the_reading(call: Call) -> None:
    data = [{"datetime": f"2018-08-24T00:00:00{ms}Z", "value": 1} for ms in ("", ".001")]
    call("POST", "/data", batch(data, units="kW"))
    for interval in ("15min", "hour", "day", "month"):
        ((_, _, coverage),) = points(call, interval=interval)
        assert coverage == max(0.000001, round(0.002 / SECONDS[interval], 6))


def test_buckets_of_overlapping_energies_count_both_and_cover_their_union(call: Call) -> None:
    call("POST", "/data", batch(at_clock({"00:00": 3, "00:05": 3}), interval="PT10M"))
    assert points(call) == [(at("00:00"), 6)]


def test_zero_is_a_value_and_not_absence(call: Call) -> None:
    call("POST", "/data", batch(at_clock({"00:00": 0})))
    assert points(call) == [(at("00:00"), 0)]


def test_energy_answers_where_it_covers_any_part_and_power_elsewhere(call: Call) -> None:
    call("POST", "/data", batch(at_clock({"00:00": 8, "01:00": 8}), units="kW"))
    call("POST", "/data", batch(at_clock({"00:20": 1}), units="Wh", interval="PT5M"))
    assert points(call)[:4] == [
        (at("00:00"), 2), (at("00:15"), 0.001, 0.333333), (at("00:30"), 2), (at("00:45"), 2),
    ]  # fmt: skip


# --- The range ------------------------------------------------------------------------------------


@pytest.mark.usefixtures("three_hours")
def test_a_range_holds_the_buckets_that_begin_in_it(call: Call) -> None:
    found = points(call, "2018-08-24T00:00:00.001Z", "2018-08-24T00:45:00.000Z")
    assert [clock for clock, _ in found] == [at("00:15"), at("00:30")]
    found = points(call, "2018-08-24T00:15:00Z", "2018-08-24T00:45:00.001Z")
    assert [clock for clock, _ in found] == [at("00:15"), at("00:30"), at("00:45")]
    assert points(call, "2018-08-24T00:15:00.001Z", "2018-08-24T00:30:00Z") == []


@pytest.mark.usefixtures("three_hours")
def test_a_known_ship_without_data_in_the_range_has_an_empty_list(call: Call) -> None:
    answer = call("GET", in_range(NEXT_MIDNIGHT, NEXT_MIDNIGHT + HOUR))
    assert answer.text == '{"spaceship_id":1,"units":"kWh","data":[]}'


@pytest.mark.usefixtures("three_hours")
def test_a_range_that_ends_where_it_starts_is_empty(call: Call) -> None:
    for interval in ("15min", "hour", "day", "month"):
        for clock in ("00:00", "00:07", "00:15"):
            assert points(call, at(clock), at(clock), interval=interval) == []


@pytest.mark.usefixtures("three_hours")
@pytest.mark.parametrize("form", ["json", "csv"])
def test_an_unknown_ship_is_404_in_every_form(call: Call, form: str) -> None:
    answer = call("GET", in_range(ship=2, format=form))
    assert answer.status == 404
    assert answer.json["error"]


@pytest.mark.usefixtures("three_hours")
@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2018-08-24T00-15-00Z", "2018-08-24T00-45-00Z"),
        ("2018-08-24T02-15-00+02:00", "2018-08-23T18-45-00-06:00"),
        ("2018-08-24T00-15-00.000Z", "2018-08-24T00:45:00Z"),
        ("2018-08-24T02:15:00+02:00", "2018-08-24T02:45:00+0200"),
        ("2018-08-24T00:15Z", "2018-08-24T00:45:00.000000Z"),
        ("2018-08-24t00:15:00z", "2018-08-24 00:45:00Z"),
        ("2018-08-23T23:45:00-00:30", "2018-08-24T14:45:00+14:00"),
    ],
)
def test_times_of_a_query_have_an_offset_and_may_have_dashes(
    call: Call, start: str, end: str
) -> None:
    assert [clock for clock, _ in points(call, start, end)] == [at("00:15"), at("00:30")]


@pytest.mark.usefixtures("three_hours")
def test_a_query_may_be_written_without_escapes(call: Call) -> None:
    target = "/data?end=2018-08-24T01:00:00Z&spaceship_id=1&start=2018-08-24T00:00:00Z"
    assert len(call("GET", target).json["data"]) == 4
    assert call("GET", target.replace(":", "%3A")).text == call("GET", target).text


@pytest.mark.usefixtures("three_hours")
@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2018-08-24T02:00:00+02:00", "2018-08-24T03:00:00+02:00"),  # a blank, as it arrives
        ("2018-08-24T02:00:00%2B02:00", "2018-08-24T03:00:00%2B0200"),
        ("2018-08-24T02-00-00+02", "2018-08-24T03-00-00+02:00"),
        ("1535068800", "1535072400"),
        ("1535068800000", "1535072400000"),
    ],
)
def test_a_time_may_have_an_unescaped_plus_or_be_unix_time(
    call: Call, start: str, end: str
) -> None:
    plain = "/data?spaceship_id=1&start=2018-08-24T00:00:00Z&end=2018-08-24T01:00:00Z"
    found = call("GET", f"/data?spaceship_id=1&start={start}&end={end}")
    assert (found.status, found.text) == (200, call("GET", plain).text)
    assert len(found.json["data"]) == 4


@pytest.mark.usefixtures("three_hours")
def test_csv_may_be_asked_for_by_a_header(call: Call) -> None:
    by_name = call("GET", in_range(format="csv"))
    assert call("GET", in_range(), accept="text/csv").text == by_name.text
    assert call("GET", in_range(format="json"), accept="text/csv").json["units"] == "kWh"


@pytest.mark.usefixtures("three_hours")
def test_unknown_parameters_are_ignored(call: Call) -> None:
    assert len(points(call, units="Wh", Interval="week", **{"a[]": "1,2"})) == 12


@pytest.mark.usefixtures("three_hours")
def test_leading_zeros_of_a_ship_are_still_that_ship(call: Call) -> None:
    assert call("GET", in_range(ship="01")).json["spaceship_id"] == 1


@pytest.mark.usefixtures("three_hours")
def test_a_body_of_a_get_is_ignored(call: Call) -> None:
    assert call("GET", in_range(), b"{", content_type="text/plain").status == 200


@pytest.mark.usefixtures("three_hours")
@pytest.mark.parametrize(
    ("interval", "days"), [("15min", 366), ("hour", 1827), ("day", 36_000), ("month", 36_000)]
)
def test_ranges_go_up_to_366_days_5_years_and_any_length(
    call: Call, interval: str, days: int
) -> None:
    start = datetime(2000, 1, 1, tzinfo=UTC) if days > 1827 else datetime(2016, 1, 1, tzinfo=UTC)
    if interval == "15min":
        start = MIDNIGHT
    assert points(call, start, start + timedelta(days=days), interval=interval)


def test_a_range_and_the_next_are_the_range_of_both(call: Call) -> None:
    data = readings([1.1, 2.3, 5.7, 0.4, 8.9, 3.3, 7.1], minutes=23)
    call("POST", "/data", batch(data, units="kW"))
    whole = points(call)
    for minutes in range(0, 200, 7):
        cut = MIDNIGHT + timedelta(minutes=minutes)
        assert points(call, MIDNIGHT, cut) + points(call, cut, NEXT_MIDNIGHT) == whole


def test_readings_outside_of_the_range_count_where_they_reach_in(call: Call) -> None:
    day_before = at_clock({"01:00": 48}, "2018-08-23")
    call("POST", "/data", batch(day_before, interval="P1D"))
    assert points(call, MIDNIGHT, MIDNIGHT + HOUR) == [
        (at(clock), 0.5) for clock in ("00:00", "00:15", "00:30", "00:45")
    ]
    call("POST", "/data", batch(at_clock({"00:50": 4, "01:55": 4}), units="kW", ship=2))
    assert points(call, at("01:45"), at("02:00"), ship=2) == [(at("01:45"), 1)]


# --- Hours, days, months --------------------------------------------------------------------------


@pytest.mark.usefixtures("three_hours")
def test_hours_days_and_months_sum_the_buckets(call: Call) -> None:
    assert points(call, interval="15min") == points(call)
    assert points(call, interval="hour") == [
        (at("00:00"), 12),
        (at("01:00"), 26),
        (at("02:00"), 18),
    ]
    assert points(call, interval="day") == [(at("00:00"), 56, 0.125)]
    assert points(call, interval="month") == [
        (at("00:00", "2018-08-01"), 56, round(3 / (31 * 24), 6))
    ]


@pytest.mark.usefixtures("three_hours")
def test_a_period_is_labelled_with_its_beginning_also_before_the_start(call: Call) -> None:
    start, end = at("00:45"), at("01:30")
    assert points(call, start, end, interval="hour") == [
        (at("00:00"), 3, 0.25), (at("01:00"), 13, 0.5),
    ]  # fmt: skip
    assert points(call, start, end, interval="day") == [(at("00:00"), 16, 0.03125)]
    assert points(call, start, end, interval="month")[0][0] == at("00:00", "2018-08-01")


@pytest.mark.parametrize(("interval", "length"), [("hour", 13), ("day", 10), ("month", 7)])
@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2018-08-28T00:00:00Z", "2018-09-04T00:00:00Z"),
        ("2018-08-29T10:07:00Z", "2018-08-29T23:59:00Z"),
        ("2018-08-29T10:00:00Z", "2018-08-30T10:00:00Z"),
        ("2018-08-29T23:45:00Z", "2018-09-01T00:15:00Z"),
        ("2018-08-29T00:15:00.001Z", "2018-09-03T23:45:00.001Z"),
        ("2018-08-31T00:00:00Z", "2018-09-01T00:00:00Z"),
        ("2000-01-01T00:00:00Z", "2018-09-02T12:30:00Z"),
        ("2018-08-30T06:00:00Z", "2099-12-31T23:59:59.999Z"),
    ],
)
def test_a_period_is_the_sum_of_its_buckets_in_the_range(
    call: Call, start: str, end: str, interval: str, length: int
) -> None:
    first = datetime(2018, 8, 29, tzinfo=UTC)
    data = readings([nth / 4 for nth in range(5 * 96)], minutes=15, start=first)
    call("POST", "/data", batch(data, interval="PT15M"))
    if interval == "hour" and (start < "2014" or end > "2022"):
        start, end = max(start, "2018-01-01T00:00:00Z"), min(end, "2019-01-01T00:00:00Z")
    near = max(start, "2018-08-01T00:00:00Z"), min(end, "2018-10-01T00:00:00Z")
    sums: dict[str, float] = {}
    for label, value in points(call, *near):
        sums[label[:length]] = sums.get(label[:length], 0) + value
    found = {
        label[:length]: value for label, value, *_ in points(call, start, end, interval=interval)
    }
    assert found == sums
    assert sums


def test_the_coverage_of_a_period_is_of_the_whole_period(call: Call) -> None:
    call("POST", "/data", batch(at_clock({"00:05": 6}), units="kW", interval="PT10M"))
    assert points(call) == [(at("00:00"), 1, 0.666667)]
    assert points(call, interval="hour") == [(at("00:00"), 1, 0.166667)]
    assert points(call, interval="day") == [(at("00:00"), 1, 0.006944)]


def test_a_full_hour_day_and_month_have_no_coverage(call: Call) -> None:
    first = datetime(2020, 2, 1, tzinfo=UTC)
    call("POST", "/data", batch(readings([24] * 29, minutes=1440, start=first), interval="P1D"))
    month = {"start": first, "end": datetime(2020, 3, 1, tzinfo=UTC)}
    assert points(call, **month, interval="month") == [(iso(first), 696)]
    assert [rest for _, *rest in points(call, **month, interval="day")] == [[24]] * 29
    assert [rest for _, *rest in points(call, **month, interval="hour")] == [[1]] * 696


def test_periods_without_data_are_absent(call: Call) -> None:
    call("POST", "/data", batch(at_clock({"00:00": 4, "05:00": 4})))
    call("POST", "/data", batch(at_clock({"00:00": 4}, "2018-11-01")))
    end = datetime(2018, 12, 1, tzinfo=UTC)
    assert [clock for clock, *_ in points(call, end=end, interval="hour")] == [
        at("00:00"), at("05:00"), at("00:00", "2018-11-01"),
    ]  # fmt: skip
    assert [day[:7] for day, *_ in points(call, end=end, interval="month")] == [
        "2018-08", "2018-11",
    ]  # fmt: skip


def test_months_begin_and_end_in_utc(call: Call) -> None:
    turn = datetime(2018, 12, 31, 23, tzinfo=UTC)
    call("POST", "/data", batch(readings([10, 20], start=turn)))
    found = points(call, "2018-12-31T00:00:00+01:00", "2019-02-01T00:00:00Z", interval="month")
    assert [point[:2] for point in found] == [
        (at("00:00", "2018-12-01"), 10), (at("00:00", "2019-01-01"), 20),
    ]  # fmt: skip


def test_sums_are_not_rounded_on_the_way(call: Call) -> None:
    kwh = [nth / 7 for nth in range(96)]
    call("POST", "/data", batch(readings(kwh, minutes=15), interval="PT15M"))
    ((_, day),) = points(call, interval="day")
    assert day == round(fsum(kwh), 6)


def test_numbers_have_at_most_6_decimals_and_whole_ones_no_fraction(call: Call) -> None:
    call("POST", "/data", batch(readings([1 / 3, 4, 0.0000004], minutes=15), interval="PT15M"))
    assert '"value":0.333333}' in call("GET", in_range()).text
    assert '"value":4}' in call("GET", in_range()).text
    assert '"value":0}' in call("GET", in_range()).text


# --- Forms, CORS ----------------------------------------------------------------------------------


def test_csv_has_a_header_a_line_for_each_point_and_always_the_coverage(call: Call) -> None:
    call("POST", "/data", batch(at_clock({"00:00": 12, "00:20": 12}), units="kW", interval="PT20M"))
    answer = call("GET", in_range(format="csv"))
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.text.split("\r\n") == [
        "datetime,value,coverage",
        "2018-08-24T00:00:00Z,3,1",
        "2018-08-24T00:15:00Z,3,1",
        "2018-08-24T00:30:00Z,2,0.666667",
        "",
    ]


@pytest.mark.usefixtures("three_hours")
def test_csv_of_nothing_is_the_header(call: Call) -> None:
    answer = call("GET", in_range(NEXT_MIDNIGHT, NEXT_MIDNIGHT, format="csv"))
    assert answer.text == "datetime,value,coverage\r\n"


@pytest.mark.usefixtures("three_hours")
@pytest.mark.parametrize("interval", ["15min", "hour", "day", "month"])
def test_csv_and_json_say_the_same(call: Call, interval: str) -> None:
    as_json = call("GET", in_range(interval=interval)).json["data"]
    lines = call("GET", in_range(interval=interval, format="csv")).text.split("\r\n")[1:-1]
    assert lines == [
        f"{point['datetime']},{point['value']},{point.get('coverage', 1)}" for point in as_json
    ]


@pytest.mark.usefixtures("three_hours")
@pytest.mark.parametrize("ship", [1, 2, -1], ids=["200", "404", "400"])
def test_reads_may_be_made_from_any_page(call: Call, ship: int) -> None:
    answer = call("GET", in_range(ship=ship), origin="https://bridge.example")
    assert answer.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize("path", ["/data", "/data/", "/health", "/nothing"])
def test_a_preflight_allows_reads_and_no_posts(call: Call, path: str) -> None:
    asked = {"origin": "https://bridge.example", "access-control-request-method": "GET"}
    answer = call("OPTIONS", path, **asked)
    assert answer.status == 204
    assert answer.headers["access-control-allow-origin"] == "*"
    allowed = answer.headers["access-control-allow-methods"].split(",")
    assert "GET" in allowed
    assert "POST" not in allowed


def test_without_an_origin_there_are_no_cors_headers(call: Call) -> None:
    answer = call("GET", "/health")
    assert not [name for name in answer.headers if name.startswith("access-control")]


@pytest.mark.parametrize("path", ["/health", "/health/"])
def test_the_api_says_that_it_is_there(call: Call, path: str) -> None:
    answer = call("GET", path)
    assert (answer.status, answer.json["status"]) == (200, "ok")


def test_the_document_describes_the_requests_of_a_ship(call: Call) -> None:
    document = call("GET", "/openapi.json").json
    assert document["paths"]["/data"].keys() == {"delete", "get", "post"}
