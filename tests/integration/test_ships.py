"""Which ships there are, and how a ship or a house stands now."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.builders import batch, channel_batch, reading, readings, values
from tests.catalogues import PATH, entry, meter, sensor
from tests.conftest import Call
from tests.counting import Counted, forget_blocks
from tests.fleets import settle
from tests.refused import places, refused

pytestmark = pytest.mark.integration

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NEW_YORK = ZoneInfo("America/New_York")


def iso(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def today(zone: Any = UTC) -> datetime:
    return datetime.now(zone).replace(hour=0, minute=0, second=0, microsecond=0)


def post(call: Call, ship: int, at: datetime, *kwh: float) -> None:
    said = batch(readings(kwh, start=at, minutes=60), ship=ship, interval="PT1H")
    assert call("POST", "/data", said).status == 200


# --- The list -------------------------------------------------------------------------------------


def test_there_are_no_ships(call: Call) -> None:
    assert call("GET", "/ships").text == '{"ships":[]}'


def test_ships_are_listed_by_id_with_their_newest_reading(call: Call) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    for ship in (10, 9, 2**53 - 1, 0):
        post(call, ship, datetime(2018, 8, 24, ship % 7, tzinfo=UTC), 1, 2)
    listed = call("GET", "/ships/").json["ships"]
    assert [one["spaceship_id"] for one in listed] == [0, 9, 10, 2**53 - 1]
    assert listed[1]["newest"] == "2018-08-24T03:00:00Z"
    assert all(datetime.fromisoformat(one["created"]) >= before for one in listed)
    assert [*listed[0]] == ["spaceship_id", "created", "newest"]


def test_a_page_says_where_the_next_one_is(call: Call) -> None:
    for ship in range(1, 6):
        post(call, ship, datetime(2018, 8, 24, tzinfo=UTC), 1)
    found, target = [], "/ships?limit=2"
    while target:
        page = call("GET", target, host="example.org").json
        found.append([one["spaceship_id"] for one in page["ships"]])
        url = page.get("next", "")
        assert not url or url.startswith("http://example.org/ships?limit=2&after=")
        target = url.removeprefix("http://example.org")
    assert found == [[1, 2], [3, 4], [5]]
    assert call("GET", "/ships?after=5").json == {"ships": []}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        *(("limit=0", "limit"), ("limit=1001", "limit"), ("limit=x", "limit"), ("limit=", "limit")),
        *(("after=-1", "after"), ("after=1.5", "after"), ("after=x", "after")),
    ],
)
def test_a_wrong_page_is_refused(call: Call, query: str, field: str) -> None:
    assert places(refused(call("GET", f"/ships?{query}"))) == [(None, field)]


# --- A ship ---------------------------------------------------------------------------------------


def test_a_ship_stands_flat(call: Call) -> None:
    day = today()
    old = day.replace(year=day.year - 3, month=5, day=17)
    post(call, 7, old, 4)
    post(call, 7, day - DAY, 1, 2)
    post(call, 7, day, 0.125)
    for _ in ("unsettled", "settled"):
        found = call("GET", "/ships/7").json
        month = 0.125 + (3 if day.day > 1 else 0)
        assert datetime.fromisoformat(found.pop("created"))
        assert found == {
            "spaceship_id": 7,
            "oldest": iso(old),
            "newest": iso(day),
            "newest_value": 0.125,
            "units": "kWh",
            "today_kwh": 0.125,
            "yesterday_kwh": 3,
            "month_kwh": month,
            "total_kwh": 7.125,
        }
        settle()


def test_the_newest_value_is_in_the_unit_it_is_stored_in(call: Call) -> None:
    at = "2018-08-24T00:10:00Z"
    call("POST", "/data", batch([reading(at, 1500)], units="W"))
    found = call("GET", "/ships/1").json
    assert (found["newest"], found["newest_value"], found["units"]) == (at, 1.5, "kW")
    call("POST", "/data", batch([reading(at, 250)], units="Wh", interval="PT5M"))
    found = call("GET", "/ships/1").json
    assert (found["newest_value"], found["units"]) == (0.25, "kWh")


@pytest.mark.parametrize("ship", ["8", "x", "-1", "01x", str(2**53), "9" * 400])
def test_a_ship_that_never_posted_is_not_found(call: Call, ship: str) -> None:
    post(call, 7, today(), 1)
    refused(call("GET", f"/ships/{ship}"), 404)


def test_nothing_is_below_a_ship(call: Call) -> None:
    post(call, 7, today(), 1)
    refused(call("GET", "/ships/7/readings"), 404)
    assert call("HEAD", "/ships/7").body == b""
    assert call("POST", "/ships/7", {}).status == 405


def test_the_total_never_falls_as_readings_come_in(call: Call) -> None:
    day, total = today() - 3 * DAY, 0.0
    for hour, kwh in enumerate((3, 0, 0.1, 0, 2.5, 1e-9, 1000, 0)):
        post(call, 7, day + hour * HOUR, kwh)
        if hour == 4:
            settle()
        found = call("GET", "/ships/7").json["total_kwh"]
        assert found >= total
        total = found
    assert total == 1005.6


# --- A house --------------------------------------------------------------------------------------


def of_house(call: Call, at: datetime, **channels: float) -> None:
    said = channel_batch(values(at.astimezone(UTC), **channels), units="kWh", interval="PT1H")
    assert call("POST", f"{PATH}devices/1/readings/", said).status == 200


def test_a_house_stands_by_local_days(call: Call) -> None:
    call("PUT", PATH, entry(meter(1, "used", "solar"), sensor(2, "outdoor")))
    day = today(NEW_YORK)
    of_house(call, day - DAY, used=3, solar=-1)
    of_house(call, day, used=0.5)
    old = datetime(2013, 1, 5, tzinfo=NEW_YORK)
    of_house(call, old, used=4, solar=-2)
    for _ in ("unsettled", "settled"):
        found = call("GET", f"{PATH}now").json
        assert datetime.fromisoformat(found.pop("created"))
        before = 3 if day.day > 1 else 0
        assert found == {
            "house_id": 5,
            "oldest": iso(old),
            "newest": iso(day),
            "newest_value": 0.5,
            "units": "kWh",
            "today_kwh": 0.5,
            "yesterday_kwh": 3,
            "month_kwh": 0.5 + before,
            "total_kwh": 7.5,
            "solar_today_kwh": 0,
            "solar_yesterday_kwh": -1,
            "solar_month_kwh": -1 if before else 0,
            "solar_total_kwh": -3,
        }
        settle()


def test_totals_of_a_house_count_before_and_after_its_readings(call: Call) -> None:
    call("PUT", PATH, entry(meter(1, "used")))
    total = channel_batch(values("2013-02-01T05:00:00Z", used=56), units="kWh", interval="P1M")
    assert call("POST", f"{PATH}devices/1/readings/", total).status == 200
    assert call("GET", f"{PATH}now").json["total_kwh"] == 56
    of_house(call, datetime(2013, 5, 5, tzinfo=NEW_YORK), used=1)
    assert call("GET", f"{PATH}now").json["total_kwh"] == 57


def test_a_house_without_solar_has_none_and_one_without_energy_nothing(call: Call) -> None:
    call("PUT", PATH, entry(meter(1, "used")))
    nothing = dict.fromkeys(("today_kwh", "yesterday_kwh", "month_kwh", "total_kwh"), 0)
    assert set(call("GET", f"{PATH}now/").json) == {"house_id", "created", *nothing}
    call("PUT", PATH, entry(sensor(2, "outdoor")))
    found = call("GET", f"{PATH}now").json
    assert {name: found[name] for name in nothing} == nothing
    refused(call("GET", "/api/houses/6/now"), 404)


# --- Counts ---------------------------------------------------------------------------------------


def cost(call: Call, counted: Counted, target: str) -> tuple[str, float]:
    forget_blocks()
    counted.clear()
    assert call("GET", target).status == 200
    numbers = sorted(Counter(counted.calls).items())
    return ", ".join(f"{number} {name}" for name, number in numbers), counted.read_units


def test_what_lists_and_standings_cost(call: Call, counted: Counted) -> None:
    """A query for each shard and one for each ship of the page; see docs/table.md."""
    day = today()
    for ship in range(1, 6):
        for start in (day - 40 * DAY, day - 20 * DAY, day):
            post(call, ship, start, 1, 2, 3)
    call("PUT", PATH, entry(meter(1, "used", "solar")))
    for start in (day - 40 * DAY, day - 20 * DAY, day):
        of_house(call, start, used=1, solar=-1)
    settle()
    assert cost(call, counted, "/ships?limit=3") == ("4 Query", 1 + 3 * 0.5)
    for target, most_calls, most_units in (("/ships/1", 12, 12), (f"{PATH}now", 16, 16)):
        _, units = cost(call, counted, target)
        assert len(counted.calls) <= most_calls  # how many months are touched, the date decides
        assert units <= most_units
