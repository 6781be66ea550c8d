"""A proxy between the service and its table, which does to a share of the calls what can happen.

Every kind of fault happens about equally often, in an order that a seed chooses. What is applied
and answered wrongly was applied: who sends it again has to be safe.
"""

import json
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random
from typing import Any, NamedTuple
from urllib.parse import urlsplit

HOST = "127.0.0.1"
HANG_S = 8.0  # the service's client waits 5
DELAY_S = 0.3
_PREFIX = "com.amazonaws.dynamodb.v20120810#"
_HTML = b"<html><body><h1>503 Service Temporarily Unavailable</h1></body></html>"
_ENGINE_S = 60.0


class Request(NamedTuple):
    """A call: `GetItem`, `Query`, and its body, as sent and as it is."""

    operation: str
    sent: bytes
    headers: Mapping[str, str]

    @property
    def body(self) -> Any:
        return json.loads(self.sent)


class Reply(NamedTuple):
    """What is answered: of `body` only the first `shown` bytes are sent, where that is said."""

    status: int
    body: bytes
    type: str = "application/x-amz-json-1.0"
    shown: int | None = None


class Reset(Exception):
    """The connection is torn down instead of an answer."""


Forward = Callable[[Request], Reply]
Fault = Callable[["FaultProxy", Request], Reply]


def _refused(code: str, status: int, message: str = "", **more: Any) -> Reply:
    body = {"__type": f"{_PREFIX}{code}", "message": message or code, **more}
    return Reply(status, json.dumps(body).encode())


def _throttled(_: "FaultProxy", __: Request) -> Reply:
    return _refused("ProvisionedThroughputExceededException", 400, "The level was exceeded")


def _server_error(_: "FaultProxy", __: Request) -> Reply:
    return _refused("InternalServerError", 500)


def _failure(_: "FaultProxy", __: Request) -> Reply:
    return _refused("InternalFailure", 500)


def _unavailable(_: "FaultProxy", __: Request) -> Reply:
    return _refused("ServiceUnavailable", 503)


def _page(_: "FaultProxy", __: Request) -> Reply:
    return Reply(503, _HTML, "text/html")


def _nothing(_: "FaultProxy", __: Request) -> Reply:
    return Reply(500, b"")


def _reset(_: "FaultProxy", __: Request) -> Reply:
    raise Reset


def _applied_then_reset(proxy: "FaultProxy", request: Request) -> Reply:
    proxy.forward(request)
    raise Reset


def _applied_then_timeout(proxy: "FaultProxy", request: Request) -> Reply:
    proxy.forward(request)
    time.sleep(HANG_S)
    raise Reset


def _delayed(proxy: "FaultProxy", request: Request) -> Reply:
    time.sleep(DELAY_S)
    return proxy.forward(request)


