"""One-line calls of a running server."""

from http import HTTPStatus
from http.client import HTTPConnection, HTTPSConnection
from json import dumps
from time import sleep
from typing import Any
from urllib.parse import urlsplit

from tests.conftest import Answer
from tests.patience import PATIENCE_S

_TRIES = 30


def call(url: str, method: str, target: str, body: Any = None, **headers: str) -> Answer:
    """Send a request on a connection of its own; what is not bytes is sent as JSON.

    `url` is http or https, and may have a path before the API's own. Where the table is busy it is
    sent again, as the answer asks: so is the machine at times.
    """
    for _ in range(_TRIES):
        answer = once(url, method, target, body, **headers)
        if answer.status != HTTPStatus.SERVICE_UNAVAILABLE or "retry-after" not in answer.headers:
            break
        sleep(float(answer.headers["retry-after"]))
    return answer


def once(url: str, method: str, target: str, body: Any = None, **headers: str) -> Answer:
    """Send a request as `call` does, once, whatever is answered."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if body is not None:
        named.setdefault("content-type", "application/json")
    sent = body if body is None or isinstance(body, bytes) else dumps(body).encode()
    where = urlsplit(url)
    connect = HTTPSConnection if where.scheme == "https" else HTTPConnection
    connection = connect(where.netloc, timeout=PATIENCE_S)
    try:
        connection.request(method, where.path.rstrip("/") + target, sent, named)
        answer = connection.getresponse()
        found = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, found, answer.read())
    finally:
        connection.close()
