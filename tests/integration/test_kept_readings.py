"""Readings as they are kept, the gaps between them, and the list of corrections."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from mypy_boto3_dynamodb import DynamoDBClient

from quarterhour.http.answers import gaps as gap_answers
from quarterhour.store.read import kept
from tests.builders import (
    MIDNIGHT,
    NEXT_MIDNIGHT,
    batch,
    channel_batch,
    in_range,
    iso,
    reading,
    readings,
    values,
)
from tests.catalogues import PATH, entry, meter, sensor
from tests.conftest import Answer, Call
from tests.counting import Counted
from tests.fleets import settle
from tests.refused import refused

pytestmark = pytest.mark.integration

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def of_ship(what: str, start: Any = MIDNIGHT, end: Any = NEXT_MIDNIGHT, **more: Any) -> str:
    """Return the target of a GET of a ship's readings or gaps."""
    return in_range(start, end, **more).replace("/data?", f"/data/{what}?")


def of_device(what: str, start: Any = MIDNIGHT, end: Any = NEXT_MIDNIGHT, **more: Any) -> str:
    """Return the target of a GET of readings or gaps of device 1."""
    query = {"start": iso(start), "end": iso(end), **more}
    return f"{PATH}devices/1/{what}?{urlencode(query)}"


def pages(call: Call, target: str, most: int = 100) -> Iterator[Answer]:
    """Yield a page and those that follow, as `next` says."""
    for _ in range(most):
        answer = call("GET", target)
        assert answer.status == 200, answer.text
        yield answer
        if "next" not in answer.json:
            return
        url = urlsplit(answer.json["next"])
        target = f"{url.path}?{url.query}"
    raise AssertionError("it goes on and on")


def all_data(call: Call, target: str) -> list[dict[str, Any]]:
    return [one for page in pages(call, target) for one in page.json["data"]]


# --- Readings -------------------------------------------------------------------------------------


def test_readings_are_told_as_they_are_kept(call: Call) -> None:
    call("POST", "/data", batch([reading(MIDNIGHT, 1500)], units="W"))
    call("POST", "/data", batch([reading(MIDNIGHT, 0.1234567890123)], interval="PT90M"))
    odd = MIDNIGHT + timedelta(milliseconds=500)
    call("POST", "/data", batch([reading(odd, 12)], units="kW", interval="PT60.5S"))
    call("POST", "/data", batch([reading(NEXT_MIDNIGHT, 12)], interval="P1D"))
    assert call("GET", of_ship("readings")).json == {
        "spaceship_id": 1,
        "data": [
            {
                "datetime": "2018-08-24T00:00:00Z",
                "value": 0.1234567890123,
                "units": "kWh",
                "interval": "PT1H30M",
            },
            {"datetime": "2018-08-24T00:00:00Z", "value": 1.5, "units": "kW"},
            {
                "datetime": "2018-08-24T00:00:00.500Z",
                "value": 12,
                "units": "kW",
                "interval": "PT1M0.5S",
            },
        ],
    }
    answer = call("GET", of_ship("readings", format="csv"))
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.text.splitlines() == [
        "datetime,value,units,interval",
        "2018-08-24T00:00:00Z,0.1234567890123,kWh,PT1H30M",
        "2018-08-24T00:00:00Z,1.5,kW,",
        "2018-08-24T00:00:00.500Z,12,kW,PT1M0.5S",
    ]
    (day,) = all_data(call, of_ship("readings", NEXT_MIDNIGHT, NEXT_MIDNIGHT + HOUR))
    assert day["interval"] == "PT24H"


