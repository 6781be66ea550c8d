"""Random histories of the whole table on a real engine, judged as those on the model are."""

import pytest
from mypy_boto3_dynamodb import DynamoDBClient

from quarterhour.store.table.wire import Wire
from tests.conftest import TEMPLATE
from tests.models.histories import History
from tests.models.histories_of_houses import HouseHistory
from tests.models.histories_of_ships import ShipHistory
from tests.models.histories_of_writes import engine_holds
from tests.models.watched import Mirrored

pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.no_cover]


def run(
    history: type[History], table: str, dynamodb: DynamoDBClient, wire: Wire, seeds: range
) -> None:
    for seed in seeds:
        fresh = f"{table}-{seed}"
        dynamodb.create_table(**{**TEMPLATE.table, "TableName": fresh})
        engine = Mirrored(wire, fresh)
        assert history(seed, engine).run().reads
        assert engine_holds(dynamodb, engine.watched), f"seed {seed}"
        dynamodb.delete_table(TableName=fresh)


@pytest.mark.parametrize(("history", "histories"), [(ShipHistory, 200), (HouseHistory, 50)])
def test_histories_on_the_engine_keep_the_promise(
    history: type[History],
    histories: int,
    table: str,
    dynamodb: DynamoDBClient,
    wire: Wire,
) -> None:
    run(history, table, dynamodb, wire, range(1_000_000, 1_000_000 + histories))
