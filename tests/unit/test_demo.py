from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from local import demo
from local.demo import FEW_DAYS, DemoError, Extent, Part, begin, example, load, parts, plan
from local.fleet import SHIPS, Ship, readings

UNTIL = datetime(2026, 11, 20, 13, tzinfo=UTC)
YEAR = (UNTIL - timedelta(days=365), UNTIL)
SHORT = Extent(65, 30)
NOW_S = UNTIL.timestamp() + 1_234


class Api:
    """Takes the place of POST /data."""

    def __init__(self, fails_after: int = 10_000) -> None:
        self.bodies: list[Mapping[str, Any]] = []
        self.fails_after = fails_after

    def __call__(self, _url: str, body: Mapping[str, Any]) -> dict[str, Any]:
        if len(self.bodies) == self.fails_after:
            raise DemoError("POST /data: 503")
        self.bodies.append(body)
        return {"accepted": len(body["data"])}


@pytest.mark.parametrize("ship", SHIPS, ids=lambda ship: f"ship {ship.id}")
def test_a_year_of_a_ship_is_believable(ship: Ship) -> None:
    year = list(readings(ship, *YEAR))
    hours = ship.every / timedelta(hours=1) if ship.units == "kWh" else 1
    mean_kw = [value / hours for _, value in year]
    assert 0.985 < len(year) / (timedelta(days=365) / ship.every) < 1
    assert all(0.4 * ship.hotel_kw < kw < 1.7 * ship.propulsion_kw for kw in mean_kw)
    in_port = sum(kw < 1.5 * ship.hotel_kw for kw in mean_kw) / len(mean_kw)
    assert 0.1 < in_port < 0.6
    assert all(earlier < later for (earlier, _), (later, _) in pairwise(year))
    gaps = [
        later - earlier
        for (earlier, _), (later, _) in pairwise(year)
        if later - earlier > ship.every
    ]
    assert 4 <= len(gaps) <= 25
    assert max(gaps) < timedelta(hours=9)


def test_nights_in_port_need_less_than_days() -> None:
    for ship in SHIPS:
        port = [(at.hour, value) for at, value in readings(ship, *YEAR)]
        quiet = sorted(value for hour, value in port if hour == 4)[: len(port) // 200]
        busy = sorted(value for hour, value in port if hour == 16)[: len(port) // 200]
        assert sum(quiet) < 0.9 * sum(busy)


def test_an_instant_has_the_same_value_whoever_asks() -> None:
    for ship in SHIPS:
        whole = dict(readings(ship, *YEAR))
        start = UNTIL - timedelta(days=40, minutes=3)
        part = dict(readings(ship, start, start + timedelta(days=3)))
        assert part
        assert part.items() <= whole.items()


def test_the_parts_are_the_year_newest_first_and_fit_one_post_each() -> None:
    cut = list(parts(UNTIL, demo.YEAR))
    assert [part.end for part in cut[:3]] == [UNTIL] * 3
    assert [part.end for part in cut] == sorted((part.end for part in cut), reverse=True)
    assert len({part.name for part in cut}) == len(cut)
    for ship in SHIPS:
        mine = [part for part in cut if part.ship is ship]
        assert (mine[-1].start, mine[0].end) == YEAR
        assert all(newer.start == older.end for newer, older in pairwise(mine))
    assert max(len(part.body()["data"]) for part in cut) < 20_000


def test_a_body_is_what_the_api_takes() -> None:
    body = Part(SHIPS[2], UNTIL - timedelta(days=1), UNTIL).body()
    assert {key: body[key] for key in ("spaceship_id", "units", "interval")} == {
        "spaceship_id": 3,
        "units": "kWh",
        "interval": "PT1H",
    }
    assert body["data"][0]["datetime"] == "2026-11-19T13:00:00Z"
    assert "interval" not in Part(SHIPS[0], UNTIL - timedelta(days=1), UNTIL).body()


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Api:
    """The API that everything is posted to."""
    made = Api()
    monkeypatch.setattr(demo, "_post", made)
    return made


def test_loading_is_done_once(tmp_path: Path, api: Api) -> None:
    start = UNTIL - timedelta(days=65)
    progress = plan(tmp_path, NOW_S, SHORT)
    assert not progress.complete
    every = sum(len(list(readings(ship, start, UNTIL))) for ship in SHIPS)
    assert load("", tmp_path, progress) == every
    again = plan(tmp_path, NOW_S + 86_400, SHORT)
    assert again == progress
    assert again.complete
    posted = len(api.bodies)
    begin("", tmp_path, again)
    assert load("", tmp_path, again) == 0
    assert len(api.bodies) == posted == 9


def test_a_load_that_was_cut_short_goes_on_where_it_was(tmp_path: Path, api: Api) -> None:
    api.fails_after = 5
    with pytest.raises(DemoError):
        load("", tmp_path, plan(tmp_path, NOW_S, SHORT))
    assert not plan(tmp_path, NOW_S, SHORT).complete
    api.fails_after = 10_000
    load("", tmp_path, plan(tmp_path, NOW_S + 90_000, SHORT))
    in_two = [*api.bodies]
    assert plan(tmp_path, NOW_S, SHORT).complete
    demo.forget(tmp_path)
    load("", tmp_path, plan(tmp_path, NOW_S, SHORT))
    assert api.bodies[len(in_two) :] == in_two


def test_the_beginning_is_the_newest_part_of_every_ship(tmp_path: Path, api: Api) -> None:
    progress = plan(tmp_path, NOW_S, FEW_DAYS)
    begin("", tmp_path, progress)
    assert [body["spaceship_id"] for body in api.bodies] == [ship.id for ship in SHIPS]
    assert {body["data"][-1]["datetime"][:10] for body in api.bodies} == {"2026-11-20"}
    assert plan(tmp_path, NOW_S, FEW_DAYS) == progress
    assert not progress.complete
    day = "start=2026-11-19T00-00-00Z&end=2026-11-20T00-00-00Z"
    assert example(progress) == f"spaceship_id=1&{day}&interval=hour"


def test_a_refusal_is_one_line_and_no_end(
    tmp_path: Path, api: Api, capsys: pytest.CaptureFixture[str]
) -> None:
    api.fails_after = 0
    begin("", tmp_path, plan(tmp_path, NOW_S, FEW_DAYS))
    said = capsys.readouterr().err
    assert said == "Demo data: stopped (POST /data: 503); the next start goes on.\n"
