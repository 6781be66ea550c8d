"""Whatever is wrong with readings of a house's device is said at once, and stores nothing."""

import gzip
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mypy_boto3_dynamodb import DynamoDBClient

from tests.builders import MIDNIGHT, channel_batch, iso, values
from tests.catalogues import PATH, entry, meter, sensor
from tests.conftest import Call
from tests.nonsense import HERE, NOT_A_TIME, NOT_A_VALUE, with_raw
from tests.refused import places, refused

pytestmark = pytest.mark.integration

TARGET = f"{PATH}devices/1/readings/"
MILLISECOND = timedelta(milliseconds=1)
MIB = 1024 * 1024
AMBIENT = {"temperature": "degF", "humidity": "%"}

Place = tuple[int | None, str | None]


@pytest.fixture(autouse=True)
def house(call: Call, table: str, dynamodb: DynamoDBClient) -> Iterator[None]:
    """House 5, and nothing but its catalogue entry before and after each test."""
    channels = {
        **meter(1, "used", "solar", "stove")["channels"],
        **sensor(1, "outdoor")["channels"],
        "kitchen": {"quantity": "power"},
        "main": {"quantity": "volume"},
        "hdd": {"quantity": "degree_days"},
    }
    call("PUT", PATH, entry(meter(1, channels=channels), meter(2, "barn")))
    before = dynamodb.scan(TableName=table)["Items"]
    yield
    assert dynamodb.scan(TableName=table)["Items"] == before


def three(second: Any, **more: Any) -> dict[str, Any]:
    """Return a batch whose second reading is this."""
    first, last = (values(MIDNIGHT + timedelta(hours=nth), used=1) for nth in (0, 2))
    return channel_batch(first, second, last, **more)


# --- One bad reading ------------------------------------------------------------------------------

NEGATIVE = {"-1", "-1e-9", "-1e-300"}


@pytest.mark.parametrize("raw", NOT_A_VALUE, ids=lambda raw: raw[:16])
def test_a_value_is_null_or_a_finite_number_from_0_to_1e9(call: Call, raw: str) -> None:
    body = with_raw(three(values(used=HERE)), raw)
    assert places(refused(call("POST", TARGET, body))) == [(1, "used")]


@pytest.mark.parametrize("raw", sorted({*NOT_A_VALUE} - NEGATIVE), ids=lambda raw: raw[:16])
@pytest.mark.parametrize(("channel", "unit"), [("solar", "kWh"), ("temperature", "degC")])
def test_a_signed_value_is_one_from_minus_1e9(
    call: Call, channel: str, unit: str, raw: str
) -> None:
    units = {"used": "kWh", channel: unit}
    body = with_raw(three(values(**{channel: HERE}), units=units), raw)
    assert places(refused(call("POST", TARGET, body))) == [(1, channel)]


@pytest.mark.parametrize(
    ("channel", "unit"),
    [("stove", "W"), ("kitchen", "kW"), ("main", "L"), ("hdd", "hdd"), ("humidity", "%")],
)
def test_other_values_are_not_negative(call: Call, channel: str, unit: str) -> None:
    body = channel_batch(values(**{channel: -0.001}), units=unit)
    refusal = refused(call("POST", TARGET, body))
    assert places(refusal) == [(0, channel)]
    assert refusal["details"][0]["reason"] == "must be greater than or equal to 0"


@pytest.mark.parametrize("at", NOT_A_TIME, ids=ascii)
def test_a_time_is_iso_8601_with_an_offset_in_the_years_2000_to_2099(call: Call, at: Any) -> None:
    body = refused(call("POST", TARGET, three(values(at, used=2))))
    assert places(body) == [(1, "datetime")]


@pytest.mark.parametrize("at", NOT_A_TIME[:3], ids=ascii)
@pytest.mark.parametrize("said", [{}, {"used": None}])
def test_a_reading_without_a_value_has_a_good_time_too(
    call: Call, at: Any, said: dict[str, None]
) -> None:
    assert places(refused(call("POST", TARGET, three(values(at, **said))))) == [(1, "datetime")]


@pytest.mark.parametrize("other", [None, 1, "12 kWh", True, [], ["2018-08-24T00:00:00Z", 12]])
def test_a_reading_is_an_object(call: Call, other: Any) -> None:
    assert places(refused(call("POST", TARGET, three(other)))) == [(1, "data")]


