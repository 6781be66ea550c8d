"""DELETE of readings: what goes, what stays, what is told of it."""

from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch
from urllib.parse import urlencode

import pytest
from mypy_boto3_dynamodb import DynamoDBClient

from quarterhour.errors import Busy, TooLarge
from quarterhour.sites.corrections import Correction
from quarterhour.sites.sources import device, house_owner, ship
from quarterhour.store.corrections import deleter
from quarterhour.store.table.calls import Calls
from quarterhour.store.write import deleter as deletes
from quarterhour.store.write.deleter import Deleter
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
from tests.catalogues import PATH, entry, meter
from tests.conftest import Call
from tests.fleets import ms, settle
from tests.refused import refused

pytestmark = pytest.mark.integration

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
DEVICE = f"{PATH}devices/1/readings"
YEAR = f"{PATH}devices/1?interval=months&start=2018&duration=1year"


def at_device(start: Any = MIDNIGHT, end: Any = NEXT_MIDNIGHT, **more: Any) -> str:
    """Return the target of a DELETE of a device's readings."""
    times = {"start": start, "end": end}
    query = {name: iso(at) if isinstance(at, datetime) else at for name, at in times.items()}
    return f"{DEVICE}?{urlencode(query | more)}"


def deleted(call: Call, target: str) -> int:
    """Delete, and return how many readings that was."""
    answer = call("DELETE", target)
    assert answer.status == 200, answer.text
    number: int = answer.json["deleted"]
    return number


def audit(call: Call) -> list[dict[str, Any]]:
    """Return what is told of corrections."""
    listed: list[dict[str, Any]] = call("GET", "/audit").json["corrections"]
    return listed


def buckets(call: Call, target: str = "") -> list[tuple[str, float]]:
    """Return the quarter hours of ship 1 in two days."""
    answer = call("GET", target or in_range(MIDNIGHT - DAY, NEXT_MIDNIGHT + DAY))
    return [(point["datetime"], point["value"]) for point in answer.json["data"]]


@pytest.fixture
def house(call: Call) -> Call:
    meters = (meter(number, "used", "solar") for number in (1, 2))
    assert call("PUT", PATH, entry(*meters)).status == 201
    return call


def test_watts_that_were_posted_as_kilowatt_hours_are_taken_back_and_posted_anew(
    call: Call,
) -> None:
    def of_the_day() -> list[tuple[str, float]]:
        return buckets(call, in_range(interval="day"))

    call("POST", "/data", batch(readings([250] * 24)))
    settle()
    assert of_the_day() == [("2018-08-24T00:00:00Z", 6000)]
    answer = call("DELETE", in_range(units="kWh"))
    assert answer.json == {
        "spaceship_id": 1,
        "start": "2018-08-24T00:00:00Z",
        "end": "2018-08-25T00:00:00Z",
        "deleted": 24,
        "dry_run": False,
    }
    call("POST", "/data", batch(readings([250] * 24), units="W"))
    assert of_the_day() == [("2018-08-24T00:00:00Z", 6)]
    settle()
    assert of_the_day() == [("2018-08-24T00:00:00Z", 6)]


@pytest.mark.parametrize("is_settled", [False, True])
def test_the_other_quantity_and_what_begins_outside_stays(call: Call, *, is_settled: bool) -> None:
    call("POST", "/data", batch(readings([1] * 24), units="kW"))
    untouched = buckets(call)
    call("POST", "/data", batch([reading(MIDNIGHT + nth * HOUR, 7) for nth in range(-2, 26)]))
    if is_settled:
        settle()
    assert deleted(call, in_range(MIDNIGHT, NEXT_MIDNIGHT, units="kWh")) == 24
    assert deleted(call, in_range(MIDNIGHT - 2 * HOUR, MIDNIGHT, units="KWH")) == 2
    assert deleted(call, in_range(NEXT_MIDNIGHT, NEXT_MIDNIGHT + 2 * HOUR)) == 2
    assert buckets(call) == untouched
    assert deleted(call, in_range()) == 24
    assert buckets(call) == []
    if is_settled:
        settle()
        assert buckets(call) == []


def test_a_range_is_half_open_to_the_millisecond(call: Call) -> None:
    """A bucket at its end loses what begins before it, and keeps the rest."""
    half = timedelta(milliseconds=500)
    instants = [MIDNIGHT + nth * half for nth in range(4)]
    call("POST", "/data", batch([reading(at, 1) for at in instants]))
    assert deleted(call, in_range(MIDNIGHT + half, MIDNIGHT + 3 * half)) == 2
    kept = call("GET", in_range().replace("/data?", "/data/readings?")).json["data"]
    assert [each["datetime"] for each in kept] == [iso(instants[0]), iso(instants[3])]
    assert deleted(call, in_range(MIDNIGHT, MIDNIGHT)) == 0


