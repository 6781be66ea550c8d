"""Emulated: what `sam deploy` makes of the template.

This proves nothing about AWS: the emulator is another reading of its documentation.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from local import template
from tests.e2e.emulated.stacks import Stack

pytestmark = [pytest.mark.opt_in, pytest.mark.e2e]


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


def test_a_function_writes_to_the_log_group_of_its_stack(stack: Stack) -> None:
    stack.feed("rollup-scheduled")
    line = stack.logged("rollup", "rolled up")[-1]
    assert (line["service"], line["shard"], line["left"]) == (stack.name, 0, 0)


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
    try:
        yield
    finally:
        client.delete_role_policy(RoleName=name, PolicyName="denied")
