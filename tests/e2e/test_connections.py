"""Many connections to few processes: none holds up another, no request is lost or cut short.

What would wait for ever waits for 60 s here at least, so a client may be patient for 30.
"""

import json
import os
import signal
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.conftest import Answer
from tests.e2e.one_function import LARGE_BYTES, Server, serving
from tests.e2e.over_http import call

pytestmark = pytest.mark.e2e

PATIENCE_S = 30
MANY = 12  # connections of a kind: more than there are workers
HEAD = b"POST /process HTTP/1.1\r\nHost: localhost\r\n"
WHOLE = b"GET /process HTTP/1.1\r\nHost: localhost\r\n\r\n"
IDLE = {
    "silent": b"",
    "half a request line": b"GET /pro",
    "half the headers": b"GET /process HTTP/1.1\r\nHost: loc",
    "half a body": HEAD + b"Content-Length: 100\r\n\r\nhalf",
    "half a chunk": HEAD + b"Transfer-Encoding: chunked\r\n\r\n64\r\nhalf",
    "half a body that was asked for": HEAD + b"Content-Length: 9\r\nExpect: 100-continue\r\n\r\n",
    "answered, and half the next request": WHOLE + b"GET /pro",
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("server")) as running:
        yield running


@contextmanager
def connected(server: Server, sent: bytes) -> Iterator[socket.socket]:
    """Connect, and send what may be less than a request."""
    with socket.create_connection(("127.0.0.1", server.port), PATIENCE_S) as connection:
        connection.sendall(sent)
        yield connection


def ask(server: Server, path: str) -> Answer:
    return call(server.url, "GET", path)


def text(answer: Answer) -> str:
    assert answer.status == 200, answer.body
    return answer.body.decode()


@pytest.mark.parametrize("sent", IDLE.values(), ids=IDLE)
def test_connections_that_wait_hold_up_nobody(server: Server, sent: bytes) -> None:
    with ExitStack() as stack:
        for _ in range(MANY):
            stack.enter_context(connected(server, sent))
        for _ in range(MANY):
            with connected(server, WHOLE) as connection:
                assert connection.recv(12) == b"HTTP/1.1 200"


def test_connections_that_are_kept_hold_up_nobody_and_are_answered_again(server: Server) -> None:
    with ExitStack() as stack:
        kept = [HTTPConnection("127.0.0.1", server.port, PATIENCE_S) for _ in range(MANY)]
        for connection in kept:
            stack.callback(connection.close)
        for _ in range(3):
            for connection in kept:
                connection.request("GET", "/process")
                socket_before = connection.sock
                assert connection.getresponse().read().isdigit()
                assert connection.sock is socket_before
            assert text(ask(server, "/process")).isdigit()


def test_clients_that_do_not_read_their_answer_hold_up_nobody(server: Server) -> None:
    large = WHOLE.replace(b"/process", b"/large")
    with ExitStack() as stack:
        for _ in range(MANY):
            stack.enter_context(connected(server, large))
        assert len(text(ask(server, "/large"))) == LARGE_BYTES
        assert text(ask(server, "/process")).isdigit()


def test_a_request_goes_to_the_process_that_is_free(server: Server) -> None:
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(ask, server, "/wait/long")
        busy = server.begun("long")
        others = {int(text(ask(server, "/process"))) for _ in range(MANY)}
        server.let_go("long")
        assert text(slow.result()) == "long"
    assert busy not in others


def test_a_process_has_one_request_at_a_time(server: Server) -> None:
    with ThreadPoolExecutor(MANY) as pool:
        answers = pool.map(lambda _: text(ask(server, "/alone")), range(10 * MANY))
        assert set(answers) == {"1"}


def test_a_request_in_progress_is_answered_when_its_process_has_to_end(server: Server) -> None:
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(ask, server, "/wait/end")
        os.kill(server.begun("end"), signal.SIGTERM)
        assert text(ask(server, "/process")).isdigit()
        server.let_go("end")
        assert text(slow.result()) == "end"


def test_two_requests_sent_at_once_are_two_answers(server: Server) -> None:
    with connected(server, WHOLE + WHOLE) as connection:
        received = b""
        while received.count(b"HTTP/1.1 200 OK") < 2:
            part = connection.recv(65_536)
            assert part
            received += part


# --- Clients that take too long -------------------------------------------------------------------


@pytest.mark.parametrize("sent", [IDLE["half the headers"], IDLE["half a body"]])
def test_a_request_that_does_not_come_in_time_is_a_408(tmp_path: Path, sent: bytes) -> None:
    with serving(tmp_path, REQUEST_S="0.5") as server, connected(server, sent) as connection:
        received = b"".join(iter(lambda: connection.recv(65_536), b""))
        assert received.startswith(b"HTTP/1.1 408 Request Timeout\r\n")
        assert received.endswith(b'{"error": "The request did not come within 0.5 s."}')
        assert "Traceback" not in server.log


def test_a_request_that_comes_byte_by_byte_has_no_more_time(tmp_path: Path) -> None:
    with serving(tmp_path, REQUEST_S="0.5") as server, connected(server, b"") as connection:
        connection.settimeout(0.05)
        for _ in range(600):  # 30 s
            with suppress(TimeoutError):
                assert connection.recv(65_536).startswith(b"HTTP/1.1 408 Request Timeout\r\n")
                return
            connection.sendall(b"A")
    pytest.fail("the request was waited for")


def test_a_connection_that_is_kept_has_its_time_for_every_request(tmp_path: Path) -> None:
    with serving(tmp_path, REQUEST_S="0.5") as server:
        kept = HTTPConnection("127.0.0.1", server.port, PATIENCE_S)
        for _ in range(3):
            kept.request("GET", "/process")
            assert kept.getresponse().read().isdigit()
            time.sleep(0.6)
        kept.close()