@pytest.mark.parametrize("given", [None, 1, 1.5, "used", True, [], [1], [{"used": 1}]], ids=str)
def test_values_are_an_object(call: Call, given: Any) -> None:
    body = three({"datetime": iso(MIDNIGHT), "values": given})
    assert places(refused(call("POST", TARGET, body))) == [(1, "values")]


@pytest.mark.parametrize("missing", ["values", "datetime"])
def test_a_reading_has_a_time_and_values(call: Call, missing: str) -> None:
    one = values(used=1)
    del one[missing]
    body = refused(call("POST", TARGET, three({**one, missing.upper(): {}, "value": 1})))
    assert places(body) == [(1, missing)]
    assert body["details"][0]["reason"] == "is required"


NO_CHANNEL = (
    "", "Used", "USED", "used ", " used", "used\0", "use", "barn", "net", "values", "datetime",
    "__class__", "\u0443sed", "\ud800", "é" * 50, "1", "null",
)  # fmt: skip


@pytest.mark.parametrize("name", NO_CHANNEL, ids=ascii)
@pytest.mark.parametrize("value", [1, None, "1"])
def test_a_channel_is_one_of_the_device_s_own(call: Call, name: str, value: Any) -> None:
    body = refused(call("POST", TARGET, three(values(used=1, **{name: value}))))
    assert places(body) == [(1, name)]
    assert body["details"][0]["reason"] == "is not a channel of this device"


def test_a_long_name_of_no_channel_is_cut(call: Call) -> None:
    body = refused(call("POST", TARGET, three(values(**{"x" * 100_000: 1}))))
    assert places(body) == [(1, "x" * 100)]


# --- Units ----------------------------------------------------------------------------------------

NOT_A_UNIT: tuple[Any, ...] = (
    "", "k", "GW", "TWh", "kWs", "BTU", "kWh ", " kWh", "kWh\0", "F", "°C", "m³",
    "gallon", "\udcff",
)  # fmt: skip
MISFITS = (
    ("used", "gal"), ("used", "degF"), ("used", "%"), ("used", "hdd"), ("kitchen", "L"),
    ("solar", "m3"), ("temperature", "%"), ("temperature", "kWh"), ("humidity", "degF"),
    ("main", "kWh"), ("main", "hdd"), ("hdd", "degF"), ("hdd", "gal"),
)  # fmt: skip


@pytest.mark.parametrize("units", NOT_A_UNIT, ids=ascii)
def test_a_unit_is_one_of_those_there_are(call: Call, units: str) -> None:
    body = refused(call("POST", TARGET, channel_batch(values(used=1), units=units)))
    assert places(body) == [(None, "units")]
    assert body["details"][0]["reason"].startswith(
        "must be one of kW, W, MW, kWh, Wh, MWh, J, kJ, MJ, GJ, gal,"
    )


@pytest.mark.parametrize("units", [1, 1.5, True, [], ["kWh"], [["used", "kWh"]]], ids=str)
def test_units_are_a_string_or_an_object(call: Call, units: Any) -> None:
    body = refused(call("POST", TARGET, channel_batch(values(used=1), units=units)))
    assert places(body) == [(None, "units")]
    assert body["details"][0]["reason"] == "must be a string or an object of strings"


@pytest.mark.parametrize("units", [*NOT_A_UNIT, None, 1, True, [], {}, ["kWh"]], ids=ascii)
def test_units_of_a_channel_are_one_of_its_own(call: Call, units: Any) -> None:
    """Also of a channel without a value."""
    for said in ({"used": 1}, {"stove": 1}):
        body = channel_batch(values(**said), units={"stove": "kWh", "used": units})
        assert places(refused(call("POST", TARGET, body))) == [(None, "units.used")]


@pytest.mark.parametrize(("channel", "unit"), MISFITS)
def test_a_unit_is_of_the_channel_s_quantity(call: Call, channel: str, unit: str) -> None:
    good = values(MIDNIGHT + timedelta(hours=1), **{channel: None})
    body = channel_batch(values(**{channel: 1}), good, units=unit)
    refusal = refused(call("POST", TARGET, body))
    assert places(refusal) == [(None, "units")]
    assert refusal["details"][0]["reason"].startswith(f"{channel} takes ")
    body = channel_batch(values(**{channel: 1}), units={channel: unit})
    assert places(refused(call("POST", TARGET, body))) == [(None, f"units.{channel}")]


