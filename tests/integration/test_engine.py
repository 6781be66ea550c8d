from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from mypy_boto3_dynamodb import DynamoDBClient

from local import template
from local.engine import dynamodb, table
from local.engine.dynamodb import Engine
from local.runtime.functions import environment

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("own_engine")]

NAME = "engine-test-table"


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


class Connected:
    """A client of an engine with the service's table; closes itself with the test."""

    def __init__(self) -> None:
        self.clients: list[DynamoDBClient] = []

    def __call__(self, running: Engine) -> DynamoDBClient:
        loaded = template.load(table_name=NAME)
        variables = environment(loaded, running.url)
        table.ensure(running.url, variables, loaded.table)
        client = boto3.client("dynamodb", endpoint_url=running.url)
        self.clients.append(client)
        return client


@pytest.fixture
def connected() -> Iterator[Connected]:
    made = Connected()
    yield made
    for client in made.clients:
        client.close()


def put(client: DynamoDBClient, value: str) -> None:
    client.put_item(TableName=NAME, Item={"pk": {"S": "p"}, "sk": {"S": "s"}, "v": {"S": value}})


def got(client: DynamoDBClient) -> str | None:
    found = client.get_item(TableName=NAME, Key={"pk": {"S": "p"}, "sk": {"S": "s"}})
    return found["Item"]["v"]["S"] if "Item" in found else None


def test_an_engine_in_memory_starts_empty_and_ends_when_stopped(connected: Connected) -> None:
    first = dynamodb.start(None)
    put(connected(first), "kept?")
    first.stop()
    first.stop()
    assert first.process is not None
    assert first.process.poll() is not None
    second = dynamodb.start(None)
    assert got(connected(second)) is None
    second.stop()


def test_what_was_written_is_there_after_kill_9(data_dir: Path, connected: Connected) -> None:
    first = dynamodb.start(data_dir)
    if first.kind != "dynoxide":
        first.stop()
        pytest.skip(f"{first.kind} keeps nothing")
    put(connected(first), "kept")
    assert first.process is not None
    first.process.kill()
    first.process.wait()
    second = dynamodb.start(data_dir)
    assert got(connected(second)) == "kept"
    second.stop()


def test_the_table_is_its_owner_s_alone(data_dir: Path, connected: Connected) -> None:
    running = dynamodb.start(data_dir)
    put(connected(running), "for nobody else")
    modes = {path.name: path.stat().st_mode & 0o777 for path in data_dir.glob("table.db*")}
    running.stop()
    if running.kind != "dynoxide":
        pytest.skip(f"{running.kind} keeps nothing")
    assert set(modes.values()) == {0o600}


def test_the_table_is_made_once(data_dir: Path) -> None:
    running = dynamodb.start(data_dir)
    loaded = template.load(table_name=NAME)
    variables = environment(loaded, running.url)
    assert table.ensure(running.url, variables, loaded.table)
    assert not table.ensure(running.url, variables, loaded.table)
    running.stop()


def test_a_given_endpoint_is_used_and_nothing_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:4566")
    given = dynamodb.start(None)
    assert given == Engine("http://127.0.0.1:4566", "given", None)
    given.stop()


def test_a_given_endpoint_needs_no_region(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the way out where npm has no engine: nothing but its URL may be asked for."""
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:4566")
    assert dynamodb.given() == "http://127.0.0.1:4566"


def test_localstack_is_given_where_its_host_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOCALSTACK_HOST", "127.0.0.1:4566")
    assert dynamodb.start(None) == Engine("http://127.0.0.1:4566", "given", None)
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:8000")
    assert dynamodb.start(None) == Engine("http://127.0.0.1:8000", "given", None)


def test_without_dynoxide_motos_server_stands_in_and_one_line_says_so(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    connected: Connected,
) -> None:
    monkeypatch.setattr("shutil.which", lambda _: None)
    running = dynamodb.start(None, tools=tmp_path / "tools")
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert said.startswith("WARNING: Dynoxide cannot be used (npm is not installed)")
    assert running.kind == "moto"
    put(connected(running), "slow")
    assert got(connected(running)) == "slow"
    running.stop()


def test_an_engine_that_does_not_come_up_is_an_error_that_names_its_log(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "dynoxide"
    program.write_text("#!/bin/sh\necho no thanks\nexit 1\n")
    program.chmod(0o700)
    monkeypatch.setattr(dynamodb, "binary", lambda _: program)
    with pytest.raises(dynamodb.EngineError, match=r"\(dynoxide\) did not start.*engine.log"):
        dynamodb.start(data_dir, tools=tmp_path)
    assert "no thanks" in (data_dir / "engine.log").read_text()


def test_a_damaged_binary_that_cannot_be_fetched_again_is_not_run(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.which", lambda _: None)
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    (tmp_path / "dynoxide-1.2.1-linux-x64").write_text("#!/bin/sh\nexec sleep 60\n")
    (tmp_path / "dynoxide-1.2.1-linux-x64").chmod(0o700)
    (data_dir / "table.db").touch()
    with pytest.raises(dynamodb.EngineError, match=r"table.db has data.*\(npm is not installed\)"):
        dynamodb.start(data_dir, tools=tmp_path)
    assert [path.name for path in data_dir.iterdir()] == ["table.db"]
