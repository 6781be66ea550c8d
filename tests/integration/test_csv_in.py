"""Readings as lines of CSV, of ships and devices: files as programs and portals write them."""

import gzip
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quarterhour.energy.readings import MAX_READINGS
from quarterhour.http.body import MAX_UNPACKED_BYTES
from quarterhour.http.csv_body import MAX_CELLS, MAX_LINES
from tests.builders import MIDNIGHT, batch, in_range, reading
from tests.catalogues import PATH, entry, meter
from tests.conftest import Answer, Call
from tests.counting import Counted
from tests.refused import refused

pytestmark = pytest.mark.integration

SHIPS = count(1000)  # each has posted nothing yet
DEVICE = f"{PATH}devices/1/readings"
DAY = "2018-08-24"


@pytest.fixture
def house(call: Call) -> Call:
    """House 5 in Vienna, with a meter of energy and temperature."""
    channels = {
        "used": {"quantity": "energy"},
        "solar": {"quantity": "energy", "signed": True},
        "warmth": {"quantity": "temperature"},
    }
    call("PUT", PATH, entry(meter(1, channels=channels), timezone="Europe/Vienna"))
    return call


def post(
    call: Call, text: str | bytes, path: str = "/data", media: str = "text/csv", **query: Any
) -> Answer:
    """Post lines; those of a ship are of ship 1, in kWh."""
    asked = {"units": "kWh", **({"spaceship_id": 1} if path == "/data" else {}), **query}
    content = text.encode() if isinstance(text, str) else text
    return call("POST", f"{path}?{urlencode(asked)}", content, content_type=media)


def stored(call: Call, ship: int = 1, **more: Any) -> dict[str, float]:
    answer = call("GET", in_range(ship=ship, **more))
    return {one["datetime"][11:16]: one["value"] for one in answer.json["data"]}


def places(answer: Answer) -> list[tuple[int | None, str]]:
    refused(answer, 400)
    return [(one.get("index"), one["field"]) for one in answer.json["details"]]


# --- Files of all kinds ---------------------------------------------------------------------------

