"""Random histories of houses on a real engine, judged as those on the model are."""

import boto3
import pytest

from tests.conftest import TEMPLATE
from tests.models.histories_of_houses import HouseHistory
from tests.models.histories_of_writes import engine_holds
from tests.models.watched import Mirrored

pytestmark = [pytest.mark.integration, pytest.mark.no_cover]

DAILY = range(1_000_000, 1_000_002)
SLOW = range(1_000_002, 1_000_050)


def run(table: str, seeds: range) -> None:
    client = boto3.client("dynamodb")
    for seed in seeds:
        fresh = f"{table}-{seed}"
        client.create_table(**{**TEMPLATE.table, "TableName": fresh})
        engine = Mirrored(client, fresh)
        assert HouseHistory(seed, engine).run().reads
        assert engine_holds(client, engine.watched), f"seed {seed}"
        client.delete_table(TableName=fresh)
    client.close()


@pytest.mark.slow
def test_histories_of_houses_on_the_engine_keep_the_promise(table: str) -> None:
    run(table, DAILY)


@pytest.mark.slow
def test_fifty_histories_of_houses_on_the_engine(table: str) -> None:
    run(table, SLOW)
