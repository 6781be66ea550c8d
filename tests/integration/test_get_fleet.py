"""GET /data/fleet: what all ships used, by quarter hour, hour, day or month, as JSON or CSV."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from math import fsum
from random import Random
from statistics import fmean
from typing import TYPE_CHECKING, Any

import pytest

from quarterhour.energy.readings import USED
from quarterhour.sites.sources import ship
from quarterhour.store.read import window as windows
from quarterhour.store.readers import fleet_reader, reader
from tests.builders import MIDNIGHT, batch, in_range, iso, reading, readings
from tests.conftest import Call
from tests.fleets import (
    DAY,
    LABELS,
    MINUTE,
    Fleet,
    Window,
    ms,
    post_stretch,
    random_windows,
    settle,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

pytestmark = pytest.mark.integration

HOUR = 60 * MINUTE
SHIPS = (1, 2, 3, 40)


def rows(call: Call, window: Window) -> list[tuple[Any, ...]]:
    """Return the clock or day of each row, its sum, mean and number of ships."""
    answer = call("GET", window.fleet())
    assert answer.status == 200, answer.text
    assert answer.json.keys() == {"units", "complete_until", "data"}
    for row in answer.json["data"]:
        assert list(row)[:4] == ["datetime", "sum", "avg", "ships"]
        assert [*row][4:] in ([], ["coverage"])
    return [tuple(row.values())[:4] for row in answer.json["data"]]


def coverage(call: Call, window: Window) -> list[float]:
    """Return the coverage of each row."""
    return [row.get("coverage", 1) for row in call("GET", window.fleet()).json["data"]]


def day(interval: str = "15min", start: datetime = MIDNIGHT, days: int = 1) -> Window:
    return Window(start, start + days * DAY, interval)


@pytest.fixture
def two_ships(call: Call) -> None:
    """Ship 1: 4 kWh in each of two hours. Ship 2: 8 kWh in the second."""
    call("POST", "/data", batch(readings([4, 4]), interval="PT1H"))
    late_hour = readings([8], start=MIDNIGHT + HOUR)
    call("POST", "/data", batch(late_hour, ship=2, interval="PT1H"))


# --- The answer -----------------------------------------------------------------------------------


@pytest.mark.usefixtures("two_ships")
@pytest.mark.parametrize("settled", [False, True])
def test_a_row_has_the_sum_the_mean_and_the_number_of_ships_with_data(
    call: Call,
    settled: bool,  # noqa: FBT001
) -> None:
    if settled:
        settle()
    found = call("GET", Window(MIDNIGHT + 45 * MINUTE, MIDNIGHT + 75 * MINUTE, "15min").fleet())
    assert found.text == (
        '{"units":"kWh","complete_until":"2018-08-24T01:15:00Z","data":['
        '{"datetime":"2018-08-24T00:45:00Z","sum":1,"avg":1,"ships":1},'
        '{"datetime":"2018-08-24T01:00:00Z","sum":3,"avg":1.5,"ships":2}]}'
    )
    at = "2018-08-24T00:00:00Z"
    assert rows(call, day("hour")) == [(at, 4, 4, 1), ("2018-08-24T01:00:00Z", 12, 6, 2)]
    assert rows(call, day("day")) == [(at, 16, 8, 2)]
    assert rows(call, day("month")) == [("2018-08-01T00:00:00Z", 16, 8, 2)]


@pytest.mark.usefixtures("two_ships")
def test_a_cut_period_counts_only_ships_with_data_in_the_part_asked_for(call: Call) -> None:
    for _ in range(2):
        for interval in ("hour", "day", "month"):
            ((_, *rest),) = rows(call, Window(MIDNIGHT, MIDNIGHT + HOUR, interval))
            assert rest == [4, 4, 1]
        settle()


@pytest.mark.usefixtures("two_ships")
def test_coverage_is_of_the_time_of_the_ships_that_have_data(call: Call) -> None:
    call("POST", "/data", batch([reading(MIDNIGHT + 90 * MINUTE, 1)], ship=3, interval="PT6M"))
    for _ in ("unsettled", "settled"):
        assert coverage(call, day("15min")) == [*[1] * 6, 0.8, 1]
        assert coverage(call, day("hour")) == [1, 0.7]
        assert coverage(call, day("day")) == [round(3.1 / 72, 6)]
        assert coverage(call, day("month")) == [round(3.1 / 72 / 31, 6)]
        part = Window(MIDNIGHT + 75 * MINUTE, MIDNIGHT + 100 * MINUTE, "hour")
        assert coverage(call, part) == [round(1.1 / 3, 6)]
        assert coverage(call, part._replace(interval="day")) == [round(1.1 / 72, 6)]
        settle()


@pytest.mark.usefixtures("two_ships")
def test_what_an_older_release_made_says_nothing_of_coverage_until_it_is_made_anew(
    call: Call, dynamodb: "DynamoDBClient", table: str
) -> None:
    """It kept the same items without what is not covered."""
    settle()
    for item in dynamodb.scan(TableName=table)["Items"]:
        if item["pk"]["S"][0] in "FQ":
            without = {name: item[name] for name in item if name != "c"}
            dynamodb.put_item(TableName=table, Item=without)
    asked = [day(interval) for interval in ("15min", "hour", "day", "month")]
    for window in (*asked, day("hour")._replace(start=MIDNIGHT + 15 * MINUTE)):
        points = call("GET", window.fleet()).json["data"]
        assert points
        assert not any("coverage" in point for point in points)
        lines = call("GET", window.fleet(format="csv")).text.splitlines()[1:]
        assert all(line.endswith(",") for line in lines)
    assert coverage(call, day("day")) == [1]
    call("POST", "/data", batch(readings([4]), interval="PT1H"))
    for _ in ("unsettled", "settled"):
        assert coverage(call, day("day")) == [round(3 / 48, 6)]
        settle()
    assert coverage(call, day("month")) == [round(3 / 48 / 31, 6)]


@pytest.mark.parametrize("settled", [False, True])
def test_a_cut_hour_counts_only_ships_with_data_in_its_part(
    call: Call,
    settled: bool,  # noqa: FBT001
) -> None:
    call("POST", "/data", batch([reading(MIDNIGHT, 4)], interval="PT1H"))
    call("POST", "/data", batch([reading(MIDNIGHT, 1)], ship=2, interval="PT15M"))
    if settled:
        settle()
    at = "2018-08-24T00:00:00Z"
    assert rows(call, day("hour")) == [(at, 5, 2.5, 2)]
    cut = Window(MIDNIGHT + 15 * MINUTE, MIDNIGHT + DAY, "hour")
    assert rows(call, cut) == [(at, 3, 3, 1)]
    assert rows(call, Window(MIDNIGHT, MIDNIGHT + 30 * MINUTE, "hour")) == [(at, 3, 1.5, 2)]


def test_the_interval_is_15_minutes_when_left_out(call: Call) -> None:
    call("POST", "/data", batch(readings([1])))
    target = day().fleet().replace("interval=15min", "")
    assert call("GET", target).text == call("GET", day().fleet()).text


def test_a_fleet_without_ships_is_an_empty_list(call: Call) -> None:
    for interval in LABELS:
        assert rows(call, day(interval)) == []
    settle()
    for interval in LABELS:
        assert rows(call, day(interval)) == []


@pytest.mark.usefixtures("two_ships")
def test_a_range_that_ends_where_it_starts_is_empty(call: Call) -> None:
    for interval in LABELS:
        assert rows(call, Window(MIDNIGHT + MINUTE, MIDNIGHT + MINUTE, interval)) == []


@pytest.mark.usefixtures("two_ships")
def test_zero_is_a_value_and_its_ship_has_data(call: Call) -> None:
    call("POST", "/data", batch([reading(MIDNIGHT, 0)], ship=3, interval="PT1H"))
    for _ in range(2):
        assert rows(call, day())[0] == ("2018-08-24T00:00:00Z", 1, 0.5, 2)
        settle()


@pytest.mark.usefixtures("two_ships")
def test_a_deleted_quarter_hour_leaves_the_sum_and_the_count(call: Call) -> None:
    settle()
    assert call("DELETE", in_range(ship=2)).json["deleted"] > 0
    for _ in range(2):
        assert rows(call, day("day")) == [("2018-08-24T00:00:00Z", 8, 8, 1)]
        settle()


@pytest.mark.usefixtures("two_ships")
def test_a_trailing_slash_changes_nothing(call: Call) -> None:
    target = day().fleet()
    assert call("GET", target.replace("fleet?", "fleet/?")).text == call("GET", target).text


@pytest.mark.usefixtures("two_ships")
def test_csv_has_the_same_rows(call: Call) -> None:
    answer = call("GET", day("hour").fleet(format="csv"))
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.text == (
        "datetime,sum,avg,ships,coverage\r\n"
        "2018-08-24T00:00:00Z,4,4,1,1\r\n"
        "2018-08-24T01:00:00Z,12,6,2,1\r\n"
    )  # fmt: skip


@pytest.mark.usefixtures("two_ships")
@pytest.mark.parametrize(
    ("interval", "days"), [("15min", 366), ("hour", 1827), ("day", 3653), ("month", 36_000)]
)
def test_ranges_go_up_to_366_days_5_years_and_any_length(
    call: Call, interval: str, days: int
) -> None:
    start = {"15min": MIDNIGHT, "month": datetime(2000, 1, 1, tzinfo=UTC)}.get(
        interval, datetime(2015, 1, 1, tzinfo=UTC)
    )
    window = Window(start, start + days * DAY, interval)
    assert fsum(row[1] for row in rows(call, window)) == 16
    settle()
    assert fsum(row[1] for row in rows(call, window)) == 16


# --- The sum of the ships -------------------------------------------------------------------------

EDGES = [datetime(2018, 8, 31, tzinfo=UTC), datetime(2018, 12, 31, tzinfo=UTC)]


@pytest.fixture(params=[False, True], ids=["unsettled", "settled"])
def random_fleet(request: pytest.FixtureRequest, call: Call) -> None:
    """Four ships over two ends of months."""
    random = Random(5)
    fleet = Fleet(call)
    for one in SHIPS:
        for start in EDGES:
            post_stretch(fleet, random, one, start, 3)
    if request.param:
        settle()


WINDOWS = random_windows(Random(6), EDGES, 16)


@pytest.mark.usefixtures("random_fleet")
def test_the_fleet_is_the_sum_of_its_ships_before_rounding() -> None:
    for window in WINDOWS:
        start_ms, end_ms = ms(window.start), ms(window.end)
        exact: dict[int, list[float]] = defaultdict(list)
        for one in SHIPS:
            for row in reader().rows(ship(one), USED, start_ms, end_ms, window.interval).rows():
                exact[row.start_ms].append(row.total)
        found, complete_until_ms = fleet_reader().rows(start_ms, end_ms, window.interval)
        assert complete_until_ms == end_ms
        assert [(row.start_ms, row.ships) for row in found] == [
            (at, len(exact[at])) for at in sorted(exact)
        ]
        sums = [fsum(exact[at]) for at in sorted(exact)]
        assert [row.kwh for row in found] == pytest.approx(sums, abs=1e-9, rel=0)


@pytest.mark.usefixtures("random_fleet")
def test_the_fleet_is_the_sum_of_its_ships_as_answered(call: Call) -> None:
    """To what rounding each of the figures can make."""
    for window in WINDOWS:
        answered: dict[str, list[float]] = defaultdict(list)
        covered: dict[str, list[float]] = defaultdict(list)
        for one in SHIPS:
            for point in call("GET", window.ship(one)).json["data"]:
                answered[point["datetime"]].append(point["value"])
                covered[point["datetime"]].append(point.get("coverage", 1))
        found = rows(call, window)
        means = [fmean(covered[at]) for at in sorted(covered)]
        assert coverage(call, window) == pytest.approx(means, abs=2e-6, rel=0)
        assert [at for at, *_ in found] == sorted(answered)
        for at, total, mean, ships in found:
            assert ships == len(answered[at])
            assert total == pytest.approx(fsum(answered[at]), abs=1e-6 * (ships + 1), rel=0)
            assert mean == pytest.approx(total / ships, abs=1e-6, rel=0)


# --- Now ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("settled", [False, True])
def test_a_reading_posted_a_second_ago_is_in_every_answer(
    call: Call,
    settled: bool,  # noqa: FBT001
) -> None:
    call("POST", "/data", batch(readings([1])))
    if settled:
        settle()
    now = datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=1)
    call("POST", "/data", batch([reading(now, 0.25)], interval="PT1M"))
    call("POST", "/data", batch([reading(now, 0.5)], ship=2, interval="PT1M"))
    window = Window(now - HOUR, now + HOUR, "day")
    for target, value in ((window.ship(1), 0.25), (window.ship(2), 0.5)):
        points = call("GET", target).json["data"]
        assert fsum(point["value"] for point in points) == pytest.approx(value, abs=2e-6)
    assert fsum(row[1] for row in rows(call, window)) == pytest.approx(0.75, abs=2e-6)
    top = call("GET", window.top()).json["ships"]
    assert [one["spaceship_id"] for one in top] == [2, 1]


@pytest.mark.usefixtures("two_ships")
def test_a_small_fleet_is_complete_to_the_end_of_the_range_even_in_the_future(call: Call) -> None:
    settle()
    end = datetime.now(UTC).replace(microsecond=0) + 100 * DAY
    answer = call("GET", Window(MIDNIGHT, end, "month").fleet())
    assert answer.json["complete_until"] == iso(end)


class TestALargeFleet:
    """More ships than are read live: settled days only, and the answer says up to when."""

    @pytest.fixture(autouse=True)
    def large(self, two_ships: None, monkeypatch: pytest.MonkeyPatch) -> None:
        del two_ships
        monkeypatch.setattr(windows, "MAX_LIVE_SHIPS", 1)

    def test_it_is_answered_up_to_the_first_day_that_is_not_settled(self, call: Call) -> None:
        settle()
        call("POST", "/data", batch([reading(MIDNIGHT + 2 * DAY + 2 * HOUR, 1)]))
        for interval in LABELS:
            window = day(interval, days=7)
            answer = call("GET", window.fleet())
            assert answer.status == 200
            assert answer.json["complete_until"] == iso(MIDNIGHT + 2 * DAY)
            assert fsum(row[1] for row in rows(call, window)) == 16
        settle()
        answer = call("GET", day("day", days=7).fleet())
        assert answer.json["complete_until"] == iso(MIDNIGHT + 7 * DAY)
        assert fsum(row["sum"] for row in answer.json["data"]) == 17

    @pytest.mark.parametrize("interval", LABELS)
    @pytest.mark.parametrize("start", [MIDNIGHT, MIDNIGHT + HOUR, MIDNIGHT + 20 * MINUTE])
    def test_it_is_empty_where_nothing_of_the_range_is_settled(
        self, call: Call, interval: str, start: datetime
    ) -> None:
        answer = call("GET", Window(start, MIDNIGHT + 3 * DAY, interval).fleet())
        assert answer.status == 200, answer.text
        assert answer.json == {"units": "kWh", "complete_until": iso(start), "data": []}

    @pytest.mark.parametrize("interval", LABELS)
    def test_it_is_empty_in_the_open_days(self, call: Call, interval: str) -> None:
        settle()
        start = datetime.now(UTC).replace(microsecond=0)
        call("POST", "/data", batch([reading(start, 1)]))
        answer = call("GET", Window(start, start + DAY, interval).fleet())
        assert answer.status == 200, answer.text
        assert answer.json == {"units": "kWh", "complete_until": iso(start), "data": []}
