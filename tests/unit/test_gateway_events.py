import base64
import re
from typing import Any

import pytest

from local.gateway.http_api import Gateway
from local.template import Function, Route, Template

HOST = ("host", "id.execute-api.us-east-1.amazonaws.com")


class Recorder:
    """A function that keeps its events."""

    def __init__(self) -> None:
        self.event: dict[str, Any] = {}

    def __call__(self, event: dict[str, Any], _context: Any) -> dict[str, Any]:
        self.event = event
        return {"statusCode": 204}


def sent(
    method: str = "GET",
    target: str = "/",
    headers: tuple[tuple[str, str], ...] = (),
    body: bytes = b"",
    *,
    route: Route | None = None,
) -> dict[str, Any]:
    """Return the event that a function gets for a request."""
    function = Function("echo", "app.handler", {}, timeout_s=30, memory_mb=128)
    routes = (route or Route("$default", "", "echo"),)
    recorder = Recorder()
    gateway = Gateway(Template(routes, (function,), {}, None, ()), {"echo": recorder})
    gateway.handle(method, target, headers, body, "203.0.113.7")
    return recorder.event


def test_the_event_has_exactly_the_fields_of_the_documented_example() -> None:
    event = sent(
        "POST",
        "/my/path?parameter1=value1&parameter1=value2&parameter2=value",
        (
            HOST,
            ("Header1", "value1"),
            ("Header2", "value1"),
            ("HEADER2", "value2"),
            ("Cookie", "cookie1; cookie2"),
            ("User-Agent", "agent"),
            ("Content-Type", "text/plain"),
            ("Connection", "close"),
        ),
        b"Hello from Lambda",
    )
    context = event["requestContext"]
    assert re.fullmatch(r"Root=1-[0-9a-f]{8}-[0-9a-f]{24}", event["headers"]["x-amzn-trace-id"])
    assert re.fullmatch(r"\d\d/[A-Z][a-z]{2}/20\d\d:\d\d:\d\d:\d\d \+0000", context["time"])
    assert event == {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": "/my/path",
        "rawQueryString": "parameter1=value1&parameter1=value2&parameter2=value",
        "cookies": ["cookie1", "cookie2"],
        "headers": {
            "content-length": "17",
            "content-type": "text/plain",
            "header1": "value1",
            "header2": "value1,value2",
            "host": "id.execute-api.us-east-1.amazonaws.com",
            "user-agent": "agent",
            "x-amzn-trace-id": event["headers"]["x-amzn-trace-id"],
            "x-forwarded-for": "203.0.113.7",
            "x-forwarded-port": "80",
            "x-forwarded-proto": "http",
        },
        "queryStringParameters": {"parameter1": "value1,value2", "parameter2": "value"},
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "local",
            "domainName": "id.execute-api.us-east-1.amazonaws.com",
            "domainPrefix": "id",
            "http": {
                "method": "POST",
                "path": "/my/path",
                "protocol": "HTTP/1.1",
                "sourceIp": "203.0.113.7",
                "userAgent": "agent",
            },
            "requestId": context["requestId"],
            "routeKey": "$default",
            "stage": "$default",
            "time": context["time"],
            "timeEpoch": context["timeEpoch"],
        },
        "body": "Hello from Lambda",
        "isBase64Encoded": False,
    }


def test_what_is_absent_has_no_key() -> None:
    assert set(sent()) == {
        "version",
        "routeKey",
        "rawPath",
        "rawQueryString",
        "headers",
        "requestContext",
        "isBase64Encoded",
    }
    assert sent()["rawQueryString"] == ""


def test_path_parameters_and_the_route_key_are_those_of_the_route() -> None:
    event = sent("GET", "/ships/7/raw", route=Route("ANY", "/ships/{id}/{what}", "echo"))
    assert event["pathParameters"] == {"id": "7", "what": "raw"}
    assert event["routeKey"] == event["requestContext"]["routeKey"] == "ANY /ships/{id}/{what}"


def test_the_path_arrives_decoded_and_the_query_string_as_sent() -> None:
    event = sent("GET", "/caf%C3%A9%20au/lait?q=a%26b+c%20d&q=e%2Cf&empty=&flag")
    assert event["rawPath"] == event["requestContext"]["http"]["path"] == "/café au/lait"
    assert event["rawQueryString"] == "q=a%26b+c%20d&q=e%2Cf&empty=&flag"
    assert event["queryStringParameters"] == {"q": "a&b c d,e,f", "empty": "", "flag": ""}


def test_the_decoded_path_decides_the_route_and_ends_at_a_question_mark() -> None:
    assert sent("GET", "/d%61ta", route=Route("GET", "/data", "echo"))["rawPath"] == "/data"
    assert sent("GET", "/data%3Fx=1")["rawPath"] == "/data"
    assert sent("GET", "/%ff")["rawPath"] == "/\ufffd"
    assert sent("GET", "?a=1")["rawPath"] == "/"


@pytest.mark.parametrize(
    "kind",
    [
        "text/plain",
        "text/csv; charset=utf-8",
        "application/json",
        "Application/JSON;charset=utf-8",
        "application/xml",
        "application/javascript",
    ],
)
def test_text_bodies_are_text(kind: str) -> None:
    event = sent("POST", "/", (("content-type", kind),), '{"é": 1}'.encode())
    assert (event["body"], event["isBase64Encoded"]) == ('{"é": 1}', False)


@pytest.mark.parametrize(
    "headers",
    [
        (),
        (("content-type", "application/octet-stream"),),
        (("content-type", "application/x-www-form-urlencoded"),),
        (("content-type", "application/vnd.api+json"),),
        (("content-type", "application/json"), ("content-encoding", "gzip")),
    ],
)
def test_every_other_body_is_base64(headers: tuple[tuple[str, str], ...]) -> None:
    event = sent("POST", "/", headers, b"\x1f\x8b\x00\xff")
    assert event["isBase64Encoded"] is True
    assert base64.b64decode(event["body"], validate=True) == b"\x1f\x8b\x00\xff"


def test_text_that_is_not_utf8_still_arrives() -> None:
    assert sent("POST", "/", (("content-type", "text/plain"),), b"a\xff")["body"] == "a\ufffd"


def test_cookies_leave_the_headers() -> None:
    event = sent(headers=(("Cookie", "a=1; b=2;c=3; "),))
    assert event["cookies"] == ["a=1", "b=2", "c=3"]
    assert "cookie" not in event["headers"]


def test_a_forwarded_request_keeps_its_first_address() -> None:
    event = sent(headers=(("host", "127.0.0.1:3000"), ("x-forwarded-for", "198.51.100.1")))
    assert event["headers"]["x-forwarded-for"] == "198.51.100.1, 203.0.113.7"
    assert event["headers"]["x-forwarded-port"] == "3000"
    assert event["requestContext"]["domainName"] == "127.0.0.1"
