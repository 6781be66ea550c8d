"""GET /topusers: the ships that used most in a window, or ever."""

from datetime import UTC, datetime
from math import fsum
from random import Random
from typing import Any

import pytest

from quarterhour.store.read import window as windows
from tests.builders import MIDNIGHT, batch, iso, reading, readings
from tests.conftest import Call
from tests.fleets import (
    DAY,
    MINUTE,
    Fleet,
    Window,
    post_stretch,
    random_windows,
    settle,
    top_ships,
    utc,
)
from tests.integration.conftest import SetClock

pytestmark = pytest.mark.integration

HOUR = 60 * MINUTE
WHOLE_DAY = Window(MIDNIGHT, MIDNIGHT + DAY, "day")


def ranked(call: Call, target: str) -> list[tuple[int, Any]]:
    """Return the ships of an answer with what they used."""
    answer = call("GET", target)
    assert answer.status == 200, answer.text
    return [(one["spaceship_id"], one["consumption"]) for one in answer.json["ships"]]


@pytest.fixture
def five_ships(call: Call) -> None:
    """Ships 1 to 5 with 3, 9, 9, 0 and 5 kWh in the first hour of the day."""
    for ship, kwh in enumerate([3, 9, 9, 0, 5], start=1):
        call("POST", "/data", batch([reading(MIDNIGHT, kwh)], ship=ship, interval="PT1H"))


# --- The answer -----------------------------------------------------------------------------------


@pytest.mark.usefixtures("five_ships")
@pytest.mark.parametrize("settled", [False, True])
def test_the_answer_names_the_window_the_unit_and_the_first_three(
    call: Call,
    settled: bool,  # noqa: FBT001
) -> None:
    if settled:
        settle()
    assert call("GET", f"/topusers?{WHOLE_DAY.query()}").text == (
        '{"datetime":"2018-08-24T00:00:00Z","end":"2018-08-25T00:00:00Z","units":"kWh",'
        '"complete_until":"2018-08-25T00:00:00Z","ships":['
        '{"spaceship_id":2,"consumption":9},{"spaceship_id":3,"consumption":9},'
        '{"spaceship_id":5,"consumption":5}]}'
    )


@pytest.mark.usefixtures("five_ships")
def test_the_count_is_from_1_to_1000_and_a_ship_that_used_nothing_is_last(call: Call) -> None:
    order = [(2, 9), (3, 9), (5, 5), (1, 3), (4, 0)]
    for _ in range(2):
        for count in (1, 2, 4, 5, 6, 1000):
            assert ranked(call, WHOLE_DAY.top(count)) == order[:count]
        settle()


@pytest.mark.usefixtures("five_ships")
def test_ties_are_of_the_figures_as_answered_and_go_by_id(call: Call) -> None:
    """30 ten-millionths of a kWh more are no difference; a millionth is."""
    small = {10: 9.0000004, 9: 9.0, 8: 9.0000001, 7: 9.000001}
    for ship, kwh in small.items():
        call("POST", "/data", batch([reading(MIDNIGHT, kwh)], ship=ship, interval="PT1H"))
    for _ in range(2):
        found = [ship for ship, _ in ranked(call, WHOLE_DAY.top(6))]
        assert found == [7, 2, 3, 8, 9, 10]
        cut = Window(MIDNIGHT, MIDNIGHT + HOUR, "day")
        assert [ship for ship, _ in ranked(call, cut.top(2))] == [7, 2]
        settle()


@pytest.mark.usefixtures("five_ships")
def test_ships_without_data_in_the_window_are_left_out(call: Call) -> None:
    call("POST", "/data", batch([reading(MIDNIGHT + 5 * HOUR, 1)], ship=6, interval="PT1H"))
    for _ in range(2):
        assert ranked(call, Window(MIDNIGHT + 2 * HOUR, MIDNIGHT + DAY, "day").top(10)) == [(6, 1)]
        assert 6 not in dict(ranked(call, Window(MIDNIGHT, MIDNIGHT + HOUR, "day").top(10)))
        empty = call("GET", Window(MIDNIGHT - DAY, MIDNIGHT, "day").top())
        assert empty.json == {
            "datetime": iso(MIDNIGHT - DAY),
            "end": iso(MIDNIGHT),
            "units": "kWh",
            "complete_until": iso(MIDNIGHT),
            "ships": [],
        }
        settle()


@pytest.mark.usefixtures("five_ships")
def test_a_window_that_ends_where_it_starts_has_no_ships(call: Call) -> None:
    assert ranked(call, Window(MIDNIGHT, MIDNIGHT, "day").top()) == []


@pytest.mark.usefixtures("five_ships")
def test_a_trailing_slash_changes_nothing(call: Call) -> None:
    assert call("GET", "/topusers/?count=2").text == call("GET", "/topusers?count=2").text


@pytest.mark.usefixtures("five_ships")
def test_csv_has_the_same_ships(call: Call) -> None:
    answer = call("GET", f"{WHOLE_DAY.top(2)}&format=csv")
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.text == "spaceship_id,consumption\r\n2,9\r\n3,9\r\n"


# --- A sort of the ships' sums --------------------------------------------------------------------


