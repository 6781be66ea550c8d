"""A request as the event of payload format 2.0, as an HTTP API hands it to a Lambda function.

Documented by AWS, or seen on the real service where the documentation is silent: the path arrives
decoded (and ends at a decoded `?`) while the query string stays as sent; only text/* and three
application types are text, every other body (also one without a type) is base64; cookies move from
the headers to `cookies`; what is absent has no key.
"""

import base64
import secrets
import time
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote

from local.gateway.routes import Match
from local.runtime.context import ACCOUNT

API = "local"
STAGE = "$default"

_TEXT_TYPES = frozenset({"application/json", "application/xml", "application/javascript"})
_HOP_BY_HOP = frozenset(
    {"connection", "expect", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"}
)


class Request(NamedTuple):
    """A request as it came: `target` is the path and query string, percent-encoded."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    source_ip: str = "127.0.0.1"
    protocol: str = "HTTP/1.1"

    @property
    def path(self) -> str:
        """The decoded path."""
        return unquote(self.target.partition("?")[0], errors="replace").partition("?")[0] or "/"

    @property
    def query(self) -> str:
        """The query string as sent, without its question mark."""
        return self.target.partition("?")[2]


def joined(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Lower-case the names; join what came twice by a comma."""
    result: dict[str, str] = {}
    for name, value in headers:
        key = name.lower()
        result[key] = f"{result[key]},{value}" if key in result else value
    return result


def build(request: Request, match: Match, request_id: str, now_s: float) -> dict[str, Any]:
    """Make the event for `match`'s function; `now_s` is the epoch second of the request."""
    headers = joined(request.headers)
    cookies = [part.strip() for part in headers.pop("cookie", "").split(";") if part.strip()]
    sent = {key: value for key, value in headers.items() if key not in _HOP_BY_HOP}
    event = {
        "version": "2.0",
        "routeKey": match.route.key,
        "rawPath": request.path,
        "rawQueryString": request.query,
        "cookies": cookies,
        "headers": dict(sorted({**sent, **_added(request, headers, now_s)}.items())),
        "queryStringParameters": joined_parameters(request.query),
        "requestContext": _context(request, match, headers, request_id, now_s),
        "pathParameters": match.path_parameters,
        **_body(request.body, headers),
    }
    return {key: value for key, value in event.items() if value or key not in _ABSENT_WHEN_EMPTY}


_ABSENT_WHEN_EMPTY = frozenset({"cookies", "queryStringParameters", "pathParameters", "body"})


def joined_parameters(query: str) -> dict[str, str]:
    """Decode a query string; a parameter given twice has its values joined by a comma."""
    result: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        result[name] = f"{result[name]},{value}" if name in result else value
    return result


def _added(request: Request, headers: Mapping[str, str], now_s: float) -> dict[str, str]:
    """Return the headers the gateway sets itself."""
    host = headers.get("host", "localhost")
    before = headers.get("x-forwarded-for")
    return {
        "content-length": str(len(request.body)),
        "host": host,
        "x-amzn-trace-id": f"Root=1-{int(now_s):08x}-{secrets.token_hex(12)}",
        "x-forwarded-for": f"{before}, {request.source_ip}" if before else request.source_ip,
        "x-forwarded-port": host.partition(":")[2] or "80",
        "x-forwarded-proto": "http",
    }


def _context(
    request: Request, match: Match, headers: Mapping[str, str], request_id: str, now_s: float
) -> dict[str, Any]:
    domain = headers.get("host", "localhost").partition(":")[0]
    return {
        "accountId": ACCOUNT,
        "apiId": API,
        "domainName": domain,
        "domainPrefix": domain.partition(".")[0],
        "http": {
            "method": request.method,
            "path": request.path,
            "protocol": request.protocol,
            "sourceIp": request.source_ip,
            "userAgent": headers.get("user-agent", ""),
        },
        "requestId": request_id,
        "routeKey": match.route.key,
        "stage": STAGE,
        "time": time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(now_s)),
        "timeEpoch": int(now_s * 1000),
    }


def _body(body: bytes, headers: Mapping[str, str]) -> dict[str, Any]:
    if not body:
        return {"body": "", "isBase64Encoded": False}
    if _is_text(headers):
        return {"body": body.decode("utf-8", "replace"), "isBase64Encoded": False}
    return {"body": base64.b64encode(body).decode("ascii"), "isBase64Encoded": True}


def _is_text(headers: Mapping[str, str]) -> bool:
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    plain = headers.get("content-encoding", "identity").strip().lower() == "identity"
    return plain and (kind.startswith("text/") or kind in _TEXT_TYPES)