def test_what_is_told_can_be_posted_and_answers_the_same(call: Call) -> None:
    random = Random("posted back")
    for units, interval in (("kW", None), ("kWh", None), ("kWh", "PT1H"), ("Wh", "PT20M")):
        at = [MIDNIGHT + timedelta(seconds=random.randrange(86_400)) for _ in range(40)]
        data = [reading(each, random.choice((0, 1, 1 / 3, 1e-9, 7.25))) for each in {*at}]
        more = {"interval": interval} if interval else {}
        assert call("POST", "/data", batch(data, units=units, **more)).status == 200
    for each in all_data(call, of_ship("readings")):
        more = {"interval": each["interval"]} if "interval" in each else {}
        copy = batch([reading(each["datetime"], each["value"])], ship=2, units=each["units"])
        assert call("POST", "/data", copy | more).status == 200
    once, again = (call("GET", in_range(ship=ship)).json["data"] for ship in (1, 2))
    assert once == again
    assert all_data(call, of_ship("readings")) == all_data(call, of_ship("readings", ship=2))


@pytest.mark.parametrize("buckets", [1, 3, 250])
def test_pages_have_every_reading_once(
    call: Call, monkeypatch: pytest.MonkeyPatch, buckets: int
) -> None:
    whole = readings([nth % 5 for nth in range(100)], minutes=5)
    call("POST", "/data", batch(whole, units="kW"))
    call("POST", "/data", batch(whole[::3]))
    at_once = all_data(call, of_ship("readings"))
    assert len(at_once) == 100 + 34
    monkeypatch.setattr(kept, "BUCKETS_AT_ONCE", buckets)
    for size in (1, 7, 133, 134):
        monkeypatch.setattr(kept, "SIZE", size)
        assert all_data_of_many(call, size) == at_once


def all_data_of_many(call: Call, size: int) -> list[dict[str, Any]]:
    found = [*pages(call, of_ship("readings"), 200)]
    assert {len(page.json["data"]) for page in found[:-1]} <= {size}
    return [one for page in found for one in page.json["data"]]


def test_a_page_of_csv_says_in_its_link_where_the_next_one_is(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "SIZE", 2)
    call("POST", "/data", batch(readings([1, 2, 3])))
    answer = call("GET", of_ship("readings", format="csv"))
    url, _, rel = answer.headers["link"].partition("; ")
    assert rel == 'rel="next"'
    following = urlsplit(url.strip("<>"))
    answer = call("GET", f"{following.path}?{following.query}")
    assert answer.text.splitlines()[1:] == ["2018-08-24T02:00:00Z,3,kWh,"]
    assert "link" not in answer.headers


def test_a_page_costs_what_it_has_and_not_what_follows(call: Call, counted: Counted) -> None:
    """Of readings five minutes apart a page are 334 quarter hours: two calls."""
    for day in range(20):
        start = MIDNIGHT + day * DAY
        call("POST", "/data", batch(readings([1] * 288, minutes=5, start=start), units="kW"))
    counted.clear()
    call("GET", of_ship("readings", MIDNIGHT, MIDNIGHT + 20 * DAY))
    assert counted.calls == ["Query"] * 2
    assert counted.read_units < 14


def test_a_device_has_its_channels_and_its_totals(call: Call) -> None:
    energies = meter(1, "used", "solar")
    energies["channels"]["outside"] = {"quantity": "temperature"}
    call("PUT", PATH, entry(energies, meter(2, "used")))
    target = f"{PATH}devices/1/readings"
    hours = [values(MIDNIGHT + 4 * HOUR, used=2, solar=-1), values(MIDNIGHT + 5 * HOUR, used=3)]
    call("POST", target, channel_batch(*hours, interval="PT1H"))
    call("POST", target, channel_batch(values(MIDNIGHT + 4 * HOUR, outside=50), units="degF"))
    call("POST", target, channel_batch(values(MIDNIGHT + 4 * HOUR, used=31), interval="P1M"))
    other = channel_batch(values(MIDNIGHT + 4 * HOUR, used=62), interval="P1M")
    call("POST", target.replace("devices/1", "devices/2"), other)
    answer = call("GET", of_device("readings")).json
    assert (answer["house_id"], answer["device"]) == (5, 1)
    assert [
        (
            each["datetime"][11:13],
            each["channel"],
            each["value"],
            each["units"],
            each.get("interval"),
        )
        for each in answer["data"]
    ] == [
        ("04", "outside", 50, "degF", None),
        ("04", "solar", -1, "kWh", "PT1H"),
        ("04", "used", 2, "kWh", "PT1H"),
        ("04", "used", 31, "kWh", "P1M"),
        ("05", "used", 3, "kWh", "PT1H"),
    ]
    csv = call("GET", of_device("readings", format="csv")).text.splitlines()
    assert csv[:2] == [
        "datetime,channel,value,units,interval",
        "2018-08-24T04:00:00Z,outside,50,degF,",
    ]


