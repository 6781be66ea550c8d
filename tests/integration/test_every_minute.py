"""The rollup of each minute: what a look costs, when it begins, and what a lease does and does not.

The only shard's; those of several are in test_queue.py.
"""

import json
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any

import boto3
import pytest

from local.runtime.context import context_for
from quarterhour.store import scheduled as schedule
from quarterhour.store.rollup.sample import MOST_CALLS
from quarterhour.store.rollups import roll_up
from quarterhour.store.table.leases import LONGEST_MS
from tests.builders import batch, iso, reading
from tests.conftest import Call
from tests.counting import Counted
from tests.fleets import settle, utc
from tests.integration.test_rollup_function import (
    FUNCTIONS,
    IN_BETWEEN,
    NOW,
    Handler,
    Killed,
    handler,
    items,
    killed_after,
    metrics_of,
)
from tests.logs import written_by
from tests.models.failing_sites import failing

__all__ = ["handler"]

pytestmark = pytest.mark.integration

LATE = utc(2018, 8, 24)
IDLE = ["Query"] * 5  # the watermarks; the lists of ships and of houses, and the old ones

Run = Callable[..., None]
Said = Callable[[], list[str]]


@pytest.fixture
def run(handler: Handler) -> Run:
    """A run of the schedule, in between two quarters of an hour, each a request of its own."""
    requests = iter(range(1_000))

    def called(at: datetime = IN_BETWEEN, *, request: str = "", timeout_s: int = 900) -> None:
        function = replace(FUNCTIONS["rollup"], timeout_s=timeout_s)
        handler({"time": iso(at)}, context_for(function, request or f"request {next(requests)}"))

    return called


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> Said:
    """What the runs since the last look have logged."""
    written = written_by(schedule.logger, monkeypatch)

    def messages() -> list[str]:
        lines = written.getvalue().splitlines()
        written.seek(0)
        written.truncate()
        return [json.loads(line)["message"] for line in lines]

    return messages


ROLLED_UP = ["rolled up", "rolled up the fleet"]
NOTHING, HELD = ["nothing to do"], ["another run is at work"]


def post(call: Call, ship: int = 1, at: datetime = LATE) -> None:
    assert call("POST", "/data", batch([reading(at)], ship=ship)).status == 200


def lease(table: str, **values: Any) -> dict[str, Any]:
    """Return the lease of the only shard, after some of it was changed."""
    at = {"pk": {"S": "W"}, "sk": {"S": "lease#0"}}
    if values:
        item = {**items(table)["W", "lease#0"], **values}
        boto3.client("dynamodb").put_item(TableName=table, Item=item)
    return {name: value for name, value in items(table)["W", "lease#0"].items() if name not in at}


def held_until(table: str, ends_ms: int) -> None:
    """Let another run have the lease."""
    lease(table, ends={"N": str(ends_ms)}, holder={"S": "another"})


def clock_ms() -> int:
    """Return the time by the clock that leases go by: the engine's, which is this machine's."""
    return int(time.time() * 1000)


# --- What a run costs -----------------------------------------------------------------------------


def test_a_run_without_work_is_5_calls(
    call: Call, counted: Counted, run: Run, said: Said, capsys: pytest.CaptureFixture[str]
) -> None:
    """The only shard's and the fleet's together, of ships and of houses."""
    post(call)
    run()
    assert said() == ROLLED_UP
    capsys.readouterr()
    counted.clear()
    run()
    assert (counted.calls, counted.read_units, counted.write_units) == (IDLE, 5, 0)
    assert said() == NOTHING
    # The sign of life that an alarm listens for, and what tells of wrong clocks.
    told = {"TodoSettled": [0.0], "TodoLeft": [0.0], "ClockSkew": [0.0]}
    assert metrics_of(capsys) == told


def test_that_of_a_quarter_of_an_hour_also_tells_the_shard_s_size_and_takes_a_sample(
    call: Call, counted: Counted, run: Run, said: Said, capsys: pytest.CaptureFixture[str]
) -> None:
    post(call)
    run(NOW)
    for at, is_sampled in (NOW, True), (IN_BETWEEN, False):
        said()
        capsys.readouterr()
        counted.clear()
        run(at)
        assert said() == NOTHING
        told = metrics_of(capsys)
        assert ("ShipsOfShard" in told, "BlocksWrong" in told) == (is_sampled, is_sampled)
        assert (len(counted.calls) > len(IDLE) + 1) == is_sampled
        assert len(counted.calls) <= len(IDLE) + 1 + MOST_CALLS


def test_a_run_that_finds_another_at_work_is_1_call(
    call: Call, counted: Counted, run: Run, table: str, said: Said
) -> None:
    post(call)
    run()
    post(call)
    held_until(table, clock_ms() + LONGEST_MS - 60_000)
    said()
    counted.clear()
    run()
    assert (said(), counted.calls) == (HELD, ["Query"])


def test_readings_in_order_begin_no_run(call: Call, counted: Counted, run: Run) -> None:
    post(call)
    run()
    post(call, at=IN_BETWEEN)
    counted.clear()
    run()
    assert counted.calls == IDLE


