"""Emulated: what `sam deploy` makes of the template, and events/ at the deployed functions.

This proves nothing about AWS: the emulator is another reading of its documentation.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from local import template
from local.template import ROOT
from tests.e2e.emulated.stacks import Stack

pytestmark = [pytest.mark.opt_in, pytest.mark.e2e]

EVENTS = {path.stem for path in (ROOT / "events").glob("*.json")}
SENT = set[str]()


def feed(stack: Stack, name: str) -> Any:
    SENT.add(name)
    return stack.feed(name)


def body(answer: Any, status: int = 200) -> Any:
    assert answer["statusCode"] == status, answer
    return json.loads(answer["body"])


def test_every_function_is_deployed_as_the_template_says(stack: Stack) -> None:
    client = stack.emulator.client("lambda")
    for each in template.load(table_name=stack.resources["Table"]).functions:
        deployed = client.get_function_configuration(FunctionName=stack.function(each.name))
        assert (deployed["Handler"], deployed["Timeout"]) == (each.handler, each.timeout_s)
        assert (deployed["Runtime"], deployed["MemorySize"]) == ("python3.13", each.memory_mb)
        variables = deployed["Environment"]["Variables"]
        assert variables.keys() == each.environment.keys()
        assert variables["TABLE_NAME"] == stack.resources["Table"]


def test_the_table_is_deployed_as_the_template_says(stack: Stack) -> None:
    described = stack.emulator.client("dynamodb").describe_table(TableName=stack.resources["Table"])
    assert described["Table"]["DeletionProtectionEnabled"] is True
    assert described["Table"]["KeySchema"] == template.load().table["KeySchema"]


def test_health(stack: Stack) -> None:
    assert body(feed(stack, "about-health"))["status"] == "ok"


def test_what_has_no_route(stack: Stack) -> None:
    assert feed(stack, "about-unrouted")["statusCode"] in {404, 405}


def test_readings_come_back_as_energy_of_ship_fleet_and_top_user(stack: Stack) -> None:
    """The same before and after the rollup has settled them."""
    assert body(feed(stack, "ingest-post-data"))["accepted"] == 3
    for _ in range(2):
        energy = [row["value"] for row in body(feed(stack, "range-get-data"))["data"]]
        assert energy == [3, 3, 3, 3, 6.5, 6.5, 6.5, 6.5, 4.5, 4.5, 4.5, 4.5]
        rows = body(feed(stack, "fleet-get-data-fleet"))["data"]
        assert [(row["sum"], row["ships"]) for row in rows] == [(12, 1), (26, 1), (18, 1)]
        top = body(feed(stack, "top_users-get-topusers"))
        assert top["ships"] == [{"spaceship_id": 1, "consumption": 56}]
        assert feed(stack, "rollup-scheduled") is None


def test_readings_of_a_house_come_back_in_a_view(stack: Stack) -> None:
    assert body(feed(stack, "houses-put-house"), 201) == {"house_id": 5, "version": 1}
    assert body(feed(stack, "houses-put-budgets"), 201) == {"house_id": 5, "version": 1}
    there = "https://r3pmxmplak.execute-api.eu-central-1.amazonaws.com/api/houses/5"
    assert body(feed(stack, "houses-get-house"))["house"]["devices"] == f"{there}/devices/"
    assert body(feed(stack, "ingest-post-readings"))["accepted"] == 2
    for _ in range(2):
        totals = body(feed(stack, "view-get-summary"))["totals"]
        assert totals == {"net": 3.21964, "solar": -0.0031, "used": 3.22274}
        assert body(feed(stack, "view-get-default"))["years"] == ["2018"]
        items = body(feed(stack, "houses-get-device-values"))["items"]
        assert [one["used"] for one in items] == [1.72274, 1.5]
        assert feed(stack, "rollup-scheduled") is None


def test_a_shard_that_is_not_there_comes_again(stack: Stack) -> None:
    """There is one shard; the second message is of another."""
    failed = feed(stack, "rollup_shard-two-messages")["batchItemFailures"]
    assert failed == [{"itemIdentifier": "2e1424d4-f796-459a-8184-9c92662be6da"}]


def test_every_event_was_sent() -> None:
    """By the tests above."""
    assert SENT == EVENTS


def test_a_function_writes_to_the_log_group_of_its_stack(stack: Stack) -> None:
    stack.feed("rollup-scheduled")
    line = stack.logged("rollup", "rolled up")[-1]
    assert (line["service"], line["shard"], line["left"]) == ("quarterhour", 0, 0)


def test_the_emulator_refuses_what_a_role_may_not_do(stack: Stack) -> None:
    """Or the answers above would say nothing about the policies of the template."""
    with denied(stack, "IngestFunctionRole", "dynamodb:UpdateItem"):
        assert stack.feed("ingest-post-data")["statusCode"] == 500
    assert stack.feed("ingest-post-data")["statusCode"] == 200


@contextmanager
def denied(stack: Stack, role: str, action: str) -> Iterator[None]:
    """Deny an action to a role, for the length of a `with`."""
    client, name = stack.emulator.client("iam"), stack.resources[role]
    statement = {"Effect": "Deny", "Action": action, "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    client.put_role_policy(RoleName=name, PolicyName="denied", PolicyDocument=document)
    yield
    client.delete_role_policy(RoleName=name, PolicyName="denied")
