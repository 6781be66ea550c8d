"""What gunicorn serves: the gateway over template.yaml and functions/, as a WSGI application.

Loaded once before the workers are forked. The environment of the functions is set by who starts
gunicorn.
"""

import gc
import logging
import os
from collections.abc import Callable, Iterable
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, BinaryIO

from local import template
from local.gateway import hosts
from local.gateway.answer import Answer, error, message
from local.gateway.http_api import BODY_LIMIT, Gateway
from local.gateway.turns import OverdueError, Turns
from local.runtime import bell
from local.runtime.functions import load

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

_DRAINED = 64 * 1024 * 1024
_NO_BODY = frozenset({204, 304})
_WRITES = frozenset({"DELETE", "POST", "PUT"})
_REFUSED = range(400, 500)


class Application:
    """The WSGI application in front of `gateway`, for requests to the hosts that are `answered`.

    `wake` is called after each that may have written, and has to return at once.
    """

    def __init__(
        self,
        gateway: Gateway,
        turns: Turns | None = None,
        answered: frozenset[str] = hosts.OWN,
        wake: Callable[[], None] = lambda: None,
    ) -> None:
        self.turns = turns or Turns()
        self._gateway = gateway
        self._answered = answered
        self._wake = wake

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Return the answer to a request, which is read to its end before anything else."""
        answer = self._answer(environ, _body(environ["wsgi.input"]))
        if environ["REQUEST_METHOD"] in _WRITES and answer.status not in _REFUSED:
            self._wake()
        headers = list(answer.headers)
        if answer.status not in _NO_BODY:
            headers.append(("content-length", str(len(answer.body))))
        start_response(f"{answer.status} {answer.reason}", headers)
        bodyless = environ["REQUEST_METHOD"] == "HEAD" or answer.status in _NO_BODY
        return [] if bodyless else [answer.body]

    def _answer(self, environ: "WSGIEnvironment", body: bytes) -> Answer:
        headers = tuple(_headers(environ))
        refused = _refusal(environ, body) or self._other_host(environ, dict(headers))
        if refused:
            return refused
        method, target = environ["REQUEST_METHOD"], _target(environ)
        source_ip = environ.get("REMOTE_ADDR", "127.0.0.1")
        try:
            return self.turns.take(
                lambda: self._gateway.handle(method, target, headers, body, source_ip)
            )
        except OverdueError:
            return message(HTTPStatus.SERVICE_UNAVAILABLE, "Service Unavailable")

    def _other_host(self, environ: "WSGIEnvironment", headers: dict[str, str]) -> Answer | None:
        # No browser speaks HTTP/1.0, which need not name a host.
        if "host" not in headers and environ.get("SERVER_PROTOCOL") == "HTTP/1.0":
            return None
        return hosts.refusal(self._answered, environ["RAW_URI"], headers)


def _refusal(environ: "WSGIEnvironment", body: bytes) -> Answer | None:
    """Refuse a body that is cut short: it is not what the client meant."""
    if len(body) < min(int(environ.get("CONTENT_LENGTH") or 0), BODY_LIMIT + 1):
        return error(HTTPStatus.BAD_REQUEST, "The body is shorter than its Content-Length.")
    return None


def _target(environ: "WSGIEnvironment") -> str:
    """Return the path and query string as sent; gunicorn keeps them in RAW_URI."""
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


def application() -> Application:
    """Make the WSGI application of the project: template.yaml's routes, functions/ behind them."""
    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s")
    loaded = template.load()
    gateway = Gateway(loaded, load(loaded))
    gc.freeze()
    wake = partial(bell.ring, int(os.environ[bell.VARIABLE]))
    return Application(gateway, answered=hosts.named(os.environ.get("HOST", "")), wake=wake)
