"""What tests of the service on its engine have in common."""

import time
from collections.abc import Callable, Iterator
from datetime import datetime

import pytest
from mypy_boto3_dynamodb import DynamoDBClient

from tests.patience import begun_at

# Sets the clocks of the functions and of the gateway, where they then stand still.
SetClock = Callable[[datetime], None]


@pytest.fixture
def it_is(table: str, monkeypatch: pytest.MonkeyPatch) -> SetClock:
    """Let requests begin, and arrive, at a time of the test's choice."""
    del table

    def set_clock(at: datetime) -> None:
        begun_at(monkeypatch, at.timestamp)
        monkeypatch.setattr(time, "time", at.timestamp)

    return set_clock


@pytest.fixture
def nothing_is_stored(table: str, dynamodb: DynamoDBClient) -> Iterator[None]:
    """The table is as empty after the test as it was before."""
    yield
    assert dynamodb.scan(TableName=table, Select="COUNT")["Count"] == 0


@pytest.fixture
def own_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """No engine is given: the test has its own."""
    for name in ("AWS_ENDPOINT_URL_DYNAMODB", "LOCALSTACK_HOST"):
        monkeypatch.delenv(name, raising=False)
