"""The rollup's functions on the engine: killed anywhere, two at once, early, late."""

import json
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import boto3
import pytest

from local.runtime import functions
from local.runtime.context import context_for
from quarterhour.energy.lookback import last_to_close
from quarterhour.store import scheduled as schedule
from quarterhour.store.environment import calls, environment
from quarterhour.store.rollup.closing import WAIT_S, Announced, Outcome
from quarterhour.store.table.fence import Fences
from quarterhour.store.table.wire import Answer, Request, Send
from quarterhour.time.calendar import DAY_MS, day_text
from quarterhour.time.instants import iso
from tests.builders import iso as text
from tests.conftest import TEMPLATE, Call
from tests.fleets import Fleet, post_stretch, utc
from tests.logs import written_by
from tests.patience import begun_at

pytestmark = pytest.mark.integration

FUNCTIONS = {each.name: each for each in TEMPLATE.functions}
SHIPS = (1, 2, 300)
# Random tokens and numbers of attempts are not the same in two runs; the rest is.
NOT_COMPARED = {"gen", "tok"}
# The run of each quarter of an hour, which also tries what failed before; and one of a minute more.
NOW = datetime.fromtimestamp(time.time() // 900 * 900, UTC)
IN_BETWEEN = NOW - timedelta(minutes=14)

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


def but_leases(table: str) -> dict[tuple[str, str], dict[str, Any]]:
    """Return all items but leases: who was killed had all done, perhaps, and not given his back."""
    return {key: item for key, item in items(table).items() if not key[1].startswith("lease#")}


def killed_after(calls: int) -> AbstractContextManager[None]:
    """Let so many calls of this environment's client through, and none after, in its block."""
    left = iter(range(calls))

    def count(send: Send, _operation: str, request: Request) -> Answer:
        if next(left, None) is None:
            raise Killed
        return send(request)

    return environment().client.watched(count)


@pytest.mark.slow
@pytest.mark.usefixtures("fleet")
def test_killed_anywhere_and_run_again_ends_as_if_it_had_run_once(
    table: str, rollup: Handler
) -> None:
    kills = 0
    for number in (*range(1, 40, 3), *range(40, 400, 13)):
        with killed_after(number):
            try:
                rollup()
            except Killed:
                kills += 1
    rollup()
    found = but_leases(table)
    assert kills > 10
    assert _todo(table) == []
    _again_from_nothing(table, rollup)
    assert but_leases(table) == found


def _again_from_nothing(table: str, rollup: Handler) -> None:
    """Delete what is derived, mark all that is marked in the heads, and roll up once."""
    client = boto3.client("dynamodb")
    derived = [key for key in items(table) if key[0][0] in "QFW" or key[1][0] in "dmy"]
    derived = [key for key in derived if not key[0].startswith("R#") and key[1] != "fence"]
    for pk, sk in derived:
        client.delete_item(TableName=table, Key={"pk": {"S": pk}, "sk": {"S": sk}})
    for (pk, sk), head in items(table).items():
        if sk.startswith("h#"):
            days = {name: {"N": "1"} for name in head if name.isdigit()}
            todo = {"pk": {"S": "T#0"}, "sk": {"S": f"{sk[2:]}#{pk}"}, "tok": {"S": "a"}, **days}
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
    found = but_leases(table)
    assert _todo(table) == []
    _again_from_nothing(table, rollup)
    assert but_leases(table) == found


@pytest.mark.usefixtures("fleet")
def test_an_event_of_before_a_day_is_due_neither_announces_nor_closes_it(
    table: str, rollup: Handler
) -> None:
    """What is marked is settled up to the last day that is closed, whatever the event says."""
    fence = items(table)["W", "fence"]
    client = boto3.client("dynamodb")
    two_days_ago = {"N": str(int(fence["first"]["N"]) - 2 * DAY_MS)}
    old = {"pk": {"S": "W"}, "sk": {"S": "fence"}, "fence": two_days_ago, "first": two_days_ago}
    client.put_item(TableName=table, Item=old)
    rollup(utc(2018, 7, 31))
    marks = {key: item for key, item in items(table).items() if key[0] == "W"}
    assert marks.pop(("W", "lease#0"))["ends"] == {"N": "0"}
    assert marks.pop(("W", "fence")) == old
    assert {item["until"]["N"] for item in marks.values()} == {two_days_ago["N"]}
    assert _todo(table) == []


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
    assert _handed_over(table) == _todo(table) != []


@pytest.mark.usefixtures("fleet")
def test_the_message_of_the_fleet_has_the_step_strike_what_shards_have_handed_over(
    table: str, shard_handler: Handler
) -> None:
    context = context_for(FUNCTIONS["rollup_shard"], "id")

    def sent(shard: int | str) -> None:
        message = {"shard": shard, "time": text(NOW)}
        records = [{"messageId": "1", "body": json.dumps(message)}]
        assert shard_handler({"Records": records}, context) == {"batchItemFailures": []}

    before = _todo(table)
    sent("fleet")
    assert _todo(table) == before
    sent(0)
    assert _handed_over(table) == before
    sent("fleet")
    assert _todo(table) == []
    assert ("F", "d#2018-08-01") in items(table)


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
    marked = len(_todo(table))
    said = metrics_of(capsys)
    assert (said["RollupsCutShort"], said["TodoLeft"]) == ([1.0, 1.0], [marked, 0.0])
    rollup()
    said = metrics_of(capsys)
    assert said["TodoLeft"] == [0.0, 0.0]
    assert (said["TodoSettled"], said["TodoStruck"]) == ([marked], [marked])
    assert _todo(table) == []


@pytest.mark.usefixtures("fleet")
def test_what_a_fleet_s_step_leaves_is_told_and_struck_by_the_next(
    table: str, rollup: Handler, shard_handler: Handler, capsys: pytest.CaptureFixture[str]
) -> None:
    message = {"shard": 0, "time": text(NOW)}
    records = [{"messageId": "1", "body": json.dumps(message)}]
    shard_handler({"Records": records}, context_for(FUNCTIONS["rollup_shard"], "id"))
    handed_over = len(_handed_over(table))
    capsys.readouterr()
    function = replace(FUNCTIONS["rollup_shard"], timeout_s=int(schedule.RESERVE_S))
    message = {"shard": "fleet", "time": text(NOW)}
    records = [{"messageId": "1", "body": json.dumps(message)}]
    shard_handler({"Records": records}, context_for(function, "id"))
    said = metrics_of(capsys)
    assert (said["RollupsCutShort"], said["TodoLeft"]) == ([1.0], [handed_over])
    rollup()
    assert metrics_of(capsys)["TodoStruck"] == [handed_over]
    assert _todo(table) == []


@pytest.mark.usefixtures("fleet")
def test_the_only_shard_leaves_the_fleet_s_step_time_of_its_own(
    rollup: Handler, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However much there is to settle, what was handed over is struck."""
    left = list[float]()

    def roll_up(_shard: int, _now_ms: int, limit_s: float, *_: Any) -> Outcome:
        left.append(limit_s)
        return Outcome("", 0.0, is_skewed=False)

    monkeypatch.setattr(schedule, "roll_up", roll_up)
    monkeypatch.setattr(schedule, "roll_up_fleet", left.append)
    rollup(timeout_s=900)
    of_shard, of_fleet = left
    assert of_shard <= 900 - schedule.RESERVE_S - schedule.FLEET_S < of_fleet
    assert of_fleet <= 900 - schedule.RESERVE_S


@pytest.mark.usefixtures("table")
def test_what_is_logged_names_the_function_and_its_call(
    rollup: Handler, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = written_by(schedule.logger, monkeypatch)
    rollup()
    logged = [*map(json.loads, written.getvalue().splitlines())]
    assert [line["message"] for line in logged] == ["rolled up", "rolled up the fleet"]
    for line in logged:
        assert (line["function_name"], line["function_request_id"]) == ("rollup", "id")


# --- Days that are due ----------------------------------------------------------------------------


class Time:
    """The monotonic clock of a process, in which time passes as the test says."""

    passed_s = 0.0

    def elapsed(self) -> float:
        return self.passed_s


@pytest.fixture
def passing(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> Time:
    """The fleet, of which some days are due, and a function whose environment lives for long."""
    del fleet
    made = Time()
    begun_at(monkeypatch, time.time, made.elapsed)
    environment().announced = Announced()
    fences = Fences(calls(), environment().shards)
    last = {"N": str(fences.get(0).last_ms - 2 * DAY_MS)}
    at = {"pk": {"S": "W"}, "sk": {"S": "fence"}}
    environment().client.put_item(
        TableName=environment().table, Item={**at, "fence": last, "first": last}
    )
    return made


def until(table: str) -> set[int]:
    """Return how many days lie between the watermarks and the last day that may be closed."""
    marks = [item for key, item in items(table).items() if key[0] == "W" and "until" in item]
    last = last_to_close(int(time.time() * 1000))
    return {(last - int(item["until"]["N"])) // DAY_MS for item in marks}


def test_no_run_waits_for_a_day_that_is_due_and_the_one_that_may_closes_it(
    table: str, rollup: Handler, passing: Time
) -> None:
    """A run each minute, in an environment that remembers since when the day is announced."""
    for minute in range(1, 7):
        rollup()
        assert until(table) == {2}
        passing.passed_s = minute * 60.0
    passing.passed_s = WAIT_S
    rollup()
    assert until(table) == {0}


def test_one_that_knows_of_it_for_long_enough_closes_it_at_once(
    table: str, rollup: Handler, passing: Time
) -> None:
    environment().announced.see(2**60, passing.passed_s - WAIT_S)
    rollup()
    assert until(table) == {0}


@pytest.mark.usefixtures("passing")
def test_one_that_the_queue_asks_closes_what_the_message_allows_however_often_it_comes(
    table: str, shard_handler: Handler
) -> None:
    may = day_text(last_to_close(int(time.time() * 1000)) - DAY_MS)
    message = {"shard": 0, "time": text(NOW), "may": may}
    records = [{"messageId": "1", "body": json.dumps(message)}]
    for _ in range(2):
        shard_handler({"Records": records}, context_for(FUNCTIONS["rollup_shard"], "id"))
        assert until(table) == {1}


def _todo(table: str) -> list[Any]:
    return [key for key in items(table) if key[0].startswith("T")]


def _handed_over(table: str) -> list[Any]:
    """Return the todo items that have a day which its shard has done."""
    return [
        key
        for key, item in items(table).items()
        if key[0].startswith("T") and {"N": "2"} in item.values()
    ]


def metrics_of(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    found = [line for line in lines if "_aws" in line]
    values: dict[str, Any] = {}
    for line in found:
        for name in line.keys() - {"_aws", "service"}:
            values[name] = [*values.get(name, []), *line[name]]
    return values
