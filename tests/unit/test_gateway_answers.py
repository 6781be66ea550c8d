import json
import logging
from collections.abc import Mapping
from typing import Any

import pytest

from local.gateway.answer import RESPONSE_LIMIT, Answer, MalformedResponseError, interpret
from local.gateway.http_api import BODY_LIMIT, EVENT_LIMIT, Gateway
from local.template import Function, Route, Template

JSON = ("content-type", "application/json")


def gateway(handler: Any, *routes: Route) -> Gateway:
    function = Function("one", "app.handler", {}, timeout_s=30, memory_mb=256)
    served = routes or (Route("$default", "", "one"),)
    return Gateway(Template(served, (function,), {}, None, ()), {"one": handler})


def named(answer: Answer) -> Mapping[str, str]:
    return {name.lower(): value for name, value in answer.headers}


@pytest.mark.parametrize(
    ("result", "answer"),
    [
        ("Hello from Lambda!", Answer(200, (JSON,), b"Hello from Lambda!")),
        ({"message": "hi"}, Answer(200, (JSON,), b'{"message": "hi"}')),
        ([1, 2], Answer(200, (JSON,), b"[1, 2]")),
        (None, Answer(200, (JSON,), b"null")),
        ({"statusCode": 204}, Answer(204, (), b"")),
        (
            {"statusCode": "201", "headers": {"Content-Type": "text/csv"}, "body": "é"},
            Answer(201, (("Content-Type", "text/csv"),), "é".encode()),
        ),
        (
            {"statusCode": 200, "body": "plain"},
            Answer(200, (("content-type", "text/plain;charset=UTF-8"),), b"plain"),
        ),
        (
            {"statusCode": 200, "headers": dict([JSON]), "body": "AP8=", "isBase64Encoded": True},
            Answer(200, (JSON,), b"\x00\xff"),
        ),
        (
            {"statusCode": 302, "headers": {"x-n": 3, "x-b": True}, "cookies": ["a=1", "b=2"]},
            Answer(
                302,
                (("x-n", "3"), ("x-b", "true"), ("set-cookie", "a=1"), ("set-cookie", "b=2")),
                b"",
            ),
        ),
    ],
)
def test_what_a_function_returns_becomes_the_answer(result: Any, answer: Answer) -> None:
    assert interpret(result) == answer


@pytest.mark.parametrize(
    "result",
    [
        {"statusCode": "soon"},
        {"statusCode": 99},
        {"statusCode": None},
        {"statusCode": 200, "body": {"not": "text"}},
        {"statusCode": 200, "body": "no base64!", "isBase64Encoded": True},
        {"statusCode": 200, "headers": ["a"]},
        {"when": object()},
        {"statusCode": 200, "body": "é" * (RESPONSE_LIMIT // 2)},
    ],
)
def test_what_no_answer_can_be_made_of_is_malformed_and_500(
    result: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(MalformedResponseError):
        interpret(result)
    answer = gateway(lambda _event, _context: result).handle("GET", "/")
    assert (answer.status, answer.body) == (500, b'{"message":"Internal Server Error"}')
    assert "one" in caplog.text


def test_the_largest_answer_that_lambda_takes_is_an_answer() -> None:
    around = len(json.dumps({"statusCode": 200, "body": ""}))
    body = "a" * (RESPONSE_LIMIT - around)
    assert len(interpret({"statusCode": 200, "body": body}).body) == len(body)
    with pytest.raises(MalformedResponseError):
        interpret({"statusCode": 200, "body": body + "a"})


def test_the_functions_content_length_is_not_believed() -> None:
    answer = interpret({"statusCode": 200, "headers": {"Content-Length": "9"}, "body": ""})
    assert answer.headers == ()


def test_a_failing_function_is_500_and_its_traceback_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(_event: Any, _context: Any) -> None:
        raise RuntimeError("a bug")

    with caplog.at_level(logging.ERROR):
        answer = gateway(fail).handle("GET", "/")
    assert (answer.status, answer.body) == (500, b'{"message":"Internal Server Error"}')
    assert "RuntimeError: a bug" in caplog.text


def test_no_route_is_the_gateways_own_404_whatever_the_method() -> None:
    api = gateway(lambda _event, _context: "hello", Route("POST", "/data", "one"))
    assert api.handle("POST", "/data").status == 200
    for method, target in [("GET", "/data"), ("POST", "/nothing")]:
        answer = api.handle(method, target)
        assert (answer.status, answer.body) == (404, b'{"message":"Not Found"}')
        assert named(answer)["content-type"] == "application/json"


def test_the_request_id_of_the_event_is_in_the_answer() -> None:
    api = gateway(lambda event, _context: event["requestContext"]["requestId"])
    answer = api.handle("GET", "/")
    assert named(answer)["apigw-requestid"] == answer.body.decode()


def test_bodies_above_10_mb_and_events_above_6_mib_are_413() -> None:
    api = gateway(lambda event, _context: str(len(event["body"])))
    text = (("content-type", "text/plain"),)
    too_large = (413, b'{"message":"Request Entity Too Large"}')
    assert api.handle("POST", "/", text, b"a" * (BODY_LIMIT + 1))[::2] == too_large
    assert api.handle("POST", "/", text, b"a" * EVENT_LIMIT)[::2] == too_large
    # Quotes are escaped in the event, and base64 is a third longer.
    assert api.handle("POST", "/", text, b'"' * (EVENT_LIMIT // 2))[::2] == too_large
    assert api.handle("POST", "/", (), b"a" * (EVENT_LIMIT * 3 // 4))[::2] == too_large
    assert api.handle("POST", "/", text, b"a" * (EVENT_LIMIT - 5_000)).status == 200
    assert api.handle("POST", "/", (), b"a" * (EVENT_LIMIT * 3 // 4 - 5_000)).status == 200


def test_a_request_line_and_headers_values_above_10_240_bytes_are_431() -> None:
    api = gateway(lambda _event, _context: "hello")
    line = len("GET /?q= HTTP/1.1")
    headers = (("host", "a" * 100), ("x-own", "b" * 1_900))
    longest = "/?q=" + "c" * (10_240 - line - 2_000)
    assert api.handle("GET", longest, headers).status == 200
    answer = api.handle("GET", longest + "c", headers)
    assert (answer.status, answer.body) == (431, b'{"message":"Request Header Fields Too Large"}')


def test_the_context_has_the_documented_fields_and_counts_down() -> None:
    contexts: list[Any] = []
    gateway(lambda _event, context: contexts.append(context)).handle("GET", "/")
    (context,) = contexts
    assert context.function_name == "one"
    assert context.function_version == "$LATEST"
    assert context.invoked_function_arn == "arn:aws:lambda:us-east-1:123456789012:function:one"
    assert context.memory_limit_in_mb == "256"
    assert context.log_group_name == "/aws/lambda/one"
    assert len(context.aws_request_id) == 36
    assert 0 < context.get_remaining_time_in_millis() <= 30_000


def test_a_route_without_its_function_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="routes without a function: two"):
        gateway(print, Route("GET", "/", "two"))
