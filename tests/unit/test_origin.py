"""Requests of pages: any may read, and none of another origin may write unless it is named."""

from typing import Any

import pytest

from quarterhour.errors import Forbidden
from quarterhour.http.origin import check_origin, preflight

HERE = "api.example.org"
FRIEND = "https://dash.example.net"


def event(method: str = "POST", **headers: str) -> dict[str, Any]:
    """Return what is looked at of a request's event."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return {
        "headers": {"host": HERE, **named},
        "requestContext": {"domainName": HERE, "http": {"method": method}},
    }


@pytest.fixture(autouse=True)
def friend(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WRITE_ORIGINS", f"https://other.example.net, {FRIEND}")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": f"https://{HERE}"},
        {"origin": f"HTTPS://{HERE.upper()}"},
        {"origin": f"https://{HERE}", "sec_fetch_site": "same-origin"},
        {"sec_fetch_site": "same-origin"},
        {"sec_fetch_site": "none"},
        {"origin": FRIEND},
        {"origin": FRIEND, "sec_fetch_site": "cross-site"},
        {"origin": FRIEND, "sec_fetch_site": "same-site"},
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_programs_own_pages_and_named_origins_write(method: str, headers: dict[str, str]) -> None:
    check_origin(event(method, **headers))


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "https://evil.example", "sec_fetch_site": "cross-site"},
        {"origin": "https://evil.example", "sec_fetch_site": "same-site"},
        {"origin": "null"},
        {"origin": ""},
        {"origin": f"https://{HERE}.evil.example"},
        {"origin": f"https://evil.example/{HERE}"},
        {"origin": f"https://{HERE}@evil.example"},
        {"origin": f"https://{HERE}:8443"},
        {"origin": f"{FRIEND}:444"},
        {"origin": FRIEND.replace("https", "http")},
        {"origin": f"{FRIEND},https://evil.example"},
        {"origin": f"https://{HERE},https://evil.example"},
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "Cross-Site"},
        {"origin": f"https://{HERE}", "sec_fetch_site": "cross-site"},
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_pages_of_other_origins_do_not(method: str, headers: dict[str, str]) -> None:
    with pytest.raises(Forbidden):
        check_origin(event(method, **headers))


def test_nobody_is_named_by_an_empty_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WRITE_ORIGINS", "")
    for origin in ("", FRIEND):
        with pytest.raises(Forbidden):
            check_origin(event(origin=origin))


def test_a_preflight_has_what_the_template_says(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "CORS_ORIGINS": "*",
        "CORS_METHODS": "GET,HEAD,OPTIONS",
        "CORS_HEADERS": "accept,content-type",
        "CORS_MAX_AGE": "600",
    }.items():
        monkeypatch.setenv(name, value)
    answer = preflight()
    assert (answer.status_code, answer.body) == (204, "")
    assert answer.headers == {
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Allow-Methods": "GET,HEAD,OPTIONS",
        "Access-Control-Allow-Headers": "accept,content-type",
        "Access-Control-Max-Age": "600",
    }