def test_deleting_again_deletes_nothing_and_leaves_no_second_item(call: Call) -> None:
    call("POST", "/data", batch(readings([1] * 3)))
    assert [deleted(call, in_range()) for _ in range(2)] == [3, 0]
    assert [item["done"] for item in audit(call)] == [3]


def test_a_dry_run_counts_and_changes_nothing(call: Call) -> None:
    call("POST", "/data", batch(readings([1] * 3)))
    before = buckets(call)
    answer = call("DELETE", in_range(dry_run="true")).json
    assert (answer["deleted"], answer["dry_run"]) == (3, True)
    assert (buckets(call), audit(call)) == (before, [])
    answer = call("DELETE", in_range(dry_run="false")).json
    assert (answer["deleted"], answer["dry_run"]) == (3, False)


def test_a_very_dense_quarter_hour_is_taken_whole(call: Call) -> None:
    """Its update has 70 attributes at most: it takes several, in as many transactions."""
    seconds = [reading(MIDNIGHT + timedelta(seconds=nth), nth % 7) for nth in range(900)]
    call("POST", "/data", batch(seconds, units="kW"))
    assert deleted(call, in_range()) == 900
    assert buckets(call) == []


def test_a_delete_of_several_months_takes_all_of_them(call: Call) -> None:
    start = MIDNIGHT - 100 * DAY
    call("POST", "/data", batch(readings([1] * 110, minutes=1440, start=start), interval="P1D"))
    settle()
    assert deleted(call, in_range(start, start + 400 * DAY)) == 110
    assert buckets(call, in_range(start, NEXT_MIDNIGHT + 30 * DAY, interval="month")) == []


# --- Of a house ----------------------------------------------------------------------------------


def test_a_device_loses_the_channels_that_are_named(house: Call) -> None:
    data = [values(MIDNIGHT + nth * HOUR, used=1, solar=-1) for nth in range(3)]
    for number in (1, 2):
        house("POST", f"{PATH}devices/{number}/readings", channel_batch(*data, interval="PT1H"))
    answer = house("DELETE", at_device(channels="solar")).json
    assert answer == {
        "house_id": 5,
        "device": 1,
        "start": "2018-08-24T00:00:00Z",
        "end": "2018-08-25T00:00:00Z",
        "deleted": 3,
        "dry_run": False,
    }
    assert deleted(house, at_device(channels="solar,used")) == 3
    other = house("GET", at_device().replace("devices/1", "devices/2"))
    assert len(other.json["data"]) == 6
    assert deleted(house, at_device()) == 0


def test_period_totals_that_begin_in_the_range_go_too(house: Call) -> None:
    for month in ("2018-07", "2018-08", "2018-09"):
        data = values(f"{month}-01T04:00:00Z", used=31, solar=-31)
        for number in (1, 2):
            body = channel_batch(data, interval="P1M")
            assert house("POST", f"{PATH}devices/{number}/readings", body).status == 200
    house("POST", DEVICE, channel_batch(values(MIDNIGHT, used=5), interval="PT1H"))

    def months() -> dict[str, float]:
        items = house("GET", YEAR).json["items"]
        return {item["date"][:7]: item["used"] for item in items if "used" in item}

    assert months() == {"2018-07": 31, "2018-08": 30 + 5, "2018-09": 31}
    august = "2018-08-01T04:00:00Z", "2018-09-01T04:00:00Z"
    assert deleted(house, at_device(*august, channels="used", dry_run="true")) == 2
    assert deleted(house, at_device(*august, channels="used")) == 2
    assert months() == {"2018-07": 31, "2018-09": 31}
    assert deleted(house, at_device(*august)) == 1
    others = house("GET", YEAR.replace("devices/1", "devices/2")).json["items"]
    assert [item["solar"] for item in others] == [-31, -31, -31]
    assert audit(house)[0] | {"id": "", "at": ""} == {
        "id": "",
        "at": "",
        "who": "local",
        "house_id": 5,
        "device": 1,
        "start": "2018-08-01T04:00:00Z",
        "end": "2018-09-01T04:00:00Z",
        "channels": ["used"],
        "planned": 2,
        "done": 2,
    }


