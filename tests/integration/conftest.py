"""What tests of the service on its engine have in common."""

from collections.abc import Iterator

import pytest
from mypy_boto3_dynamodb import DynamoDBClient


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