def test_every_channel_that_one_unit_does_not_fit_is_named_once(call: Call) -> None:
    data = [
        values(MIDNIGHT + timedelta(hours=nth), used=1, temperature=1, main=1) for nth in range(3)
    ]
    body = refused(call("POST", TARGET, channel_batch(*data, units="W")))
    assert [detail["reason"] for detail in body["details"]] == [
        "temperature takes degF, degC",
        "main takes gal, L, hL, m3, ft3, CCF",
    ]


def test_a_channel_with_a_value_has_a_unit(call: Call) -> None:
    data = values(used=1, solar=1, stove=None), values(MIDNIGHT + timedelta(hours=1), solar=1)
    body = refused(call("POST", TARGET, channel_batch(*data, units={"used": "kWh"})))
    assert body["details"] == [{"field": "units.solar", "reason": "is required"}]
    found = places(refused(call("POST", TARGET, channel_batch(*data, units={}))))
    assert found == [(None, "units.used"), (None, "units.solar")]


@pytest.mark.parametrize("name", NO_CHANNEL, ids=ascii)
def test_units_are_of_the_device_s_own_channels(call: Call, name: str) -> None:
    body = channel_batch(values(used=1), units={"used": "kWh", name: "kWh"})
    assert places(refused(call("POST", TARGET, body))) == [(None, f"units.{name}")]


# --- Intervals ------------------------------------------------------------------------------------

NOT_AN_INTERVAL: tuple[Any, ...] = (
    "", "P", "PT", "PT0S", "PT0.9S", "P1DT2H1S", "PT27H", "P401D", "P1W", "P2M", "P12M", "P1Y1M",
    "p1m", "P1M ", "P0Y1M", "-P1M", "1H", "PT\uff11H", f"PT{'9' * 5000}S", 3600, 0, True, None,
    ["PT1H"], {}, {"used": "PT1H"},
)  # fmt: skip


@pytest.mark.parametrize("interval", NOT_AN_INTERVAL, ids=lambda given: ascii(given)[:20])
def test_an_interval_is_a_duration_of_up_to_a_day_or_a_month_or_a_year(
    call: Call, interval: Any
) -> None:
    body = channel_batch(values(used=1), interval=interval)
    assert places(refused(call("POST", TARGET, body))) == [(None, "interval")]


@pytest.mark.parametrize("period", ["P1M", "P1Y"])
@pytest.mark.parametrize(
    ("channel", "unit"),
    [
        ("used", "kW"), ("used", "W"), ("kitchen", "kW"), ("temperature", "degF"),
        ("temperature", "degC"), ("humidity", "%"),
    ],
)  # fmt: skip
def test_neither_power_nor_gauges_have_period_totals(
    call: Call, channel: str, unit: str, period: str
) -> None:
    body = channel_batch(values(**{channel: 1}), units=unit, interval=period)
    refusal = refused(call("POST", TARGET, body))
    assert places(refusal) == [(None, "interval")]
    assert channel in refusal["details"][0]["reason"]


def test_every_channel_that_has_no_period_totals_is_named(call: Call) -> None:
    units = {**AMBIENT, "used": "kWh", "stove": "kW"}
    data = values(temperature=1, humidity=1, used=1, stove=1)
    body = refused(call("POST", TARGET, channel_batch(data, units=units, interval="P1M")))
    assert places(body) == [(None, "interval")] * 3


@pytest.mark.parametrize("period", ["P1M", "P1Y"])
def test_a_ship_has_no_period_totals(call: Call, period: str) -> None:
    data = [{"datetime": iso(MIDNIGHT), "value": 1}]
    body = {"spaceship_id": 1, "units": "kWh", "interval": period, "data": data}
    refusal = refused(call("POST", "/data", body))
    assert places(refusal) == [(None, "interval")]
    assert refusal["details"][0]["reason"].endswith("as PT15M or PT1H")


@pytest.mark.parametrize("unit", ["gal", "L", "m3", "hdd", "degF", "degC", "%"])
def test_a_ship_has_power_and_energy_alone(call: Call, unit: str) -> None:
    data = [{"datetime": iso(MIDNIGHT), "value": 1}]
    refusal = refused(call("POST", "/data", {"spaceship_id": 1, "units": unit, "data": data}))
    assert refusal["details"] == [
        {"field": "units", "reason": "must be one of kW, W, MW, kWh, Wh, MWh, J, kJ, MJ, GJ"}
    ]


# --- The batch ------------------------------------------------------------------------------------


@pytest.mark.parametrize("data", [{}, "readings", 1, True, {"0": values(used=1)}], ids=str)
def test_data_are_a_list(call: Call, data: Any) -> None:
    body = refused(call("POST", TARGET, {"units": "kWh", "data": data}))
    assert body["details"] == [{"field": "data", "reason": "must be a list"}]


