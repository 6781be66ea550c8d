"""The rollup's functions on the engine: killed anywhere, two at once, early, late."""

import io
import json
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from logging import StreamHandler
from random import Random
from typing import Any

import boto3
import pytest

from local.runtime import functions
from local.runtime.context import context_for
from quarterhour.store import scheduled as schedule
from quarterhour.store.environment import environment
from quarterhour.time.instants import iso
from tests.builders import iso as text
from tests.conftest import TEMPLATE, Call
from tests.fleets import Fleet, post_stretch, utc

pytestmark = pytest.mark.integration

FUNCTIONS = {each.name: each for each in TEMPLATE.functions}
SHIPS = (1, 2, 300)
# Random tokens and numbers of attempts are not the same in two runs; the rest is.
NOT_COMPARED = {"gen", "tok"}
NOW = datetime.now(UTC).replace(microsecond=0)

Handler = Callable[..., Any]


@pytest.fixture(scope="session")
def handler() -> Handler:
    return functions.load(replace(TEMPLATE, functions=(FUNCTIONS["rollup"],)))["rollup"]


@pytest.fixture(scope="session")
def shard_handler() -> Handler:
    template = replace(TEMPLATE, functions=(FUNCTIONS["rollup_shard"],))
    return functions.load(template)["rollup_shard"]


@pytest.fixture
def rollup(handler: Handler) -> Handler:
    """The schedule's call of the rollup function, at a time that is now unless it is given."""

    def called(at: datetime = NOW, *, timeout_s: int = 900) -> Any:
        function = replace(FUNCTIONS["rollup"], timeout_s=timeout_s)
        return handler({"time": text(at)}, context_for(function, "id"))

    return called


@pytest.fixture
def fleet(call: Call) -> Fleet:
    """Three ships with two days each, all of them marked."""
    made = Fleet(call)
    for ship in SHIPS:
        post_stretch(made, Random(ship), ship, utc(2018, 7, 31), 2)
    return made


class Killed(BaseException):
    """The process ends here."""


def items(table: str) -> dict[tuple[str, str], dict[str, Any]]:
    """Return all items by key, without what may differ."""
    found = {}
    for page in boto3.client("dynamodb").get_paginator("scan").paginate(TableName=table):
        for item in page["Items"]:
            kept = {name: value for name, value in item.items() if name not in NOT_COMPARED}
            found[item["pk"]["S"], item["sk"]["S"]] = kept
    return found


def killed_after(calls: int) -> Callable[[], None]:
    """Let so many calls of this environment's client through, and none after; undo by calling."""
    left = iter(range(calls))

    def count(**_: Any) -> None:
        if next(left, None) is None:
            raise Killed

    events = environment().client.meta.events
    events.register("before-call.dynamodb", count)
    return lambda: events.unregister("before-call.dynamodb", count)


@pytest.mark.slow
@pytest.mark.usefixtures("fleet")
def test_killed_anywhere_and_run_again_ends_as_if_it_had_run_once(
    table: str, rollup: Handler
) -> None:
    kills = 0
    for calls in (*range(1, 40, 3), *range(40, 400, 13)):
        revive = killed_after(calls)
        try:
            rollup()
        except Killed:
            kills += 1
        finally:
            revive()
    rollup()
    found = items(table)
    assert kills > 10
    assert not [key for key in found if key[0] == "T"]
    _again_from_nothing(table, rollup)
    assert items(table) == found


def _again_from_nothing(table: str, rollup: Handler) -> None:
    """Delete what is derived, mark all that is marked in the heads, and roll up once."""
    client = boto3.client("dynamodb")
    derived = [key for key in items(table) if key[0][0] in "QFW" or key[1][0] in "dmy"]
    derived = [key for key in derived if not key[0].startswith("R#")]
    for pk, sk in derived:
        client.delete_item(TableName=table, Key={"pk": {"S": pk}, "sk": {"S": sk}})
    for (pk, sk), head in items(table).items():
        if sk.startswith("h#"):
            days = {name: {"N": "1"} for name in head if name.isdigit()}
            todo = {"pk": {"S": "T"}, "sk": {"S": f"{sk[2:]}#{pk}"}, "tok": {"S": "a"}, **days}
            client.put_item(TableName=table, Item=todo)
    rollup()


