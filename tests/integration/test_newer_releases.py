"""What a newer release left in the table, and this one has to live with after a step back."""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from mypy_boto3_dynamodb import DynamoDBClient

from quarterhour.sites.corrections import Correction
from quarterhour.sites.sources import ship
from quarterhour.store.corrections import deleter
from quarterhour.store.table import unknown_readings
from quarterhour.store.table.codec import readings as of_items
from quarterhour.store.writers import writer
from tests.builders import MIDNIGHT, NEXT_MIDNIGHT, batch, channel_batch, in_range, readings, values
from tests.catalogues import PATH, entry, meter, sensor
from tests.conftest import Call
from tests.counting import forget_blocks
from tests.fleets import ms, settle
from tests.integration.conftest import SetClock
from tests.logs import written_by

pytestmark = pytest.mark.integration

# Attributes of a bucket that no rule of this release knows.
UNKNOWN: dict[str, tuple[str, dict[str, Any]]] = {
    "another quantity": ("q300", {"N": "1"}),
    "another quantity of a channel": ("solarz300", {"N": "1"}),
    "a quantity that is never posted": ("usedx300", {"N": "1"}),
    "another length of bucket": ("e9000", {"N": "1"}),
    "another form of name": ("e300.5", {"N": "1"}),
    "a text": ("p301", {"S": "on"}),
    "a text of a number": ("p302", {"S": "1"}),
    "a value of three parts": ("p303", {"S": "1;300;estimated"}),
    "a value without a number": ("p304", {"S": ";300"}),
    "a value that is none": ("p305", {"S": "nan;300"}),
    "a value that is endless": ("p306", {"S": "inf;300"}),
    "a length that is endless": ("p307", {"S": "1;inf"}),
    "a length that is none": ("p308", {"S": "1;nan"}),
    "no length": ("p309", {"S": "1;0"}),
    "a negative length": ("p310", {"S": "1;-300"}),
    "a map": ("p311", {"M": {"value": {"N": "1"}}}),
    "a list": ("p312", {"L": [{"N": "1"}, {"N": "300"}]}),
    "a binary": ("p313", {"B": b"1;300"}),
    "a set": ("p314", {"NS": ["1"]}),
    "null": ("p315", {"NULL": True}),
    "a truth": ("p316", {"BOOL": True}),
}
# Totals of device 1 of house 5 that no rule of this release knows: the end of the key, and what it
# has in place of the usual.
TOTALS: dict[str, tuple[str, dict[str, Any]]] = {
    "another quantity": ("2018-08-01T04:00:00Z#1#main", {"quantity": {"S": "q"}}),
    "a quantity that is no amount": ("2018-08-01T04:00:00Z#1#main", {"quantity": {"S": "t"}}),
    "a period of another length": ("2018-08-01T04:00:00Z#1#main", {"interval": {"S": "P1W"}}),
    "another form of amount": ("2018-08-01T04:00:00Z#1#main", {"amount": {"M": {}}}),
    "no amount": ("2018-08-01T04:00:00Z#1#main", {"amount": None}),
    "another form of key": ("2018-08-01T04:00:00Z#1#main#2", {}),
    "another form of time": ("2018-W31#1#main", {}),
}
DAY = "start=2018-08-24&duration=1day"
SHIPS = (
    in_range(),
    in_range(MIDNIGHT, NEXT_MIDNIGHT, interval="day"),
    "/data?spaceship_id=1&start=2018-08-01T00:00:00Z&end=2018-09-01T00:00:00Z&interval=day",
    "/data/fleet?start=2018-08-24T00:00:00Z&end=2018-08-25T00:00:00Z",
    "/topusers?count=3",
)
HOUSES = (
    f"{PATH}devices/1?interval=hours&{DAY}",
    f"{PATH}devices/2?interval=months&start=2018&duration=1year",
    f"{PATH}temperatures?interval=days&{DAY}",
    f"{PATH}views/summary?interval=days&{DAY}",
    f"{PATH}views/water?interval=months&start=2018&duration=1year",
    f"{PATH}views/default?interval=months",
    f"{PATH}views/default?interval=days",
)

