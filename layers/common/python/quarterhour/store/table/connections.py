"""Kept connections to one endpoint; a request has one for itself.

The standard library makes them and reads the answers. Requests are written here, head and body at
once: in two pieces, as `http.client` sends them, they cost half as much again.
"""

import select
import socket
import ssl
from collections.abc import Mapping
from http.client import HTTPException, HTTPResponse
from typing import NamedTuple

from quarterhour.store.table.endpoint import Endpoint
from quarterhour.store.table.refused import CallLost, Unreachable
from quarterhour.store.table.trust import Trust


class Response(NamedTuple):
    """An HTTP answer, whole as far as its length says; names of headers are lower-case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Connections:
    """Connections that stay open between requests, as many as threads had one at a time.

    A connection is given `connect_s` seconds to be made, and an answer `read_s` for each part.
    """

    def __init__(
        self, endpoint: Endpoint, environ: Mapping[str, str], connect_s: float, read_s: float
    ) -> None:
        self.connect_s, self.read_s = connect_s, read_s
        self._url, self._address = endpoint.url, endpoint.address
        # Without that of encodings, whatever stands between may pack the answer.
        self._first_lines = f"POST {endpoint.path} HTTP/1.1", "Accept-Encoding: identity"
        self._trust = Trust(self._address[0], environ) if endpoint.is_secure else None
        self._idle: list[socket.socket] = []

    def close(self) -> None:
        """Close those that nobody uses; the next request makes a new one."""
        while self._idle:
            self._idle.pop().close()

    def post(self, headers: Mapping[str, str], body: bytes, *, repeatable: bool) -> Response:
        """Send a POST and return its answer; CallLost where none came.

        What is repeatable is sent once more, over a new connection, where the other side closed the
        old one just then: it may have been asked, or not.
        """
        request = self._request(headers, body)
        try:
            if kept := self._kept():
                try:
                    return self._answer(kept, request)
                except ConnectionError:
                    if not repeatable:
                        raise
            return self._answer(self._made(), request)
        except (OSError, HTTPException) as error:
            raise CallLost(f"no answer from {self._url}: {error!r}") from error

    def _request(self, headers: Mapping[str, str], body: bytes) -> bytes:
        fields = [f"{name}: {value}" for name, value in headers.items()]
        lines = [*self._first_lines, *fields, f"Content-Length: {len(body)}", "", ""]
        head = "\r\n".join(lines)
        if head.count("\n") != len(lines) - 1:
            raise ValueError("A header's value has more than one line.")
        return head.encode("latin-1") + body

    def _answer(self, connection: socket.socket, request: bytes) -> Response:
        is_whole = False
        try:
            connection.sendall(request)
            with HTTPResponse(connection, method="POST") as response:
                response.begin()
                body = response.read()
            headers = {name.lower(): value for name, value in response.getheaders()}
            is_whole = not response.will_close
            return Response(response.status, headers, body)
        finally:
            if is_whole:
                self._idle.append(connection)
            else:  # what is left unread would be taken for the next answer
                connection.close()

    def _kept(self) -> socket.socket | None:
        """Return a connection that is still open, as far as is known here."""
        while True:
            try:
                connection = self._idle.pop()
            except IndexError:  # another thread may have had the last
                return None
            if not _has_something_to_read(connection):
                return connection
            connection.close()

    def _made(self) -> socket.socket:
        try:
            made = self._connected()
        except OSError as error:
            raise Unreachable(f"no connection to {self._url}: {error}") from error
        made.settimeout(self.read_s)
        return made

    def _connected(self) -> socket.socket:
        if not self._trust:
            return self._plain()
        try:
            return self._secured(self._trust)
        except ssl.SSLCertVerificationError:
            if not self._trust.widen():
                raise
            return self._secured(self._trust)

    def _secured(self, trust: Trust) -> socket.socket:
        plain = self._plain()
        try:
            return trust.context.wrap_socket(plain, server_hostname=self._address[0])
        except OSError:
            plain.close()
            raise

    def _plain(self) -> socket.socket:
        made = socket.create_connection(self._address, self.connect_s)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        return made


def _has_something_to_read(connection: socket.socket) -> bool:
    """Return whether something came that nobody asked for: of an idle connection, its end."""
    poll = select.poll()
    poll.register(connection, select.POLLIN)
    return bool(poll.poll(0))
