"""What tests of the service on its engine have in common."""

from collections.abc import Iterator

import pytest

from quarterhour.store.environment import environment


@pytest.fixture
def nothing_is_stored(table: str) -> Iterator[None]:
    """The table is as empty after the test as it was before."""
    yield
    assert environment().client.scan(TableName=table, Select="COUNT")["Count"] == 0


@pytest.fixture
def own_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """No engine is given: the test has its own."""
    for name in ("AWS_ENDPOINT_URL_DYNAMODB", "LOCALSTACK_HOST"):
        monkeypatch.delenv(name, raising=False)
