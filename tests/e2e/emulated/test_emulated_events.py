"""Emulated: every payload under events/ goes to its deployed function, and is answered rightly."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from local.template import ROOT
from tests.e2e.emulated.stacks import Stack

pytestmark = [pytest.mark.opt_in, pytest.mark.e2e]

EVENTS = sorted(path.stem for path in (ROOT / "events").glob("*.json"))
DEVICES = "https://r3pmxmplak.execute-api.eu-central-1.amazonaws.com/api/houses/5/devices/"


def body(answer: Any) -> Any:
    assert answer["statusCode"] in {200, 201}, answer
    return json.loads(answer["body"])


def _fleet(answer: Any) -> list[tuple[float, int]]:
    return [(row["sum"], row["ships"]) for row in body(answer)["data"]]


# What is looked at in an answer, and how it reads.
ANSWERS: dict[str, tuple[Callable[[Any], Any], Any]] = {
    "about-health": (lambda answer: body(answer)["status"], "ok"),
    "about-unrouted": (lambda answer: answer["statusCode"], 405),
    # What they delete the first time is not there the second time.
    "deletes-delete-data": (lambda answer: body(answer)["dry_run"], False),
    "deletes-delete-readings": (lambda answer: body(answer)["dry_run"], False),
    "fleet-get-data-fleet": (_fleet, [(12, 1), (26, 1), (18, 1)]),
    "houses-get-device-values": (
        lambda answer: [item["used"] for item in body(answer)["items"]],
        [1.72274, 1.5],
    ),
    "houses-get-house": (lambda answer: body(answer)["house"]["devices"], DEVICES),
    "houses-get-now": (lambda answer: body(answer)["total_kwh"], 3.22274),
    "houses-put-budgets": (lambda answer: body(answer)["house_id"], 5),
    "houses-put-house": (lambda answer: body(answer)["house_id"], 5),
    "ingest-post-data": (lambda answer: body(answer)["accepted"], 3),
    "ingest-post-readings": (lambda answer: body(answer)["accepted"], 2),
    "range-get-data": (
        lambda answer: [row["value"] for row in body(answer)["data"]],
        [*[3] * 4, *[6.5] * 4, *[4.5] * 4],
    ),
    "readings-get-audit": (
        lambda answer: {each["who"] for each in body(answer)["corrections"]},
        {"local"},
    ),
    "readings-get-data-readings": (lambda answer: len(body(answer)["data"]), 3),
    "readings-get-gaps": (lambda answer: body(answer)["coverage"]["used"], 0.083333),
    "rollup-scheduled": (lambda answer: answer, None),
    "rollup_shard-the-fleet": (lambda answer: answer["batchItemFailures"], []),
    # There is one shard; the second message is of another.
    "rollup_shard-two-messages": (
        lambda answer: answer["batchItemFailures"],
        [{"itemIdentifier": "2e1424d4-f796-459a-8184-9c92662be6da"}],
    ),
    "ships-get-ship": (lambda answer: body(answer)["total_kwh"], 56),
    "ships-get-ships": (
        lambda answer: [ship["newest"] for ship in body(answer)["ships"]],
        ["2018-08-24T02:00:00Z"],
    ),
    "top_users-get-topusers": (
        lambda answer: body(answer)["ships"],
        [{"spaceship_id": 1, "consumption": 56}],
    ),
    "view-get-default": (lambda answer: body(answer)["years"], ["2018"]),
    "view-get-summary": (
        lambda answer: body(answer)["totals"],
        {"net": 3.21964, "solar": -0.0031, "used": 3.22274},
    ),
}


@pytest.fixture
def filled(stack: Stack) -> Stack:
    """The stack with the readings that the events ask for, or delete."""
    for name in ("ingest-post-data", "houses-put-house", "ingest-post-readings"):
        assert stack.feed(name)["statusCode"] in {200, 201}
    return stack


@pytest.mark.parametrize("name", EVENTS)
def test_an_event_is_answered_as_before_when_the_rollup_has_run(filled: Stack, name: str) -> None:
    look, expected = ANSWERS[name]
    for _ in range(2):
        assert look(filled.feed(name)) == expected
        filled.feed("rollup-scheduled")
