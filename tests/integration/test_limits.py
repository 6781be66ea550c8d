"""What may grow, up to its limit and a step beyond it (docs/limits.md), a rollup included."""

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from quarterhour.energy.quantities import Quantity
from quarterhour.http.ingest.catalogues import MAX_CHANNELS
from quarterhour.http.query.parameters import MAX_ID
from quarterhour.sites.catalogue import MAX_CHANNELS_OF_HOUSE
from quarterhour.store.environment import environment
from quarterhour.store.read import access, sites
from quarterhour.store.read.allowance import MOST_UNSETTLED, Allowance
from quarterhour.store.read.rows import Reader
from quarterhour.store.rollup.fleet import FleetSettler
from quarterhour.store.table import blocks, keys, registry
from quarterhour.store.table.calls import Calls
from quarterhour.store.table.parallel import side_by_side
from quarterhour.store.table.registry import MAX_SHIPS, Registry
from tests.builders import MIDNIGHT, batch, channel_batch, in_range, iso, readings, values
from tests.catalogues import PATH, entry, meter
from tests.conftest import Answer, Call
from tests.counting import Counted, forget_blocks
from tests.fleets import settle, utc
from tests.profiles import Bucket, of_buckets

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

pytestmark = pytest.mark.integration

SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)
OF_A_POST = 20_000
ITEM_BYTES = 400 * 1024


# --- Readings that are not settled ----------------------------------------------------------------


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """A request reads 100 readings at most."""
    monkeypatch.setattr(sites, "Allowance", lambda: Allowance(100))


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize("interval", ["15min", "hour", "day", "month"])
def test_a_range_with_too_many_readings_is_refused_until_it_is_settled(
    call: Call, interval: str
) -> None:
    posted = readings([1] * 120)
    assert call("POST", "/data", batch(posted)).status == 200
    whole = in_range(MIDNIGHT, MIDNIGHT + 5 * DAY, interval=interval)
    refused = call("GET", whole)
    assert refused.status == 400
    assert refused.json == {
        "error": "More than 100 readings of this range are not settled yet: ask for a smaller "
        "range, such as one that ends by 2018-08-27T00:00:00Z.",
        "details": [
            {
                "field": "end",
                "reason": "ask for a smaller range, such as one that ends by 2018-08-27T00:00:00Z",
            }
        ],
    }
    named = in_range(MIDNIGHT, "2018-08-27T00:00:00Z", interval=interval)
    assert call("GET", named).status == 200
    settle()
    settled = call("GET", whole)
    assert settled.status == 200
    assert sum(point["value"] for point in settled.json["data"]) == pytest.approx(120)


@pytest.mark.usefixtures("few")
def test_a_house_with_too_many_readings_has_smaller_values_and_later_views(call: Call) -> None:
    call("PUT", PATH, entry(meter(1, "used", "solar")))
    hours = [values(MIDNIGHT + nth * timedelta(hours=1), used=1, solar=-1) for nth in range(60)]
    body = channel_batch(*hours)
    assert call("POST", f"{PATH}devices/1/readings/", body).status == 200
    days = "interval=days&start=2018-08-23&end=2018-08-28"
    refused = call("GET", f"{PATH}devices/1/?{days}")
    assert (refused.status, refused.json["details"][0]["field"]) == (400, "end")
    smaller = f"{PATH}devices/1/?interval=days&start=2018-08-23&end=2018-08-24"
    assert call("GET", smaller).status == 200
    later = call("GET", f"{PATH}views/summary/?{days}")
    assert later.status == 503
    assert int(later.headers["retry-after"]) >= 900
    settle()
    for path in ("devices/1", "views/summary"):
        assert call("GET", f"{PATH}{path}/?{days}").status == 200


@pytest.mark.usefixtures("few")
def test_what_windows_of_a_page_read_is_counted_together(call: Call) -> None:
    """A page of sparse values is read in several windows."""
    call("PUT", PATH, entry(meter(1)))
    for month in range(5):
        first = MIDNIGHT + 60 * month * DAY
        hours = [values(first + nth * timedelta(hours=1), used=1) for nth in range(24)]
        assert call("POST", f"{PATH}devices/1/readings/", channel_batch(*hours)).status == 200
    target = f"{PATH}devices/1/?interval=hours"
    assert call("GET", f"{target}&start=2018-08-23&end=2019-03-01").status == 200
    forget_blocks()
    assert call("GET", f"{target}&start=2018-08-23&end=2019-05-01").status == 400


