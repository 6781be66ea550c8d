"""One-line calls of a running server."""

from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection
from json import dumps, loads
from typing import Any

_PATIENCE_S = 60.0


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer; header names are lower-case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return loads(self.body)


def call(url: str, method: str, target: str, body: Any = None, **headers: str) -> Answer:
    """Send one request on a connection of its own; what is not bytes is sent as JSON."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if body is not None:
        named.setdefault("content-type", "application/json")
    sent = body if body is None or isinstance(body, bytes) else dumps(body).encode()
    connection = HTTPConnection(url.removeprefix("http://"), timeout=_PATIENCE_S)
    try:
        connection.request(method, target, sent, named)
        answer = connection.getresponse()
        found = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, found, answer.read())
    finally:
        connection.close()