@pytest.mark.parametrize(
    "data",
    [[], [values()], [values(used=None)], [values(), values(used=None, solar=None)]],
    ids=["no reading", "empty", "null", "several"],
)
@pytest.mark.parametrize("interval", [{}, {"interval": "PT1H"}, {"interval": "P1M"}], ids=str)
def test_a_batch_has_at_least_one_value(
    call: Call, data: list[Any], interval: dict[str, str]
) -> None:
    for units in ("kWh", {}, {"used": "kWh"}):
        body = channel_batch(*data, units=units, **interval)
        assert places(refused(call("POST", TARGET, body))) == [(None, "data")]


@pytest.mark.parametrize("field", ["units", "data"])
def test_a_batch_has_units_and_data(call: Call, field: str) -> None:
    body = channel_batch(values(used=1))
    del body[field]
    for missing in ({}, {field: None}, {field.upper(): body.get(field)}):
        found = refused(call("POST", TARGET, {**body, **missing}))
        assert found["details"] == [{"field": field, "reason": "is required"}]


def test_everything_wrong_with_a_batch_is_said_at_once(call: Call) -> None:
    data = [
        values("now", used=-1, temperature=None),
        None,
        values(used="1", barn=1),
        {"datetime": iso(MIDNIGHT)},
        values(stove=1, main=1),
        values(stove=2, main=1),
    ]
    units = {"used": "BTU", "main": "gal", "net": "kW"}
    found = places(refused(call("POST", TARGET, channel_batch(*data, units=units, interval="P2M"))))
    expected: list[Place] = [
        (None, "interval"), (0, "datetime"), (0, "used"), (1, "data"), (2, "used"), (2, "barn"),
        (3, "values"), (5, "stove"), (None, "units.used"), (None, "units.net"),
        (None, "units.stove"),
    ]  # fmt: skip
    assert found == expected


def test_a_refusal_says_how_many_readings_are_bad(call: Call) -> None:
    body = channel_batch(values("now", used=-1), values(used=1), values("then", used=1))
    error = refused(call("POST", TARGET, body))["error"]
    assert error == "Nothing was stored: 2 readings are not valid."
    error = refused(call("POST", TARGET, channel_batch(values(used=1), units="BTU")))["error"]
    assert error == "The request is not valid: see units."


def test_every_bad_value_of_a_batch_is_named(call: Call) -> None:
    data = [
        values(MIDNIGHT + timedelta(minutes=5 * nth), used=1, solar=1, stove=1)
        for nth in range(1000)
    ]
    for index in range(0, 1000, 3):
        data[index]["datetime"] = "2018-08-24"
    for index in range(0, 1000, 7):
        data[index]["values"]["stove"] = "1"
    for index in range(0, 1000, 11):
        data[index]["values"]["barn"] = 1
    found = places(refused(call("POST", TARGET, channel_batch(*data))))
    assert sorted(found, key=str) == sorted(
        [
            *((index, "datetime") for index in range(0, 1000, 3)),
            *((index, "stove") for index in range(0, 1000, 7)),
            *((index, "barn") for index in range(0, 1000, 11)),
        ],
        key=str,
    )


def test_20_000_bad_readings_are_all_named(call: Call) -> None:
    naive = [values("2018-08-24 00:00:00", temperature=2_000_000_000)] * 20_000
    found = places(refused(call("POST", TARGET, channel_batch(*naive, units="degF"))))
    assert len(found) == len(set(found)) == 40_000


def test_two_values_of_a_channel_for_one_instant_are_refused_and_all_named(call: Call) -> None:
    data = [
        values(used=1, solar=1),
        values("2018-08-24T02:00:00+02:00", used=1, solar=1.000001),
        values("2018-08-24T00:00Z", used=2, stove=1),
        values(used=None, solar=1),
        values(used=2),
    ]
    body = refused(call("POST", TARGET, channel_batch(*data)))
    assert body["details"] == [
        {"index": index, "field": field,
         "reason": "the reading at index 0 has another value for this instant"}
        for index, field in ((1, "solar"), (2, "used"), (4, "used"))
    ]  # fmt: skip


def test_readings_whose_times_are_bad_have_no_instant_in_common(call: Call) -> None:
    body = refused(
        call("POST", TARGET, channel_batch(values("now", used=1), values("now", used=2)))
    )
    assert places(body) == [(0, "datetime"), (1, "datetime")]


