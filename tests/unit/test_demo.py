import json
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from local.demo import fleet, loader, progress
from local.demo.fleet import SHIPS, Ship, readings
from local.demo.loader import DemoError, begin, example, load
from local.demo.part import Part, readings_in, windows
from local.demo.progress import FEW_DAYS, YEARS, Extent, Progress, parts, plan

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
    cut = [part for part in parts(UNTIL, YEARS) if part.path == "/data"]
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
    names = [part.name for part in parts(UNTIL, YEARS)]
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
    monkeypatch.setattr(loader, "_send", made)
    return made


def test_loading_is_done_once(tmp_path: Path, api: Api) -> None:
    planned = plan(tmp_path, NOW_S, SHORT)
    assert planned.left
    posted = load("", tmp_path, planned)
    assert posted == sum(len(body.get("data", ())) for _, body in api.sent)
    names = [name for name, _ in api.sent]
    assert names == [part.name for part in parts(UNTIL, SHORT)]
    assert sum(name.startswith("house 1") for name in names) == len(names) - 9 > 20
    again = plan(tmp_path, NOW_S + 86_400, SHORT)
    assert again == planned
    assert not again.left
    assert begin("", tmp_path, NOW_S + 86_400, SHORT) == again
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
    progress.forget(tmp_path)
    load("", tmp_path, plan(tmp_path, NOW_S, SHORT))
    assert api.sent[len(in_two) :] == in_two


def test_a_folder_that_had_its_ships_before_there_was_a_house_gets_the_house(
    tmp_path: Path, api: Api
) -> None:
    ships = [part.name for part in parts(UNTIL, YEARS) if part.path == "/data"]
    state = {"until": UNTIL.isoformat(), "extent": [365, 30], "done": ships, "complete": True}
    (tmp_path / "demo.json").write_text(json.dumps(state))
    planned = begin("", tmp_path, NOW_S, YEARS)
    assert planned
    assert api.sent == []
    load("", tmp_path, planned, most=3)
    assert [name for name, _ in api.sent] == [
        "house 1",
        "house 1 budgets",
        "house 1 device 4 bills",
    ]


def state(**members: Any) -> bytes:
    """Return what demo.json may have, with some members other than they should be."""
    good = {"until": UNTIL.isoformat(), "extent": [365, 30, 730], "done": ["house 1"]}
    return json.dumps({**good, **members}).encode()


UNREADABLE = {
    "empty": b"",
    "cut": state()[:40],
    "zeros": bytes(120),
    "no UTF-8": b"\xff\xfe" + state(),
    "no object": b"[1, 2]",
    "null": b"null",
    "no members": b"{}",
    **{f"without {name}": state(**{name: None}) for name in ("until", "extent", "done")},
    "no time": state(until="yesterday"),
    "a time of no zone": state(until="2026-11-20T13:00:00"),
    "a time of another zone": state(until="2026-11-20T13:00:00+02:00"),
    "a time of long ago": state(until="0001-01-01T00:00:00+00:00"),
    "windows of no time": state(extent=[365, 0, 730]),
    "fewer than no days": state(extent=[-1, 30, 730]),
    "more days than there are": state(extent=[365, 30, 10**9]),
    "half days": state(extent=[365, 30.5, 730]),
    "an extent of another version": state(extent=[365, 30, 730, 7]),
    "too short an extent": state(extent=[365]),
    "a number of parts": state(done=12),
    "one part": state(done="house 1"),
    "parts without names": state(done=[1, 2]),
}


@pytest.mark.parametrize("written", UNREADABLE.values(), ids=UNREADABLE)
def test_what_cannot_be_read_is_planned_anew_with_a_sentence(
    tmp_path: Path, written: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "demo.json").write_bytes(written)
    fresh = plan(tmp_path, NOW_S, SHORT)
    assert fresh == Progress(UNTIL.isoformat(), SHORT, [])
    said = "Demo data: what demo.json says cannot be used; all of it is loaded again.\n"
    assert capsys.readouterr() == ("", said)
    assert plan(tmp_path, NOW_S + 86_400, SHORT) == fresh
    assert capsys.readouterr() == ("", "")


def test_what_another_version_adds_is_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "demo.json").write_bytes(state(seconds=12))
    assert plan(tmp_path, NOW_S, SHORT).done == ["house 1"]
    assert capsys.readouterr() == ("", "")


@pytest.mark.usefixtures("api")
def test_where_nothing_can_be_remembered_nothing_is_loaded_and_one_line_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As with a full disk; here a folder stands where the file has to be."""
    (tmp_path / "demo.json").mkdir()
    assert begin("", tmp_path, NOW_S, FEW_DAYS) is None
    loader.main("", str(tmp_path))
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 2)
    assert err.startswith("Demo data: stopped ([Errno 21] Is a directory")


def test_the_beginning_is_the_newest_part_of_every_ship_and_the_house(
    tmp_path: Path, api: Api
) -> None:
    planned = begin("", tmp_path, NOW_S, FEW_DAYS)
    assert planned
    *of_ships, entry, budgets = (body for _, body in api.sent)
    assert [body["spaceship_id"] for body in of_ships] == [ship.id for ship in SHIPS]
    assert {body["data"][-1]["datetime"][:10] for body in of_ships} == {"2026-11-20"}
    assert (len(entry["devices"]), len(budgets["budgets"])) == (10, 1)
    assert plan(tmp_path, NOW_S, FEW_DAYS) == planned
    assert planned.left
    day = "start=2026-11-19T00-00-00Z&end=2026-11-20T00-00-00Z"
    assert example(planned) == f"spaceship_id=1&{day}&interval=hour"


def test_of_a_slow_table_only_a_few_days_are_asked(tmp_path: Path, api: Api) -> None:
    load("", tmp_path, plan(tmp_path, NOW_S, FEW_DAYS))
    data = [one["datetime"] for _, body in api.sent for one in body.get("data", ())]
    assert min(data) >= "2026-11-17T13:00:00Z"
    assert len(data) < 2_500


def test_a_refusal_is_one_line_and_no_end(
    tmp_path: Path, api: Api, capsys: pytest.CaptureFixture[str]
) -> None:
    api.fails_after = 0
    assert begin("", tmp_path, NOW_S, FEW_DAYS)
    assert capsys.readouterr().err.splitlines() == [
        "Demo data: 0 of about 2,000 readings (0 %)",
        "Demo data: stopped (POST /data: 503); the next start goes on.",
    ]


def test_what_is_told_of_the_readings_is_about_what_is_sent(tmp_path: Path, api: Api) -> None:
    planned = plan(tmp_path, NOW_S, SHORT)
    sent = load("", tmp_path, planned)
    assert api.sent
    assert 0.95 < sent / readings_in(planned.all) <= 1


@pytest.fixture
def gibberish() -> Iterator[str]:
    """The address of a server that answers, but not as the API does."""
    page = b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 6\r\n\r\n<html>"
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            with listener.accept()[0] as connection:
                connection.recv(65_536)
                connection.sendall(page)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        thread.join()


def test_what_does_not_answer_as_the_api_does_is_one_line(
    tmp_path: Path, gibberish: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert begin(gibberish, tmp_path, NOW_S, Extent(1, 1, 1))
    said = capsys.readouterr().err.splitlines()[-1]
    assert said.startswith("Demo data: stopped (POST /data: JSONDecodeError")
