"""The queue of shards, on moto's SQS: what is sent, in batches as SQS takes them."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import boto3
import pytest
from moto import mock_aws
from moto.sqs.exceptions import InvalidParameterValue
from moto.sqs.models import SQSBackend

from local.runtime import functions
from local.runtime.context import context_for
from quarterhour.errors import Busy
from quarterhour.store import queue
from quarterhour.store.environment import environment
from tests.conftest import TEMPLATE

pytestmark = pytest.mark.integration

TIME = "2018-08-26T02:00:00Z"
MOST_RECEIVED = 10


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A queue of 23 shards; called, it gives the messages in it."""
    monkeypatch.setenv("SHARDS", "23")
    environment.cache_clear()
    queue._queue.cache_clear()
    with mock_aws():
        client = boto3.client("sqs")
        url = client.create_queue(QueueName="shards")["QueueUrl"]
        monkeypatch.setenv("SHARD_QUEUE_URL", url)

        def received() -> list[Any]:
            found = []
            while page := client.receive_message(
                QueueUrl=url, MaxNumberOfMessages=MOST_RECEIVED
            ).get("Messages"):
                found += [json.loads(one["Body"]) for one in page]
            return sorted(found, key=lambda one: int(one["shard"]))

        yield received
    queue._queue.cache_clear()
    environment.cache_clear()


@pytest.fixture
def refused(monkeypatch: pytest.MonkeyPatch) -> set[int]:
    """The shards whose messages the queue refuses, one by one, as the answer of a batch says."""
    shards = set[int]()
    send = SQSBackend.send_message

    def refuse(self: SQSBackend, queue_name: str, message_body: str, **more: Any) -> Any:
        if json.loads(message_body)["shard"] in shards:
            raise InvalidParameterValue("DelaySeconds is invalid.")
        return send(self, queue_name, message_body, **more)

    monkeypatch.setattr(SQSBackend, "send_message", refuse)
    return shards


def test_each_of_more_than_ten_shards_gets_one_message_from_the_rollup_function(sent: Any) -> None:
    (rollup,) = (each for each in TEMPLATE.functions if each.name == "rollup")
    handler = functions.load(replace(TEMPLATE, functions=(rollup,)))["rollup"]
    handler({"time": TIME}, context_for(rollup, "id"))
    assert sent() == [{"shard": n, "time": TIME} for n in range(23)]


def test_what_the_queue_refuses_is_named(sent: Any, refused: set[int]) -> None:
    refused |= {12, 15}
    with pytest.raises(Busy, match=r"did not take the shards 12, 15\."):
        queue.ask_for_shards(TIME)
    assert [one["shard"] for one in sent()] == [n for n in range(20) if n not in refused]


def test_asking_again_sends_all_of_them(sent: Any, refused: set[int]) -> None:
    refused.add(3)
    with pytest.raises(Busy, match="the shards 3"):
        queue.ask_for_shards(TIME)
    refused.clear()
    sent()
    queue.ask_for_shards(TIME)
    assert [one["shard"] for one in sent()] == [*range(23)]