@pytest.mark.parametrize("interval", [{}, {"interval": "PT1H"}, {"interval": "P1M"}], ids=str)
def test_two_totals_for_one_instant_are_refused_too(call: Call, interval: dict[str, str]) -> None:
    body = channel_batch(values(used=1), values(used=2), **interval)
    assert places(refused(call("POST", TARGET, body))) == [(1, "used")]


def test_more_than_400_days_in_one_batch_are_refused_whatever_the_channels(call: Call) -> None:
    late = MIDNIGHT + timedelta(days=400) + MILLISECOND
    body = refused(call("POST", TARGET, channel_batch(values(late, solar=1), values(used=1))))
    assert places(body) == [(0, "datetime")]
    assert "400 days" in body["error"]


# --- Where it goes --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "/api/houses/6/devices/1/readings/", "/api/houses/5/devices/3/readings/",
        "/api/houses/55/devices/1/readings", "/api/houses/one/devices/1/readings",
        "/api/houses/5/devices/one/readings", "/api/houses/-5/devices/1/readings",
        "/api/houses/5/devices/1.0/readings", "/api/houses/5/devices/1,2/readings",
        "/api/houses/H5/devices/1/readings", "/api/houses/5/devices/%D9%A1/readings",
        f"/api/houses/{2**53}/devices/1/readings", f"/api/houses/5/devices/{'9' * 5000}/readings",
        "/api/houses//devices/1/readings", "/api/houses/5/devices//readings",
        "/api/houses/5/devices/1/readings/x", "/api/houses/5/devices/1/reading",
        "/api/houses/5%23/devices/1/readings", "/api/houses/5/devices/1%00/readings",
    ],
    ids=lambda path: path[:50],
)  # fmt: skip
@pytest.mark.parametrize("body", [channel_batch(values(used=1)), {"units": 1}], ids=["good", "bad"])
def test_an_unknown_house_or_device_is_404_whatever_is_posted(
    call: Call, path: str, body: Any
) -> None:
    refused(call("POST", path, body), 404)


def test_a_channel_of_another_device_or_house_is_none_of_this(call: Call) -> None:
    assert places(refused(call("POST", TARGET, channel_batch(values(barn=1))))) == [(0, "barn")]
    other = f"{PATH}devices/2/readings"
    assert places(refused(call("POST", other, channel_batch(values(used=1))))) == [(0, "used")]


@pytest.mark.parametrize("method", ["PUT", "PATCH", "TRACE"])
def test_another_method_is_405(call: Call, method: str) -> None:
    answer = call(method, TARGET)
    refused(answer, 405)
    assert answer.headers["allow"] == "DELETE, GET, HEAD, POST"


# --- The body -------------------------------------------------------------------------------------

GOOD = json.dumps(channel_batch(values(used=1, solar=2))).encode()


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "{", "null", "[]", '"kWh"', "{}{}", "{'a': 1}",
        with_raw(channel_batch(values(used=HERE)), "NaN"),
        with_raw(channel_batch(values(used=HERE)), "Infinity"),
        with_raw(channel_batch(values(used=HERE)), "01"),
        with_raw(channel_batch(values(used=HERE)), '1, "used": 1'),
        with_raw(channel_batch(values(used=1), units=HERE), '"kWh", "units": "kWh"'),
        with_raw(channel_batch(values(used=1), units=HERE), '{"used": "kWh", "used": "kWh"}'),
        with_raw(channel_batch(values(used=1), note=HERE), "[" * 1000 + "]" * 1000),
        with_raw(channel_batch(values(HERE, used=1)), '"\n"'),
    ],
    ids=lambda text: text[:40],
)  # fmt: skip
def test_a_body_is_a_strict_json_object(call: Call, text: str) -> None:
    refused(call("POST", TARGET, text))


@pytest.mark.parametrize("depth", [*range(100, 1000, 100), 980, 990])
@pytest.mark.parametrize("place", ["units", "interval", "data", "used"])
def test_a_member_nested_as_deep_as_python_goes_is_refused(
    call: Call, place: str, depth: int
) -> None:
    body = channel_batch(values(used=1), interval="PT1H")
    (body["data"][0]["values"] if place == "used" else body)[place] = HERE
    for begin, end in (("[", "]"), ('{"used":', "}")):
        refused(call("POST", TARGET, with_raw(body, begin * depth + "1" + end * depth)))