def test_what_a_run_costs_beside_its_work(call: Call, counted: Counted, run: Run) -> None:
    """The lists are looked at before and after it, and the lease is taken and given back."""
    post(call)
    run()
    post(call)
    counted.clear()
    run()
    whole = Counter(counted.calls)
    post(call)
    counted.clear()
    settle()
    work = Counter(counted.calls)
    beside = whole - work
    assert beside == Counter(Query=IDLE.count("Query") + 4 + 4, UpdateItem=2)
    assert not work - whole


# --- When it begins -------------------------------------------------------------------------------


def test_a_day_that_was_marked_is_settled_by_the_run_of_the_next_minute(
    call: Call, run: Run, table: str, said: Said
) -> None:
    for ship in (1, 2):
        post(call, ship)
        run()
        assert said() == ROLLED_UP
        assert not [key for key in items(table) if key[0].startswith("T")]
        assert (f"S{ship}", "d##used#2018-08-24") in items(table)


def test_what_fails_is_tried_again_every_quarter_of_an_hour_and_not_every_minute(
    call: Call, run: Run, said: Said, capsys: pytest.CaptureFixture[str]
) -> None:
    post(call, 5)
    with failing("S5", "settling"):
        run()
        assert said() == ["not settled", *ROLLED_UP]
        capsys.readouterr()
        run()
        assert said() == NOTHING
        assert metrics_of(capsys)["TodoLeft"] == [1.0]
        run(NOW)
        assert said() == ["not settled", *ROLLED_UP]
    run()
    assert said() == NOTHING
    run(NOW)
    assert said() == ROLLED_UP


def test_a_site_that_fails_keeps_no_other_waiting(call: Call, run: Run, table: str) -> None:
    post(call, 5)
    with failing("S5", "settling"):
        run()
        post(call, 6)
        run()
    assert ("S6", "d##used#2018-08-24") in items(table)


def test_a_site_that_failed_and_is_marked_anew_is_tried_at_once(
    call: Call, run: Run, said: Said
) -> None:
    post(call, 5)
    with failing("S5", "settling"):
        run()
    post(call, 5)
    said()
    run()
    assert said() == ROLLED_UP


# --- The lease ------------------------------------------------------------------------------------


def test_a_lease_is_given_back(call: Call, run: Run, table: str) -> None:
    post(call)
    run(request="mine")
    found = lease(table)
    assert (found["holder"], found["ends"], found["left"]) == (
        {"S": "mine"}, {"N": "0"}, {"S": ""},
    )  # fmt: skip


def test_a_run_that_was_killed_holds_up_the_others_until_its_time_would_be_over(
    call: Call, run: Run, table: str, said: Said
) -> None:
    post(call)
    with suppress(Killed), killed_after(8):
        run(request="killed")
    said()
    ends_ms = int(lease(table)["ends"]["N"])
    assert 0 < ends_ms - clock_ms() <= LONGEST_MS
    run()
    assert said() == HELD
    lease(table, ends={"N": str(clock_ms() - 1_000)})
    run()
    assert said() == ROLLED_UP


def test_an_event_that_comes_again_after_its_run_was_killed_goes_on(
    call: Call, run: Run, said: Said
) -> None:
    """Lambda delivers it with the request it had: a function that is always killed is told."""
    post(call)
    with suppress(Killed), killed_after(8):
        run(request="killed")
    said()
    run(request="killed")
    assert said() == ROLLED_UP


@pytest.mark.parametrize("days", [-400, -1, 1, 400])
def test_a_lease_of_a_wrong_clock_holds_nobody_up(
    call: Call, run: Run, table: str, said: Said, days: int
) -> None:
    post(call)
    run()
    post(call)
    held_until(table, clock_ms() + days * 86_400_000)
    said()
    run()
    assert said() == ROLLED_UP


@pytest.mark.parametrize("error", [ValueError("this failed"), SystemExit("to stop")])
def test_a_run_that_fails_or_is_to_stop_gives_its_lease_back(
    call: Call, run: Run, table: str, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    def fail(*_: object) -> None:
        raise error

    post(call)
    monkeypatch.setattr(schedule, "roll_up", fail)
    with pytest.raises(type(error), match=str(error)):
        run()
    assert lease(table)["ends"] == {"N": "0"}


def test_after_a_run_that_was_cut_short_the_next_begins_with_the_oldest_days(
    call: Call, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the one after it with the newest again; a run that did all changes nothing."""
    orders: list[bool] = []
    whole = roll_up

    def noted(*asked: Any) -> Any:
        orders.append(asked[-1].newest_first)
        return whole(*asked)

    monkeypatch.setattr(schedule, "roll_up", noted)
    post(call)
    for _ in range(4):
        run(timeout_s=int(schedule.RESERVE_S + schedule.FLEET_S))
    run()
    for _ in range(2):
        post(call)
        run()
    assert orders == [True, False, True, False, True, True, True]
