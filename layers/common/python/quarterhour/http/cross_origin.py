"""Pages of other origins: what their browsers may ask for, and which of them may write.

Any page may read. A page may write where it is of the API's own host, or is named by the parameter
WriteOrigins of template.yaml. What is no browser sends none of these headers.
"""

import os
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from quarterhour.errors import Forbidden
from quarterhour.http.answers.forms import Answer, empty_answer
from quarterhour.http.origin import host

READS = frozenset({"GET", "HEAD", "OPTIONS"})

# Each header of a preflight's answer, and the variable that template.yaml gives its value.
_PREFLIGHT = {
    "Access-Control-Allow-Origin": "CORS_ORIGINS",
    "Access-Control-Allow-Methods": "CORS_METHODS",
    "Access-Control-Allow-Headers": "CORS_HEADERS",
    "Access-Control-Max-Age": "CORS_MAX_AGE",
}


def preflight() -> Answer:
    """Return the answer to an OPTIONS request: 204, with the CORS headers of CorsConfiguration."""
    headers = {header: os.environ[variable] for header, variable in _PREFLIGHT.items()}
    return empty_answer(HTTPStatus.NO_CONTENT, headers)


def check_origin(event: Mapping[str, Any]) -> None:
    """Refuse a write that a browser sends for a page of another origin: Forbidden.

    A body's type does not matter: forms, text and empty bodies are sent without a preflight.
    """
    if event["requestContext"]["http"]["method"] in READS:
        return
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
