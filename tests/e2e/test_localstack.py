"""`make localstack`: the same API, its table where LOCALSTACK_HOST says. Moto stands in for it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from moto.server import ThreadedMotoServer

from local import template
from quarterhour.store.table.clients import client
from tests.builders import batch, in_range, readings
from tests.e2e.conftest import StartLocal
from tests.e2e.over_http import call

pytestmark = pytest.mark.e2e


@pytest.fixture
def localstack() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    yield ":".join(map(str, server.get_host_and_port()))
    server.stop()


def test_the_table_is_in_localstack(
    localstack: str, start_local: StartLocal, tmp_path: Path
) -> None:
    with start_local(tmp_path, LOCALSTACK_HOST=localstack) as started:
        assert call(started.url, "POST", "/data", batch(readings([1, 2, 3]))).status == 200
        answer = call(started.url, "GET", in_range(interval="day"))
    assert [one["value"] for one in answer.json["data"]] == [6]
    there = client("dynamodb", environ={"LOCALSTACK_HOST": localstack})
    assert there.list_tables()["TableNames"] == [template.LOCAL_TABLE]
    assert there.scan(TableName=template.LOCAL_TABLE)["Count"] > 0
    assert not (tmp_path / "engine.log").exists()