HALF_HOURS = {"00:00": 1.5, "00:30": 2.25}
KINDS = {
    "plain": f"datetime,value\n{DAY}T00:00:00Z,3\n{DAY}T00:30:00Z,4.5\n",
    "no end of the last line": f"datetime,value\n{DAY}T00:00:00Z,3\n{DAY}T00:30:00Z,4.5",
    "CRLF": f"datetime,value\r\n{DAY}T00:00:00Z,3\r\n{DAY}T00:30:00Z,4.5\r\n",
    "CR": f"datetime,value\r{DAY}T00:00:00Z,3\r{DAY}T00:30:00Z,4.5\r",
    "a byte order mark": f"\ufeffdatetime,value\n{DAY}T00:00:00Z,3\n{DAY}T00:30:00Z,4.5\n",
    "quotes": f'"datetime","value"\n"{DAY}T00:00:00Z","3"\n"{DAY}T00:30:00Z","4.5"\n',
    "decimal commas": f"datetime;value\n{DAY}T00:00:00Z;3,0\n{DAY}T00:30:00Z;4,5\n",
    "semicolons and points": f"datetime;value\n{DAY}T00:00:00Z;3.0\n{DAY}T00:30:00Z;4.5\n",
    "quoted commas": f'datetime;value\n{DAY}T00:00:00Z;"3,0"\n{DAY}T00:30:00Z;"4,5"\n',
    "date": f"date,value\n{DAY}T00:00:00Z,3\n{DAY}T00:30:00Z,4.5\n",
    "other columns": f"id,value,datetime,net\n7,3,{DAY}T00:00:00Z,x\n8,4.5,{DAY}T00:30:00Z,\n",
    "spaces": f"datetime , value\n {DAY}T00:00:00Z , 3 \n {DAY}T00:30:00Z,4.5\n",
    "blank lines": f"\ndatetime,value\n\n{DAY}T00:00:00Z,3\n,\n{DAY}T00:30:00Z,4.5\n\n\n",
    "lines in any order": f"datetime,value\n{DAY}T00:30:00Z,4.5\n{DAY}T00:00:00Z,3\n",
    "an empty value": f"datetime,value\n{DAY}T00:00:00Z,3\n{DAY}T00:15:00Z,\n{DAY}T00:30:00Z,4.5\n",
    "exponents": f"datetime,value\n{DAY}T00:00:00Z,3e0\n{DAY}T00:30:00Z,.45E+1\n",
    "Unix times": "datetime,value\n1535068800,3\n1535070600000,4.5\n",
    "other offsets": f"datetime,value\n{DAY}T02:00:00+02:00,3\n{DAY} 00:30Z,4.5\n",
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_is_understood(call: Call, kind: str) -> None:
    answer = post(call, KINDS[kind], interval="PT30M")
    assert answer.status == 200, answer.text
    assert (answer.json["accepted"], answer.json["warnings"]) == (2, [])
    assert stored(call, interval="15min") == {
        "00:00": 1.5, "00:15": 1.5, "00:30": 2.25, "00:45": 2.25,
    }  # fmt: skip


@pytest.mark.parametrize(
    "media", ["text/csv", "TEXT/CSV; charset=UTF-8", "text/csv; charset=utf-8; header=present"]
)
def test_a_packed_file_is_understood(call: Call, media: str) -> None:
    target = "/data?spaceship_id=1&units=kWh&interval=PT30M"
    packed = gzip.compress(KINDS["plain"].encode())
    answer = call("POST", target, packed, content_type=media, content_encoding="gzip")
    assert answer.json["accepted"] == 2


def test_labels_and_local_times_of_the_night_clocks_go_back(call: Call) -> None:
    lines = "".join(
        f"2023-10-29 {clock},{value}\n"
        for value, clock in enumerate(("02:00", "02:30", "02:00", "02:30", "03:00"), 1)
    )
    text = f"datetime,value\n{lines}"
    more = {"timezone": "Europe/Vienna", "interval": "PT30M"}
    assert post(call, text, label="end", **more).status == 200
    asked: dict[str, Any] = {"start": "2023-10-28T23:00:00Z", "end": "2023-10-29T02:00:00Z"}
    asked["interval"] = "hour"
    assert stored(call, **asked) == {"23:00": 1, "00:00": 5, "01:00": 9}
    assert post(call, text, spaceship_id=2, **more).status == 200
    asked |= {"start": "2023-10-29T00:00:00Z", "end": "2023-10-29T03:00:00Z"}
    assert stored(call, ship=2, **asked) == {"00:00": 3, "01:00": 7, "02:00": 5}


@pytest.mark.usefixtures("nothing_is_stored")
def test_an_hour_that_does_not_exist_is_refused_by_its_line(call: Call) -> None:
    text = 'datetime,value\n"2023-03-26\n01:30",1\n2023-03-26 02:30,1\n2023-03-26 03:00,1\n'
    answer = post(call, text.replace("\n01", " 01", 1), timezone="Europe/Vienna")
    assert places(answer) == [(3, "datetime")]
    # A cell of two lines: lines are those of the file.
    assert places(post(call, text, timezone="Europe/Vienna")) == [(2, "datetime"), (4, "datetime")]


def test_columns_of_a_device_are_its_channels(house: Call) -> None:
    text = (
        "date;device;used;used_coverage;solar;net;warmth\n"
        "2018-08-24 00:00;1;1,5;1;-0,5;1;\n"
        "2018-08-24 01:00;1;3;0,5;;3;\n"
        "2018-08-24 02:00;1;;;;;\n"
    )
    more = {"interval": "PT1H", "timezone": "Europe/Vienna"}
    answer = post(house, text, DEVICE, **more)
    assert answer.status == 200, answer.text
    assert (answer.json["accepted"], answer.json["start"]) == (2, "2018-08-23T22:00:00Z")
    query = "interval=15min&start=2018-08-24&duration=2hours"
    items = house("GET", f"{PATH}devices/1?{query}").json["items"]
    assert [item.get("used") for item in items] == [*[0.375] * 4, 1.5, 1.5]
    assert [item.get("solar") for item in items] == [*[-0.125] * 4, None, None]


def test_a_unit_is_that_of_the_columns_with_values(house: Call) -> None:
    text = f"date,used,warmth\n{DAY}T00:00Z,,20\n"
    assert post(house, text, DEVICE, units="degC").json["accepted"] == 1
    assert places(post(house, text, DEVICE)) == [(None, "units")]
    text = f"date,used,warmth\n{DAY}T00:00Z,1,20\n"
    assert places(post(house, text, DEVICE)) == [(None, "units")]


def test_warnings_name_lines_too(call: Call) -> None:
    text = f"datetime,value\n\n{DAY}T00:00:00Z,3\n\n{DAY}T04:00:00Z,4.5\n"
    (warning,) = post(call, text).json["warnings"]
    assert (warning["code"], warning["index"]) == ("gap", 5)


def test_a_part_of_a_file_may_be_stored_or_tried(call: Call, counted: Counted) -> None:
    text = f"datetime,value\n{DAY}T00:00:00Z,3\nTotal,3\n"
    answer = post(call, text, partial="true", dry_run="true", interval="PT15M")
    assert [one["index"] for one in answer.json["rejected"]] == [3]
    assert answer.json["buckets"] == [{"datetime": f"{DAY}T00:00:00Z", "value": 3}]
    assert counted.calls == []
    assert post(call, text, partial="true", interval="PT15M").json["accepted"] == 1
    assert stored(call) == {"00:00": 3}


# --- What a GET gives can be posted ---------------------------------------------------------------

SECONDS = st.integers(0, 3 * 86_400)
LENGTHS = {"15min": "PT15M", "hour": "PT1H", "day": "P1D"}


@settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(data=st.data())
def test_what_a_get_gives_can_be_posted_and_answers_the_same(call: Call, data: Any) -> None:
    """Of readings at any spacing, of any coverage, by any interval."""
    ship, other = next(SHIPS), next(SHIPS)
    at = data.draw(
        st.lists(SECONDS | SECONDS.map(lambda s: s / 8), min_size=1, max_size=12, unique=True)
    )
    values = st.floats(0, 1e5) | st.integers(0, 9) | st.sampled_from([0.0000004, 1 / 3])
    units = data.draw(st.sampled_from(["kW", "kWh", "W"]))
    more = data.draw(
        st.sampled_from([{}, {"interval": "PT7M"}, {"interval": "PT1S"}, {"interval": "P1D"}])
    )
    rows = [reading(MIDNIGHT + timedelta(seconds=one), data.draw(values)) for one in at]
    assert call("POST", "/data", batch(rows, ship=ship, units=units, **more)).status == 200
    name = data.draw(st.sampled_from([*LENGTHS]))
    asked = {"end": MIDNIGHT + timedelta(days=6), "interval": name, "format": "csv"}
    given_rows = call("GET", in_range(ship=ship, **asked))
    posted = post(call, given_rows.body, media=given_rows.headers["content-type"],
                  spaceship_id=other, interval=LENGTHS[name])  # fmt: skip
    assert posted.status == 200, posted.text
    assert call("GET", in_range(ship=other, **asked)).text == given_rows.text


OF_A_DAY = "start=2023-10-28&duration=3days&fields=used,solar&format=csv"


@settings(
    max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(data=st.data())
def test_what_a_device_answers_can_be_posted_and_answers_the_same(house: Call, data: Any) -> None:
    """Of the night in which clocks go back, of any coverage; what is negative stays so."""
    night = datetime(2023, 10, 27, 22, tzinfo=UTC)
    at = data.draw(st.lists(SECONDS, min_size=1, max_size=12, unique=True))
    values = st.floats(0, 1e5) | st.integers(0, 9) | st.none()
    rows = [
        {
            "datetime": (night + timedelta(seconds=one)).isoformat(),
            "values": {"used": data.draw(values), "solar": -(data.draw(values) or 0)},
        }
        for one in at
    ]
    more = data.draw(st.sampled_from([{}, {"interval": "PT7M"}, {"interval": "P1D"}]))
    first, second = (f"/api/houses/{next(SHIPS)}/" for _ in range(2))
    channels = {name: {"quantity": "energy", "signed": True} for name in ("used", "solar")}
    for path in (first, second):
        body = entry(meter(1, channels=channels), timezone="Europe/Vienna")
        assert house("PUT", path, body).status in {200, 201}
    sent = {"units": "kWh", "data": rows, **more}
    assert house("POST", f"{first}devices/1/readings", sent).status == 200
    name = data.draw(st.sampled_from([*LENGTHS]))
    asked = f"devices/1?interval={name}&{OF_A_DAY}"
    given_rows = house("GET", first + asked)
    posted = post(house, given_rows.body, f"{second}devices/1/readings", interval=LENGTHS[name])
    assert posted.status == 200, posted.text
    assert house("GET", second + asked).text == given_rows.text


# --- What is refused ------------------------------------------------------------------------------

BAD: dict[str, tuple[str, list[tuple[int | None, str]]]] = {
    "no column of times": ("time,value\n2018,1\n", [(1, "data")]),
    "two columns of times": ("datetime,date,value\n1,1,1\n", [(1, "data")]),
    "a column twice": ("datetime,value,value\n1,1,1\n", [(1, "value")]),
    "no value": (f"datetime,v\n{DAY}T00:00Z,1\n", [(None, "data")]),
    "nothing but a header": ("datetime,value\n", [(None, "data")]),
    "nothing but empty cells": (f"datetime,value\n{DAY}T00:00Z,\n", [(None, "data")]),
    "no header": (f"{DAY}T00:00Z,1\n", [(1, "data")]),
    "a line cut short": (f"datetime,value\n{DAY}T00:00Z,1\n{DAY}T00:1", [(3, "data")]),
    "a line too long": (f"datetime,value\n{DAY}T00:00Z,1,5\n", [(2, "data")]),
    "no number": (f"datetime,value\n{DAY}T00:00Z,one\n{DAY}T00:01Z,0x1\n",
                  [(2, "value"), (3, "value")]),
    "numbers of Python": (f"datetime,value\n{DAY}T00:00Z,1_0\n{DAY}T01:00Z,nan\n{DAY}T02:00Z,inf\n",
                          [(2, "value"), (3, "value"), (4, "value")]),
    "two commas": (f"datetime;value\n{DAY}T00:00Z;1.234,5\n", [(2, "value")]),
    "a comma beside commas": (f'datetime,value\n{DAY}T00:00Z,"1,5"\n', [(2, "value")]),
    "other digits": (f"datetime,value\n{DAY}T00:00Z,\u0663\n", [(2, "value")]),
    "too much": (f"datetime,value\n{DAY}T00:00Z,1e99\n{DAY}T00:01Z,{'9' * 70}\n",
                 [(2, "value"), (3, "value")]),
    "less than 0": (f"datetime,value\n{DAY}T00:00Z,-1\n", [(2, "value")]),
    "no time": (f"datetime,value\n24.08.2018 00:00,1\n,1\n{DAY} 00:00,1\n",
                [(2, "datetime"), (3, "datetime"), (4, "datetime")]),
    "two values of an instant": (f"datetime,value\n{DAY}T00:00Z,1\n{DAY}T00:00Z,2\n",
                                 [(3, "value")]),
    "a coverage of nothing": (f"date,value,coverage\n{DAY},1,0\n{DAY},1,1.1\n{DAY},1,x\n",
                              [(2, "coverage"), (3, "coverage"), (4, "coverage"),
                               (2, "datetime"), (3, "datetime"), (4, "datetime")]),
    "an open quote": (f'datetime,value\n{DAY}T00:00Z,"1\n', [(2, "data")]),
    "text behind a quote": (f'datetime,value\n{DAY}T00:00Z,"1"2\n', [(2, "data")]),
    "a NUL": (f"datetime,value\n{DAY}T00:00Z,1\0\n", [(2, "value")]),
    "a cell of a megabyte": (f"datetime,value\n{DAY}T00:00Z,{'x' * 2**20}\n", [(2, "data")]),
}  # fmt: skip


@pytest.mark.usefixtures("nothing_is_stored")
@pytest.mark.parametrize("kind", BAD)
def test_what_is_wrong_is_named_by_its_line(call: Call, kind: str) -> None:
    text, expected = BAD[kind]
    assert places(post(call, text, interval="PT1M")) == expected


@pytest.mark.usefixtures("nothing_is_stored")
@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"timezone": "Mars/Olympus"}, "timezone"), ({"timezone": ""}, "timezone"),
        ({"units": "stones"}, "units"), ({"spaceship_id": "x"}, "spaceship_id"),
        ({"spaceship_id": "-1"}, "spaceship_id"), ({"spaceship_id": "9" * 16}, "spaceship_id"),
        ({"interval": "1h"}, "interval"), ({"label": "middle", "interval": "PT1H"}, "label"),
        ({"label": "end"}, "label"),
    ],
)  # fmt: skip
def test_what_is_wrong_of_all_lines_is_said_once(
    call: Call, query: dict[str, str], field: str
) -> None:
    assert places(post(call, KINDS["plain"], **query)) == [(None, field)]