def test_pages_of_a_device_have_every_total_once(
    call: Call, monkeypatch: pytest.MonkeyPatch, table: str, dynamodb: DynamoDBClient
) -> None:
    """Of an instant that has milliseconds, too; and of an early release's two for one."""
    call("PUT", PATH, entry(meter(1, "used", "solar")))
    at = [MIDNIGHT, MIDNIGHT + timedelta(milliseconds=500), MIDNIGHT + HOUR]
    target = f"{PATH}devices/1/readings"
    data = [values(each, used=1, solar=-1) for each in at]
    call("POST", target, channel_batch(*data, interval="P1M"))
    call("POST", target, channel_batch(*data))
    for start in ("2018-08-24T00:00:00Z", "2018-08-24T00:30:00Z"):
        early = {"pk": "H5", "sk": f"p#1#used#{start}", "interval": "P1Y", "quantity": "e"}
        item: Any = {name: {"S": text} for name, text in early.items()} | {"amount": {"N": "9"}}
        dynamodb.put_item(TableName=table, Item=item)
    dynamodb.update_item(
        TableName=table,
        Key={"pk": {"S": "H5"}, "sk": {"S": "c#catalogue"}},
        UpdateExpression="SET totals = :yes",
        ExpressionAttributeValues={":yes": {"BOOL": True}},
    )
    at_once = all_data(call, of_device("readings"))
    assert len(at_once) == 13
    assert [each["datetime"] for each in at_once] == sorted(
        (each["datetime"] for each in at_once), key=lambda text: text.replace("00Z", "00.000Z")
    )
    assert sum(each["value"] == 9 for each in at_once) == 1
    for size in (1, 4, 12, 13):
        monkeypatch.setattr(kept, "SIZE", size)
        assert all_data(call, of_device("readings")) == at_once


# --- Gaps -----------------------------------------------------------------------------------------


def test_gaps_are_told_by_time_or_the_longest_first(call: Call) -> None:
    call("POST", "/data", batch(readings([1] * 4, minutes=60), interval="PT1H"))
    call("POST", "/data", batch([reading(MIDNIGHT + 6 * HOUR, 1)], interval="PT10M"))
    whole = [
        {"start": "2018-08-24T04:00:00Z", "end": "2018-08-24T06:00:00Z", "hours": 2},
        {"start": "2018-08-24T06:00:00Z", "end": "2018-08-24T06:15:00Z", "hours": 0.25},
        {"start": "2018-08-24T06:15:00Z", "end": "2018-08-25T00:00:00Z", "hours": 17.75},
    ]
    shares = (0, 0.666667, 0)
    gaps = [gap | {"coverage": share} for gap, share in zip(whole, shares, strict=True)]
    for _ in range(2):
        answer = call("GET", of_ship("gaps")).json
        assert answer == {"spaceship_id": 1, "coverage": 0.173611, "data": gaps}
        settle()
    by_length = call("GET", of_ship("gaps", order="length")).json["data"]
    assert by_length == [gaps[2], gaps[0], gaps[1]]
    csv = call("GET", of_ship("gaps", format="csv")).text.splitlines()
    assert csv[:2] == ["start,end,hours,coverage", "2018-08-24T04:00:00Z,2018-08-24T06:00:00Z,2,0"]


