"""Emulated: what calls the rollup without being asked, and where it goes when it fails."""

import json
from typing import Any

import pytest

from tests.e2e.emulated.emulator import eventually
from tests.e2e.emulated.stacks import Stack

pytestmark = [pytest.mark.opt_in, pytest.mark.e2e]


def test_the_schedule_is_deployed_as_the_template_says(stack: Stack) -> None:
    schedule = stack.schedule
    assert schedule["ScheduleExpression"] == "rate(1 minute)"
    assert json.loads(schedule["Target"]["Input"]) == {"time": "<aws.scheduler.scheduled-time>"}
    assert schedule["Target"]["Arn"].endswith(f":{stack.function('rollup')}")


def test_the_schedule_has_the_rollup_settle_what_is_marked(stack: Stack) -> None:
    """The emulator leaves the literal keyword in the event, and asks no role of the schedule."""
    stack.feed("ingest-post-data")
    before = len(stack.logged("rollup", "rolled up"))

    def settled() -> dict[str, Any] | None:
        lines = stack.logged("rollup", "rolled up")[before:]
        return next((line for line in lines if line["due"] > 0), None)

    assert eventually(settled)["left"] == 0


def test_a_rollup_that_fails_ends_among_the_dead_letters(stack: Stack) -> None:
    """The emulator counts no tries, and does not ask whether the role may send there."""
    client = stack.emulator.client("lambda")
    event = b'{"time": "no time"}'
    client.invoke(FunctionName=stack.function("rollup"), InvocationType="Event", Payload=event)
    letter = eventually(lambda: dead_letter(stack))
    assert letter["requestPayload"] == {"time": "no time"}
    assert letter["requestContext"]["condition"] == "RetriesExhausted"


def dead_letter(stack: Stack) -> dict[str, Any] | None:
    queue, client = stack.resources["DeadLetters"], stack.emulator.client("sqs")
    for message in client.receive_message(QueueUrl=queue).get("Messages", ()):
        client.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
        letter: dict[str, Any] = json.loads(message["Body"])
        return letter
    return None
