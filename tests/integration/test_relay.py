"""The relay between containers and the engine: bytes pass whole, and no interface is needed."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import boto3
import pytest

from local.engine import relay
from local.engine.dynamodb import Engine
from local.lifeline import tied
from local.template import ROOT

pytestmark = pytest.mark.integration

PATIENCE_S = 60.0
NOBODYS = "192.0.2.77"  # of the addresses for documentation


@contextmanager
def relay_to(port: int) -> Iterator[int]:
    """Yield the port of a relay that leads to another one."""
    with relay.listen("127.0.0.1") as listener:
        number = listener.fileno()
        process = subprocess.Popen(
            tied([sys.executable, "-m", "local.engine.relay", str(number), str(port)]),
            cwd=ROOT,
            pass_fds=[number],
        )
        here = listener.getsockname()[1]
    try:
        yield here
        assert process.poll() is None
    finally:
        process.terminate()
        process.wait()


def received(connection: socket.socket) -> bytes:
    """Return what comes until the end."""
    return b"".join(iter(lambda: connection.recv(1024), b""))


def test_large_items_come_through_both_ways(engine: Engine, table: str) -> None:
    text = "0123456789" * 39_000
    with relay_to(int(engine.url.rpartition(":")[2])) as port:
        client = boto3.client("dynamodb", endpoint_url=f"http://127.0.0.1:{port}")
        for sort in ("a", "b"):
            item = {"pk": {"S": "relay"}, "sk": {"S": sort}, "text": {"S": text}}
            client.put_item(TableName=table, Item=item)
        answer = client.query(
            TableName=table,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": "relay"}},
        )
        client.close()
    assert [item["text"]["S"] for item in answer["Items"]] == [text, text]


def test_an_end_of_one_half_leaves_the_other() -> None:
    server = socket.create_server(("127.0.0.1", 0))
    with server, relay_to(server.getsockname()[1]) as port:
        client = socket.create_connection(("127.0.0.1", port), PATIENCE_S)
        asked, _ = server.accept()
        asked.settimeout(PATIENCE_S)
        with client, asked:
            client.sendall(b"question")
            client.shutdown(socket.SHUT_WR)
            assert received(asked) == b"question"
            asked.sendall(b"answer")
            asked.shutdown(socket.SHUT_WR)
            assert received(client) == b"answer"


def test_a_connection_ends_where_nothing_answers() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        free = server.getsockname()[1]
    with relay_to(free) as port, socket.create_connection(("127.0.0.1", port)) as client:
        assert client.recv(1) == b""


@pytest.mark.skipif(sys.platform != "linux", reason="Linux alone binds what is not there")
def test_an_address_may_be_listened_on_before_an_interface_has_it() -> None:
    """As podman's bridge, which is made with the first container."""
    with socket.socket() as plain, pytest.raises(OSError, match="assign"):
        plain.bind((NOBODYS, 0))
    with relay.listen(NOBODYS) as listener:
        assert listener.getsockname()[0] == NOBODYS
