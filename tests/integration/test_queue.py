"""What of several shards is rolled up each minute, asked for by messages: on moto's SQS."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any
from unittest.mock import patch

import boto3
import pytest
from moto import mock_aws
from moto.sqs.exceptions import InvalidParameterValue
from moto.sqs.models import SQSBackend

from local.runtime import functions
from local.runtime.context import context_for
from quarterhour.energy.lookback import last_to_close
from quarterhour.errors import Busy
from quarterhour.sites.sources import Source
from quarterhour.store import dispatch, queue
from quarterhour.store.environment import calls, environment
from quarterhour.store.rollup.closing import WAIT_S
from quarterhour.store.table import keys
from quarterhour.store.table.calls import set_values
from quarterhour.store.table.codec import number
from quarterhour.store.table.keys import HOUSES, SHIPS
from quarterhour.store.table.leases import LONGEST_MS
from quarterhour.time.calendar import DAY_MS, day_text
from tests.builders import batch, iso, reading
from tests.conftest import TEMPLATE, Call
from tests.counting import Counted
from tests.fleets import settle
from tests.integration.test_every_minute import LATE, clock_ms
from tests.integration.test_rollup_function import (
    IN_BETWEEN,
    NOW,
    Handler,
    items,
    metrics_of,
    shard_handler,
)
from tests.models.failing_sites import failing

__all__ = ["shard_handler"]

pytestmark = pytest.mark.integration

SHARDS = 23
MOST_RECEIVED = 10
MOST_DELAYED_S = 900
# What a look costs: the watermarks, the two old lists, and two lists for each shard.
LOOK = ["Query"] * (3 + 2 * SHARDS)
ALL = [*range(SHARDS), queue.FLEET]


@pytest.fixture
def delays(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The seconds for which messages are held back; here they come at once."""
    found: list[int] = []
    send = SQSBackend.send_message

    def at_once(
        self: SQSBackend, queue_name: str, message_body: str, *, delay_seconds: int, **more: Any
    ) -> Any:
        found.append(delay_seconds)
        return send(self, queue_name, message_body, delay_seconds=0, **more)

    monkeypatch.setattr(SQSBackend, "send_message", at_once)
    return found