@pytest.mark.usefixtures("nothing_is_stored")
def test_a_share_needs_the_interval_it_is_of(call: Call) -> None:
    text = f"datetime,value,coverage\n{DAY}T00:00Z,1,0.5\n"
    assert places(post(call, text)) == [(None, "interval")]
    assert post(call, text.replace("0.5", "1"), dry_run="true").status == 200


def test_the_least_share_lasts_a_millisecond(call: Call) -> None:
    """Not as long as what declares nothing."""
    text = f"datetime,value,coverage\n{DAY}T00:00Z,1,0.000001\n"
    assert post(call, text, interval="PT1M").status == 200
    (row,) = call("GET", in_range()).json["data"]
    assert row["coverage"] == 0.000001


@pytest.mark.usefixtures("nothing_is_stored")
def test_a_file_without_query_says_what_is_missing(call: Call) -> None:
    answer = call("POST", "/data", KINDS["plain"].encode(), content_type="text/csv")
    assert places(answer) == [(None, "spaceship_id"), (None, "units")]


def test_a_device_s_file_without_any_of_its_channels_is_refused(house: Call) -> None:
    assert places(post(house, f"date,cellar\n{DAY}T00:00Z,1\n", DEVICE)) == [(None, "data")]
    assert post(house, f"date,used\n{DAY}T00:00Z,1\n", f"{PATH}devices/9/readings").status == 404