def each_second(seconds: int) -> Iterator[dict[str, Any]]:
    """Yield so many readings of 1 kW, a second apart."""
    for nth in range(seconds):
        yield {"datetime": iso(MIDNIGHT + nth * SECOND), "value": 1}


@pytest.mark.slow
def test_as_many_unsettled_readings_as_may_be_are_read(call: Call) -> None:
    posted = [*each_second(MOST_UNSETTLED + 1)]
    for first in range(0, len(posted), OF_A_POST):
        body = batch(posted[first : first + OF_A_POST], units="kW")
        assert call("POST", "/data", body).status == 200
    end = MIDNIGHT + MOST_UNSETTLED * SECOND
    assert call("GET", in_range(MIDNIGHT, end + DAY, interval="day")).status == 400
    most = call("GET", in_range(MIDNIGHT, MIDNIGHT + 5 * DAY, interval="hour"))
    assert len(most.json["data"]) == 5 * 24
    settle()
    settled = call("GET", in_range(MIDNIGHT, end + DAY, interval="day"))
    kwh = sum(point["value"] for point in settled.json["data"])
    assert kwh == pytest.approx((MOST_UNSETTLED + 1) / 3600, abs=0.05)


# --- Readings of a day ----------------------------------------------------------------------------

OF_A_BUCKET = 10_000
EACH_90_MS = timedelta(minutes=15) / OF_A_BUCKET


def post_full_buckets(call: Call) -> None:
    """Post two quarter hours of as many readings as they have room for, of 1 kW."""
    data = [
        {"datetime": iso(MIDNIGHT + nth * EACH_90_MS), "value": 1} for nth in range(2 * OF_A_BUCKET)
    ]
    assert call("POST", "/data", batch(data, units="kW")).status == 200


def test_a_day_of_many_readings_is_read_from_its_block(
    call: Call, monkeypatch: pytest.MonkeyPatch, counted: Counted
) -> None:
    """However many there are: read raw, they might be more than one request reads."""
    posted = batch(readings([1.25] * 288, minutes=5), units="kW", interval="PT5M")
    assert call("POST", "/data", posted).status == 200
    settle()
    day = in_range(MIDNIGHT, MIDNIGHT + DAY, interval="15min")
    raw = call("GET", day).body
    monkeypatch.setattr(sites, "Allowance", lambda: Allowance(100))
    assert call("GET", day).body == raw
    monkeypatch.setattr(access, "MOST_RAW", 100)
    counted.calls.clear()
    assert call("GET", day).body == raw
    assert counted.calls == ["Query"] * 3  # readings, in vain; blocks, heads
    assert call("POST", "/data", posted).status == 200
    assert call("GET", day).status == 400


def fill_the_day(dynamodb: "DynamoDBClient", table: str) -> None:
    """Let all quarter hours of the day be as a POST has left the first: it would take minutes."""
    key = {"pk": {"S": "R#S1"}, "sk": {"S": "2018-08-24T00:00"}}
    bucket: Any = dynamodb.get_item(TableName=table, Key=key)["Item"]
    assert len(bucket) == OF_A_BUCKET + len(key)
    for nth in range(2, 96):
        sort = iso(MIDNIGHT + nth * timedelta(minutes=15))[:16]
        dynamodb.put_item(TableName=table, Item={**bucket, "sk": {"S": sort}})


