"""boto3's clients and the wire: which service they speak to, told by the environment alone."""

import os
import subprocess
import sys
from collections.abc import Iterator
from urllib.request import Request, urlopen

import pytest
from moto.server import ThreadedMotoServer

from local.runtime.functions import LAYER
from quarterhour.store.table.clients import client
from quarterhour.store.table.wire import Wire
from tests.conftest import TEMPLATE
from tests.patience import PATIENCE_S

pytestmark = pytest.mark.integration

# As on Lambda, where there is no such package.
WITHOUT_LOCALSTACK_CLIENT = """
import sys
sys.modules["localstack_client"] = None
from quarterhour.store.table.clients import client
print(client("sqs").meta.endpoint_url)
"""


@pytest.fixture
def localstack(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """What listens where LOCALSTACK_HOST says: the host and port. Moto stands in for LocalStack."""
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL_SQS"):
        monkeypatch.delenv(name, raising=False)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host = ":".join(map(str, server.get_host_and_port()))
    # Moto's servers of one process share what is stored.
    urlopen(Request(f"http://{host}/moto-api/reset", method="POST")).close()
    monkeypatch.setenv("LOCALSTACK_HOST", host)
    yield host
    server.stop()


def test_localstack_is_used_where_its_host_is_set(localstack: str) -> None:
    table, queue = client("dynamodb"), client("sqs")
    assert table.meta.endpoint_url == queue.meta.endpoint_url == f"http://{localstack}"
    assert table.list_tables()["TableNames"] == []
    assert queue.create_queue(QueueName="shards")["QueueUrl"].startswith("http://")


def test_the_wire_speaks_to_localstack_where_its_host_is_set(localstack: str) -> None:
    wire = Wire(os.environ, PATIENCE_S, PATIENCE_S)
    assert wire.endpoint.url == f"http://{localstack}"
    client("dynamodb").create_table(**{**TEMPLATE.table, "TableName": "quarterhour"})
    key = {"pk": {"S": "a"}, "sk": {"S": "b"}}
    wire.put_item(TableName="quarterhour", Item={**key, "b": {"B": b"\x00"}})
    assert wire.get_item(TableName="quarterhour", Key=key)["Item"]["b"] == {"B": b"\x00"}
    wire.close()


def test_localstack_gets_no_credentials_of_the_user(
    localstack: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    del localstack
    sent = []
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAOFTHEUSER")
    made = client("dynamodb")
    made.meta.events.register("before-send", lambda request, **_: sent.append(request))
    made.list_tables()
    (request,) = sent
    assert b"Credential=accesskey/" in request.headers["Authorization"]


@pytest.mark.usefixtures("localstack")
@pytest.mark.parametrize("name", ["AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL"])
def test_an_endpoint_that_is_named_wins_over_localstack(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "http://127.0.0.1:8000")
    assert client("dynamodb").meta.endpoint_url == "http://127.0.0.1:8000"


def test_the_endpoint_of_one_service_is_none_of_another(
    localstack: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:8000")
    assert client("sqs").meta.endpoint_url == f"http://{localstack}"


def test_an_environment_can_be_given() -> None:
    given = {
        "AWS_ENDPOINT_URL_DYNAMODB": "http://127.0.0.1:8001",
        "AWS_DEFAULT_REGION": "eu-north-1",
        "AWS_ACCESS_KEY_ID": "a",
        "AWS_SECRET_ACCESS_KEY": "b",
    }
    made = client("dynamodb", environ=given)
    assert (made.meta.endpoint_url, made.meta.region_name) == (
        "http://127.0.0.1:8001",
        "eu-north-1",
    )


def test_without_localstack_its_package_is_not_needed() -> None:
    kept = {name: value for name, value in os.environ.items() if "LOCALSTACK" not in name}
    ran = subprocess.run(
        [sys.executable, "-c", WITHOUT_LOCALSTACK_CLIENT],
        env={**kept, "PYTHONPATH": str(LAYER), "AWS_DEFAULT_REGION": "eu-north-1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.stdout == "https://sqs.eu-north-1.amazonaws.com\n", ran.stderr
