"""Fixtures that tests of several kinds share: the engine, a fresh table on it, one-line calls."""

import json
import os
import uuid
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from unittest.mock import patch

import botocore.session
import pytest
from hypothesis import HealthCheck, settings
from mypy_boto3_dynamodb import DynamoDBClient

from local import template
from local.engine import dynamodb as engines
from local.engine.dynamodb import Engine
from local.gateway.http_api import Gateway
from local.runtime import functions
from quarterhour.store.environment import environment
from quarterhour.store.table.wire import Wire
from tests.counting import Counted, counting
from tests.patience import patient_client, patient_wire, unhurried

IN_CI = os.environ.get("QH_CI") == "1"

TEMPLATE = template.load()
os.environ |= functions.environment(TEMPLATE, "http://127.0.0.1:1")

settings.register_profile(
    "project", deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("project")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests that install or start what nobody asked for, unless `-m` names them."""
    if "opt_in" in config.option.markexpr:
        return
    left_out = [item for item in items if item.get_closest_marker("opt_in")]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI a skipped test is a failed one: nothing may be passed over unseen."""
    report = yield
    if IN_CI and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped: {report.longrepr}"
    return report


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer; header names are lower-case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.body)


Call = Callable[..., Answer]


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    """A DynamoDB engine with its data in memory."""
    for name in ("AWS_ENDPOINT_URL_DYNAMODB", "LOCALSTACK_HOST"):
        os.environ.pop(name, None)
    running = engines.start(None)
    yield running
    running.stop()


@pytest.fixture(scope="session", autouse=True)
def definitions_are_read_once() -> Iterator[None]:
    """Let all sessions of boto3 share what they read: each would parse megabytes of JSON anew."""
    shared = lru_cache(botocore.session.create_loader)
    with patch.object(botocore.session, "create_loader", shared):
        yield


@pytest.fixture(scope="session")
def dynamodb(engine: Engine) -> Iterator[DynamoDBClient]:
    """boto3's client for all tests: it takes longer to make than most tests."""
    client = patient_client(engine.url)
    yield client
    client.close()


@pytest.fixture(scope="session")
def wire(engine: Engine) -> Iterator[Wire]:
    """The client that the functions and the store have in tests."""
    made = patient_wire(engine.url)
    yield made
    made.close()


@pytest.fixture
def table(
    engine: Engine, dynamodb: DynamoDBClient, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """A table of its own on the engine, which the functions and the store then use."""
    unhurried(monkeypatch, wire)
    name = f"quarterhour-{uuid.uuid4().hex}"
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", engine.url)
    monkeypatch.setenv("TABLE_NAME", name)
    environment.cache_clear()
    dynamodb.create_table(**{**TEMPLATE.table, "TableName": name})
    yield name
    dynamodb.delete_table(TableName=name)
    environment.cache_clear()


@pytest.fixture(scope="session")
def gateway() -> Gateway:
    """The HTTP API in this process, with the functions behind it."""
    return Gateway(TEMPLATE, functions.load(TEMPLATE))


@pytest.fixture
def call(gateway: Gateway, table: str) -> Call:
    """Call the API: `call("POST", "/data", {...})`, `call("GET", "/data?spaceship_id=1")`."""
    del table

    def send(method: str, target: str, body: Any = None, **headers: str) -> Answer:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if body is not None:
            named.setdefault("content-type", "application/json")
        sent = body if isinstance(body, bytes) else b"" if body is None else _json(body)
        said = gateway.handle(method, target, tuple(named.items()), sent)
        return Answer(said.status, {k.lower(): v for k, v in said.headers}, said.body)

    return send


def _json(body: Any) -> bytes:
    return body.encode() if isinstance(body, str) else json.dumps(body).encode()


@pytest.fixture
def counted(table: str, engine: Engine, wire: Wire) -> Iterator[Counted]:
    """Counts every DynamoDB call of the functions from now on; only Dynoxide's units are right."""
    del table
    if engine.kind != "dynoxide":
        pytest.skip(f"capacity units of {engine.kind} are not DynamoDB's")
    with counting(wire) as calls:
        yield calls
