"""The API over HTTP, wherever it runs: `make e2e URL=...` asks a service that has other data, too.

Every operation of the OpenAPI document is called with data whose answers were worked out by hand.
"""

import gzip
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.builders import batch, reading
from tests.conftest import Answer
from tests.e2e.http_answers import DAY, DOCUMENT, OPERATIONS, RANGE, VIEWS, reads
from tests.e2e.http_requests import AT, CATALOGUE, HOUSE, PANEL, SHIP, TANK, WRITES, Write
from tests.e2e.over_http import call
from tests.refused import places, refused

pytestmark = [pytest.mark.e2e, pytest.mark.http]

READS = sorted(name for name in OPERATIONS if name.startswith("GET "))
MIB = 1024 * 1024


@pytest.fixture(scope="module")
def service(server: str) -> str:
    """Return the URL of the service, with the ships and the house in it."""
    found = call(server, "GET", f"{AT}/catalogue")
    if found.status == 200 and found.json["name"] != CATALOGUE["name"]:
        pytest.exit(f"house {HOUSE} of {server} is not that of these tests: nothing was written", 2)
    for write in WRITES:
        answer = call(server, write.method, write.target, write.body)
        assert answer.status in {200, 201}, (write.target, answer.text[:500])
    return server


def json_of(answer: Answer) -> Any:
    """Return the body of a good answer."""
    assert answer.status == 200, answer.text[:500]
    assert answer.headers["content-type"] == "application/json"
    return answer.json


def with_slash(target: str) -> str:
    """Return a target whose path ends with a slash."""
    path, question, query = target.partition("?")
    return f"{path}/{question}{query}"


# --- Every operation ------------------------------------------------------------------------------


def test_every_operation_of_the_document_is_called() -> None:
    assert {*reads(""), *(write.operation for write in WRITES)} == OPERATIONS


def test_every_view_of_the_document_is_called() -> None:
    parameters = DOCUMENT["paths"]["/api/houses/{house}/views/{view}"]["get"]["parameters"]
    (view,) = (each for each in parameters if each["name"] == "view")
    assert sorted(VIEWS) == sorted(view["schema"]["enum"])


@pytest.mark.parametrize("write", WRITES, ids=lambda write: write.target)
def test_what_is_written_again_is_answered_as_before(service: str, write: Write) -> None:
    said = json_of(call(service, write.method, write.target, write.body))
    assert {name: said[name] for name in write.answer} == write.answer


@pytest.mark.parametrize("operation", READS)
def test_what_is_read_is_exact(service: str, operation: str) -> None:
    target, right = reads(service)[operation]
    assert json_of(call(service, "GET", target)) == right


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_is_exact(service: str, view: str) -> None:
    query, right = VIEWS[view]
    assert json_of(call(service, "GET", f"{AT}/views/{view}?{query}")) == right


@pytest.mark.parametrize("operation", READS)
def test_a_path_may_end_with_a_slash(service: str, operation: str) -> None:
    target, right = reads(service)[operation]
    assert json_of(call(service, "GET", with_slash(target))) == right


@pytest.mark.parametrize("operation", READS)
def test_what_answers_a_get_answers_a_head(service: str, operation: str) -> None:
    answer = call(service, "HEAD", reads(service)[operation][0])
    assert (answer.status, answer.body) == (200, b"")
    assert answer.headers["content-type"] == "application/json"


def test_the_house_is_in_the_list_with_its_address(service: str) -> None:
    listed = json_of(call(service, "GET", "/api/houses"))["houses"]
    names = {"name": CATALOGUE["name"], "sname": CATALOGUE["sname"]}
    assert {"house_id": HOUSE, **names, "url": f"{service}{AT}/"} in listed


def test_a_range_as_csv(service: str) -> None:
    answer = call(service, "GET", f"/data?spaceship_id={SHIP}&{RANGE}&interval=hour&format=csv")
    assert answer.status == 200
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.text.splitlines() == [
        "datetime,value,coverage",
        "2017-03-01T02:00:00Z,9.083333,0.416667",
    ]


def test_what_is_posted_and_deleted_leaves_a_trace_and_nothing_else(service: str) -> None:
    """Twice, as a service that is in use may have seen it before."""
    may = f"spaceship_id={SHIP}&start=2017-05-01T00:00:00Z&end=2017-06-01T00:00:00Z"
    for _ in range(2):
        posted = batch([reading("2017-05-03T04:00:00Z", 3)], ship=SHIP, interval="PT1H")
        assert call(service, "POST", "/data", posted).status == 200
        assert len(json_of(call(service, "GET", f"/data?{may}"))["data"]) == 4
        counted, deleted = (
            json_of(call(service, "DELETE", f"/data?{may}&dry_run={dry_run}"))["deleted"]
            for dry_run in ("true", "false")
        )
        assert (counted, deleted) == (1, 1)
        assert json_of(call(service, "GET", f"/data?{may}"))["data"] == []
    told = [
        each
        for each in json_of(call(service, "GET", f"/audit?since={_an_hour_ago()}"))["corrections"]
        if each.get("spaceship_id") == SHIP
    ]
    assert [each["done"] for each in told][-2:] == [1, 1]