@pytest.mark.parametrize("settled", [False, True])
def test_it_is_the_sort_of_the_ships_sums(call: Call, settled: bool) -> None:  # noqa: FBT001
    """Also where only a part of the edge days is asked for and few ships are looked at."""
    random = Random(11)
    fleet = Fleet(call)
    edges = [utc(2018, 12, 30), utc(2019, 2, 1)]
    for ship in range(1, 9):
        for start in edges:
            post_stretch(fleet, random, ship, start, 2)
    if settled:
        settle()
    ships = fleet.all_buckets()
    for window in random_windows(random, edges, 16):
        count = random.choice([1, 2, 3, 5, 8, 1000])
        found = call("GET", window.top(count)).json["ships"]
        assert found == top_ships(ships, window, count)
        answered = {
            one: fsum(point["value"] for point in call("GET", window.ship(one)).json["data"])
            for one, _ in ((each["spaceship_id"], 0) for each in found)
        }
        for each in found:
            near = pytest.approx(answered[each["spaceship_id"]], abs=1e-4)
            assert each["consumption"] == near


# --- All time -------------------------------------------------------------------------------------


def test_all_time_without_any_data_has_no_times(call: Call) -> None:
    nothing = {"units": "kWh", "ships": []}
    for _ in range(2):
        assert call("GET", "/topusers").json == nothing
        assert call("GET", f"/topusers?start={iso(MIDNIGHT)}").json == nothing
        assert call("GET", f"/topusers?end={iso(MIDNIGHT)}").json == nothing
        settle()


@pytest.mark.usefixtures("five_ships")
def test_all_time_is_from_the_first_bucket_with_data_to_the_end_of_the_last(call: Call) -> None:
    """Of history from before the service began, and of readings of the future."""
    old, future = utc(2000, 1, 2), datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    future += 12 * HOUR
    call("POST", "/data", batch([reading(old, 2)], ship=4, interval="PT1H"))
    call("POST", "/data", batch([reading(future, 7)], interval="PT1H"))
    for _ in range(2):
        answer = call("GET", "/topusers?count=4")
        assert answer.json["datetime"] == iso(old)
        assert answer.json["end"] == answer.json["complete_until"] == iso(future + HOUR)
        assert ranked(call, "/topusers?count=4") == [(1, 10), (2, 9), (3, 9), (5, 5)]
        settle()


@pytest.mark.usefixtures("five_ships")
def test_one_edge_may_be_left_out(call: Call) -> None:
    call("POST", "/data", batch(readings([4, 4], start=MIDNIGHT + 3 * DAY), interval="PT1H"))
    late = MIDNIGHT + 3 * DAY + HOUR
    for _ in range(2):
        answer = call("GET", f"/topusers?start={iso(late)}").json
        assert (answer["datetime"], answer["end"]) == (iso(late), iso(late + HOUR))
        assert answer["ships"] == [{"spaceship_id": 1, "consumption": 4}]
        answer = call("GET", f"/topusers?end={iso(late)}&count=1000").json
        assert (answer["datetime"], answer["end"]) == (iso(MIDNIGHT), iso(late))
        assert answer["ships"][2] == {"spaceship_id": 1, "consumption": 7}
        settle()


def test_all_time_to_the_last_instant_there_is(call: Call, it_is: SetClock) -> None:
    last = utc(2099, 12, 31, 23, 45)
    it_is(last)
    call("POST", "/data", batch([reading(last, 1)], interval="PT15M"))
    answer = call("GET", "/topusers")
    assert answer.status == 200, answer.text
    assert answer.json["ships"] == [{"spaceship_id": 1, "consumption": 1}]


def test_the_first_instant_there_is_can_be_posted_and_settled(call: Call) -> None:
    """It marks the last day of 1999, which no query can ask for."""
    first = utc(2000, 1, 1)
    call("POST", "/data", batch([reading(first, 2)], interval="PT1H"))
    for _ in range(2):
        assert call("GET", "/topusers").json["datetime"] == iso(first)
        settle()


class TestALargeFleet:
    """More ships than are read live: settled days only, and the answer says up to when."""

    @pytest.fixture(autouse=True)
    def large(self, five_ships: None, monkeypatch: pytest.MonkeyPatch) -> None:
        del five_ships
        monkeypatch.setattr(windows, "MAX_LIVE_SHIPS", 4)

    def test_it_is_answered_up_to_the_first_day_that_is_not_settled(self, call: Call) -> None:
        settle()
        call("POST", "/data", batch([reading(MIDNIGHT + DAY + 2 * HOUR, 100)], interval="PT1H"))
        week = Window(MIDNIGHT + 15 * MINUTE, MIDNIGHT + 7 * DAY, "day")
        answer = call("GET", week.top()).json
        assert answer["end"] == iso(week.end)
        assert answer["complete_until"] == iso(MIDNIGHT + DAY)
        assert ranked(call, week.top()) == [(2, 6.75), (3, 6.75), (5, 3.75)]
        settle()
        assert ranked(call, week.top(1)) == [(1, 102.25)]

    def test_all_time_ends_there_too(self, call: Call) -> None:
        settle()
        call("POST", "/data", batch([reading(MIDNIGHT + 9 * DAY, 100)], interval="PT1H"))
        answer = call("GET", "/topusers").json
        assert answer["datetime"] == iso(MIDNIGHT)
        assert answer["end"] == answer["complete_until"]
        assert ranked(call, "/topusers") == [(2, 9), (3, 9), (5, 5)]

    @pytest.mark.parametrize("start", [MIDNIGHT, MIDNIGHT + 20 * MINUTE], ids=str)
    def test_it_has_no_ships_where_nothing_is_settled(self, call: Call, start: datetime) -> None:
        answer = call("GET", Window(start, MIDNIGHT + 2 * DAY, "day").top())
        assert answer.status == 200, answer.text
        assert answer.json["complete_until"] == iso(start)
        assert answer.json["ships"] == []

    def test_all_time_before_anything_is_settled_has_no_ships(self, call: Call) -> None:
        answer = call("GET", "/topusers")
        assert answer.status == 200, answer.text
        assert answer.json == {"units": "kWh", "ships": []}
