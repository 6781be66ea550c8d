"""A site that cannot be settled: it is named and stays to be done; everything else goes on."""

import json
import time
from datetime import datetime, timedelta
from typing import Any

import boto3
import pytest

from local.commands.rollup import main
from quarterhour.store import scheduled as schedule
from quarterhour.store.rollups import roll_up, roll_up_fleet
from tests.builders import iso
from tests.conftest import Call
from tests.fleets import at_once, utc
from tests.integration.test_rollup_function import Handler, handler, items, metrics_of, rollup
from tests.logs import written_by
from tests.models.failing_sites import failing

__all__ = ["handler", "rollup"]

pytestmark = pytest.mark.integration

DAY, LIMIT_S = timedelta(days=1), 3600.0
MARKED = utc(2018, 8, 24)
MARKED_DAYS = {"23", "24", "25"}  # by an hour of energy at midnight
TODAY = datetime.now(MARKED.tzinfo).replace(hour=0, minute=0, second=0, microsecond=0)
ENTRY = {
    "name": "A house", "sname": "house", "timezone": "UTC",
    "devices": [{"id": 1, "name": "Meter", "channels": {"used": {"quantity": "energy"}}}],
}  # fmt: skip


def settle(ahead: timedelta = timedelta()) -> dict[str, str]:
    """Roll up so long after noon, whatever time it is; return what was told of which site."""
    told: dict[str, str] = {}
    now_ms = int((TODAY + DAY / 2 + ahead).timestamp() * 1000)
    with at_once():
        for _ in range(1 + ahead // DAY):
            roll_up(0, now_ms, LIMIT_S, lambda owner, error: told.update({owner: str(error)}))
            roll_up_fleet(LIMIT_S)
    return told


def todo(table: str, months: str = "") -> dict[str, set[str]]:
    """Return the days that are listed, by sort key."""
    return {
        sk: {name for name in item if name.isdigit()}
        for (pk, sk), item in items(table).items()
        if pk[0] == "T" and sk.startswith(months)
    }


def post_ship(call: Call, ship: int, kwh: float, day: datetime = MARKED) -> None:
    data = [{"datetime": iso(day), "value": kwh}]
    body = {"spaceship_id": ship, "units": "kWh", "interval": "PT1H", "data": data}
    assert call("POST", "/data", body).status == 200


def post_house(call: Call, house: int, kwh: float, day: datetime = MARKED) -> None:
    call("PUT", f"/api/houses/{house}", ENTRY)
    data = [{"datetime": iso(day), "values": {"used": kwh}}]
    body = {"units": "kWh", "interval": "PT1H", "data": data}
    assert call("POST", f"/api/houses/{house}/devices/1/readings", body).status == 200


def fleet(call: Call, day: datetime = MARKED) -> Any:
    return call("GET", f"/data/fleet?start={iso(day)}&end={iso(day + DAY)}&interval=day")


def blocks(table: str, owner: str) -> list[str]:
    return [sk for pk, sk in items(table) if pk == owner and sk[0] in "dmy"]


def test_others_are_settled_and_the_one_that_fails_is_told_of_and_stays(
    call: Call, table: str
) -> None:
    for number in 5, 6, 7:
        post_house(call, number, number)
        post_ship(call, number, number)
    with failing("H6", "settling"), failing("S6", "settling"):
        assert settle() == {owner: f"{owner} is beyond me" for owner in ("H6", "S6")}
        assert todo(table, "2018") == {"2018-08#H6.1": MARKED_DAYS, "2018-08#S6": MARKED_DAYS}
    assert all(blocks(table, owner) for owner in ("H5", "H7", "S5", "S7"))
    assert fleet(call).json["data"][0]["sum"] == 18
    assert settle() == {}
    assert todo(table) == {}
    assert fleet(call).json["data"][0]["sum"] == 18


def test_the_log_names_it_and_a_metric_counts_it(
    call: Call,
    rollup: Handler,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    post_ship(call, 5, 5)
    post_ship(call, 6, 6)
    written = written_by(schedule.logger, monkeypatch)
    with failing("S6", "settling"):
        rollup()
    (line,) = (one for one in map(json.loads, written.getvalue().splitlines()) if "source" in one)
    assert (line["level"], line["source"], line["shard"]) == ("ERROR", "S6", 0)
    assert "S6 is beyond me" in line["exception"]
    assert metrics_of(capsys)["SourcesFailed"] == [1.0]
    rollup()
    assert metrics_of(capsys)["SourcesFailed"] == [0.0]


@pytest.mark.parametrize("place", ["settling", "reading"])
def test_a_day_is_closed_without_the_ship_that_fails_and_not_taken_for_settled(
    call: Call, table: str, place: str
) -> None:
    for number in 5, 6:
        post_ship(call, number, number, TODAY)
    settle()
    with failing("S6", place):
        assert [*settle(3 * DAY)] == ["S6"]
        marks = {
            sk: item["until"]
            for (pk, sk), item in items(table).items()
            if pk == "W" and "until" in item
        }
        assert {mark["N"] for name, mark in marks.items() if name != "H0"} == {
            str(int((TODAY + 2 * DAY).timestamp()) * 1000)
        }
        listed = {day for days in todo(table).values() for day in days}
        assert f"{TODAY:%d}" in listed
        # Read live: with the ship if it can be read, and not without it.
        answer = fleet(call, TODAY)
        if place == "settling":
            assert answer.json["data"][0]["sum"] == 11
        else:
            assert answer.status == 500
    assert settle(3 * DAY) == {}
    assert todo(table) == {}
    assert fleet(call, TODAY).json["data"][0]["sum"] == 11


def test_a_day_of_others_is_not_answered_without_a_ship_that_was_not_marked(
    call: Call, table: str
) -> None:
    """Ship 6 has no block of the day, as it never posted there, and cannot be read."""
    post_ship(call, 6, 6, MARKED + 40 * DAY)
    settle()
    post_ship(call, 5, 5)
    with failing("S6", "reading"):
        assert [*settle()] == ["S6"]
        assert todo(table, "2018") == {"2018-08#S6": MARKED_DAYS}
        assert fleet(call).status == 500
        assert fleet(call, MARKED + 40 * DAY).json["data"][0]["sum"] == 6
    assert settle() == {}
    assert todo(table) == {}
    assert fleet(call).json["data"][0]["sum"] == 5


TARGETS = (
    "/data/fleet?start=2018-08-24T00:00:00Z&end=2018-08-25T00:00:00Z&interval=15min",
    "/data/fleet?start=2018-08-24T00:00:00Z&end=2018-08-25T00:00:00Z&interval=day",
    "/data/fleet?start=2018-08-24T00:00:00Z&end=2018-08-25T12:00:00Z&interval=month",
    "/data/fleet?start=2018-08-01T00:00:00Z&end=2018-09-01T00:00:00Z&interval=month",
    "/topusers?start=2018-08-24T00:00:00Z&end=2018-08-25T00:00:00Z",
    "/topusers?start=2018-08-01T00:00:00Z&end=2018-09-01T00:00:00Z",
    "/topusers?start=2018-01-01T00:00:00Z&end=2019-01-01T00:00:00Z",
    "/topusers",
)


@pytest.mark.parametrize("target", TARGETS)
def test_who_read_the_todo_before_the_ship_was_listed_is_asked_to_send_again(
    call: Call, table: str, target: str
) -> None:
    """A Query may see other ships' items when they are gone, and the ship's before it is there."""
    post_ship(call, 6, 6, MARKED + 400 * DAY)
    settle()
    post_ship(call, 5, 5)
    with failing("S6", "reading"):
        settle()
    key = {"pk": {"S": "T#0"}, "sk": {"S": "2018-08#S6"}}
    boto3.client("dynamodb").delete_item(TableName=table, Key=key)
    answer = call("GET", target)
    assert answer.status == 503
    assert int(answer.headers["retry-after"]) >= 1
    other = call("GET", "/data/fleet?start=2018-08-26T00:00:00Z&end=2018-08-28T00:00:00Z")
    assert other.status == 200


def test_a_house_whose_catalogue_cannot_be_read_loses_no_day(call: Call, table: str) -> None:
    for number in 5, 6:
        post_house(call, number, number, TODAY)
    settle()
    with failing("H6", "catalogue"):
        assert [*settle(3 * DAY)] == ["H6"]
    months = {f"{TODAY:%Y-%m}#H6", f"{TODAY + 2 * DAY:%Y-%m}#H6"}
    assert todo(table).keys() == months
    assert not [sk for sk in blocks(table, "H6") if sk.endswith(f"{TODAY:%Y-%m-%d}")]
    assert settle(3 * DAY) == {}
    assert todo(table) == {}
    assert [sk for sk in blocks(table, "H6") if sk.endswith(f"{TODAY:%Y-%m-%d}")]


def test_without_anybody_to_be_told_a_failure_ends_the_run(call: Call) -> None:
    post_ship(call, 6, 6)
    with failing("S6", "settling"), pytest.raises(ValueError, match="beyond me"):
        roll_up(0, int(time.time() * 1000), LIMIT_S)


def test_the_command_names_it_and_why(
    call: Call, table: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in 5, 6:
        post_ship(call, number, number)
    monkeypatch.setenv("SHARDS", "1")
    with failing("S6", "settling"):
        assert main("rollup") == 1
    said = capsys.readouterr().err
    assert said == "quarterhour: all is settled but S6 (ValueError: S6 is beyond me).\n"
    assert todo(table, "2018").keys() == {"2018-08#S6"}
    assert main("rollup") == 0
    assert capsys.readouterr().err == ""
