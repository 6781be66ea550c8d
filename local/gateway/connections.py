"""gunicorn's threaded worker, made so that a connection that waits holds up nobody else.

A connection on which nothing comes waits in the poller. A request is read, and its answer sent, in
a thread of its own, within a time limit each; the functions are called in turn (turns.py). While
they are, new connections are left to the other workers.
"""

import errno
import os
import signal
import socket
import time
from concurrent.futures import Future
from http import HTTPStatus
from typing import Any

from gunicorn.http import get_parser
from gunicorn.http.unreader import SocketUnreader
from gunicorn.workers import gthread

from local.gateway.answer import Answer
from local.gateway.refusals import TooSlowError, refusal

REQUEST_S = 30.0
ANSWER_S = 30.0

_DEFERRED: Future[object] = Future()
_DEFERRED.set_result(gthread._DEFER)  # noqa: SLF001 - what `handle` returns for a silent connection


class Reader(SocketUnreader):  # type: ignore[misc]
    """Reads a connection, each request on it until `begin` + REQUEST_S."""

    def begin(self) -> None:
        """Start the time limit of the next request."""
        self._until_s = time.monotonic() + REQUEST_S

    def chunk(self, size_hint: int | None = None) -> bytes:
        """Read what is there; TooSlowError where nothing comes in time."""
        left_s = self._until_s - time.monotonic()
        try:
            if left_s <= 0:
                raise TimeoutError  # noqa: TRY301 - as the socket would
            self.sock.settimeout(left_s)
            received: bytes = super().chunk(size_hint)
        except TimeoutError:
            raise TooSlowError(f"The request did not come within {REQUEST_S:g} s.") from None
        finally:
            self.sock.settimeout(ANSWER_S)
        return received


class Worker(gthread.ThreadWorker):  # type: ignore[misc]
    """A process of the server: many connections, one function at a time."""

    def load_wsgi(self) -> None:
        """Load the application, whose turns decide on new connections from here on."""
        super().load_wsgi()
        self.turns = self.wsgi.turns
        self.watch_turns()

    def watch_turns(self) -> None:
        """Look for new connections as soon as a turn is free."""
        self.turns.watch = lambda: self.method_queue.defer(self._accept_while_free)

    def accept(self, listener: Any) -> None:
        """Take a new connection, or leave it to a process whose turn is free."""
        if self.turns.taken:
            self.set_accept_enabled(enabled=False)
        else:
            super().accept(listener)

    def set_accept_enabled(self, enabled: bool) -> None:  # noqa: FBT001 - as gunicorn has it
        """Look for new connections, unless a function is running: others would answer sooner."""
        super().set_accept_enabled(enabled and not self.turns.taken)

    def _accept_while_free(self) -> None:
        if self.alive:
            self.set_accept_enabled(self.nr_conns < self.worker_connections)

    def enqueue_req(self, conn: Any) -> None:
        """Pass a connection to a thread as soon as something has arrived on it."""
        if conn.initialized or conn.data_ready:
            super().enqueue_req(conn)
        else:
            self.finish_request(conn, _DEFERRED)

    def handle(self, conn: Any) -> Any:
        """Read a request and answer it, in a thread of its own."""
        if conn.parser is None:
            conn.parser = get_parser(self.cfg, conn.sock, conn.client)
            conn.parser.unreader = Reader(conn.sock)
        conn.parser.unreader.begin()
        return super().handle(conn)

    def handle_request(self, req: Any, conn: Any) -> Any:
        """Handle a request whose head was read; end this process if a function does not end."""
        conn.sock.settimeout(ANSWER_S)
        try:
            keep_alive = super().handle_request(req, conn)
        except TimeoutError:
            raise BrokenPipeError(errno.EPIPE, "the client does not read its answer") from None
        finally:
            self._end_if_overdue()
        return keep_alive

    def _keepalive_after(self, conn: Any, keepalive: Any) -> bool:
        """Read what is left of a body that was too large; its answer is sent already."""
        try:
            return bool(super()._keepalive_after(conn, keepalive))
        except TooSlowError:
            return False

    def _end_if_overdue(self) -> None:
        if self.turns.overdue and self.alive:
            self.log.critical("A function took longer than %g s: it is ended", self.turns.limit_s)
            os.kill(os.getpid(), signal.SIGTERM)

    def handle_error(self, req: Any, client: socket.socket, addr: Any, exc: BaseException) -> None:
        """Send the error body for what could not be read or answered."""
        del req, addr
        answer = refusal(exc)
        if answer.status == HTTPStatus.INTERNAL_SERVER_ERROR:
            self.log.error("A request failed", exc_info=exc)
        else:
            self.log.warning("A request was refused (%d): %s", answer.status, str(exc)[:200])
        try:
            client.sendall(_raw(answer))
        except OSError as error:
            self.log.debug("The refusal could not be sent: %s", error)


def _raw(answer: Answer) -> bytes:
    headers = (*answer.headers, ("content-length", str(len(answer.body))), ("connection", "close"))
    lines = [
        f"HTTP/1.1 {answer.status} {answer.reason}",
        *(f"{n}: {v}" for n, v in headers),
        "",
        "",
    ]
    return "\r\n".join(lines).encode("latin-1") + answer.body
