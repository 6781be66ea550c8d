from collections.abc import Mapping

import pytest

from local.gateway.answer import Answer
from local.gateway.http_api import Gateway
from local.template import Cors, Function, Route, Template

OPEN = Cors(("*",), ("GET", "HEAD"), ("content-type",), ("retry-after",), 600)
CLOSED = Cors(("https://a.example", "http://*"), allow_credentials=True)
PREFLIGHT = (("Origin", "https://a.example"), ("Access-Control-Request-Method", "GET"))


def ask(
    cors: Cors | None, method: str, headers: tuple[tuple[str, str], ...] = ()
) -> tuple[Answer, Mapping[str, str]]:
    """Send a request; give the answer and its CORS headers."""
    function = Function("one", "app.handler", {}, timeout_s=30, memory_mb=128)
    template = Template((Route("$default", "", "one"),), (function,), {}, cors, ())
    own = {"Access-Control-Allow-Origin": "https://from.function", "x-own": "1"}
    served = Gateway(
        template, {"one": lambda _event, _context: {"statusCode": 200, "headers": own}}
    )
    answer = served.handle(method, "/data", headers)
    kept = {name: value for name, value in answer.headers if name.lower().startswith("access-")}
    return answer, kept


@pytest.mark.parametrize("cors", [OPEN, CLOSED, None])
@pytest.mark.parametrize("headers", [(), PREFLIGHT[:1], PREFLIGHT[1:], PREFLIGHT])
def test_options_are_answered_by_the_function_alone(
    cors: Cors | None, headers: tuple[tuple[str, str], ...]
) -> None:
    """What an HTTP API adds to them where `$default` takes them is not promised."""
    answer, given = ask(cors, "OPTIONS", headers)
    assert answer.status == 200
    assert given == {"Access-Control-Allow-Origin": "https://from.function"}


def test_an_answer_to_an_origin_has_the_configured_headers_not_the_functions() -> None:
    answer, headers = ask(OPEN, "GET", (("origin", "https://b.example"),))
    assert answer.status == 200
    assert headers == {
        "access-control-allow-origin": "*",
        "access-control-expose-headers": "retry-after",
    }
    assert ("x-own", "1") in answer.headers


def test_without_an_origin_there_are_no_cors_headers() -> None:
    assert ask(OPEN, "GET")[1] == {}


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        ("https://a.example", True),
        ("http://anything.example", True),
        ("https://b.example", False),
        ("null", False),
    ],
)
def test_only_listed_origins_are_answered(origin: str, allowed: bool) -> None:  # noqa: FBT001
    expected = {
        "access-control-allow-origin": origin,
        "access-control-allow-credentials": "true",
    }
    headers = (("origin", origin), ("access-control-request-method", "GET"))
    assert ask(CLOSED, "GET", headers)[1] == (expected if allowed else {})


def test_without_a_configuration_the_function_answers_for_itself() -> None:
    answer, headers = ask(None, "GET", PREFLIGHT)
    assert answer.status == 200
    assert headers == {"Access-Control-Allow-Origin": "https://from.function"}