def test_what_is_deleted_is_a_gap(call: Call) -> None:
    call("POST", "/data", batch(readings([1] * 24), interval="PT1H"))
    settle()
    assert call("GET", of_ship("gaps")).json == {"spaceship_id": 1, "coverage": 1, "data": []}
    call("DELETE", in_range(MIDNIGHT + 4 * HOUR, MIDNIGHT + 6 * HOUR))
    (gap,) = call("GET", of_ship("gaps")).json["data"]
    assert (gap["start"], gap["hours"]) == ("2018-08-24T04:00:00Z", 2)


def test_what_has_not_ended_by_now_is_no_gap(call: Call) -> None:
    now = datetime.now(UTC)
    start = now.replace(minute=0, second=0, microsecond=0) - 3 * HOUR
    call("POST", "/data", batch(readings([1, 1], start=start), interval="PT1H"))
    answer = call("GET", of_ship("gaps", start, now + DAY)).json
    (gap,) = answer["data"]
    assert gap["start"] == iso(start + 2 * HOUR)
    assert datetime.fromisoformat(gap["end"]) <= now + HOUR / 4
    assert answer["coverage"] > 0.4
    ahead = call("GET", of_ship("gaps", now + DAY, now + 2 * DAY)).json
    assert ahead == {"spaceship_id": 1, "data": []}


def test_each_channel_of_a_device_has_its_own_gaps(call: Call) -> None:
    call("PUT", PATH, entry(meter(1, "used", "solar"), sensor(2, "outdoor")))
    day = [values(MIDNIGHT + nth * HOUR, used=1) for nth in range(24)]
    half = [values(MIDNIGHT + nth * HOUR, solar=-1) for nth in range(12)]
    call("POST", f"{PATH}devices/1/readings", channel_batch(*day, *half, interval="PT1H"))
    for _ in range(2):
        answer = call("GET", of_device("gaps")).json
        assert answer == {
            "house_id": 5,
            "device": 1,
            "coverage": {"used": 1, "solar": 0.5},
            "data": [
                {
                    "channel": "solar",
                    "start": "2018-08-24T12:00:00Z",
                    "end": "2018-08-25T00:00:00Z",
                    "hours": 12,
                    "coverage": 0,
                }
            ],
        }
        settle()
    assert call("GET", of_device("gaps", channels="used")).json["data"] == []
    csv = call("GET", of_device("gaps", channels="solar", format="csv")).text.splitlines()
    assert csv[0] == "channel,start,end,hours,coverage"
    of_sensor = call("GET", of_device("gaps").replace("devices/1", "devices/2")).json
    assert of_sensor["coverage"] == {"temperature": 0, "humidity": 0}
    refused(call("GET", of_device("gaps", channels="sular")), 400)


def test_the_gaps_of_a_settled_year_are_read_from_its_blocks(call: Call, counted: Counted) -> None:
    year = readings([24] * 365, minutes=1440, start=datetime(2018, 1, 1, tzinfo=UTC))
    call("POST", "/data", batch(year, interval="P1D"))
    settle()
    counted.clear()
    target = of_ship("gaps", datetime(2017, 12, 1, tzinfo=UTC), datetime(2019, 1, 1, tzinfo=UTC))
    assert call("GET", target).json["data"] == [
        {
            "start": "2017-12-01T00:00:00Z",
            "end": "2018-01-01T00:00:00Z",
            "hours": 744,
            "coverage": 0,
        }
    ]
    assert len(counted.calls) <= 4
    assert counted.read_units < 40


def test_of_very_many_gaps_the_number_left_out_is_told(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gap_answers, "MOST_GAPS", 3)
    call("POST", "/data", batch(readings([1] * 24), interval="PT30M"))
    answer = call("GET", of_ship("gaps")).json
    assert (len(answer["data"]), answer["left_out"]) == (3, 21)


# --- The audit ------------------------------------------------------------------------------------


