"""What wrong clocks left in a table before there was a fence is found, and mended."""

import json
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import datetime
from math import fsum
from typing import Any

import pytest

from local.commands import check as command
from local.engine.dynamodb import Engine
from local.gateway.http_api import Gateway
from quarterhour.store.rollup import check
from tests.fleets import Window, utc
from tests.recorded.recording import read
from tests.recorded.running import Request, Service, service
from tests.recorded.wrong_clocks import DAY, HOUSES, POSTED, TABLE, TODAY

pytestmark = pytest.mark.integration

SHIPS = sorted({ship for ship, _ in POSTED})
MONTH = Window(utc(2025, 3, 1), utc(2025, 4, 1), "day")
FOUR_DAYS = Window(TODAY - 2 * DAY, TODAY + 2 * DAY, "day")
ALL = "100"


@pytest.fixture
def running(engine: Engine, gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    """The service of today on that table, some days later."""
    monkeypatch.setattr(command, "at_hand", nullcontext)
    monkeypatch.setattr(check, "SECOND_LOOK_S", 0.0)
    with service(engine, gateway) as on_the_table:
        on_the_table.clock.stop_at("2025-03-20T12:00:00Z")
        on_the_table.load([*read(TABLE)])
        yield on_the_table


def answers(running: Service) -> dict[str, Any]:
    """Return what all that is asked says the days come to."""
    return {
        **{f"ship {ship}": _rows(running, FOUR_DAYS.ship(ship), "value") for ship in SHIPS},
        **{f"month of ship {ship}": _month(running, ship) for ship in SHIPS},
        "the fleet": _rows(running, FOUR_DAYS.fleet(), "sum"),
        "the fleet's month": _rows(running, MONTH._replace(interval="month").fleet(), "sum"),
        "top users": _top(running, FOUR_DAYS),
        "top users of a month": _top(running, MONTH),
        **{f"house {house}": _house(running, house, "days") for house in HOUSES},
        **{f"month of house {house}": _house(running, house, "months") for house in HOUSES},
    }


def _get(running: Service, target: str) -> Any:
    answer = running.answer(Request("GET", target))
    assert answer["status"] == 200, answer
    return json.loads(answer["body"])


def _rows(running: Service, target: str, name: str) -> list[float]:
    return [row[name] for row in _get(running, target)["data"]]


def _month(running: Service, ship: int) -> list[float]:
    return _rows(running, MONTH._replace(interval="month").ship(ship), "value")


def _top(running: Service, window: Window) -> list[tuple[int, float]]:
    ships = _get(running, window.top())["ships"]
    return [(ship["spaceship_id"], ship["consumption"]) for ship in ships]


def _house(running: Service, house: int, interval: str) -> list[float]:
    query = f"interval={interval}&start=2025-03&duration=1month"
    rows = _get(running, f"/api/houses/{house}/devices/1/?{query}")["items"]
    return [value for row in rows if (value := row.get("used", row.get("actual"))) is not None]


def days_of(kwh: dict[tuple[int, datetime], float], ship: int) -> list[float]:
    return [amount for (one, _), amount in sorted(kwh.items()) if one == ship]


def all_are(kwh: dict[tuple[int, datetime], float], of_a_house: float) -> dict[str, Any]:
    """Return what the answers are where the ships' days come to so much."""
    of_days = {day: fsum(of for (_, one), of in kwh.items() if one == day) for _, day in kwh}
    of_ships = {ship: fsum(days_of(kwh, ship)) for ship in SHIPS}
    top = sorted(of_ships.items(), key=lambda ranked: (-ranked[1], ranked[0]))
    house = [of_a_house]
    return {
        **{f"ship {ship}": days_of(kwh, ship) for ship in SHIPS},
        **{f"month of ship {ship}": [of_ships[ship]] for ship in SHIPS},
        "the fleet": [of_days[day] for day in sorted(of_days)],
        "the fleet's month": [fsum(of_days.values())],
        "top users": top,
        "top users of a month": top,
        **{f"house {one}": house for one in HOUSES},
        **{f"month of house {one}": house for one in HOUSES},
    }


def said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], **variables: str
) -> tuple[int, list[str]]:
    """Run `make check`; return its code and what it printed."""
    for name in ("SOURCE", "DAYS", "REPAIR"):
        monkeypatch.setenv(name, variables.get(name, ""))
    capsys.readouterr()
    code = command.main()
    return code, capsys.readouterr().out.splitlines()


def test_what_wrong_clocks_left_is_found_and_mended(
    running: Service, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = {at: 1.0 if kwh == 6 else kwh for at, kwh in POSTED.items()}
    for _ in range(2):
        assert answers(running) == all_are(wrong, 1.0)
        running.roll_up()
    code, lines = said(monkeypatch, capsys, DAYS=ALL)
    assert code == 1
    assert {line for line in lines if "Checked" not in line} >= {
        "S1, 2025-03-14: the day of used",
        "S1, 2025-03-14: the month of used",
        "S1, 2025-03-14: the day in the ranking",
        "S3, 2025-03-15: the day of used",
        "S3, 2025-03-15: the month of used",
        "shard 0, 2025-03-14: the day",
        "the fleet, 2025-03-14: the day",
        "the fleet, 2025-03-15: the month",
        "H5, 2025-03-14: the day of used of device 1",
        "H6, 2025-03-15: the month of used of device 1",
    }
    assert not [line for line in lines if line.startswith("S2")]
    code, _ = said(monkeypatch, capsys, DAYS=ALL, REPAIR="1")
    assert code == 0
    running.roll_up()
    assert answers(running) == all_are(POSTED, 6.0)
    code, (closing,) = said(monkeypatch, capsys, DAYS=ALL)
    assert (code, closing.split(": ")[1]) == (0, "none differs.")
    assert not [item for item in running.items() if item["pk"]["S"].startswith("T")]


@pytest.mark.parametrize("source", ["1", "3", "H5", "H6"])
def test_a_site_alone_is_mended_as_well(
    running: Service,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    source: str,
) -> None:
    assert said(monkeypatch, capsys, SOURCE=source, DAYS=ALL, REPAIR="1")[0] == 0
    running.roll_up()
    name = f"house {source[1:]}" if source.startswith("H") else f"ship {source}"
    assert answers(running)[name] == [6.0]
    assert said(monkeypatch, capsys, SOURCE=source, DAYS=ALL)[0] == 0
