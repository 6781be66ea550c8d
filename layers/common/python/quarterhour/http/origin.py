"""Where a request came to, and pages of other origins: what they may ask for, which may write.

Any page may read. A page may write where it is of the API's own host, or is named by the parameter
WriteOrigins of template.yaml. What is no browser sends none of these headers.
"""

import os
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from quarterhour.errors import Forbidden
from quarterhour.http.answers.forms import Answer, empty_answer

READS = frozenset({"GET", "HEAD", "OPTIONS"})

# Each header of a preflight's answer, and the variable that template.yaml gives its value.
_PREFLIGHT = {
    "Access-Control-Allow-Origin": "CORS_ORIGINS",
    "Access-Control-Allow-Methods": "CORS_METHODS",
    "Access-Control-Allow-Headers": "CORS_HEADERS",
    "Access-Control-Max-Age": "CORS_MAX_AGE",
}


def origin(event: Mapping[str, Any]) -> str:
    """Return scheme and host as the client used them; header names are lower-case.

    >>> context = {"domainName": "abc.execute-api.eu-central-1.amazonaws.com"}
    >>> origin({"headers": {"x-forwarded-proto": "https"}, "requestContext": context})
    'https://abc.execute-api.eu-central-1.amazonaws.com'
    >>> there = {"host": "127.0.0.1:3000", "x-forwarded-proto": "http"}
    >>> origin({"headers": there, "requestContext": {"domainName": "127.0.0.1"}})
    'http://127.0.0.1:3000'
    """
    return f"{event['headers'].get('x-forwarded-proto', 'https')}://{host(event)}"


def host(event: Mapping[str, Any]) -> str:
    """Return the host, and its port where it is not the scheme's, as the client used them."""
    name: str = event["headers"].get("host", event["requestContext"]["domainName"])
    return name


def preflight() -> Answer:
    """Return the answer to an OPTIONS request: 204, with the CORS headers of CorsConfiguration."""
    headers = {header: os.environ[variable] for header, variable in _PREFLIGHT.items()}
    return empty_answer(HTTPStatus.NO_CONTENT, headers)


def check_origin(event: Mapping[str, Any]) -> None:
    """Refuse a write, not one of READS, that a browser sends for a page of another origin.

    A body's type does not matter: forms, text and empty bodies are sent without a preflight.
    """
    headers = event["headers"]
    origin = headers.get("origin")
    if origin and origin in _named_origins():
        return
    is_cross_site = headers.get("sec-fetch-site", "").lower() == "cross-site"
    if is_cross_site or (origin is not None and not _is_own(origin, event)):
        raise Forbidden(
            "A page of another origin may not write here, unless WriteOrigins names its origin."
        )


def _named_origins() -> set[str]:
    return {name.strip() for name in os.environ["WRITE_ORIGINS"].split(",")}


def _is_own(origin: str, event: Mapping[str, Any]) -> bool:
    """Return whether an origin, as `https://example.org:8443`, has the host of the request."""
    return origin.lower().partition("://")[2] == host(event).lower()