def test_corrections_are_listed_the_oldest_first(call: Call) -> None:
    call("POST", "/data", batch(readings([1] * 24)))
    for hour in range(5):
        call("DELETE", in_range(MIDNIGHT + hour * HOUR, MIDNIGHT + (hour + 1) * HOUR))
    listed = call("GET", "/audit").json["corrections"]
    assert [each["start"][11:13] for each in listed] == ["00", "01", "02", "03", "04"]
    since = urlencode({"since": listed[2]["at"]})
    assert call("GET", f"/audit?{since}").json["corrections"] == listed[2:]
    after = urlencode({"after": listed[2]["id"]})
    assert call("GET", f"/audit?{after}").json["corrections"] == listed[3:]


def test_a_long_list_has_pages(call: Call, table: str, dynamodb: DynamoDBClient) -> None:
    call("POST", "/data", batch(readings([1])))
    call("DELETE", in_range())
    (item,) = dynamodb.query(
        TableName=table,
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": "A"}},
    )["Items"]
    texts = [text for name, value in item.items() for text in (name, *value.values())]
    assert sum(len(str(text)) for text in texts) < 250
    assert int(item["ttl"]["N"]) - datetime.now(UTC).timestamp() == pytest.approx(
        400 * 86_400, abs=60
    )
    now = datetime.now(UTC)
    times = [now - timedelta(days=399, seconds=-nth) for nth in range(250)]
    for at in [*times, now - timedelta(days=401)]:
        copy: Any = {**item, "sk": {"S": f"{at:%Y-%m-%dT%H:%M:%S}.000Z#0123abcd"}}
        dynamodb.put_item(TableName=table, Item=copy)
    found = [*pages(call, "/audit")]
    assert [len(page.json["corrections"]) for page in found] == [100, 100, 51]
    listed = [each for page in found for each in page.json["corrections"]]
    assert listed == sorted(listed, key=lambda each: each["id"])
    assert listed[0]["at"] == f"{times[0]:%Y-%m-%dT%H:%M:%S}Z"


# --- What is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "field"),
    [
        (of_ship("readings", afer="1"), "afer"),
        (of_ship("readings", after="1"), "after"),
        (of_ship("readings", after="1535068800000.used.q"), "after"),
        (of_ship("readings", after="1535068800000.used.e#"), "after"),
        (of_ship("readings", format="xml"), "format"),
        (of_ship("readings", NEXT_MIDNIGHT, MIDNIGHT), "start"),
        (of_ship("readings", MIDNIGHT, MIDNIGHT + 401 * DAY), "end"),
        (of_ship("gaps", MIDNIGHT, MIDNIGHT + 401 * DAY), "end"),
        (of_ship("gaps", order="size"), "order"),
        (of_ship("gaps", channels="used"), "channels"),
        ("/audit?since=yesterday", "since"),
        ("/audit?after=2018", "after"),
        ("/audit?until=2018-08-24T00:00:00Z", "until"),
    ],
)
def test_what_is_no_parameter_is_refused(call: Call, target: str, field: str) -> None:
    call("POST", "/data", batch(readings([1])))
    assert refused(call("GET", target), 400)["details"][0]["field"] == field


@pytest.mark.parametrize("what", ["readings", "gaps"])
def test_what_is_not_there_is_404(call: Call, what: str) -> None:
    call("PUT", PATH, entry(meter(1)))
    refused(call("GET", of_ship(what, ship=3)), 404)
    refused(call("GET", of_device(what).replace("devices/1", "devices/3")), 404)
    refused(call("GET", of_device(what).replace("houses/5", "houses/6")), 404)
    assert call("GET", of_device(what)).status == 200
    assert call("HEAD", of_device(what)).body == b""


def test_an_empty_range_has_nothing(call: Call) -> None:
    call("POST", "/data", batch(readings([1])))
    assert call("GET", of_ship("readings", MIDNIGHT, MIDNIGHT)).json["data"] == []
    assert call("GET", of_ship("gaps", MIDNIGHT, MIDNIGHT)).json == {"spaceship_id": 1, "data": []}
    assert call("GET", "/audit").json == {"corrections": []}
