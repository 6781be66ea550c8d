"""Whatever is wrong with a question about the fleet is said with a 400 and the error body."""

from typing import Any
from urllib.parse import urlencode

import pytest

from tests.builders import MIDNIGHT, NEXT_MIDNIGHT, batch, iso, readings
from tests.conftest import Answer, Call
from tests.fleets import DAY

pytestmark = pytest.mark.integration

GOOD = {"start": iso(MIDNIGHT), "end": iso(NEXT_MIDNIGHT)}
PATHS = ("/data/fleet", "/topusers")
both = pytest.mark.parametrize("path", PATHS)


def target(path: str, **changed: Any) -> str:
    """Return a good request with some parameters changed; None leaves one out."""
    query = {name: value for name, value in {**GOOD, **changed}.items() if value is not None}
    return f"{path}?{urlencode(query, doseq=True)}"


def refused(answer: Answer) -> list[str]:
    """Return the parameters that the details of a refusal name, its shape checked."""
    assert answer.status == 400, answer.text[:1000]
    assert answer.headers["content-type"] == "application/json"
    body = answer.json
    assert body.keys() == {"error", "details"}
    assert body["error"].endswith(".")
    for detail in body["details"]:
        assert detail.keys() == {"field", "reason"}
        assert detail["reason"]
    return [detail["field"] for detail in body["details"]]


@both
def test_the_good_request_is_good(call: Call, path: str) -> None:
    assert call("GET", target(path)).status == 200


@pytest.mark.parametrize("missing", [["start"], ["end"], ["start", "end"]], ids=str)
def test_a_fleet_s_range_has_a_start_and_an_end(call: Call, missing: list[str]) -> None:
    answer = call("GET", target("/data/fleet", **dict.fromkeys(missing)))
    assert refused(answer) == missing
    assert {detail["reason"] for detail in answer.json["details"]} == {"is required"}


@both
@pytest.mark.parametrize("name", ["start", "end"])
@pytest.mark.parametrize(
    "at",
    [
        "", "now", "2018-08-24", "2018-08-24T00:00:00", "2018-02-30T00:00:00Z",
        "1999-12-31T23:59:59.999Z", "2100-01-01T00:00:00Z", "15350688", "99999999999999",
        "2018-08-24T00:00:00+24:00", "2018-08-24T00:00:00Z\0", "24.08.2018 00:00 Z",
    ],
    ids=ascii,
)  # fmt: skip
def test_a_time_is_iso_8601_with_an_offset_in_the_years_2000_to_2099(
    call: Call, path: str, name: str, at: str
) -> None:
    assert refused(call("GET", target(path, **{name: at}))) == [name]


@both
def test_both_times_are_named_when_both_are_bad(call: Call, path: str) -> None:
    assert refused(call("GET", target(path, start="a", end="b"))) == ["start", "end"]


@both
def test_the_start_is_not_after_the_end(call: Call, path: str) -> None:
    answer = call("GET", target(path, start="2018-08-25T00:00:00.001Z"))
    assert refused(answer) == ["start"]


@pytest.mark.parametrize("interval", ["", "15 min", "15MIN", "week", "year", "1", "hour,day"])
def test_a_fleet_s_interval_is_one_of_four(call: Call, interval: str) -> None:
    assert refused(call("GET", target("/data/fleet", interval=interval))) == ["interval"]


@both
@pytest.mark.parametrize("form", ["", "xml", "JSON", "text/csv"])
def test_the_format_is_json_or_csv(call: Call, path: str, form: str) -> None:
    assert refused(call("GET", target(path, format=form))) == ["format"]


@pytest.mark.parametrize(
    "count",
    ["", "0", "1001", "-1", "+1", "1.0", "1e2", "three", " 3", "\u0663", "0x3", "9" * 5000, "NaN"],
    ids=lambda count: ascii(count)[:16],
)
@pytest.mark.parametrize("window", [True, False])
def test_a_count_is_a_whole_number_from_1_to_1000(
    call: Call,
    count: str,
    window: bool,  # noqa: FBT001
) -> None:
    times = {} if window else {"start": None, "end": None}
    answer = call("GET", target("/topusers", count=count, **times))
    assert refused(answer) == ["count"]
    assert answer.json["details"][0]["reason"] == "must be a whole number from 1 to 1000"


@pytest.mark.parametrize(
    ("path", "name", "values"),
    [
        ("/data/fleet", "start", [iso(MIDNIGHT)] * 2),
        ("/data/fleet", "end", [iso(NEXT_MIDNIGHT)] * 2),
        ("/data/fleet", "interval", ["day", "day"]),
        ("/data/fleet", "format", ["csv", "csv"]),
        ("/topusers", "count", ["3", "4"]),
        ("/topusers", "start", [iso(MIDNIGHT)] * 2),
        ("/topusers", "end", [iso(NEXT_MIDNIGHT), "x"]),
    ],
    ids=str,
)
def test_a_parameter_is_given_once(call: Call, path: str, name: str, values: list[str]) -> None:
    assert refused(call("GET", target(path, **{name: values}))) == [name]


@pytest.mark.parametrize(("interval", "days"), [("15min", 366), ("hour", 1827)])
@pytest.mark.parametrize("more", ["a millisecond", "ten years"])
def test_a_range_of_the_fleet_is_not_longer_than_its_answer_can_be(
    call: Call, interval: str, days: int, more: str
) -> None:
    longest = {"interval": interval, "start": iso(MIDNIGHT), "end": iso(MIDNIGHT + days * DAY)}
    assert call("GET", target("/data/fleet", **longest)).status == 200
    longer = {"a millisecond": DAY / 86_400_000, "ten years": 3287 * DAY}[more]
    longest["end"] = iso(MIDNIGHT + days * DAY + longer)
    answer = call("GET", target("/data/fleet", **longest))
    assert refused(answer) == ["end"]
    assert str(days) in answer.json["error"]


@pytest.mark.parametrize("interval", ["day", "month"])
def test_a_century_by_days_or_months_is_answered(call: Call, interval: str) -> None:
    century = {"start": "2000-01-01T00:00:00Z", "end": "2099-12-31T23:59:59.999Z"}
    call("POST", "/data", batch(readings([1])))
    answer = call("GET", target("/data/fleet", interval=interval, **century))
    assert [row["sum"] for row in answer.json["data"]] == [1]
    assert call("GET", target("/topusers", count=1000, **century)).json["ships"] == [
        {"spaceship_id": 1, "consumption": 1}
    ]


@both
def test_unknown_parameters_are_ignored(call: Call, path: str) -> None:
    assert call("GET", target(path, spaceship_id="x", Count="0", units="Wh")).status == 200


@both
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_the_fleet_is_only_read(call: Call, path: str, method: str) -> None:
    answer = call(method, path, {})
    assert answer.status == 405
    assert answer.headers["allow"] == "GET, HEAD"
    assert answer.json["error"]


@pytest.mark.parametrize("path", ["/data/fleets", "/fleet", "/data/fleet/1", "/topusers/1"])
def test_other_paths_are_404(call: Call, path: str) -> None:
    answer = call("GET", target(path))
    assert answer.status == 404
    assert answer.json["error"]
