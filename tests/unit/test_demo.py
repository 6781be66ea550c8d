import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from local import demo, fleet
from local.demo import FEW_DAYS, DemoError, Extent, begin, example, load, parts, plan
from local.fleet import SHIPS, Ship, readings
from local.part import Part, windows

UNTIL = datetime(2026, 11, 20, 13, tzinfo=UTC)
YEAR = (UNTIL - timedelta(days=365), UNTIL)
SHORT = Extent(65, 30, 40)
NOW_S = UNTIL.timestamp() + 1_234


class Api:
    """Takes the place of the API; `sent` are the parts that came, with their bodies."""

    def __init__(self, fails_after: int = 10_000) -> None:
        self.sent: list[tuple[str, dict[str, Any]]] = []
        self.fails_after = fails_after

    def __call__(self, _url: str, part: Part) -> dict[str, Any]:
        if len(self.sent) == self.fails_after:
            raise DemoError(f"{part.method} {part.path}: 503")
        body = part.body()
        self.sent.append((part.name, body))
        return {"accepted": len(body["data"])} if part.method == "POST" else {"version": 1}


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


def test_the_parts_of_ships_are_the_year_newest_first_and_fit_one_post_each() -> None:
    cut = [part for part in parts(UNTIL, demo.YEARS) if part.path == "/data"]
    assert len(cut) == 39
    assert [part.name.split()[0] for part in cut] == ["1", "2", "3"] * 13
    begins = [part.name.split()[1] for part in cut]
    assert begins == sorted(begins, reverse=True)
    for ship, mine in zip(SHIPS, (cut[nth::3] for nth in range(3)), strict=True):
        bodies = [part.body() for part in mine]
        assert {body["spaceship_id"] for body in bodies} == {ship.id}
        found = [(one["datetime"], one["value"]) for body in bodies[::-1] for one in body["data"]]
        assert found == [(f"{at:%Y-%m-%dT%H:%M:%SZ}", value) for at, value in readings(ship, *YEAR)]
        assert max(len(body["data"]) for body in bodies) < 20_000


def test_time_is_cut_from_its_end_and_the_rest_is_the_oldest_piece() -> None:
    day, start = timedelta(days=1), UNTIL - timedelta(hours=40)
    assert [*windows(start, UNTIL, day)] == [(UNTIL - day, UNTIL), (start, UNTIL - day)]
    assert [*windows(UNTIL, UNTIL, day)] == []


def test_a_body_is_what_the_api_takes() -> None:
    five_minutely, _, hourly = fleet.parts(UNTIL - timedelta(days=1), UNTIL)
    body = hourly.body()
    assert {key: body[key] for key in ("spaceship_id", "units", "interval")} == {
        "spaceship_id": 3,
        "units": "kWh",
        "interval": "PT1H",
    }
    assert body["data"][0]["datetime"] == "2026-11-19T13:00:00Z"
    assert "interval" not in five_minutely.body()


def test_ships_and_house_come_in_turn_the_house_before_its_readings() -> None:
    names = [part.name for part in parts(UNTIL, demo.YEARS)]
    assert len({*names}) == len(names) > 200
    newest = names[: names.index("1 2026-09-21")]
    assert newest[:6] == [
        *("1 2026-10-21", "2 2026-10-21", "3 2026-10-21"),
        *("house 1", "house 1 budgets", "house 1 device 4 bills"),
    ]
    assert {name.split("T")[0][:14] for name in newest[6:]} == {"house 1 device"}
    of_second_year = names[names.index("3 2025-11-20") + 1 :]
    assert {name[:14] for name in of_second_year} == {"house 1 device"}
    assert names[-1].endswith("2024-11-20T13")


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Api:
    """The API that everything is posted to."""
    made = Api()
    monkeypatch.setattr(demo, "_send", made)
    return made


def test_loading_is_done_once(tmp_path: Path, api: Api) -> None:
    progress = plan(tmp_path, NOW_S, SHORT)
    assert progress.left
    posted = load("", tmp_path, progress)
    assert posted == sum(len(body.get("data", ())) for _, body in api.sent)
    names = [name for name, _ in api.sent]
    assert names == [part.name for part in parts(UNTIL, SHORT)]
    assert sum(name.startswith("house 1") for name in names) == len(names) - 9 > 20
    again = plan(tmp_path, NOW_S + 86_400, SHORT)
    assert again == progress
    assert not again.left
    begin("", tmp_path, again)
    assert load("", tmp_path, again) == 0
    assert len(api.sent) == len(names)


@pytest.mark.parametrize("sent", [0, 1, 5, 12])
def test_a_load_that_was_cut_short_goes_on_where_it_was(
    tmp_path: Path, api: Api, sent: int
) -> None:
    api.fails_after = sent
    with pytest.raises(DemoError):
        load("", tmp_path, plan(tmp_path, NOW_S, SHORT))
    assert plan(tmp_path, NOW_S, SHORT).left
    api.fails_after = 10_000
    load("", tmp_path, plan(tmp_path, NOW_S + 90_000, SHORT))
    in_two = [*api.sent]
    assert not plan(tmp_path, NOW_S, SHORT).left
    demo.forget(tmp_path)
    load("", tmp_path, plan(tmp_path, NOW_S, SHORT))
    assert api.sent[len(in_two) :] == in_two


def test_a_folder_that_had_its_ships_before_there_was_a_house_gets_the_house(
    tmp_path: Path, api: Api
) -> None:
    ships = [part.name for part in parts(UNTIL, demo.YEARS) if part.path == "/data"]
    state = {"until": UNTIL.isoformat(), "extent": [365, 30], "done": ships, "complete": True}
    (tmp_path / "demo.json").write_text(json.dumps(state))
    progress = plan(tmp_path, NOW_S, demo.YEARS)
    begin("", tmp_path, progress)
    assert api.sent == []
    load("", tmp_path, progress, most=3)
    assert [name for name, _ in api.sent] == [
        "house 1",
        "house 1 budgets",
        "house 1 device 4 bills",
    ]


def test_the_beginning_is_the_newest_part_of_every_ship_and_the_house(
    tmp_path: Path, api: Api
) -> None:
    progress = plan(tmp_path, NOW_S, FEW_DAYS)
    begin("", tmp_path, progress)
    *of_ships, entry, budgets = (body for _, body in api.sent)
    assert [body["spaceship_id"] for body in of_ships] == [ship.id for ship in SHIPS]
    assert {body["data"][-1]["datetime"][:10] for body in of_ships} == {"2026-11-20"}
    assert (len(entry["devices"]), len(budgets["budgets"])) == (10, 1)
    assert plan(tmp_path, NOW_S, FEW_DAYS) == progress
    assert progress.left
    day = "start=2026-11-19T00-00-00Z&end=2026-11-20T00-00-00Z"
    assert example(progress) == f"spaceship_id=1&{day}&interval=hour"


def test_of_a_slow_table_only_a_few_days_are_asked(tmp_path: Path, api: Api) -> None:
    load("", tmp_path, plan(tmp_path, NOW_S, FEW_DAYS))
    data = [one["datetime"] for _, body in api.sent for one in body.get("data", ())]
    assert min(data) >= "2026-11-17T13:00:00Z"
    assert len(data) < 2_500


def test_a_refusal_is_one_line_and_no_end(
    tmp_path: Path, api: Api, capsys: pytest.CaptureFixture[str]
) -> None:
    api.fails_after = 0
    begin("", tmp_path, plan(tmp_path, NOW_S, FEW_DAYS))
    said = capsys.readouterr().err
    assert said == "Demo data: stopped (POST /data: 503); the next start goes on.\n"
