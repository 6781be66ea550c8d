"""`make check`: what is kept otherwise than the readings say is named, and mended if asked for."""

import re
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple
from unittest.mock import patch

import pytest

from local.commands import check as command
from quarterhour.energy.lookback import last_to_close
from quarterhour.sites.sources import device
from quarterhour.store.read.raw import Raw
from quarterhour.store.rollup import check
from quarterhour.store.rollup.check import Difference
from quarterhour.store.table.house_entries import HouseEntries
from quarterhour.time.calendar import DAY_MS, HOUR_MS
from tests.builders import MIDNIGHT, batch, channel_batch, reading, readings, values
from tests.catalogues import PATH, entry, meter
from tests.conftest import Call
from tests.fleets import Window, ms, settle, utc

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import UniversalAttributeValueTypeDef

pytestmark = pytest.mark.integration

DAY = timedelta(days=1)
ALL = {"DAYS": "1000"}
NOON = "2018-08-24T12:00"


class Said(NamedTuple):
    """What the command printed, and its exit code."""

    code: int
    lines: list[str]
    err: str


@pytest.fixture
def checked(table: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Run `make check` with variables."""
    del table
    monkeypatch.setattr(command, "at_hand", nullcontext)
    monkeypatch.setattr(check, "SECOND_LOOK_S", 0.0)

    def run(**variables: str) -> Said:
        for name in ("SOURCE", "DAYS", "REPAIR"):
            monkeypatch.setenv(name, variables.get(name, ""))
        capsys.readouterr()
        code = command.main()
        out, err = capsys.readouterr()
        return Said(code, out.splitlines(), err)

    return run


@pytest.fixture
def sites(call: Call) -> None:
    """Two ships and a house with a meter, three settled days each."""
    for ship in (1, 2):
        assert (
            call("POST", "/data", batch(readings([1.1, ship, 0.3] * 24), ship=ship)).status == 200
        )
    assert call("PUT", PATH, entry(meter(1, "used", "solar"), meter(2, "used"))).status == 201
    hours = [MIDNIGHT + nth * timedelta(hours=1) for nth in range(72)]
    for number in (1, 2):
        body = channel_batch(*(values(at, used=number) for at in hours))
        assert call("POST", f"{PATH}devices/{number}/readings/", body).status == 200
    settle()


def unmarked(
    dynamodb: "DynamoDBClient", table: str, source: str, bucket: str = NOON, lasts: str = ""
) -> None:
    """Write a reading without a mark, as into a day that a rollup closed too early.

    It is declared to last so many seconds, where these are given.
    """
    kwh: UniversalAttributeValueTypeDef = {"S": f"7;{lasts}"} if lasts else {"N": "7"}
    dynamodb.update_item(
        TableName=table,
        Key={"pk": {"S": f"R#{source}"}, "sk": {"S": bucket}},
        UpdateExpression="SET e7 = :kwh",
        ExpressionAttributeValues={":kwh": kwh},
    )


def changed(dynamodb: "DynamoDBClient", table: str, key: tuple[str, str], name: str) -> None:
    """Change the last figure of a packed attribute."""
    at = {"pk": {"S": key[0]}, "sk": {"S": key[1]}}
    item: Any = dynamodb.get_item(TableName=table, Key=at)["Item"]
    packed = item[name]["B"]
    figures = memoryview(bytearray(packed)).cast("d")
    place = next(n for n in range(len(figures)) if figures[n] == figures[n])
    figures[place] += 1
    dynamodb.put_item(TableName=table, Item={**item, name: {"B": figures.tobytes()}})


@pytest.mark.usefixtures("sites")
def test_of_what_is_right_only_the_closing_line_is_printed(checked: Any) -> None:
    # 5 days with readings, or that they could reach into, of two ships and a house.
    assert checked(**ALL) == (0, ["Checked 15 days of 3 sites: none differs."], "")
    assert checked(DAYS="2") == (0, ["Checked 6 days of 3 sites: none differs."], "")
    assert checked(DAYS="1", SOURCE="2") == (0, ["Checked 1 day of 1 site: none differs."], "")
    assert checked(SOURCE="H5").lines == ["Checked 5 days of 1 site: none differs."]


def test_where_nothing_was_posted_nothing_is_checked(checked: Any) -> None:
    assert checked() == (0, ["Checked 0 days of 0 sites: none differs."], "")


@pytest.mark.usefixtures("sites")
def test_what_a_ship_s_readings_do_not_say_is_named_up_to_the_fleet(
    checked: Any, dynamodb: "DynamoDBClient", table: str
) -> None:
    unmarked(dynamodb, table, "S1")
    told = checked(**ALL)
    assert told.code == 1
    assert told.lines == [
        "S1, 2018-08-24: the day of used",
        "S1, 2018-08-24: the month of used",
        "S1, 2018-08-24: the day in the ranking",
        "shard 0, 2018-08-24: the day",
        "S1, 2018-08-24: the month in the ranking",
        "the fleet, 2018-08-24: the day",
        "the fleet, 2018-08-24: the month",
        "Checked 15 days of 3 sites: 3 differ.",
    ]
    assert checked(SOURCE="1").lines == [
        *told.lines[:3],
        "Checked 5 days of 1 site: 1 differ.",
    ]
    assert checked(SOURCE="2").code == 0


@pytest.mark.usefixtures("sites")
def test_it_is_mended_by_a_mark_and_a_rollup(
    checked: Any, call: Call, dynamodb: "DynamoDBClient", table: str
) -> None:
    for source in ("S1", "H5.2"):
        unmarked(dynamodb, table, source)
    window = Window(utc(2018, 8, 1), utc(2018, 9, 1), "day")
    targets = (
        window.ship(1),
        window.fleet(),
        window.top(),
        f"{PATH}views/summary/?interval=days&start=2018-08-20&end=2018-08-30",
    )
    wrong = [call("GET", target).text for target in targets]
    told = checked(**ALL, REPAIR="1")
    assert (told.code, told.err) == (0, "")
    assert (
        told.lines[-1] == "What differs is marked: `make rollup`, or the schedule, makes it anew."
    )
    settle()
    assert checked(**ALL).lines == ["Checked 15 days of 3 sites: none differs."]
    assert not {call("GET", target).text for target in targets} & {*wrong}


# What lies above the ships, of which something else is changed than what lies below: where it is,
# what is changed, and how it is named.
ABOVE = {
    "a shard's sums": (("Q#2018-08-24", "0"), "e", "shard 0, 2018-08-24: the day"),
    "a rank": (("Q#2018-08-24", "0"), "kwh", "S1, 2018-08-24: the day in the ranking"),
    "a rank of the month": (("Q#2018-08", "0"), "kwh", "the month in the ranking"),
    "a rank of the year": (("Q#2018", "0"), "kwh", "the year in the ranking"),
    "the fleet's day": (("F", "d#2018-08-24"), "e", "the fleet, 2018-08-24: the day"),
    "the fleet's month": (("F", "m#2018-08"), "e", "the fleet, 2018-08-24: the month"),
}


@pytest.mark.parametrize("above", ABOVE)
@pytest.mark.usefixtures("sites")
def test_what_is_wrong_above_the_ships_alone_is_named_and_mended(
    checked: Any, dynamodb: "DynamoDBClient", table: str, above: str
) -> None:
    key, name, said = ABOVE[above]
    if above == "the fleet's month":  # of which the first days have nothing
        item: Any = dynamodb.get_item(
            TableName=table, Key={"pk": {"S": key[0]}, "sk": {"S": key[1]}}
        )["Item"]
        assert item["ships"] == {"N": "2"}
    changed(dynamodb, table, key, name)
    told = checked(**ALL, REPAIR="1")
    assert any(line.endswith(said) for line in told.lines), told.lines
    settle()
    assert checked(**ALL).lines == ["Checked 15 days of 3 sites: none differs."]


# Counts beside the figures, and what lacks: where, as what, and how it is named.
COUNTS: dict[str, tuple[tuple[str, str], str, Any, str]] = {
    "a ship lacks in a shard": (("Q#2018-08-24", "0"), "lack", {"N": "1"}, "shard 0, {}: the day"),
    "a ship lacks in the fleet": (
        ("F", "d#2018-08-24"),
        "lack",
        {"N": "1"},
        "the fleet, {}: the day",
    ),
    "days with data": (
        ("Q#2018-08", "0"),
        "days",
        {"B": b"\x01\0" * 2},
        "the month in the ranking",
    ),
    "ships of a month": (("F", "m#2018-08"), "ships", {"N": "3"}, "the fleet, {}: the month"),
}


@pytest.mark.parametrize("what", COUNTS)
@pytest.mark.usefixtures("sites")
def test_counts_are_compared_as_well(
    checked: Any, dynamodb: "DynamoDBClient", table: str, what: str
) -> None:
    key, name, value, said = COUNTS[what]
    at: Any = {"pk": {"S": key[0]}, "sk": {"S": key[1]}}
    item: Any = dynamodb.get_item(TableName=table, Key=at)["Item"]
    dynamodb.put_item(TableName=table, Item={**item, name: value})
    lines = checked(**ALL, REPAIR="1").lines
    assert any(line.endswith(said.format("2018-08-24")) for line in lines), lines
    settle()
    assert checked(**ALL).lines == ["Checked 15 days of 3 sites: none differs."]


@pytest.mark.usefixtures("sites")
def test_what_is_not_there_although_it_should_be_is_named(
    checked: Any, dynamodb: "DynamoDBClient", table: str
) -> None:
    for key in (("Q#2018-08-25", "0"), ("F", "d#2018-08-26"), ("Q#2018", "0")):
        dynamodb.delete_item(TableName=table, Key={"pk": {"S": key[0]}, "sk": {"S": key[1]}})
    told = checked(**ALL)
    assert "S2, 2018-08-25: the day in the ranking" in told.lines
    assert "the fleet, 2018-08-26: the day" in told.lines
    assert "S2, 2018-08-24: the year in the ranking" in told.lines


@pytest.mark.usefixtures("sites")
def test_a_site_that_cannot_be_read_is_named_and_the_others_are_checked(
    checked: Any, dynamodb: "DynamoDBClient", table: str
) -> None:
    unmarked(dynamodb, table, "S1")
    unmarked(dynamodb, table, "H5.1")
    read = Raw._read

    def refuse(self: Any, source: Any, *rest: Any) -> Any:
        if source.name == "S2":
            raise ValueError("beyond me")
        return read(self, source, *rest)

    with patch.object(Raw, "_read", refuse):
        told = checked(**ALL)
    assert told.code == 1
    assert told.err == "quarterhour: S2 could not be read (ValueError: beyond me).\n"
    assert "S1, 2018-08-24: the day of used" in told.lines
    assert "H5, 2018-08-24: the day of used of device 1" in told.lines
    assert not [line for line in told.lines if "the fleet" in line or "shard" in line]


@pytest.mark.usefixtures("sites")
def test_that_a_site_cannot_be_read_is_a_failure_by_itself(checked: Any) -> None:
    with patch.object(HouseEntries, "of_owner", side_effect=ValueError("beyond me")):
        told = checked(**ALL, REPAIR="1")
    assert told == (
        1,
        ["Checked 10 days of 2 sites: none differs."],
        "quarterhour: H5 could not be read (ValueError: beyond me).\n",
    )


def test_days_that_are_not_closed_are_not_checked(checked: Any, call: Call) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    first = now - 5 * DAY
    assert call("POST", "/data", batch([reading(first), reading(now)])).status == 200
    settle()
    days = (last_to_close(ms(now)) - ms(first) // DAY_MS * DAY_MS) // DAY_MS + 1
    assert checked(**ALL).lines == [f"Checked {days} days of 1 site: none differs."]


@pytest.mark.usefixtures("sites")
def test_of_a_local_day_both_days_that_it_touches_are_marked(
    dynamodb: "DynamoDBClient", table: str
) -> None:
    source, day = device("H5", 1), ms(MIDNIGHT)
    ends = (day + DAY_MS + 4 * HOUR_MS, day + DAY_MS)
    command.repair(Difference("H5", day, "any", (source,), end_ms) for end_ms in ends)
    key = {"pk": {"S": "TH#0"}, "sk": {"S": "2018-08#H5.1"}}
    todo = dynamodb.get_item(TableName=table, Key=key)["Item"]
    assert {name for name in todo if name.isdigit()} == {"24", "25"}


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"SOURCE": "X5"}, "SOURCE is 'X5': give the number of a ship"),
        ({"SOURCE": "9"}, "S9 never posted: there is nothing to check."),
        ({"SOURCE": "H9"}, "H9 never posted: there is nothing to check."),
        ({"DAYS": "0"}, "DAYS is '0': give how many days to check"),
        ({"DAYS": "some"}, "DAYS is 'some': give how many days to check"),
        ({"REPAIR": "yes"}, "REPAIR is 'yes': give REPAIR=1"),
    ],
)
def test_what_is_not_said_well_is_one_sentence(
    checked: Any, wrong: dict[str, str], sentence: str
) -> None:
    told = checked(**wrong)
    assert (told.code, told.lines, told.err.count("\n")) == (1, [], 1)
    assert re.match(re.escape(f"quarterhour: {sentence}"), told.err)