Answers = dict[str, str]


@pytest.fixture
def site(call: Call) -> Call:
    """Two ships and house 5 with a day of readings each, and a total of its water."""
    for number in (1, 2):
        call("POST", "/data", batch(readings([1.5] * 24), ship=number))
    water = meter(1, channels={"main": {"quantity": "volume"}}, role="main_water")
    assert call("PUT", PATH, entry(meter(2), water, sensor(3, "outdoor"))).status == 201
    hours = [values(MIDNIGHT.replace(hour=hour), used=hour) for hour in range(24)]
    call("POST", f"{PATH}devices/2/readings", channel_batch(*hours))
    degrees = values(MIDNIGHT, temperature=50)
    call("POST", f"{PATH}devices/3/readings", channel_batch(degrees, units="degF"))
    total = channel_batch(values("2018-07-01T04:00:00Z", main=310), units="gal", interval="P1M")
    assert call("POST", f"{PATH}devices/1/readings", total).status == 200
    return call


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[dict[str, Any]]]:
    """Returns what the table's logger has written."""
    written = written_by(unknown_readings.logger, monkeypatch)
    return lambda: [json.loads(line) for line in written.getvalue().splitlines()]


def asked(call: Call, targets: tuple[str, ...] = SHIPS + HOUSES) -> Answers:
    """Return what is answered."""
    answers = {target: call("GET", target) for target in targets}
    assert {answer.status for answer in answers.values()} == {200}
    return {target: answer.text for target, answer in answers.items()}


def items(dynamodb: DynamoDBClient, table: str, begins: str) -> Iterator[dict[str, Any]]:
    """Yield the items of the partitions, or of the sort keys, that begin so."""
    for page in dynamodb.get_paginator("scan").paginate(TableName=table):
        for item in page["Items"]:
            if item["pk"]["S"].startswith(begins) or item["sk"]["S"].startswith(begins):
                yield dict(item)


def put(dynamodb: DynamoDBClient, table: str, item: Mapping[str, Any]) -> None:
    dynamodb.put_item(TableName=table, Item=item)


def leave(dynamodb: DynamoDBClient, table: str) -> None:
    """Add all the unknown attributes to every bucket."""
    for item in items(dynamodb, table, "R#"):
        put(dynamodb, table, {**item, **dict(UNKNOWN.values())})


def counted(printed: str) -> int:
    """Return how many unknown readings the metrics tell of."""
    lines = [json.loads(line) for line in printed.splitlines() if line.startswith("{")]
    return sum(int(line["ReadingsUnknown"][0]) for line in lines if "ReadingsUnknown" in line)


@pytest.mark.parametrize("unknown", UNKNOWN)
def test_a_reading_of_this_form_is_none(unknown: str, capsys: pytest.CaptureFixture[str]) -> None:
    item = {"pk": {"S": "R#S1"}, "sk": {"S": "2018-08-24T00:00"}, "e0": {"N": "2"}}
    name, value = UNKNOWN[unknown]
    usual = of_items([item])
    assert counted(capsys.readouterr().out) == 0
    assert of_items([item | {name: value}]) == usual
    assert counted(capsys.readouterr().out) == 1