def test_a_total_of_an_early_release_goes_with_the_one_that_hides_it(
    house: Call, table: str, dynamodb: DynamoDBClient
) -> None:
    house("POST", DEVICE, channel_batch(values("2018-08-01T04:00:00Z", used=31), interval="P1M"))
    owner = house_owner(5)
    present = dynamodb.get_item(
        TableName=table, Key={"pk": {"S": owner}, "sk": {"S": "t#2018-08-01T04:00:00Z#1#used"}}
    )["Item"]
    for start in ("2018-08-01T04:00:00Z", "2018-07-01T04:00:00Z"):
        early = {**present, "sk": {"S": f"p#1#used#{start}"}}
        dynamodb.put_item(TableName=table, Item=early)
    dynamodb.update_item(
        TableName=table,
        Key={"pk": {"S": owner}, "sk": {"S": "c#catalogue"}},
        UpdateExpression="SET totals = :yes",
        ExpressionAttributeValues={":yes": {"BOOL": True}},
    )
    assert len(house("GET", YEAR).json["items"]) == 2
    assert deleted(house, at_device("2018-07-01T00:00:00Z", "2018-09-01T00:00:00Z")) == 2
    assert house("GET", YEAR).json["items"] == []


# --- What is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"unit": "kWh"}, "unit"),
        ({"dryrun": "true"}, "dryrun"),
        ({"channels": "used"}, "channels"),
        ({"format": "csv"}, "format"),
        ({"units": ""}, "units"),
        ({"units": "W"}, "units"),
        ({"units": "gal"}, "units"),
        ({"dry_run": ""}, "dry_run"),
        ({"dry_run": "yes"}, "dry_run"),
        ({"start": ""}, "start"),
        ({"start": "2018-08-24"}, "start"),
        ({"end": "1999-12-31T23:59:59Z"}, "end"),
    ],
)
def test_a_slip_of_the_pen_deletes_nothing(call: Call, more: dict[str, str], field: str) -> None:
    call("POST", "/data", batch(readings([1] * 3)))
    before = buckets(call)
    times = {"start": iso(MIDNIGHT), "end": iso(NEXT_MIDNIGHT)}
    target = f"/data?{urlencode({'spaceship_id': 1, **times, **more})}"
    assert refused(call("DELETE", target), 400)["details"][0]["field"] == field
    assert buckets(call) == before


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"units": "kWh"}, "units"),
        ({"channel": "used"}, "channel"),
        ({"channels": ""}, "channels"),
        ({"channels": "used,"}, "channels"),
        ({"channels": "Used"}, "channels"),
        ({"channels": "a" * 41}, "channels"),
        ({"channels": ",".join(f"c{nth}" for nth in range(21))}, "channels"),
    ],
)
def test_a_slip_of_the_pen_deletes_nothing_of_a_device(
    house: Call, more: dict[str, str], field: str
) -> None:
    house("POST", DEVICE, channel_batch(values(MIDNIGHT, used=1)))
    assert refused(house("DELETE", at_device(**more)), 400)["details"][0]["field"] == field
    assert deleted(house, at_device(dry_run="true")) == 1


def test_four_hundred_days_at_once_and_not_a_millisecond_more(call: Call) -> None:
    call("POST", "/data", batch(readings([1] * 3)))
    longest = MIDNIGHT + 400 * DAY
    message = "The range is too long: it may span 400 days."
    beyond = in_range(MIDNIGHT, longest + timedelta(milliseconds=1))
    assert refused(call("DELETE", beyond), 400)["error"] == message
    assert refused(call("DELETE", in_range(NEXT_MIDNIGHT, MIDNIGHT)), 400)["details"]
    assert deleted(call, in_range(MIDNIGHT, longest)) == 3


def test_of_too_many_readings_the_first_part_is_named(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deletes, "MOST_READINGS", 10)
    call("POST", "/data", batch(readings([1] * 24)))
    reason = refused(call("DELETE", in_range()), 400)["details"][0]["reason"]
    end = reason.split()[-1]
    assert end == "2018-08-24T10:00:00Z"
    refused(call("DELETE", in_range(units="kW")), 400)
    refused(call("DELETE", in_range(dry_run="true")), 400)
    assert deleted(call, in_range(end=end)) == 10
    assert len(audit(call)) == 1


def test_what_is_not_there_is_404(house: Call) -> None:
    refused(house("DELETE", in_range(ship=3)), 404)
    refused(house("DELETE", in_range(ship=3, dry_run="true")), 404)
    refused(house("DELETE", at_device().replace("devices/1", "devices/3")), 404)
    refused(house("DELETE", at_device().replace("houses/5", "houses/6")), 404)


# --- Cut short, and beside others -----------------------------------------------------------------