@pytest.mark.slow
def test_a_day_of_the_most_readings_is_settled_and_answered(
    call: Call, dynamodb: "DynamoDBClient", table: str
) -> None:
    post_full_buckets(call)
    fill_the_day(dynamodb, table)
    week = in_range(MIDNIGHT - 3 * DAY, MIDNIGHT + 4 * DAY, interval="day")
    day = in_range(MIDNIGHT, MIDNIGHT + DAY, interval="hour")
    assert [call("GET", target).status for target in (week, day)] == [400, 400]
    settle()
    assert sum(row["value"] for row in call("GET", week).json["data"]) == pytest.approx(24)
    hours = call("GET", day)
    assert hours.status == 200, hours.text
    assert [row["value"] for row in hours.json["data"]] == pytest.approx([1] * 24)
    fleet = f"/data/fleet?start={iso(MIDNIGHT)}&end={iso(MIDNIGHT + DAY)}&interval=day"
    (row,) = call("GET", fleet).json["data"]
    assert row["sum"] == pytest.approx(24)


# --- Houses ---------------------------------------------------------------------------------------


def of_channels(count: int) -> Any:
    """Return the entry of a house of so many channels, each of another name, 100 a device."""
    names = [f"circuit_{nth}" for nth in range(count)]
    devices = [names[first : first + MAX_CHANNELS] for first in range(0, count, MAX_CHANNELS)]
    return entry(*(meter(nth, *channels) for nth, channels in enumerate(devices, 1)))


def test_a_house_has_no_more_channels_in_all_than_that(call: Call) -> None:
    assert call("PUT", PATH, of_channels(MAX_CHANNELS_OF_HOUSE)).status == 201
    refused = call("PUT", PATH, of_channels(MAX_CHANNELS_OF_HOUSE + 1))
    assert (refused.status, refused.json["details"]) == (
        400,
        [{"field": "devices", "reason": "more than 1,000 channels in all"}],
    )


@pytest.mark.slow
def test_a_house_of_the_most_channels_is_settled_and_answered(call: Call) -> None:
    put = of_channels(MAX_CHANNELS_OF_HOUSE)
    call("PUT", PATH, put)
    for device in put["devices"]:
        hours = [
            values(MIDNIGHT + nth * timedelta(hours=1), **dict.fromkeys(device["channels"], 1))
            for nth in range(24)
        ]
        path = f"{PATH}devices/{device['id']}/readings/"
        assert call("POST", path, channel_batch(*hours)).status == 200
    targets = [
        f"{PATH}views/usage/?interval=days&start=2018-08-23&end=2018-08-26",
        f"{PATH}views/usage/?interval=months&start=2018",
        f"{PATH}devices/3/?interval=days&start=2018-08-23&end=2018-08-26",
    ]
    live = [call("GET", target) for target in targets]
    assert {answer.status for answer in live} == {200}
    settle()
    assert [call("GET", target).body for target in targets] == [answer.body for answer in live]
    assert [*Calls(environment().client, environment().table).query("TH")] == []


@pytest.mark.slow
def test_a_year_of_a_house_reads_none_of_its_other_totals(call: Call, counted: Counted) -> None:
    call("PUT", PATH, of_channels(80))
    months = [f"{2000 + nth // 12}-{nth % 12 + 1:02}-01T05:00:00Z" for nth in range(300)]
    months += [iso(utc(2000, 1, 1, 6) + nth * DAY) for nth in range(700)]
    for first in range(0, 80, 20):
        names = [f"circuit_{nth}" for nth in range(first, first + 20)]
        data = [values(month, **dict.fromkeys(names, 31)) for month in months]
        body = channel_batch(*data, interval="P1M")
        assert call("POST", f"{PATH}devices/1/readings/", body).json["accepted"] == 1000
    counted.calls.clear()
    before = counted.read_units
    answer = call("GET", f"{PATH}views/usage/?interval=months&start=2018&duration=1year")
    assert {row["actual"] for row in answer.json["circuits"][1:-1]} == {12 * 31}
    assert counted.calls.count("Query") <= 5
    assert counted.read_units - before < 60


@pytest.mark.slow
def test_very_many_houses_are_listed_page_by_page(
    call: Call, dynamodb: "DynamoDBClient", table: str
) -> None:
    names = {"name": {"S": "n" * 200}, "sname": {"S": "s" * 200}, "created": {"N": "0"}}
    items: Any = [
        {"PutRequest": {"Item": {"pk": {"S": "C#0"}, "sk": {"S": f"H{house}"}, **names}}}
        for house in range(5_000)
    ]
    for first in range(0, len(items), 25):
        dynamodb.batch_write_item(RequestItems={table: items[first : first + 25]})
    seen, target = list[int](), "/api/houses/"
    while target:
        page = call("GET", target).json
        seen += [house["house_id"] for house in page["houses"]]
        _, path, query = page.get("next", "").partition("/api/houses/")
        target = path + query
    assert seen == [*range(5_000)]


