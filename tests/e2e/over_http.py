"""One-line calls of a running server."""

from http.client import HTTPConnection, HTTPSConnection
from json import dumps
from typing import Any
from urllib.parse import urlsplit

from tests.conftest import Answer

_PATIENCE_S = 300.0  # where functions run in containers, a first answer waits for one


def call(url: str, method: str, target: str, body: Any = None, **headers: str) -> Answer:
    """Send one request on a connection of its own; what is not bytes is sent as JSON.

    `url` is http or https, and may have a path before the API's own.
    """
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if body is not None:
        named.setdefault("content-type", "application/json")
    sent = body if body is None or isinstance(body, bytes) else dumps(body).encode()
    where = urlsplit(url)
    connect = HTTPSConnection if where.scheme == "https" else HTTPConnection
    connection = connect(where.netloc, timeout=_PATIENCE_S)
    try:
        connection.request(method, where.path.rstrip("/") + target, sent, named)
        answer = connection.getresponse()
        found = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, found, answer.read())
    finally:
        connection.close()
