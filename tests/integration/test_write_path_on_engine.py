"""Random interleavings of the write path on a real engine, judged as those on the model are."""

import pytest
from mypy_boto3_dynamodb import DynamoDBClient

from quarterhour.store.table.wire import Wire
from tests.conftest import TEMPLATE
from tests.models.histories_of_writes import History, engine_holds
from tests.models.watched import Mirrored

pytestmark = [pytest.mark.integration, pytest.mark.no_cover]

HISTORIES = range(1_000_000, 1_000_300)


@pytest.mark.slow
def test_three_hundred_interleavings_end_right_on_the_engine(
    table: str, dynamodb: DynamoDBClient, wire: Wire
) -> None:
    for seed in HISTORIES:
        fresh = f"{table}-{seed}"
        dynamodb.create_table(**{**TEMPLATE.table, "TableName": fresh})
        engine = Mirrored(wire, fresh)
        assert History(seed, engine).run().item_writes
        assert engine_holds(dynamodb, engine.watched), f"seed {seed}"
        dynamodb.delete_table(TableName=fresh)