@pytest.mark.usefixtures("nothing_is_stored")
@pytest.mark.parametrize(
    "media", ["text/csv; charset=iso-8859-1", "text/plain", "text/tab-separated-values", "csv"]
)
def test_other_kinds_of_text_are_415(call: Call, media: str) -> None:
    refused(post(call, KINDS["plain"], media=media), 415)


def test_nothing_but_readings_is_posted_as_csv(call: Call) -> None:
    refused(call("PUT", PATH, b"name\nA house\n", content_type="text/csv"), 415)


@pytest.mark.usefixtures("nothing_is_stored")
def test_text_of_another_encoding_is_refused(call: Call) -> None:
    refused(post(call, "datetime,value,Z\u00e4hler\n".encode("latin-1")), 400)
    refused(post(call, KINDS["plain"].encode("utf-16")), 400)


# --- Limits ---------------------------------------------------------------------------------------


def lines(count: int, step: timedelta = timedelta(minutes=1)) -> str:
    rows = (f"{int((MIDNIGHT + nth * step).timestamp())},1\n" for nth in range(count))
    return f"datetime,value\n{''.join(rows)}"


@pytest.mark.usefixtures("nothing_is_stored")
def test_as_many_values_as_in_json(call: Call) -> None:
    assert post(call, lines(MAX_READINGS), dry_run="true").json["accepted"] == MAX_READINGS
    refused(post(call, lines(MAX_READINGS + 1)), 413)