@pytest.fixture
def sent(table: str, delays: list[int], monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A queue of 23 shards; called, it gives the messages that it had since the last time."""
    del table, delays
    monkeypatch.setenv("SHARDS", str(SHARDS))
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
            return sorted(found, key=lambda one: str(one["shard"]).zfill(5))

        yield received
    queue._queue.cache_clear()
    environment.cache_clear()


@pytest.fixture
def refused(delays: list[int], monkeypatch: pytest.MonkeyPatch) -> set[int | str]:
    """Whose messages the queue refuses, one by one, as the answer of a batch says."""
    del delays
    shards = set[int | str]()
    send = SQSBackend.send_message

    def refuse(self: SQSBackend, queue_name: str, message_body: str, **more: Any) -> Any:
        if json.loads(message_body)["shard"] in shards:
            raise InvalidParameterValue("DelaySeconds is invalid.")
        return send(self, queue_name, message_body, **more)

    monkeypatch.setattr(SQSBackend, "send_message", refuse)
    return shards


@pytest.fixture
def rollup() -> Callable[..., None]:
    """A run of the schedule: at a time in between two quarters of an hour, or as it is given."""
    (function,) = (each for each in TEMPLATE.functions if each.name == "rollup")
    handler = functions.load(replace(TEMPLATE, functions=(function,)))["rollup"]

    def called(at: datetime = IN_BETWEEN) -> None:
        handler({"time": iso(at)}, context_for(function, "id"))

    return called


@pytest.fixture
def begun(sent: Any) -> Any:
    """The queue of a table in which every shard has begun, and nothing is to be done."""
    settle()
    return sent


def shard(ship: int) -> int:
    return keys.shard_of(Source(f"S{ship}"), SHARDS)


def post(call: Call, ship: int = 1) -> int:
    """Post a late reading of a ship; return its shard."""
    assert call("POST", "/data", batch([reading(LATE)], ship=ship)).status == 200
    return shard(ship)


def asked(messages: list[dict[str, Any]]) -> list[int | str]:
    return [message["shard"] for message in messages]


def received(shard_handler: Handler, shard: int | str, may: str = "") -> None:
    """Have a message of a shard, or of the fleet, received."""
    message = {"shard": shard, "time": iso(NOW)} | ({"may": may} if may else {})
    records = [{"messageId": "1", "body": json.dumps(message)}]
    function = next(each for each in TEMPLATE.functions if each.name == "rollup_shard")
    context = context_for(function, str(shard))
    assert shard_handler({"Records": records}, context) == {"batchItemFailures": []}


def test_in_a_new_table_every_shard_is_to_begin_and_the_fleet(
    sent: Any, delays: list[int], rollup: Any
) -> None:
    rollup()
    messages = sent()
    assert asked(messages) == ALL
    assert {message["time"] for message in messages} == {iso(IN_BETWEEN)}
    assert not [message for message in messages if "may" in message]
    assert delays == [0] * len(ALL)


def test_a_run_without_work_sends_nothing(
    begun: Any, counted: Counted, rollup: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    sampled = list[int]()
    monkeypatch.setattr(dispatch, "take_sample", sampled.append)
    for at in IN_BETWEEN, NOW:
        counted.clear()
        rollup(at)
        assert (begun(), counted.calls) == ([], LOOK)
    assert len(sampled) == 1


def test_every_quarter_of_an_hour_a_shard_is_sampled_whether_it_has_work_or_not(
    call: Call, begun: Any, rollup: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    first = post(call)
    settle()
    assert begun() == []
    sampled = set[int]()

    def chosen(shards: Any) -> int:
        found: int = shards[first]
        sampled.update(shards)
        return found

    with patch.object(dispatch, "choice", chosen):
        rollup(NOW)
    assert sampled == {*range(SHARDS)}
    said = metrics_of(capsys)
    assert (said["ShipsOfShard"], said["BlocksWrong"]) == ([1.0], [0.0])


def test_a_shard_with_marked_days_is_asked_for_at_once_and_no_other(
    call: Call, begun: Any, delays: list[int], rollup: Any
) -> None:
    marked = {post(call, ship) for ship in (1, 2)}
    rollup()
    assert {*asked(begun())} == marked
    assert {*delays} == {0}


def test_a_shard_is_asked_for_once_until_it_begins(
    call: Call, begun: Any, rollup: Any, shard_handler: Handler
) -> None:
    first = post(call)
    rollup()
    assert asked(begun()) == [first]
    post(call)
    rollup()
    assert begun() == []
    received(shard_handler, first)
    post(call)
    rollup()
    assert asked(begun()) == [first]


def test_a_shard_whose_message_was_lost_is_asked_for_again(
    table: str, call: Call, begun: Any, rollup: Any
) -> None:
    lost = post(call)
    rollup()
    assert asked(begun()) == [lost]
    at = {"pk": {"S": "W"}, "sk": {"S": f"lease#{lost}"}}
    assert 0 < int(items(table)["W", f"lease#{lost}"]["asked"]["N"]) - clock_ms() <= LONGEST_MS
    for ms in clock_ms() - 2_000, clock_ms() + 86_400_000:
        environment().client.put_item(TableName=table, Item={**at, "asked": {"N": str(ms)}})
        rollup()
        assert asked(begun()) == [lost]


def test_a_shard_at_work_is_not_asked_for(
    table: str, call: Call, begun: Any, counted: Counted, rollup: Any
) -> None:
    busy, free = post(call, 1), post(call, 2)
    assert busy != free
    at = {"pk": {"S": "W"}, "sk": {"S": f"lease#{busy}"}}
    values = {"ends": {"N": str(clock_ms() + 60_000)}, "holder": {"S": "another"}}
    environment().client.put_item(TableName=table, Item=at | values)
    counted.clear()
    rollup()
    assert asked(begun()) == [free]
    assert counted.calls == [*LOOK[3:], "UpdateItem"]  # of a shard with work one list says so


def test_the_message_of_a_shard_at_work_is_no_second_run(
    table: str, call: Call, begun: Any, counted: Counted, shard_handler: Handler
) -> None:
    busy = post(call)
    at = {"pk": {"S": "W"}, "sk": {"S": f"lease#{busy}"}}
    values = {"ends": {"N": str(clock_ms() + 60_000)}, "holder": {"S": "another"}}
    environment().client.put_item(TableName=table, Item=at | values)
    counted.clear()
    received(shard_handler, busy)
    assert counted.calls == ["Query"]
    assert begun() == []


def test_the_fleet_is_asked_for_when_a_shard_has_handed_over(
    call: Call, begun: Any, delays: list[int], rollup: Any, shard_handler: Handler
) -> None:
    received(shard_handler, post(call))
    rollup()
    assert asked(begun()) == [queue.FLEET]
    assert delays == [0]
    received(shard_handler, queue.FLEET)
    rollup()
    assert begun() == []


def test_what_could_not_be_settled_is_asked_for_every_quarter_of_an_hour(
    call: Call, begun: Any, rollup: Any, shard_handler: Handler
) -> None:
    fails = post(call, 5)
    with failing("S5", "settling"):
        received(shard_handler, fails)
        rollup()
        assert begun() == []
        rollup(NOW)
        assert asked(begun()) == [fails]


def unclosed(days: int) -> int:
    """Announce so many days more than are closed, all of them due; return the last."""
    table, last_ms = calls(), last_to_close(clock_ms())
    for mark in (*map(SHIPS.watermark, range(SHARDS)), *map(HOUSES.watermark, range(SHARDS))):
        until = {"until": number(last_ms - days * DAY_MS)}
        table.update(set_values(keys.WATERMARKS, mark, until))
    table.update(set_values(keys.WATERMARKS, keys.FLEET_MARK, until))
    return last_ms


def test_days_are_closed_by_messages_that_come_when_all_writers_know_them_announced(
    begun: Any, delays: list[int], rollup: Any
) -> None:
    """Of each quarter of an hour, and not of each minute."""
    last_ms = unclosed(2)
    rollup()
    assert begun() == []
    rollup(NOW)
    messages = begun()
    assert asked(messages) == [*range(SHARDS)]
    assert {message["may"] for message in messages} == {day_text(last_ms)}
    assert delays == [WAIT_S] * SHARDS
    assert WAIT_S <= MOST_DELAYED_S


def test_a_shard_that_has_closed_a_day_is_left_alone_and_the_fleet_follows_the_last(
    begun: Any, rollup: Any, shard_handler: Handler
) -> None:
    may = day_text(unclosed(1))
    for one in range(SHARDS - 1):
        received(shard_handler, one, may)
    rollup(NOW)
    assert asked(begun()) == [SHARDS - 1]
    received(shard_handler, SHARDS - 1, may)
    rollup()
    assert asked(begun()) == [queue.FLEET]


def test_a_day_that_is_due_is_announced_by_one_shard(
    table: str, begun: Any, rollup: Any, shard_handler: Handler
) -> None:
    last_ms = unclosed(1)
    fence = items(table)["W", "fence"]
    before = {**fence, "pk": {"S": "W"}, "sk": {"S": "fence"}, "fence": number(last_ms - DAY_MS)}
    environment().client.put_item(TableName=table, Item=before)
    rollup()
    assert asked(begun()) == [0]
    received(shard_handler, 0)
    assert int(items(table)["W", "fence"]["fence"]["N"]) >= last_ms
    rollup()
    assert begun() == []


def test_what_the_queue_refuses_is_named(sent: Any, refused: set[int | str], rollup: Any) -> None:
    refused |= {12, 15}
    with pytest.raises(Busy, match=r"did not take the messages of 12, 15\."):
        rollup()
    assert asked(sent()) == [n for n in ALL if n not in refused]
    refused.clear()
    rollup()
    assert asked(sent()) == [12, 15]