def test_a_command_that_is_no_function_has_no_metrics(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("POWERTOOLS_METRICS_NAMESPACE")
    item = {"pk": {"S": "R#S1"}, "sk": {"S": "2018-08-24T00:00"}, "q0": {"N": "2"}}
    assert of_items([item]) == {}
    assert capsys.readouterr().out == ""


def test_readings_that_no_rule_knows_are_left_out_and_counted(
    site: Call, table: str, dynamodb: DynamoDBClient, capsys: pytest.CaptureFixture[str]
) -> None:
    usual = asked(site)
    assert counted(capsys.readouterr().out) == 0
    leave(dynamodb, table)
    for target in (*SHIPS, HOUSES[1], HOUSES[3]):  # those of many buckets
        forget_blocks()
        assert site("GET", target).text == usual[target]
        assert counted(capsys.readouterr().out) >= 24 * len(UNKNOWN)
    assert asked(site) == usual
    settle()
    assert counted(capsys.readouterr().out) >= 24 * len(UNKNOWN)
    assert not [*items(dynamodb, table, "T")]
    assert asked(site) == usual


def test_what_was_left_out_is_named_in_the_log(
    site: Call, table: str, dynamodb: DynamoDBClient, logged: Callable[[], list[dict[str, Any]]]
) -> None:
    leave(dynamodb, table)
    site("GET", SHIPS[0])
    (line,) = logged()
    assert (line["level"], line["message"]) == ("WARNING", "unknown readings")
    assert (line["number"], line["partition"]) == (24 * len(UNKNOWN), "R#S1")
    bucket, name = line["first"].split()
    assert (bucket, name in dict(UNKNOWN.values())) == ("2018-08-24T00:00", True)


def test_a_post_to_a_bucket_with_unknown_readings_is_stored(
    call: Call,
    table: str,
    dynamodb: DynamoDBClient,
    it_is: SetClock,
    capsys: pytest.CaptureFixture[str],
) -> None:
    now = datetime(2090, 1, 1, tzinfo=UTC)
    it_is(now)
    coming = batch(readings([2], start=now))
    answer = call("POST", "/data", coming)
    leave(dynamodb, table)
    capsys.readouterr()
    assert call("POST", "/data", coming).json == answer.json
    assert counted(capsys.readouterr().out) == len(UNKNOWN)


@pytest.mark.usefixtures("site")
def test_a_delete_leaves_what_no_rule_knows(table: str, dynamodb: DynamoDBClient) -> None:
    leave(dynamodb, table)
    assert deleter().delete(Correction(ship(1), ms(MIDNIGHT), ms(NEXT_MIDNIGHT))) == 24
    left = [*items(dynamodb, table, "R#S1")]
    assert len(left) == 24
    for item in left:
        del item["pk"], item["sk"]
        assert item == dict(UNKNOWN.values())


@pytest.mark.parametrize("unknown", TOTALS)
def test_a_total_that_no_rule_knows_is_left_out_and_counted(
    site: Call,
    table: str,
    dynamodb: DynamoDBClient,
    unknown: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    usual = asked(site, HOUSES)
    (total,) = items(dynamodb, table, "t#")
    place, more = TOTALS[unknown]
    changed = {**total, "sk": {"S": f"t#{place}"}, **more}
    put(dynamodb, table, {name: value for name, value in changed.items() if value})
    capsys.readouterr()
    assert site("GET", HOUSES[4]).text == usual[HOUSES[4]]
    assert counted(capsys.readouterr().out) == 1
    assert asked(site, HOUSES) == usual
    settle()
    assert asked(site, HOUSES) == usual


def packed(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return a block of another form, with nothing of this release in it."""
    return {"pk": item["pk"], "sk": item["sk"], "packed": {"B": b"\x03"}}


NEWER: dict[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    "the same form": lambda item: {**item, "v": {"N": "9"}},
    "another form": lambda item: {**packed(item), "v": {"N": "9"}},
    "another form of version": lambda item: {**packed(item), "v": {"S": "3.1"}},
    "no version": packed,
}


@pytest.mark.parametrize("newer", NEWER)
def test_a_block_of_a_newer_rule_says_nothing(
    site: Call, table: str, dynamodb: DynamoDBClient, newer: str
) -> None:
    settle()
    usual = asked(site)
    # The fleet's items have no rule of their own: they are of what blocks were made then.
    blocks = [
        item
        for kind in ("d#", "m#", "y#")
        for item in items(dynamodb, table, kind)
        if item["pk"]["S"] != "F"
    ]
    assert len(blocks) > 10
    for item in blocks:
        put(dynamodb, table, NEWER[newer](item))
    assert asked(site) == usual
    writer().mark(ship(1), ms(MIDNIGHT), ms(NEXT_MIDNIGHT))
    settle()
    assert asked(site) == usual