@pytest.mark.usefixtures("nothing_is_stored")
@pytest.mark.parametrize(
    "text",
    [
        "datetime,value\n" + "\n" * (MAX_LINES + 1),
        "datetime,value\n" + "\r" * (MAX_LINES + 1),
        "datetime,value\n" + ",\n" * (MAX_LINES + 1),
        "datetime,value" + "," * (MAX_CELLS + 1),
        "datetime;value\n" + ";" * (MAX_CELLS + 1),
        "datetime,value\n" + " " * (4 * 2**20),
        '"' + "\n" * (2 * MAX_LINES + 1),
    ],
)
def test_text_of_too_many_lines_and_cells_is_refused(call: Call, text: str) -> None:
    refused(post(call, text), 413)


@pytest.mark.usefixtures("nothing_is_stored")
def test_a_bomb_is_stopped_where_it_starts(call: Call) -> None:
    bomb = gzip.compress(b"datetime,value\n" + b" " * (MAX_UNPACKED_BYTES + 1))
    target = "/data?spaceship_id=1&units=kWh"
    answer = call("POST", target, bomb, content_type="text/csv", content_encoding="gzip")
    refused(answer, 413)


@pytest.mark.usefixtures("nothing_is_stored")
@settings(
    max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(
    text=st.text(alphabet='datevlu,;\n\r"01.-:TZ \0\ufeff\u00e9x', max_size=80),
    header=st.booleans(),
)
def test_any_text_at_all_is_answered_or_refused(call: Call, text: str, header: bool) -> None:  # noqa: FBT001
    answer = post(call, f"datetime,value\n{text}" if header else text, dry_run="true")
    assert answer.status in {200, 400}, answer.text
