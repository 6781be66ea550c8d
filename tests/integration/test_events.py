"""Every event under events/ goes to its function, on the engine; and what the functions call."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from local.intrinsics import parse
from local.runtime import functions
from local.runtime.context import Handler, context_for
from quarterhour.store.environment import environment
from tests.conftest import TEMPLATE
from tests.counting import Counted

pytestmark = pytest.mark.integration

ROOT = Path(__file__).resolve().parents[2]
EVENTS = sorted((ROOT / "events").glob("*.json"))
RESOURCES = parse((ROOT / "template.yaml").read_text(encoding="utf-8"))["Resources"]
FUNCTIONS = {each.name: each for each in TEMPLATE.functions}

EIGHT = {"datetime": "2018-08-24T00:00:00Z", "end": "2018-08-24T03:00:00Z"}


@pytest.fixture(scope="session")
def handlers() -> dict[str, Handler]:
    return functions.load(TEMPLATE)


@pytest.fixture
def feed(handlers: dict[str, Handler], table: str) -> Callable[[str], Any]:
    """Feed an event, by the name of its file, to the function the name begins with."""
    del table

    def fed(name: str) -> Any:
        event = json.loads((ROOT / "events" / f"{name}.json").read_text(encoding="utf-8"))
        function = FUNCTIONS[name.partition("-")[0]]
        return handlers[function.name](event, context_for(function, "id"))

    return fed


def body(answer: Any, status: int = 200) -> Any:
    assert answer["statusCode"] == status, answer
    return json.loads(answer["body"])


def test_every_function_has_an_event_and_every_event_its_function() -> None:
    assert {path.stem.partition("-")[0] for path in EVENTS} == set(FUNCTIONS)


def test_health(feed: Callable[[str], Any]) -> None:
    assert body(feed("about-health"))["status"] == "ok"


def test_what_has_no_route(feed: Callable[[str], Any]) -> None:
    assert feed("about-unrouted")["statusCode"] in {404, 405}


def test_readings_come_back_as_energy_of_ship_fleet_and_top_user(
    feed: Callable[[str], Any],
) -> None:
    assert body(feed("ingest-post-data"))["accepted"] == 3
    quarters = [3, 3, 3, 3, 6.5, 6.5, 6.5, 6.5, 4.5, 4.5, 4.5, 4.5]
    for _ in range(2):
        found = body(feed("range-get-data"))
        assert [row["value"] for row in found["data"]] == quarters
        found = body(feed("fleet-get-data-fleet"))
        assert [(row["sum"], row["ships"]) for row in found["data"]] == [(12, 1), (26, 1), (18, 1)]
        found = body(feed("top_users-get-topusers"))
        assert found["ships"] == [{"spaceship_id": 1, "consumption": 56}]
        (listed,) = body(feed("ships-get-ships"))["ships"]
        assert (listed["spaceship_id"], listed["newest"]) == (1, "2018-08-24T02:00:00Z")
        assert body(feed("ships-get-ship"))["total_kwh"] == 56
        assert feed("rollup-scheduled") is None


def test_a_house_that_is_put_says_where_it_is(feed: Callable[[str], Any]) -> None:
    assert body(feed("houses-put-house"), 201) == {"house_id": 5, "version": 1}
    assert body(feed("houses-put-budgets"), 201) == {"house_id": 5, "version": 1}
    there = "https://r3pmxmplak.execute-api.eu-central-1.amazonaws.com/api/houses/5"
    assert body(feed("houses-get-house"))["house"]["devices"] == f"{there}/devices/"


def test_readings_of_a_house_come_back_in_a_view(feed: Callable[[str], Any]) -> None:
    feed("houses-put-house")
    assert body(feed("ingest-post-readings"))["accepted"] == 2
    for _ in range(2):
        totals = body(feed("view-get-summary"))["totals"]
        assert totals == {"net": 3.21964, "solar": -0.0031, "used": 3.22274}
        assert body(feed("view-get-default"))["years"] == ["2018"]
        assert body(feed("houses-get-now"))["total_kwh"] == 3.22274
        items = body(feed("houses-get-device-values"))["items"]
        assert [one["used"] for one in items] == [1.72274, 1.5]
        assert feed("rollup-scheduled") is None


def test_readings_that_are_deleted_leave_a_gap_and_a_trace(feed: Callable[[str], Any]) -> None:
    feed("ingest-post-data")
    feed("houses-put-house")
    feed("ingest-post-readings")
    assert len(body(feed("readings-get-data-readings"))["data"]) == 3
    before = body(feed("readings-get-gaps"))["coverage"]
    assert max(before.values()) > 0
    for of_ship, of_device in ((3, 5), (0, 0)):
        feed("rollup-scheduled")
        assert body(feed("deletes-delete-data"))["deleted"] == of_ship
        assert body(feed("deletes-delete-readings"))["deleted"] == of_device
        assert body(feed("readings-get-data-readings"))["data"] == []
        assert {*body(feed("readings-get-gaps"))["coverage"].values()} == {0}
    listed = body(feed("readings-get-audit"))["corrections"]
    assert [each["done"] for each in listed] == [3, 5]


def test_a_scheduled_rollup_settles_what_was_marked(
    feed: Callable[[str], Any], counted: Counted
) -> None:
    feed("ingest-post-data")
    counted.calls.clear()
    feed("rollup-scheduled")
    assert "DeleteItem" in counted.calls
    counted.calls.clear()
    feed("fleet-get-data-fleet")
    assert counted.calls == ["GetItem", "Query", "Query"]


def test_each_message_is_a_shard_or_the_fleet(
    feed: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.setenv("SHARDS", "2")
    environment.cache_clear()
    counted: Counted = request.getfixturevalue("counted")
    feed("ingest-post-data")
    assert feed("rollup_shard-two-messages") == {"batchItemFailures": []}
    assert "DeleteItem" not in counted.calls
    assert feed("rollup_shard-the-fleet") == {"batchItemFailures": []}
    assert "DeleteItem" in counted.calls
    counted.calls.clear()
    assert body(feed("fleet-get-data-fleet"))["complete_until"] == EIGHT["end"]
    assert counted.calls == ["GetItem", "Query", "Query", "Query"]


def test_only_the_shard_that_failed_comes_again(feed: Callable[[str], Any]) -> None:
    """The second message is of a shard that there is no more."""
    failed = feed("rollup_shard-two-messages")["batchItemFailures"]
    assert failed == [{"itemIdentifier": "2e1424d4-f796-459a-8184-9c92662be6da"}]


@pytest.mark.parametrize("name", [path.stem for path in EVENTS])
def test_a_function_calls_nothing_it_is_not_allowed(
    feed: Callable[[str], Any], counted: Counted, name: str
) -> None:
    feed("ingest-post-data")
    feed("houses-put-house")
    feed("ingest-post-readings")
    if "topusers" in name:
        feed("rollup-scheduled")
    counted.calls.clear()
    feed(name)
    allowed = {action for each in _statements(name) for action in each["Action"]}
    assert {_action(call) for call in counted.calls} <= allowed


def _statements(name: str) -> list[Any]:
    folder = f"functions/{name.partition('-')[0]}/"
    found = [each["Properties"] for each in RESOURCES.values() if "Properties" in each]
    (function,) = (each for each in found if each.get("CodeUri") == folder)
    return [each for policy in function.get("Policies", []) for each in policy["Statement"]]


def _action(call: str) -> str:
    # A transaction of updates is allowed by UpdateItem.
    return "dynamodb:" + call.replace("TransactWriteItems", "UpdateItem")