# --- Ships of a shard -----------------------------------------------------------------------------


@pytest.fixture
def three_ships(monkeypatch: pytest.MonkeyPatch) -> None:
    """A shard has three ships at most."""
    monkeypatch.setattr(registry, "MAX_SHIPS", 3)


def first_of(call: Call, ship: int) -> Answer:
    return call("POST", "/data", batch(readings([1]), ship=ship))


@pytest.mark.usefixtures("three_ships")
def test_a_shard_takes_no_more_ships_than_it_may_have(call: Call) -> None:
    for ship in range(3):
        assert first_of(call, ship).status == 200
    refused = first_of(call, 3)
    assert refused.status == 413
    assert refused.json == {"error": "The shard is full: shard 0 has 3 ships."}
    assert call("GET", in_range(ship=3)).status == 404
    environment().known.clear()
    assert first_of(call, 2).status == 200


@pytest.mark.usefixtures("three_ships")
def test_the_ships_of_a_table_of_before_are_counted_first(
    call: Call, dynamodb: "DynamoDBClient", table: str
) -> None:
    for ship in range(2):
        first_of(call, ship)
    dynamodb.delete_item(TableName=table, Key={"pk": {"S": "N"}, "sk": {"S": "0"}})
    assert [first_of(call, ship).status for ship in (2, 3)] == [200, 413]


def test_ships_that_are_new_at_once_are_all_counted(call: Call) -> None:
    def register(ship: int) -> None:
        store = Registry(Calls(environment().client, environment().table), keys.SHIPS, 1)
        store.add(f"S{ship}", 0)

    side_by_side(register, [ship // 2 for ship in range(40)])
    size = Calls(environment().client, environment().table).get("N", "0", strong=True)
    assert size["ships"] == {"N": "20"}
    assert call("GET", in_range(ship=7)).status == 200


@pytest.mark.slow
def test_the_day_of_a_full_shard_is_settled_and_answered(
    call: Call, dynamodb: "DynamoDBClient", table: str
) -> None:
    """Of ships that each lack some of the day, which takes the most room."""
    ids = range(MAX_ID - MAX_SHIPS, MAX_ID)
    at_ms = int(MIDNIGHT.timestamp() * 1000)
    kwh = {at_ms + nth * 900_000: Bucket(1.0, 900_000) for nth in range(95)}
    block = blocks.day_block(at_ms, of_buckets(kwh), 0, Quantity.ENERGY)
    sort = keys.day_sort("", "used", at_ms)
    of_ships = [
        item
        for ship in ids
        for item in (
            {"pk": {"S": "G#0"}, "sk": {"S": f"S{ship}"}, "created": {"N": str(at_ms)}},
            {"pk": {"S": f"S{ship}"}, "sk": {"S": sort}, **block},
        )
    ]
    for first in range(0, len(of_ships), 25):
        puts: Any = [{"PutRequest": {"Item": item}} for item in of_ships[first : first + 25]]
        dynamodb.batch_write_item(RequestItems={table: puts})
    calls = Calls(environment().client, environment().table, limit_s=1e9)
    ships = Registry(calls, keys.SHIPS, 1)
    fleet = FleetSettler(calls, Reader(calls), ships)
    fleet.make_shard(0, [at_ms])
    fleet.make_fleet([at_ms])
    (item,) = calls.query(keys.shard_partition("2018-08-24"))
    assert 0.7 * ITEM_BYTES < sum(len(value.get("B", b"")) for value in item.values()) < ITEM_BYTES
    for period in ("2018-08", "2018"):
        (item,) = calls.query(keys.shard_partition(period))
        assert len(item["ids"]["B"]) == 8 * MAX_SHIPS
    assert first_of(call, 5).status == 413
