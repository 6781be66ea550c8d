"""A server that answers as DynamoDB, or something before it, does when it is not well."""

import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Thread

_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)
_ALL = 65_536


@dataclass
class FaultyDynamoDB:
    """Answers each request with the first of `answers`, the last of them for ever; counts them."""

    port: int
    answers: list[bytes] = field(default_factory=list)
    asked: int = 0

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def next_answer(self) -> bytes:
        """Return the bytes that the next request is answered with."""
        self.asked += 1
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def http(status: int, body: bytes, *headers: bytes, length: int | None = None) -> bytes:
    """Return an HTTP answer; one that says it is longer than it is ends before its end."""
    head = [b"HTTP/1.1 %d X" % status, b"Content-Type: application/x-amz-json-1.0", *headers]
    head += [b"Content-Length: %d" % (len(body) if length is None else length)]
    return b"\r\n".join([*head, b"Connection: close", b"", body])


@contextmanager
def faulty_dynamodb() -> Iterator[FaultyDynamoDB]:
    """Run such a server until the end of the block."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = FaultyDynamoDB(listening.getsockname()[1])
        answering = Thread(target=_serve, args=(listening, server), daemon=True)
        answering.start()
        yield server
        listening.shutdown(socket.SHUT_RDWR)
        answering.join()


def _serve(listening: socket.socket, server: FaultyDynamoDB) -> None:
    while True:
        try:
            connection, _ = listening.accept()
        except OSError:  # it is over
            return
        with connection:
            _read(connection)
            connection.sendall(server.next_answer())


def _read(connection: socket.socket) -> None:
    """Read a request to its end: what is left unread would reset the connection."""
    received = b""
    while b"\r\n\r\n" not in received:
        received += connection.recv(_ALL)
    head, _, body = received.partition(b"\r\n\r\n")
    found = _LENGTH.search(head)
    left = int(found[1]) - len(body) if found else 0
    while left > 0:
        left -= len(connection.recv(_ALL))