@pytest.mark.usefixtures("fleet")
def test_two_at_once_end_as_one(table: str, rollup: Handler) -> None:
    failures: list[BaseException] = []

    def run() -> None:
        try:
            rollup()
        except BaseException as error:  # noqa: BLE001 - told below, in the test's own thread
            failures.append(error)

    environment()
    both = [threading.Thread(target=run) for _ in range(2)]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert failures == []
    found = items(table)
    assert not [key for key in found if key[0] == "T"]
    _again_from_nothing(table, rollup)
    assert items(table) == found


@pytest.mark.usefixtures("fleet")
def test_an_event_of_before_a_day_was_closed_settles_nothing(table: str, rollup: Handler) -> None:
    before = items(table)
    rollup(utc(2018, 7, 31))
    assert {key for key in items(table) if key[0] != "W"} == set(before)


def test_an_event_from_the_future_is_one_of_now() -> None:
    before_ms = int(time.time() * 1000)
    assert before_ms <= schedule.now_ms("2099-01-01T00:00:00Z") <= time.time() * 1000
    assert iso(schedule.now_ms("2018-08-26T02:30:00Z")) == "2018-08-26T02:30:00Z"


@pytest.mark.usefixtures("fleet")
def test_an_event_that_nobody_filled_in_is_one_of_now(table: str, handler: Handler) -> None:
    """Emulators of the scheduler send the template's Input as it stands."""
    (scheduled,) = TEMPLATE.schedules
    assert _todo(table)
    handler(json.loads(scheduled.input), context_for(FUNCTIONS["rollup"], "id"))
    assert _todo(table) == []


@pytest.mark.usefixtures("fleet")
def test_a_shard_whose_message_nobody_filled_in_takes_its_own_clock(
    table: str, shard_handler: Handler
) -> None:
    (scheduled,) = TEMPLATE.schedules
    assert _todo(table)
    message = {"shard": 0, **json.loads(scheduled.input)}
    records = [{"messageId": "1", "body": json.dumps(message)}]
    context = context_for(FUNCTIONS["rollup_shard"], "id")
    assert shard_handler({"Records": records}, context) == {"batchItemFailures": []}
    assert _todo(table) == []


@pytest.mark.usefixtures("table")
def test_an_event_without_a_time_is_an_error(handler: Handler) -> None:
    context = context_for(FUNCTIONS["rollup"], "id")
    for event, kind in ({}, KeyError), ({"time": "soon"}, ValueError):
        with pytest.raises(kind):
            handler(event, context)


@pytest.mark.usefixtures("fleet")
def test_a_run_without_time_left_is_cut_short_and_the_next_does_the_work(
    table: str, rollup: Handler, capsys: pytest.CaptureFixture[str]
) -> None:
    rollup(timeout_s=int(schedule.RESERVE_S))
    said = _metrics(capsys)
    assert (said["RollupsCutShort"], said["TodoLeft"]) == ([1.0], [len(_todo(table))])
    rollup()
    said = _metrics(capsys)
    assert said["TodoLeft"] == [0.0]
    assert said["TodoSettled"][0] > 0
    assert _todo(table) == []


@pytest.mark.usefixtures("table")
def test_what_is_logged_names_the_function_and_its_call(
    rollup: Handler, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = io.StringIO()
    (stream,) = (one for one in schedule.logger.handlers if isinstance(one, StreamHandler))
    monkeypatch.setattr(stream, "stream", written)
    rollup()
    (logged,) = map(json.loads, written.getvalue().splitlines())
    assert logged["message"] == "rolled up"
    assert (logged["function_name"], logged["function_request_id"]) == ("rollup", "id")


def _todo(table: str) -> list[Any]:
    return [key for key in items(table) if key[0] == "T"]


def _metrics(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    found = [line for line in lines if "_aws" in line]
    return {name: value for line in found for name, value in line.items()}