def _cut(proxy: "FaultProxy", request: Request) -> Reply:
    """The connection ends in the middle of the body."""
    reply = proxy.forward(request)
    return reply._replace(shown=len(reply.body) // 2)


def _cut_json(proxy: "FaultProxy", request: Request) -> Reply:
    """The body is shorter than it was, and says so."""
    reply = proxy.forward(request)
    return reply._replace(body=reply.body[: len(reply.body) // 2])


def _conflict(_: "FaultProxy", request: Request) -> Reply:
    if request.operation != "TransactWriteItems":
        return _refused("TransactionConflictException", 400, "Transaction is ongoing for the item")
    first, *others = request.body["TransactItems"]
    conflict = {"Code": "TransactionConflict", "Message": "Transaction is ongoing for the item"}
    reasons = [conflict if item is first else {"Code": "None"} for item in (first, *others)]
    named = ", ".join(reason["Code"] for reason in reasons)
    return _refused(
        "TransactionCanceledException",
        400,
        f"Transaction cancelled, please refer to cancellation reasons [{named}]",
        CancellationReasons=reasons,
    )


def _stale(proxy: "FaultProxy", request: Request) -> Reply:
    """A read that may be old is: as the same read was the first time, or as it is."""
    return proxy.first_replies.get(request.sent) or proxy.forward(request)


def _unprocessed(proxy: "FaultProxy", request: Request) -> Reply:
    """Half of a batch is left for later."""
    body = request.body
    ((table, wanted),) = body["RequestItems"].items()
    keys = wanted["Keys"]
    half = len(keys) // 2
    later = {table: {**wanted, "Keys": keys[half:]}}
    if not half:
        return Reply(200, json.dumps({"Responses": {table: []}, "UnprocessedKeys": later}).encode())
    sooner = {**body, "RequestItems": {table: {**wanted, "Keys": keys[:half]}}}
    reply = proxy.forward(request._replace(sent=json.dumps(sooner).encode()))
    answer = json.loads(reply.body)
    return reply._replace(body=json.dumps({**answer, "UnprocessedKeys": later}).encode())


_READS = {"GetItem", "Query", "BatchGetItem"}
_WRITES = {"UpdateItem", "DeleteItem", "TransactWriteItems"}
# What can happen to which calls.
FAULTS: dict[str, tuple[Fault, set[str]]] = {
    "throttle": (_throttled, _READS | _WRITES),
    "InternalServerError": (_server_error, _READS | _WRITES),
    "InternalFailure": (_failure, _READS | _WRITES),
    "503 of JSON": (_unavailable, _READS | _WRITES),
    "503 of HTML": (_page, _READS | _WRITES),
    "500 without a body": (_nothing, _READS | _WRITES),
    "reset": (_reset, _READS | _WRITES),
    "applied, then reset": (_applied_then_reset, _WRITES),
    "applied, then timeout": (_applied_then_timeout, {"TransactWriteItems"}),
    "delay": (_delayed, _READS | _WRITES),
    "cut body": (_cut, _READS | _WRITES),
    "cut JSON": (_cut_json, _READS | _WRITES),
    "conflict": (_conflict, _WRITES),
    "stale read": (_stale, {"GetItem", "Query", "BatchGetItem"}),
    "UnprocessedKeys": (_unprocessed, {"BatchGetItem"}),
}


def _may_be_old(request: Request) -> bool:
    """Return whether a read is eventually consistent."""
    body = request.body
    if request.operation != "BatchGetItem":
        return not body.get("ConsistentRead")
    return not any(wanted.get("ConsistentRead") for wanted in body["RequestItems"].values())


@dataclass
class _Rates:
    """A share of calls, by chance, gets the fault that it can have and that was had least."""

    share: float
    random: Random

    def __post_init__(self) -> None:
        self.had = Counter[str]()
        self._lock = threading.Lock()

    def next(self, request: Request) -> str | None:
        """Return what happens to a call."""
        with self._lock:
            if self.random.random() >= self.share:
                return None
            names = [
                name
                for name, (_, operations) in FAULTS.items()
                if request.operation in operations
                and (name != "stale read" or _may_be_old(request))
            ]
            name = min(names, key=lambda one: (self.had[one], self.random.random()), default=None)
            if name:
                self.had[name] += 1
            return name


class FaultProxy:
    """A running proxy; `share` of the calls have a fault, and `had` says how often each."""

    def __init__(self, engine_url: str, seed: int, share: float) -> None:
        self._engine = urlsplit(engine_url).netloc
        self._rates = _Rates(share, Random(seed))
        self.first_replies: dict[bytes, Reply] = {}

    @property
    def had(self) -> Mapping[str, int]:
        """How often each fault has happened."""
        return self._rates.had

    def calm(self) -> None:
        """Let nothing happen any more."""
        self._rates.share = 0.0

    def reply(self, request: Request) -> Reply:
        """Return the answer of a call, or what happens to it; Reset where there is none."""
        name = self._rates.next(request)
        return FAULTS[name][0](self, request) if name else self.forward(request)

    def forward(self, request: Request) -> Reply:
        """Return the engine's answer."""
        connection = HTTPConnection(self._engine, timeout=_ENGINE_S)
        try:
            connection.request("POST", "/", request.sent, dict(request.headers))
            answer = connection.getresponse()
            kind = answer.getheader("content-type", "")
            reply = Reply(answer.status, answer.read(), kind)
        finally:
            connection.close()
        if request.operation in _READS and _may_be_old(request):
            self.first_replies.setdefault(request.sent, reply)
        return reply


@contextmanager
def running(proxy: FaultProxy) -> Iterator[str]:
    """Serve a proxy on a free port; yields its URL."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            sent = self.rfile.read(int(self.headers["content-length"]))
            operation = self.headers.get("x-amz-target", "").rpartition(".")[2]
            kept = ("content-type", "x-amz-target", "authorization", "x-amz-date")
            headers = {name: self.headers[name] for name in kept if name in self.headers}
            try:
                self._send(proxy.reply(Request(operation, sent, headers)))
            except Reset:
                self._tear_down()

        def _send(self, reply: Reply) -> None:
            self.send_response(reply.status)
            self.send_header("content-type", reply.type)
            self.send_header("content-length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body[: reply.shown])
            if reply.shown is not None:
                self._tear_down()

        def _tear_down(self) -> None:
            """End the connection with a reset, as a host that vanished does."""
            self.wfile.flush()
            with suppress(OSError):
                self.connection.setsockopt(
                    socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
                )
            self.close_connection = True

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

        def handle(self) -> None:
            with suppress(ConnectionError):
                super().handle()

    server = ThreadingHTTPServer((HOST, 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://{HOST}:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
