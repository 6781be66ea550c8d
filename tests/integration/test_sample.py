"""What each run checks of its shard: bounded, told of, and never what makes a run fail."""

import json
from collections.abc import Iterator
from datetime import timedelta
from random import Random
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest

from quarterhour.errors import Busy
from quarterhour.store import scheduled as schedule
from quarterhour.store.environment import environment
from quarterhour.store.rollup import check, sample
from quarterhour.store.rollup.check import SiteCheck
from quarterhour.store.rollup.sample import MOST_CALLS, RationedCalls, Sample
from tests.builders import MIDNIGHT, batch, channel_batch, iso, readings, values
from tests.catalogues import PATH, entry, meter
from tests.conftest import Call
from tests.counting import Counted
from tests.fleets import ms, settle
from tests.integration.test_check_command import unmarked
from tests.integration.test_rollup_function import Handler, handler, metrics_of, rollup
from tests.logs import written_by
from tests.models.refusals import refusal
from tests.patience import PATIENCE_S

__all__ = ["handler", "rollup"]

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

pytestmark = pytest.mark.integration

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
DAYS = 5  # with readings, or that they could reach into


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "SECOND_LOOK_S", 0.0)


@pytest.fixture
def ship(call: Call) -> None:
    """A ship with three settled days of 5-minute power."""
    data = readings([12.3] * 288 * 3, minutes=5)
    assert call("POST", "/data", batch(data, units="kW")).status == 200
    settle()


@pytest.fixture
def house(call: Call) -> None:
    """A house of three meters that overlap, three settled days each."""
    put_house(call, 3)


def put_house(call: Call, meters: int) -> None:
    devices = [meter(nth, "used", "solar", "stove") for nth in range(1, meters + 1)]
    assert call("PUT", PATH, entry(*devices)).status == 201
    hours = [MIDNIGHT + nth * HOUR for nth in range(72)]
    for device in devices:
        body = channel_batch(*(values(at, used=1, solar=-1, stove=0.5) for at in hours))
        assert call("POST", f"{PATH}devices/{device['id']}/readings/", body).status == 200
    settle()