def test_what_was_done_stays_done_and_the_next_one_goes_on(call: Call) -> None:
    """Each of its days is a transaction: the table is too busy for the second."""
    days = readings([6] * 4, minutes=1440)
    call("POST", "/data", batch(days, interval="P1D"))
    settle()
    transact, times = Calls.transact_checked, iter(range(100))

    def busy(self: Calls, updates: Any) -> list[int]:
        if next(times):
            raise Busy("The table is busy; send the request again.")
        return transact(self, updates)

    small = patch.object(deletes, "chunks", lambda found: ([each] for each in found))
    with small, patch.object(Calls, "transact_checked", busy):
        answer = call("DELETE", in_range(MIDNIGHT, MIDNIGHT + 9 * DAY))
    assert "busy" in refused(answer, 503)["error"]
    assert int(answer.headers["retry-after"]) > 0
    (cut_short,) = audit(call)
    assert cut_short["planned"] == 4
    assert "done" not in cut_short
    whole = in_range(MIDNIGHT, MIDNIGHT + 9 * DAY, interval="day")
    assert [value for _, value in buckets(call, whole)] == [6, 6, 6]
    assert deleted(call, in_range(MIDNIGHT, MIDNIGHT + 9 * DAY)) == 3
    assert buckets(call, whole) == []


def test_a_reading_that_was_posted_meanwhile_stays(call: Call) -> None:
    """At the same instants, too: one gets another value, and one another length."""
    call("POST", "/data", batch(readings([1, 1, 1])))
    newer = [reading(MIDNIGHT + HOUR, 9)]
    found = Deleter._readings

    def overtaken(self: Deleter, correction: Correction) -> Any:
        seen = found(self, correction)
        call("POST", "/data", batch(newer))
        call("POST", "/data", batch([reading(MIDNIGHT + 2 * HOUR, 1)], interval="PT1H"))
        return seen

    with patch.object(Deleter, "_readings", overtaken):
        assert deleted(call, in_range()) == 1
    (told,) = audit(call)
    assert (told["planned"], told["done"]) == (3, 1)
    kept = call("GET", in_range().replace("/data?", "/data/readings?")).json["data"]
    assert [each["value"] for each in kept] == [9, 1]


def test_who_is_overtaken_again_and_again_gives_up(call: Call) -> None:
    call("POST", "/data", batch(readings([1, 1], minutes=5)))
    attempts = [0]

    def changed(*_: Any) -> list[int]:
        attempts[0] += 1
        return [0]

    with patch.object(Calls, "transact_checked", changed):
        assert "Others change" in refused(call("DELETE", in_range()), 503)["error"]
    assert attempts == [1 + deletes.ATTEMPTS]


def test_a_chunk_that_is_too_large_for_a_transaction_is_halved(call: Call) -> None:
    """Its items may have 4 MB together, whatever of them is taken."""
    call("POST", "/data", batch(readings([1] * 24)))
    transact, sizes = Calls.transact_checked, list[int]()

    def of_four(self: Calls, updates: Any) -> list[int]:
        taken = sum("REMOVE" in update["UpdateExpression"] for update in updates)
        sizes.append(taken)
        if taken > 4:
            raise TooLarge("More readings than 15 minutes of one source can hold.")
        return transact(self, updates)

    with patch.object(Calls, "transact_checked", of_four):
        assert deleted(call, in_range()) == 24
    assert sizes == [24, 12, 6, 3, 3, 6, 3, 3, 12, 6, 3, 3, 6, 3, 3]
    assert buckets(call) == []


def test_a_value_is_compared_as_it_is_stored(
    call: Call, table: str, dynamodb: DynamoDBClient
) -> None:
    """Not as the package would write it: another release may have written `12.0;3600.0`."""
    call("POST", "/data", batch(readings([1])))
    dynamodb.update_item(
        TableName=table,
        Key={"pk": {"S": "R#S1"}, "sk": {"S": "2018-08-24T00:00"}},
        UpdateExpression="SET e0 = :text, e300 = :number",
        ExpressionAttributeValues={
            ":text": {"S": "12.0;3600.0"},
            ":number": {"N": "0.10000000000000000000000000001"},
        },
    )
    assert deleted(call, in_range()) == 2
    assert buckets(call) == []


def test_a_gone_value_is_taken_for_taken(call: Call) -> None:
    """The condition lets two deletes of the same readings both go on."""
    call("POST", "/data", batch(readings([1, 1])))
    found = Deleter._readings

    def overtaken(self: Deleter, correction: Correction) -> Any:
        seen = found(self, correction)
        with patch.object(Deleter, "_readings", found):
            assert deleter().delete(correction) == 2
        return seen

    with patch.object(Deleter, "_readings", overtaken):
        assert deleted(call, in_range()) == 2
    assert [item["done"] for item in audit(call)] == [2, 2]


def test_the_store_takes_a_source_of_either_kind(house: Call) -> None:
    house("POST", DEVICE, channel_batch(values(MIDNIGHT, used=1)))
    house("POST", "/data", batch(readings([1])))
    of = ms(MIDNIGHT), ms(NEXT_MIDNIGHT)
    assert deleter().count(Correction(device(house_owner(5), 1), *of)) == 1
    assert deleter().count(Correction(ship(1), *of, channels=("solar",))) == 0