def _an_hour_ago() -> str:
    return f"{datetime.now(UTC) - timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}"


def test_a_gzipped_body_is_unpacked(service: str) -> None:
    (write, *_) = WRITES
    packed = gzip.compress(json.dumps(write.body).encode())
    said = json_of(call(service, "POST", "/data", packed, content_encoding="gzip"))
    assert said["accepted"] == len(write.body["data"])


def test_pages_of_values_follow_each_other(service: str) -> None:
    target, pages = f"{AT}/devices/{TANK}?interval=15min", []
    while target:
        pages.append(json_of(call(service, "GET", target)))
        following = pages[-1].get("next", service)
        assert following.startswith(service)
        target = following.removeprefix(service)
    assert [len(page["items"]) for page in pages] == [500, 76]
    gallons = [one["gallons"] for page in pages for one in page["items"]]
    assert gallons == [day for day in range(1, 7) for _ in range(96)]


# --- Refusals -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "body", "named"),
    [
        ("/data", batch([reading(value="23")], ship=SHIP), [(0, "value")]),
        ("/data", batch([reading(), reading("2017-03-01T02:00:00")]), [(1, "datetime")]),
        ("/data", {"units": "kWh", "data": [reading()]}, [(None, "spaceship_id")]),
        (f"{AT}/devices/{PANEL}/readings", {"units": "kWh"}, [(None, "data")]),
    ],
)
def test_a_bad_body_is_refused_by_its_fields(
    service: str, target: str, body: Any, named: list[tuple[int | None, str]]
) -> None:
    assert places(refused(call(service, "POST", target, body))) == named


@pytest.mark.parametrize(
    ("target", "named"),
    [
        (f"/data?spaceship_id=x&{RANGE}", ["spaceship_id"]),
        ("/data/fleet", ["start", "end"]),
        ("/topusers?count=0", ["count"]),
        (f"{AT}/devices/{PANEL}?interval=week", ["interval"]),
        (f"{AT}/views/usage", ["interval"]),
        (f"{AT}/views/chart?interval=hour", ["start"]),
    ],
)
def test_a_bad_parameter_is_refused_by_its_name(
    service: str, target: str, named: list[str]
) -> None:
    body = refused(call(service, "GET", target))
    assert [field for _, field in places(body)] == named


@pytest.mark.parametrize(
    "target",
    [
        "/",
        "/nothing",
        "/data/nothing",
        "/health/nothing",
        f"{AT}/nothing",
        f"{AT}/views/nothing?{DAY}",
        f"{AT}/devices/99?{DAY}",
        f"{AT}/circuits/nothing?{DAY}",
        f"/data?spaceship_id={SHIP + 2}&{RANGE}",
    ],
)
def test_what_is_not_there_is_not_found(service: str, target: str) -> None:
    refused(call(service, "GET", target), 404)


@pytest.mark.parametrize(
    ("method", "target", "allowed"),
    [
        ("PUT", "/data", {"DELETE", "GET", "HEAD", "POST"}),
        ("PUT", "/data/fleet", {"GET", "HEAD"}),
        ("POST", "/topusers", {"GET", "HEAD"}),
        ("POST", "/api/houses", {"GET", "HEAD"}),
        ("DELETE", AT, {"GET", "HEAD", "PUT"}),
        ("POST", f"{AT}/budgets", {"GET", "HEAD", "PUT"}),
        ("PUT", f"{AT}/views/summary", {"GET", "HEAD"}),
        ("PUT", f"{AT}/devices/{PANEL}/readings", {"DELETE", "GET", "HEAD", "POST"}),
        ("POST", "/health", {"GET", "HEAD"}),
        ("PUT", "/openapi.json", {"GET", "HEAD"}),
    ],
)
def test_another_method_is_refused_with_those_there_are(
    service: str, method: str, target: str, allowed: set[str]
) -> None:
    answer = call(service, method, target, None if method in {"GET", "DELETE"} else {})
    refused(answer, 405)
    assert set(answer.headers["allow"].split(", ")) == allowed


@pytest.mark.parametrize(
    ("method", "target"), [("POST", "/data"), ("PUT", AT), ("POST", f"{AT}/devices/1/readings")]
)
def test_another_media_type_is_refused(service: str, method: str, target: str) -> None:
    refused(call(service, method, target, b"a=1", content_type="text/plain"), 415)


def test_a_body_of_more_than_4_mb_is_refused(service: str) -> None:
    refused(call(service, "POST", "/data", b" " * (4 * MIB + 1)), 413)


def test_a_small_body_that_unpacks_to_more_than_8_mb_is_refused(service: str) -> None:
    packed = gzip.compress(b" " * (8 * MIB + 1))
    refused(call(service, "POST", "/data", packed, content_encoding="gzip"), 413)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe{}",
        b"[" * 100_000,
        b'{"spaceship_id": ' + b"9" * 5000 + b"}",
        b'{"spaceship_id": 1, "units": "kWh", "data": [{"datetime": NaN, "value": NaN}]}',
    ],
    ids=lambda body: repr(body[:12]),
)
def test_a_hostile_body_is_refused(service: str, body: bytes) -> None:
    refused(call(service, "POST", "/data", body))
