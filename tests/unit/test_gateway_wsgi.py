import io
import json
from collections.abc import Callable
from typing import Any

import pytest

from local.gateway.application import Application
from local.gateway.http_api import BODY_LIMIT, Gateway
from local.template import Function, Route, Template


def seen(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Return what the function saw."""
    status = int(event.get("queryStringParameters", {}).get("status", "200"))
    return {"statusCode": status, "body": json.dumps(event), "cookies": ["a=1", "b=2"]}


class Started:
    """Takes what a WSGI application starts its answer with."""

    status = ""
    headers: list[tuple[str, str]]

    def __call__(self, status: str, headers: list[tuple[str, str]], *_: Any) -> Any:
        self.status, self.headers = status, headers


def get(
    method: str,
    raw: str,
    body: bytes = b"",
    wake: Callable[[], None] = lambda: None,
    **environ: str | None,
) -> tuple[Started, bytes]:
    function = Function("one", "app.handler", {}, timeout_s=30, memory_mb=128)
    template = Template((Route("$default", "", "one"),), (function,), {}, None, ())
    started = Started()
    asked: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "RAW_URI": raw,
        "PATH_INFO": "/decoded",
        "HTTP_HOST": "127.0.0.1:3000",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.input": io.BytesIO(body),
        **environ,
    }
    application = Application(Gateway(template, {"one": seen}), wake=wake)
    sent = {name: value for name, value in asked.items() if value is not None}
    return started, b"".join(application(sent, started))


@pytest.mark.parametrize(
    ("method", "status", "rings"),
    [
        *(("POST", "200", 1), ("PUT", "201", 1), ("DELETE", "200", 1)),
        ("POST", "503", 1),  # some of it may be stored
        *(("POST", "400", 0), ("POST", "413", 0)),
        *(("GET", "200", 0), ("HEAD", "200", 0), ("OPTIONS", "200", 0)),
    ],
)
def test_what_may_have_written_wakes_the_schedule(method: str, status: str, rings: int) -> None:
    rung: list[None] = []
    get(method, f"/data?status={status}", wake=lambda: rung.append(None))
    assert len(rung) == rings


def test_the_percent_encoded_path_reaches_the_gateway_as_sent() -> None:
    started, body = get("GET", "/caf%C3%A9?q=%26")
    event = json.loads(body)
    assert started.status == "200 OK"
    assert (event["rawPath"], event["rawQueryString"]) == ("/café", "q=%26")


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        ("http://127.0.0.1:3000/data?a=1", "/data"),
        ("https://localhost", "/"),
        ("/data#part", "/data"),
        ("//data", "//data"),
    ],
)
def test_other_forms_of_a_target_are_understood(raw: str, path: str) -> None:
    assert json.loads(get("GET", raw)[1])["rawPath"] == path


def test_headers_come_back_to_their_own_names() -> None:
    _, body = get(
        "POST", "/", b"{}", CONTENT_TYPE="application/json", CONTENT_LENGTH="2", HTTP_X_OWN="1,2"
    )
    event = json.loads(body)
    assert event["body"] == "{}"
    assert {"content-type": "application/json", "content-length": "2", "x-own": "1,2"}.items() <= (
        event["headers"].items()
    )


def test_the_content_length_is_the_bodys() -> None:
    started, body = get("GET", "/é")
    assert ("content-length", str(len(body))) in started.headers
    assert [value for name, value in started.headers if name == "set-cookie"] == ["a=1", "b=2"]


def test_head_has_the_headers_of_the_body_but_no_body() -> None:
    started, body = get("HEAD", "/")
    assert body == b""
    assert int(dict(started.headers)["content-length"]) > 100


@pytest.mark.parametrize("status", [204, 304])
def test_answers_that_have_no_body_have_no_length(status: int) -> None:
    started, body = get("GET", f"/?status={status}")
    assert body == b""
    assert "content-length" not in dict(started.headers)
    assert started.status.startswith(f"{status} ")


def test_a_body_above_the_limit_is_read_to_its_end_but_not_kept() -> None:
    stream = io.BytesIO(b"a" * (BODY_LIMIT + 1_000_000))
    started, body = get("POST", "/", **{"wsgi.input": stream})  # type: ignore[arg-type]
    assert started.status.startswith("413 ")
    assert body == b'{"message":"Request Entity Too Large"}'
    assert stream.read() == b""


def test_a_body_that_is_cut_short_does_not_reach_a_function() -> None:
    started, body = get("POST", "/", b"half", CONTENT_LENGTH="100")
    assert started.status == "400 Bad Request"
    assert json.loads(body) == {"error": "The body is shorter than its Content-Length."}


@pytest.mark.parametrize("host", ["attacker.example", "attacker.example:3000"])
def test_another_host_is_refused_before_a_function_sees_it(host: str) -> None:
    started, body = get("GET", "/", HTTP_HOST=host)
    assert started.status == "403 Forbidden"
    assert "HOST=attacker.example" in json.loads(body)["error"]


def test_http_1_0_need_not_name_a_host() -> None:
    def status(version: str, host: str | None) -> str:
        return get("GET", "/", SERVER_PROTOCOL=f"HTTP/{version}", HTTP_HOST=host)[0].status

    assert status("1.0", None) == "200 OK"
    assert status("1.1", None) == "400 Bad Request"
    assert status("1.0", "attacker.example") == "403 Forbidden"
