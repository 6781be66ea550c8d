"""Emulated: a stack beside another one, its update and its end, and a new one on its table.

The tests are one story, told in the order of the file.
"""

import json
from typing import Any

import pytest

from tests.e2e.emulated.emulator import eventually
from tests.e2e.emulated.stacks import Deployments, Stack

pytestmark = [pytest.mark.opt_in, pytest.mark.e2e]

ENERGY = [3, 3, 3, 3, 6.5, 6.5, 6.5, 6.5, 4.5, 4.5, 4.5, 4.5]


@pytest.fixture(scope="module")
def second(stack: Stack, deployments: Deployments) -> Stack:
    """A second stack, which has readings."""
    del stack
    second = deployments.deploy("quarterhour-second")
    second.feed("ingest-post-data")
    return second


@pytest.fixture(scope="module")
def updated(second: Stack, deployments: Deployments) -> Stack:
    """The second stack with two shards.

    The emulator asks for an action of its own for a batch of messages: AWS has sqs:SendMessage
    for both.
    """
    updated = deployments.deploy(second.name, Shards="2")
    role, client = updated.resources["RollupFunctionRole"], second.emulator.client("iam")
    statement = {"Effect": "Allow", "Action": "sqs:SendMessageBatch", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    client.put_role_policy(RoleName=role, PolicyName="batches", PolicyDocument=document)
    return updated


@pytest.fixture(scope="module")
def deleted(second: Stack, deployments: Deployments) -> str:
    """The table of the second stack, which is no more."""
    deployments.delete(second.name)
    return second.resources["Table"]


@pytest.fixture(scope="module")
def taken_over(deleted: str, deployments: Deployments) -> Stack:
    """A new stack on that table."""
    return deployments.deploy("quarterhour-third", ExistingTable=deleted)


def energy(stack: Stack) -> list[float]:
    answer = stack.feed("range-get-data")
    assert answer["statusCode"] == 200, answer
    return [row["value"] for row in json.loads(answer["body"])["data"]]


def test_a_second_stack_has_all_things_of_its_own(stack: Stack, second: Stack) -> None:
    """But for the name of the API's default stage, which is the API's own."""
    shared = {
        name for name, physical in stack.resources.items() if second.resources[name] == physical
    }
    assert shared == {"ApiApiGatewayDefaultStage"}


def test_each_schedule_calls_the_rollup_of_its_stack(stack: Stack, second: Stack) -> None:
    for each in (stack, second):
        assert each.schedule["Target"]["Arn"].endswith(f":{each.function('rollup')}")


def test_an_update_keeps_the_readings(second: Stack, updated: Stack) -> None:
    assert updated.resources["Table"] == second.resources["Table"]
    assert energy(updated) == ENERGY


def test_each_of_two_shards_is_rolled_up_by_way_of_the_queue(updated: Stack) -> None:
    assert updated.feed("rollup-scheduled") is None
    eventually(lambda: {0, 1} == {line["shard"] for line in shard_rollups(updated)} or None)
    assert {line["left"] for line in shard_rollups(updated)} == {0}
    eventually(lambda: waiting_messages(updated) == 0 or None)


def test_the_table_stays_when_its_stack_goes(stack: Stack, deleted: str) -> None:
    dynamodb = stack.emulator.client("dynamodb")
    assert dynamodb.scan(TableName=deleted, Select="COUNT")["Count"] > 0
    names = stack.emulator.client("lambda").list_functions()["Functions"]
    assert not [each for each in names if each["FunctionName"].startswith("quarterhour-second-")]


def test_the_other_stack_goes_on(stack: Stack, deleted: str) -> None:
    del deleted
    assert stack.feed("ingest-post-data")["statusCode"] == 200
    assert energy(stack) == ENERGY
    assert stack.schedule["State"] == "ENABLED"


def test_a_new_stack_takes_the_table_over(taken_over: Stack) -> None:
    assert "Table" not in taken_over.resources
    assert energy(taken_over) == ENERGY
    assert taken_over.feed("ingest-post-data")["statusCode"] == 200
    assert taken_over.feed("rollup-scheduled") is None


def test_the_table_stays_when_that_stack_goes_too(
    taken_over: Stack, deleted: str, deployments: Deployments
) -> None:
    deployments.delete(taken_over.name)
    dynamodb = taken_over.emulator.client("dynamodb")
    assert dynamodb.scan(TableName=deleted, Select="COUNT")["Count"] > 0


def shard_rollups(stack: Stack) -> list[dict[str, Any]]:
    return stack.logged("rollup_shard", "rolled up")


def waiting_messages(stack: Stack) -> int:
    """Return how many messages are in the shard queue, seen or not, or held back."""
    kinds = ("", "NotVisible", "Delayed")
    names = [f"ApproximateNumberOfMessages{kind}" for kind in kinds]
    attributes = stack.emulator.client("sqs").get_queue_attributes(
        QueueUrl=stack.resources["ShardQueue"], AttributeNames=names
    )["Attributes"]
    return sum(int(attributes[name]) for name in names)
