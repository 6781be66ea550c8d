"""What gunicorn serves: the gateway over template.yaml and functions/, as a WSGI application.

Loaded once before the workers are forked; each of them then takes one request at a time, as a
Lambda environment does. The environment of the functions is set by who starts gunicorn.
"""

import gc
import http.client
import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING, BinaryIO

from local import template
from local.functions import load
from local.gateway import BODY_LIMIT, Gateway

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

_DRAINED = 64 * 1024 * 1024
_NO_BODY = frozenset({204, 304})


def wsgi(gateway: Gateway) -> "WSGIApplication":
    """Make the WSGI application in front of `gateway`."""

    def application(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        answer = gateway.handle(
            environ["REQUEST_METHOD"],
            _target(environ),
            _headers(environ),
            _body(environ["wsgi.input"]),
            environ.get("REMOTE_ADDR", "127.0.0.1"),
        )
        headers = list(answer.headers)
        if answer.status not in _NO_BODY:
            headers.append(("content-length", str(len(answer.body))))
        start_response(f"{answer.status} {_reason(answer.status)}", headers)
        bodyless = environ["REQUEST_METHOD"] == "HEAD" or answer.status in _NO_BODY
        return [] if bodyless else [answer.body]

    return application


def _reason(status: int) -> str:
    return http.client.responses.get(status, "Unknown")


def _target(environ: "WSGIEnvironment") -> str:
    """Give the path and query string as sent; gunicorn keeps them in RAW_URI."""
    raw: str = environ["RAW_URI"]
    if raw.startswith(("http://", "https://")):
        raw = "/" + raw.partition("://")[2].partition("/")[2]
    return raw.partition("#")[0]


def _headers(environ: "WSGIEnvironment") -> Iterable[tuple[str, str]]:
    for name, value in environ.items():
        if name.startswith("HTTP_"):
            yield name[5:].replace("_", "-").lower(), value
    for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if environ.get(name):
            yield name.replace("_", "-").lower(), environ[name]


def _body(stream: BinaryIO) -> bytes:
    """Read the body, at most a byte more than is allowed.

    The rest is read and forgotten: a client that still sends would not see the answer.
    """
    body = stream.read(BODY_LIMIT + 1)
    left = _DRAINED if len(body) > BODY_LIMIT else 0
    while left > 0 and (chunk := stream.read(min(left, 65_536))):
        left -= len(chunk)
    return body


def application() -> "WSGIApplication":
    """Make the WSGI application of the project: template.yaml's routes, functions/ behind them."""
    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s")
    loaded = template.load()
    gateway = Gateway(loaded, load(loaded))
    gc.freeze()
    return wsgi(gateway)
