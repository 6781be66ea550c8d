"""What a browser does for a page of another origin, through gateway and functions."""

import json

import pytest

from local import template
from local.gateway.http_api import Gateway
from quarterhour.http.document import document
from tests.builders import batch, in_range, readings
from tests.conftest import Call
from tests.refused import refused

pytestmark = pytest.mark.integration

PAGE = "https://evil.example"
BODY = json.dumps(batch(readings([1]))).encode()
PATHS = sorted(document()["paths"])
WRITES = [
    (method.upper(), path.replace("{house}", "1").replace("{device}", "1"))
    for path, operations in document()["paths"].items()
    for method in sorted(operations.keys() - {"get"})
]


@pytest.mark.parametrize("path", [*PATHS, "/data/", "/nothing/here"])
def test_a_preflight_of_any_path_is_answered_by_a_function(call: Call, path: str) -> None:
    asked = {"origin": PAGE, "access_control_request_method": "GET"}
    answer = call("OPTIONS", path, **asked)
    assert (answer.status, answer.body) == (204, b"")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["access-control-allow-methods"] == "GET,HEAD,OPTIONS"
    assert answer.headers["access-control-allow-headers"] == "accept,content-type"
    assert int(answer.headers["access-control-max-age"]) > 0


FORM = "application/x-www-form-urlencoded"


@pytest.mark.usefixtures("nothing_is_stored")
@pytest.mark.parametrize("content_type", [None, "", "text/plain", FORM])
def test_a_page_cannot_write_with_a_type_that_needs_no_preflight(
    gateway: Gateway, content_type: str | None
) -> None:
    """`fetch` of a Blob sends no Content-Type at all, and an old browser no Origin."""
    headers = () if content_type is None else (("content-type", content_type),)
    answer = gateway.handle("POST", "/data", headers, BODY)
    assert answer.status == 415
    assert "application/json" in json.loads(answer.body)["error"]


@pytest.mark.usefixtures("nothing_is_stored")
@pytest.mark.parametrize(("method", "path"), WRITES)
@pytest.mark.parametrize("name", ["origin", "sec_fetch_site"])
def test_no_page_of_another_origin_writes_whatever_the_type(
    call: Call, method: str, path: str, name: str
) -> None:
    header = {name: {"origin": PAGE, "sec_fetch_site": "cross-site"}[name]}
    for content_type in ("application/json", "text/plain", ""):
        for body in (BODY, b""):
            answer = call(method, path, body, content_type=content_type, **header)
            assert "WriteOrigins" in refused(answer, 403)["error"]


def test_a_named_page_writes(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WRITE_ORIGINS", PAGE)
    answer = call("POST", "/data", BODY, origin=PAGE, sec_fetch_site="cross-site")
    assert answer.status == 200, answer.text
    assert answer.headers["access-control-allow-origin"] == "*"
    assert call("GET", in_range(), origin="https://b.example").json["data"]


def test_cors_is_said_once() -> None:
    """The gateway's configuration and the functions' variables are the same values."""
    for origins in ("", PAGE):
        loaded = template.load(parameters={"WriteOrigins": origins})
        variables = loaded.functions[0].environment
        assert loaded.cors is not None
        assert ",".join(loaded.cors.allow_origins) == variables["CORS_ORIGINS"]
        assert ",".join(loaded.cors.allow_methods) == variables["CORS_METHODS"]
        assert ",".join(loaded.cors.allow_headers) == variables["CORS_HEADERS"]
        assert str(loaded.cors.max_age_s) == variables["CORS_MAX_AGE"]
        assert variables["WRITE_ORIGINS"] == origins
        assert ("POST" in loaded.cors.allow_methods) == bool(origins)