def sampled(seed: int) -> Any:
    """Return what a sample finds that is drawn by a seed."""
    env = environment()
    calls = RationedCalls(env.client, env.table, limit_s=PATIENCE_S)
    return Sample(calls, env.shards, Random(seed)).of_shard(0)


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the rollup has logged, line by line, when it is looked at."""
    written = written_by(schedule.logger, monkeypatch)

    class Lines(list[dict[str, Any]]):
        def __iter__(self) -> Iterator[dict[str, Any]]:
            return map(json.loads, written.getvalue().splitlines())

    return Lines()


def told(logged: Any, message: str) -> list[dict[str, Any]]:
    return [line for line in logged if line["message"] == message]


def wrong_everywhere(dynamodb: "DynamoDBClient", table: str, source: str) -> None:
    """Have each day that can be drawn differ, by readings without a mark.

    They last for 26 hours: into the two days after the last one with readings, which can be drawn
    as well.
    """
    for day in range(DAYS - 2):
        late = f"{iso(MIDNIGHT + day * DAY)[:10]}T23:45"
        unmarked(dynamodb, table, source, late, lasts="93600")


# --- What is drawn --------------------------------------------------------------------------------


@pytest.mark.usefixtures("table")
def test_where_there_is_no_site_nothing_is_sampled() -> None:
    assert sampled(0) is None


@pytest.mark.usefixtures("ship", "house")
def test_every_meter_and_every_day_is_drawn_some_time(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = list[tuple[str, int]]()
    differences = SiteCheck.differences

    def noted(self: Any, zone: Any, meters: Any, day: int, *raw: Any) -> Any:
        drawn.append((meters[0].source.device[:1], day))
        return differences(self, zone, meters, day, *raw)

    monkeypatch.setattr(SiteCheck, "differences", noted)
    assert {tuple(sampled(seed)) for seed in range(80)} == {()}
    sources, days = zip(*drawn, strict=True)
    assert {*sources} == {"", "1", "2", "3", "e", "c"}  # the ship's, and two of several devices
    assert {*days} == {ms(MIDNIGHT + day * DAY) for day in range(DAYS)}


@pytest.mark.usefixtures("house")
def test_of_a_meter_no_more_measures_are_drawn_than_a_few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sample, "MOST_MEASURES", 1)
    drawn = set[tuple[str, ...]]()
    differences = SiteCheck.differences

    def noted(self: Any, zone: Any, meters: Any, *rest: Any) -> Any:
        drawn.add(tuple(measure.channel for measure in meters[0].measures))
        return differences(self, zone, meters, *rest)

    monkeypatch.setattr(SiteCheck, "differences", noted)
    assert {tuple(sampled(seed)) for seed in range(30)} == {()}
    assert drawn == {("used",), ("solar",), ("stove",)}


# --- What it costs --------------------------------------------------------------------------------


def costs(counted: Counted, seeds: int) -> set[tuple[int, float]]:
    """Return how many calls and read units samples took."""
    found = set()
    for seed in range(seeds):
        counted.clear()
        assert sampled(seed) == []
        found.add((len(counted.calls), counted.read_units))
        assert counted.write_units == 0
    return found


@pytest.mark.usefixtures("ship")
def test_a_sample_of_a_ship_is_18_calls(counted: Counted) -> None:
    """What of it is drawn, 5; its blocks and readings, 6; its rank and what vouches for it, 7."""
    calls, units = zip(*costs(counted, 12), strict=True)
    assert {*calls} == {18}
    assert 15 <= min(units) <= max(units) <= 20


@pytest.mark.usefixtures("house")
def test_a_sample_of_a_house_is_12_calls_and_one_for_each_device(counted: Counted) -> None:
    calls, units = zip(*costs(counted, 24), strict=True)
    assert {*calls} == {12, 14}  # of a device; of what is made of all three
    assert max(units) <= 24


@pytest.mark.usefixtures("ship")
def test_a_sample_that_differs_looks_twice_and_still_takes_no_more_calls_than_it_may(
    counted: Counted, dynamodb: "DynamoDBClient", table: str
) -> None:
    wrong_everywhere(dynamodb, table, "S1")
    counted.clear()
    assert sampled(0)
    assert len(counted.calls) == 18 + 13 <= MOST_CALLS


def test_a_site_that_would_take_more_calls_is_not_sampled(
    call: Call, counted: Counted, rollup: Handler, logged: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    put_house(call, 50)
    with patch.object(Random, "choice", lambda _, found: [*found][-1]):  # what is made of all
        counted.clear()
        with pytest.raises(Busy):
            sampled(0)
        assert len(counted.calls) == MOST_CALLS
        rollup()
    (line,) = told(logged, "not sampled")
    assert (line["level"], line["reason"]) == ("INFO", "It takes more than 40 calls.")
    assert "BlocksWrong" not in metrics_of(capsys)


@pytest.mark.usefixtures("ship")
def test_one_with_more_readings_than_it_may_is_not_sampled(
    rollup: Handler, logged: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sample, "MOST_READINGS", 10)
    rollup()
    (line,) = told(logged, "not sampled")
    assert line["reason"].startswith("More than 10 readings")


# --- What a run tells -----------------------------------------------------------------------------


@pytest.mark.usefixtures("ship")
def test_what_is_right_is_told_as_0_and_nothing_is_logged(
    rollup: Handler, logged: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    rollup()
    said = metrics_of(capsys)
    assert (said["BlocksWrong"], said["ShipsOfShard"]) == ([0.0], [1.0])
    assert not told(logged, schedule.NOT_AS_READ)


@pytest.mark.usefixtures("ship")
def test_what_differs_is_counted_and_named(
    rollup: Handler,
    logged: Any,
    capsys: pytest.CaptureFixture[str],
    dynamodb: "DynamoDBClient",
    table: str,
) -> None:
    wrong_everywhere(dynamodb, table, "S1")
    rollup()
    lines = told(logged, schedule.NOT_AS_READ)
    whats = ["the day of used", "the month of used", "the day in the ranking"]
    assert [line["what"] for line in lines] == whats
    assert {(line["source"], line["shard"], line["level"]) for line in lines} == {
        ("S1", 0, "ERROR")
    }
    (day,) = {line["day"] for line in lines}
    assert day in {f"2018-08-{day}" for day in range(24, 28)}
    assert metrics_of(capsys)["BlocksWrong"] == [3.0]


@pytest.mark.usefixtures("ship")
def test_a_sample_that_fails_is_logged_and_the_run_has_done_its_work(
    rollup: Handler, logged: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    with patch.object(SiteCheck, "differences", side_effect=ValueError("beyond me")):
        rollup()
    (line,) = told(logged, "not sampled")
    assert (line["level"], line["exception_name"]) == ("ERROR", "ValueError")
    said = metrics_of(capsys)
    assert "BlocksWrong" not in said
    assert {*said["TodoLeft"]} == {0.0}


@pytest.mark.usefixtures("ship")
def test_a_throttled_sample_is_given_up_at_once(rollup: Handler, logged: Any) -> None:
    """Its calls are sent once: what the table can give is for others."""
    asked = list[str]()

    def refuse(**request: Any) -> Any:
        asked.append(request["TableName"])
        raise refusal("query", "ThrottlingException", "too much")

    class Throttled(RationedCalls):
        def __init__(self, _: Any, table: str, **more: Any) -> None:
            super().__init__(SimpleNamespace(query=refuse), table, **more)  # type: ignore[arg-type]

    with patch("quarterhour.store.rollups.RationedCalls", Throttled):
        rollup()
    assert [line["reason"] for line in told(logged, "not sampled")] == [
        "The table is busy; send the request again."
    ]
    assert len(asked) == 1


@pytest.mark.usefixtures("ship")
def test_a_run_without_time_left_samples_nothing(
    rollup: Handler, capsys: pytest.CaptureFixture[str]
) -> None:
    rollup(timeout_s=int(schedule.RESERVE_S + schedule.SAMPLE_S) - 1)
    assert "BlocksWrong" not in metrics_of(capsys)


@pytest.mark.usefixtures("ship")
def test_ships_of_a_table_of_before_are_counted_by_the_first_run(
    rollup: Handler,
    capsys: pytest.CaptureFixture[str],
    dynamodb: "DynamoDBClient",
    table: str,
) -> None:
    dynamodb.delete_item(TableName=table, Key={"pk": {"S": "N"}, "sk": {"S": "0"}})
    for _ in range(2):
        rollup()
    assert metrics_of(capsys)["ShipsOfShard"] == [1.0, 1.0]
    size = dynamodb.get_item(TableName=table, Key={"pk": {"S": "N"}, "sk": {"S": "0"}})
    assert size["Item"]["ships"] == {"N": "1"}