def test_other_media_types_and_encodings_are_415(call: Call) -> None:
    refused(call("POST", TARGET, GOOD, content_type="text/plain"), 415)
    refused(call("POST", TARGET, GOOD, content_encoding="br"), 415)
    refused(call("POST", TARGET, GOOD, content_encoding="gzip"))


# --- Sizes ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("readings", "channels"), [(20_001, ["used"]), (6667, ["used", "solar", "stove"])]
)
def test_more_than_20_000_values_are_too_many(
    call: Call, readings: int, channels: list[str]
) -> None:
    data = [values(used=None)] + [values(**dict.fromkeys(channels, 1))] * readings
    assert "20000 values" in refused(call("POST", TARGET, channel_batch(*data)), 413)["error"]


def test_values_of_no_channel_and_what_is_no_reading_count_too(call: Call) -> None:
    refused(call("POST", TARGET, channel_batch(*[values(x=1)] * 20_001)), 413)
    refused(call("POST", TARGET, channel_batch(*[0] * 20_001)), 413)
    refused(call("POST", TARGET, channel_batch(*[{}] * 20_001)), 413)


@pytest.mark.parametrize("size", [4 * MIB + 1, 9 * MIB])
def test_a_body_above_4_mb_as_sent_is_too_large(call: Call, size: int) -> None:
    assert call("POST", TARGET, GOOD.ljust(size)).status == 413


def test_a_body_above_8_mb_unpacked_is_too_large(call: Call) -> None:
    packed = gzip.compress(GOOD.ljust(8 * MIB + 1))
    refused(call("POST", TARGET, packed, content_encoding="gzip"), 413)


def packed(body: Any) -> bytes:
    return gzip.compress(json.dumps(body, ensure_ascii=False).encode(), compresslevel=1)


def test_more_faults_than_an_answer_holds_are_cut_and_said_to_be(call: Call) -> None:
    """Of names that are none, in letters that an answer takes seven bytes each for."""
    names = {f"{'é' * 100}{nth}": 1 for nth in range(10_000)}
    body = packed(channel_batch(values(MIDNIGHT, **names), values(MIDNIGHT, **names)))
    found = refused(call("POST", TARGET, body, content_encoding="gzip"))["details"]
    assert found[-1]["reason"] == "more is wrong than an answer can hold"
    assert len(found) > 5000


@pytest.mark.parametrize(("names", "value"), [(200_000, None), (19_000, "x"), (19_000, [])])
def test_neither_nulls_of_no_channel_nor_empty_readings_are_a_way_around(
    call: Call, names: int, value: Any
) -> None:
    first = values(MIDNIGHT, **dict.fromkeys((f"c{nth:x}" for nth in range(names)), value))
    empty = [{"datetime": "", "values": {}}] * 75_000
    body = packed(channel_batch(first, *empty))
    found = refused(call("POST", TARGET, body, content_encoding="gzip"))["details"]
    assert found[-1]["reason"] == "more is wrong than an answer can hold"


def test_a_bucket_that_is_too_full_for_its_item_is_413_before_anything_is_stored(
    call: Call,
) -> None:
    second = timedelta(milliseconds=45)
    data = [values(MIDNIGHT + nth * second, used=nth / 3) for nth in range(10_001)]
    refused(call("POST", TARGET, channel_batch(*data)), 413)
    data = [
        values(MIDNIGHT + nth * second, **dict.fromkeys(AMBIENT, nth % 297 / 3))
        for nth in range(4900)
    ]
    refused(call("POST", TARGET, channel_batch(*data, units=AMBIENT)), 413)


# --- Anything at all ------------------------------------------------------------------------------

leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
anything = st.recursive(
    leaves | st.sampled_from(["kWh", "PT1H", "P1M", iso(MIDNIGHT), "used", 0, -1]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["used", "temperature", "values", "x"]), inner, max_size=3
        )
    ),
    max_leaves=6,
)
readings_of_sorts = st.fixed_dictionaries(
    {"datetime": st.just(iso(MIDNIGHT)) | anything, "values": anything}
)
bodies = st.fixed_dictionaries(
    {},
    optional={
        "units": anything,
        "interval": anything,
        "data": anything | st.lists(readings_of_sorts | anything, max_size=4),
    },
)


@given(bodies)
@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_body_is_answered_with_5xx(call: Call, body: Any) -> None:
    if isinstance(body.get("units"), str | dict) and isinstance(body.get("data"), list):
        body = {**body, "data": [*body["data"], None]}  # so that it is refused in any case
    refused(call("POST", TARGET, json.dumps(body)))
