"""What is the same for every request: refusals, failures, logs and metrics."""

import io
import json
import logging
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from local.gateway.event import Request, build
from local.gateway.routes import select
from local.runtime.context import LambdaContext, context_for
from local.template import Function, Route
from quarterhour.errors import Busy
from quarterhour.http import document
from quarterhour.http.answers.forms import Answer, answer
from quarterhour.http.api import Api, count, logger
from quarterhour.http.refusals import Refused

ROUTES = (
    Route("GET", "/health", "about"),
    Route("GET", "/health/{proxy+}", "about"),
    Route("POST", "/data", "ingest"),
    Route("$default", "", "about"),
)


Handler = Callable[[dict[str, Any], Any], dict[str, Any]]


def context() -> LambdaContext:
    return context_for(Function("about", "app.handler", {}, 30, 128), "a-request")


def call(
    api: Api, method: str, target: str, body: bytes = b"", received_s: float = 0.0
) -> dict[str, Any]:
    headers = (("content-type", "application/json"),)
    request = Request(method, target, headers, body, "127.0.0.1")
    match = select(ROUTES, method, request.path)
    assert match is not None
    handler: Handler = api.handler()
    return handler(build(request, match, "request-7", received_s), context())


def api_that(does: Any) -> Api:
    api = Api()

    @api.route("GET /health", Refused, name="getHealth", tag="Service", summary="")
    def get_health() -> Answer:
        return does()  # type: ignore[no-any-return]

    @api.route("POST /data", Refused, name="postData", tag="Ships", summary="")
    def post_data() -> Answer:
        return does()  # type: ignore[no-any-return]

    return api


def fail() -> Answer:
    raise RuntimeError("a secret")


def be_busy() -> Answer:
    raise Busy("The table is busy; send the request again.") from TimeoutError("no answer")


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What the logger writes."""
    written = io.StringIO()
    (handler,) = (one for one in logger.handlers if isinstance(one, logging.StreamHandler))
    usual = handler.setStream(written)
    yield written
    handler.setStream(usual)


def lines(out: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.splitlines()]


def test_a_fault_of_ours_is_a_500_that_tells_nothing(log: io.StringIO) -> None:
    said = call(api_that(fail), "GET", "/health")
    assert said["statusCode"] == 500
    assert "secret" not in said["body"]
    assert list(json.loads(said["body"])) == ["error"]
    (logged,) = lines(log.getvalue())
    assert (logged["message"], logged["correlation_id"]) == ("failed", "request-7")
    assert (logged["function_name"], logged["function_request_id"]) == ("about", "a-request")
    assert "a secret" in logged["exception"]


def test_a_busy_table_tells_each_another_number_of_seconds() -> None:
    busy = api_that(be_busy)
    said = [call(busy, "GET", "/health") for _ in range(100)]
    assert {one["statusCode"] for one in said} == {503}
    assert {one["headers"]["Retry-After"] for one in said} == set("12345")


def test_why_the_table_was_busy_is_logged(log: io.StringIO) -> None:
    call(api_that(be_busy), "GET", "/health")
    (logged,) = lines(log.getvalue())
    assert logged["cause"] == "TimeoutError('no answer')"


def test_a_refused_batch_is_logged_with_its_correlation_id_and_counted(
    log: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    said = call(api_that(be_busy), "POST", "/data", b"{")
    assert said["statusCode"] == 503
    (logged,), (metric,) = lines(log.getvalue()), lines(capsys.readouterr().out)
    assert logged["correlation_id"] == "request-7"
    assert (logged["message"], logged["status"]) == ("refused", 503)
    assert metric["RefusedBatches"] == [1.0]
    assert metric["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "Quarterhour"


def test_a_count_is_an_embedded_metric(capsys: pytest.CaptureFixture[str]) -> None:
    count("ReadingsAccepted", 3)
    (metric,) = lines(capsys.readouterr().out)
    assert metric["ReadingsAccepted"] == [3.0]
    assert metric["_aws"]["CloudWatchMetrics"][0]["Metrics"][0]["Unit"] == "Count"


@pytest.mark.parametrize("target", ["/health", "/health/"])
def test_a_slash_at_the_end_changes_nothing(target: str) -> None:
    said = call(api_that(lambda: answer({})), "GET", target)
    assert said["statusCode"] == 200


def test_what_a_greedy_route_catches_beyond_the_slash_is_not_found() -> None:
    said = call(api_that(lambda: answer({})), "GET", "/health/x")
    assert said["statusCode"] == 404
    assert json.loads(said["body"]) == {"error": "There is nothing at this path."}


def test_a_known_path_refuses_other_methods_and_says_which_it_takes() -> None:
    said = call(api_that(lambda: answer({})), "PUT", "/data")
    assert said["statusCode"] == 405
    assert said["headers"]["Allow"] == "DELETE, GET, HEAD, POST"


def test_a_head_has_the_status_and_headers_of_the_get_and_no_body() -> None:
    api = api_that(lambda: answer({"much": "text"}, 200, {"X-Much": "more"}))
    get, head = (call(api, method, "/health") for method in ("GET", "HEAD"))
    assert get["body"]
    assert head == {**get, "body": ""}


def test_a_head_of_what_takes_posts_alone_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document, "document", lambda: {"paths": {"/data": {"post": {}}}})
    document._operations.cache_clear()
    said = call(api_that(lambda: answer({})), "HEAD", "/data")
    document._operations.cache_clear()
    assert (said["statusCode"], said["headers"]["Allow"], said["body"]) == (405, "POST", "")


@pytest.mark.parametrize("segment", ["%00", "%0A", "1%0A", "%7F"])
def test_no_control_character_is_part_of_a_path(segment: str) -> None:
    said = call(api_that(lambda: answer({})), "GET", f"/api/houses/{segment}")
    assert said["statusCode"] == 404


@pytest.mark.parametrize("segment", ["%22", "%23", "%5C", "%3F", "%60", "%C2%A0", "%F0%9F%8F%A0"])
def test_a_path_the_document_knows_and_the_function_does_not_is_not_found(segment: str) -> None:
    """The function's own router takes fewer characters than a path can have."""
    said = call(api_that(lambda: answer({})), "GET", f"/api/houses/{segment}")
    assert said["statusCode"] == 404
    assert json.loads(said["body"]) == {"error": "There is nothing at this path."}


@pytest.mark.parametrize(("off_s", "is_told"), [(0, False), (-50, False), (-70, True), (70, True)])
@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_what_the_gateway_received_at_another_time_than_now_tells_of_it(
    capsys: pytest.CaptureFixture[str], method: str, off_s: float, *, is_told: bool
) -> None:
    api = api_that(lambda: answer(Refused(error="", details=[])))
    call(api, method, "/data", b"", time.time() + off_s)
    assert ("ClockSkew" in capsys.readouterr().out) == is_told


def test_where_the_gateway_says_no_time_nothing_is_told(
    capsys: pytest.CaptureFixture[str],
) -> None:
    api = api_that(lambda: answer(Refused(error="", details=[])))
    call(api, "POST", "/data")
    assert "ClockSkew" not in capsys.readouterr().out