LARGE = b"POST /large HTTP/1.1\r\nHost: localhost\r\n"


@pytest.mark.parametrize("head", [b"\r\n", b"Content-Length: 4\r\nExpect: 100-continue\r\n\r\n"])
def test_who_does_not_read_the_answer_is_given_up(tmp_path: Path, head: bytes) -> None:
    with (
        serving(tmp_path, REQUEST_S="600", ANSWER_S="0.5") as server,
        connected(server, LARGE + head) as connection,
    ):
        if b"Expect" in head:
            assert connection.recv(21) == b"HTTP/1.1 100 Continue"
            connection.sendall(b"body")
        deadline = time.monotonic() + PATIENCE_S
        while "Ignoring connection epipe" not in server.log:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert "Traceback" not in server.log
        assert len(b"".join(iter(lambda: connection.recv(65_536), b""))) < LARGE_BYTES


# --- Functions that do not answer -----------------------------------------------------------------


def test_a_function_that_takes_too_long_is_a_503_and_its_process_is_another(tmp_path: Path) -> None:
    with serving(tmp_path, LIMIT_S="1") as server:
        answer = ask(server, "/forever/long")
        assert (answer.status, answer.body) == (503, b'{"message":"Service Unavailable"}')
        overdue = server.begun("long")
        assert overdue not in {int(text(ask(server, "/process"))) for _ in range(MANY)}
        assert "A function took longer than 1 s: it is ended" in server.log
        assert "Traceback" not in server.log


def test_who_waits_for_the_only_process_is_served_by_the_next_one(tmp_path: Path) -> None:
    with serving(tmp_path, workers=1, LIMIT_S="1") as server, ThreadPoolExecutor(MANY) as pool:
        slow = pool.submit(ask, server, "/forever/long")
        overdue = server.begun("long")
        waiting = [pool.submit(ask, server, "/process") for _ in range(MANY - 1)]
        assert slow.result().status == 503
        assert overdue not in {int(text(each.result())) for each in waiting}


def test_a_request_on_a_kept_connection_is_answered_also_when_its_process_ends(
    tmp_path: Path,
) -> None:
    with serving(tmp_path, workers=1, LIMIT_S="1") as server, ThreadPoolExecutor(1) as pool:
        kept = HTTPConnection("127.0.0.1", server.port, PATIENCE_S)
        kept.request("GET", "/process")
        assert kept.getresponse().read().isdigit()
        slow = pool.submit(ask, server, "/forever/long")
        server.begun("long")
        kept.request("GET", "/process")
        assert kept.getresponse().status == 503
        assert slow.result().status == 503
        kept.close()


# --- What is not HTTP -----------------------------------------------------------------------------

GET = b"GET /process HTTP/1.1\r\n"
HOST = b"Host: localhost\r\n"
BAD = {
    "no request line": (b"\x16\x03\x01\x02\x00\x01\r\n\r\n", 400),
    "a small method": (b"get / HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    "an unknown version": (b"GET / HTTP/9.9\r\n" + HOST + b"\r\n", 400),
    "a target with a space": (b"GET /a b HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    "no host": (GET + b"\r\n", 400),
    "two hosts": (GET + HOST + HOST + b"\r\n", 400),
    "a long request line": (b"GET /" + b"a" * 9_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n", 414),
    "a long header": (GET + HOST + b"X: " + b"a" * 20_000 + b"\r\n\r\n", 431),
    "many headers": (GET + HOST + b"X: a\r\n" * 200 + b"\r\n", 431),
    "a header without a colon": (GET + HOST + b"none\r\n\r\n", 400),
    "a folded header": (GET + HOST + b"X: a\r\n b\r\n\r\n", 400),
    "a bare line feed": (GET + HOST + b"X: a\nY: b\r\n\r\n", 400),
    "a NUL": (GET + HOST + b"X: a\x00b\r\n\r\n", 400),
    "a length that is none": (HEAD + b"Content-Length: one\r\n\r\n", 400),
    "a negative length": (HEAD + b"Content-Length: -1\r\n\r\n", 400),
    "two lengths": (HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
    "a length and chunks": (
        HEAD + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        400,
    ),
    "chunks twice": (HEAD + b"Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n", 400),
    "an unknown coding": (HEAD + b"Transfer-Encoding: brotli\r\n\r\n", 501),
    "a bad chunk": (HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
    "a chunk of another size": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n", 400),
    "a name with an umlaut": (GET + HOST + "ü: a\r\n\r\n".encode(), 400),
    "an expectation": (HEAD + b"Content-Length: 1\r\nExpect: much\r\n\r\na", 417),
    "a body cut short": (HEAD + b"Content-Length: 100\r\n\r\nhalf", 400),
}


@pytest.mark.parametrize(("sent", "status"), BAD.values(), ids=BAD)
def test_what_is_not_http_is_refused_with_the_error_body(
    server: Server, sent: bytes, status: int
) -> None:
    with connected(server, sent) as connection:
        connection.shutdown(socket.SHUT_WR)
        received = b"".join(iter(lambda: connection.recv(65_536), b""))
    head, _, body = received.partition(b"\r\n\r\n")
    assert int(head.split()[1]) == status
    assert b"content-type: application/json" in head.lower()
    assert f"content-length: {len(body)}".encode() in head.lower()
    refusal = json.loads(body)
    assert refusal.keys() == {"error"}
    assert refusal["error"].endswith(".")
    assert "Traceback" not in server.log
