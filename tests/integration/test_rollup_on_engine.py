"""Random histories of the whole table on a real engine, judged as those on the model are."""

import boto3
import pytest

from tests.conftest import TEMPLATE
from tests.models.histories_of_rollups import History
from tests.models.histories_of_writes import engine_holds
from tests.models.watched import Mirrored

pytestmark = [pytest.mark.integration, pytest.mark.no_cover]

DAILY = range(1_000_000, 1_000_003)
SLOW = range(1_000_003, 1_000_200)


def run(table: str, seeds: range) -> None:
    client = boto3.client("dynamodb")
    for seed in seeds:
        fresh = f"{table}-{seed}"
        client.create_table(**{**TEMPLATE.table, "TableName": fresh})
        engine = Mirrored(client, fresh)
        assert History(seed, engine).run().reads
        assert engine_holds(client, engine.watched), f"seed {seed}"
        client.delete_table(TableName=fresh)
    client.close()


@pytest.mark.slow
def test_histories_on_the_engine_keep_the_promise(table: str) -> None:
    run(table, DAILY)


@pytest.mark.slow
def test_two_hundred_histories_on_the_engine(table: str) -> None:
    run(table, SLOW)
