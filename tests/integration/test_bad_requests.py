"""Whatever is wrong with a request is said with a 4xx and the error body, and stores nothing."""

import gzip
import json
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest

from tests.builders import MIDNIGHT, NEXT_MIDNIGHT, batch, in_range, iso, reading, readings
from tests.conftest import Call
from tests.nonsense import DASHES, HERE, NOT_A_TIME, NOT_A_VALUE, with_raw
from tests.refused import places, refused

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("nothing_is_stored")]

MILLISECOND = timedelta(milliseconds=1)
MIB = 1024 * 1024


def three(second: Any) -> dict[str, Any]:
    """Return a batch whose second reading is this."""
    good = readings([1, 2, 3])
    return batch([good[0], second, good[2]])


# --- One bad reading ------------------------------------------------------------------------------


@pytest.mark.parametrize("raw", NOT_A_VALUE, ids=lambda raw: raw[:16])
def test_a_value_is_null_or_a_finite_number_from_0_to_1e9(call: Call, raw: str) -> None:
    body = with_raw(three(reading(MIDNIGHT, HERE)), raw)
    assert places(refused(call("POST", "/data", body))) == [(1, "value")]


@pytest.mark.parametrize("at", NOT_A_TIME, ids=ascii)
def test_a_time_is_iso_8601_with_an_offset_in_the_years_2000_to_2099(call: Call, at: Any) -> None:
    body = refused(call("POST", "/data", three(reading(at, 2))))
    assert places(body) == [(1, "datetime")]


@pytest.mark.parametrize("other", [None, 1, "12 kWh", True, [], ["2018-08-24T00:00:00Z", 12]])
def test_a_reading_is_an_object(call: Call, other: Any) -> None:
    assert [index for index, _ in places(refused(call("POST", "/data", three(other))))] == [1]


@pytest.mark.parametrize(("missing", "kept"), [("value", "datetime"), ("datetime", "value")])
def test_a_reading_has_a_time_and_a_value(call: Call, missing: str, kept: str) -> None:
    body = three({kept: reading()[kept], missing.upper(): reading()[missing]})
    assert places(refused(call("POST", "/data", body))) == [(1, missing)]


# --- The batch ------------------------------------------------------------------------------------

NOT_A_SHIP = (
    "-1", "1.0", "1.5", "1e3", str(2**53), "1" * 30, "9" * 5000, '"1"', '""', "null", "true", "[]",
    "[1]", "{}",
)  # fmt: skip


@pytest.mark.parametrize("raw", NOT_A_SHIP, ids=lambda raw: raw[:20])
def test_a_ship_is_an_integer_from_0_to_2_53_less_1(call: Call, raw: str) -> None:
    body = with_raw(batch(readings([1]), ship=HERE), raw)
    assert places(refused(call("POST", "/data", body))) == [(None, "spaceship_id")]


NOT_A_UNIT: tuple[Any, ...] = (
    "", "k", "GW", "TWh", "kWs", "BTU", "kW/h", "kWh ", " kWh", "kWh\0", "kW\u200bh", "%", "gal",
    "\udcff", None, 1, True, ["kWh"], {},
)  # fmt: skip


@pytest.mark.parametrize("units", NOT_A_UNIT, ids=ascii)
def test_units_are_those_of_power_and_energy(call: Call, units: Any) -> None:
    body = refused(call("POST", "/data", batch(readings([1]), units=units)))
    assert places(body) == [(None, "units")]


NOT_AN_INTERVAL: tuple[Any, ...] = (
    "", "P", "PT", "P1DT", "PT0S", "PT0.5S", "PT0.999S", "P1DT2H1S", "PT26H0.001S", "PT27H", "P2D",
    "P1M", "P1Y", "P1W", "-PT1H", "PT-1H", "+PT1H", "1H", "1:00:00", "T1H", "PT1H1H", "PT1M1H",
    "PT1", "PT1H ", "PT\uff11H", "PT1H\0", f"PT{'9' * 5000}S", f"PT0.{'0' * 5000}1H", 3600, 0, True,
    None, ["PT1H"], {},
)  # fmt: skip


@pytest.mark.parametrize("interval", NOT_AN_INTERVAL, ids=lambda given: ascii(given)[:20])
def test_an_interval_is_a_duration_from_a_second_to_26_hours(call: Call, interval: Any) -> None:
    body = refused(call("POST", "/data", batch(readings([1]), interval=interval)))
    assert places(body) == [(None, "interval")]


@pytest.mark.parametrize("data", [[], {}, None, "readings", 1, True, {"0": reading()}], ids=str)
def test_data_are_a_list_of_one_or_more(call: Call, data: Any) -> None:
    assert places(refused(call("POST", "/data", batch(data)))) == [(None, "data")]


@pytest.mark.parametrize("field", ["spaceship_id", "units", "data"])
def test_a_batch_has_a_ship_units_and_data(call: Call, field: str) -> None:
    body = batch(readings([1]))
    del body[field]
    assert places(refused(call("POST", "/data", body))) == [(None, field)]


def test_everything_wrong_with_a_batch_is_said_at_once(call: Call) -> None:
    body = batch([reading("now", -1)], ship=-1, units="BTU", interval="P1M")
    found = places(refused(call("POST", "/data", body)))
    batch_wide: list[tuple[int | None, str]] = [
        (None, "spaceship_id"), (None, "units"), (None, "interval"),
    ]  # fmt: skip
    assert set(found) == {*batch_wide, (0, "datetime"), (0, "value")}
    assert len(found) == 5


def test_every_bad_reading_of_a_batch_is_named(call: Call) -> None:
    data = readings([1] * 1000, minutes=5)
    bad_times, bad_values = range(0, 1000, 3), range(0, 1000, 7)
    for index in bad_times:
        data[index]["datetime"] = "2018-08-24"
    for index in bad_values:
        data[index]["value"] = "1"
    found = places(refused(call("POST", "/data", batch(data))))
    assert sorted(found) == sorted(
        [(index, "datetime") for index in bad_times] + [(index, "value") for index in bad_values]
    )


def test_20_000_bad_readings_are_all_named(call: Call) -> None:
    naive = [{"datetime": "2018-08-24 00:00:00", "value": 2_000_000_000}] * 20_000
    found = places(refused(call("POST", "/data", batch(naive))))
    assert len(found) == len(set(found)) == 40_000


def test_two_values_for_one_instant_are_refused_and_all_named(call: Call) -> None:
    one_instant = ["2018-08-24T02:00:00Z", "2018-08-24T04:00:00+02:00", "2018-08-24T02:00:00.000Z"]
    data = [
        *readings([1, 2]),
        *(reading(at, value) for value, at in enumerate(one_instant)),
        reading(MIDNIGHT, 1.000001),
    ]
    body = refused(call("POST", "/data", batch(data)))
    assert [index for index, _ in places(body)] == [3, 4, 5]


def test_more_than_400_days_in_one_batch_are_refused(call: Call) -> None:
    data = [reading(MIDNIGHT + timedelta(days=400) + MILLISECOND), reading(MIDNIGHT)]
    body = refused(call("POST", "/data", batch(data)))
    assert places(body) == [(0, "datetime")]
    assert "400 days" in body["error"]


# --- The body -------------------------------------------------------------------------------------

NOT_JSON = {
    "nothing": "", "white space": " \n", "a word": "kWh", "cut short": '{"spaceship_id": 1',
    "two values": "{}{}", "a trailing comma": '{"spaceship_id": 1,}', "single quotes": "{'a': 1}",
    "a comment": "{} // nothing", "a bare key": "{a: 1}", "a bare nul": "\0",
    "a bad escape": r'{"a": "\x41"}', "a line break in a string": '{"a": "\n"}',
    "nested too deep": "[" * 100_000 + "]" * 100_000,
    "nested in an unknown field": '{"a":' * 50_000 + "1" + "}" * 50_000,
    "204,800 brackets": "[" * 204_800,
    **{f"the number {raw}": with_raw(batch([reading(value=HERE)]), raw) for raw in (
        "NaN", "Infinity", "-Infinity", ".5", "1.", "+1", "01", "0x10", "1_000", "1,5", "--1",
    )},
    "NaN in an unknown field": with_raw(batch(readings([1]), note=HERE), "NaN"),
}  # fmt: skip


@pytest.mark.parametrize("text", NOT_JSON.values(), ids=NOT_JSON)
def test_a_body_is_strict_json(call: Call, text: str) -> None:
    answer = call("POST", "/data", text)
    refused(answer, 413 if text.count("[") > 200_000 else 400)


@pytest.mark.parametrize("text", ["null", "true", "1", '"kWh"', "[]", "[[]]", "[1]"])
def test_a_body_is_an_object(call: Call, text: str) -> None:
    refused(call("POST", "/data", text))


@pytest.mark.parametrize("count", [1, 2])
def test_a_list_of_batches_is_no_batch(call: Call, count: int) -> None:
    refused(call("POST", "/data", [batch(readings([1]), ship=ship) for ship in range(count)]))


@pytest.mark.parametrize(
    "text",
    [
        with_raw(batch(readings([1])), "").replace("{", '{"spaceship_id": 1, ', 1),
        with_raw(batch(readings([1])), "").replace("[{", '[{"value": 1, '),
        with_raw(batch(readings([1]), note=HERE), '{"a": 1, "a": 1}'),
        with_raw(batch(readings([1]), note=HERE), r'{"a": 1, "\u0061": 1}'),
        with_raw(batch(readings([1]), note=HERE), r'{"\ud800": 1, "\ud800": 1}'),
        with_raw(batch(readings([1]), note=HERE), f'{{"{"k" * 9000}": 1, "{"k" * 9000}": 1}}'),
    ],
    ids=["batch", "reading", "unknown field", "escaped", "surrogate", "long"],
)
def test_a_key_given_twice_in_one_object_is_refused_and_named(call: Call, text: str) -> None:
    assert places(refused(call("POST", "/data", text)))


GOOD = json.dumps(batch(readings([1, 2, 3]))).encode()


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain", "text/json", "application/x-www-form-urlencoded", "multipart/form-data; b=1",
        "application/octet-stream", "application/jsonp", "application", "json", "*/*", ";",
        "application/json; charset=latin-1", "application/json; charset=utf-16",
        "application/json;charset=utf-8;charset=latin-1",
    ],
)  # fmt: skip
def test_another_media_type_or_charset_is_415(call: Call, content_type: str) -> None:
    refused(call("POST", "/data", GOOD, content_type=content_type), 415)


@pytest.mark.parametrize("encoding", ["br", "deflate", "zstd", "gzip, gzip", "gzip;q=1", "zip"])
def test_another_content_encoding_is_415(call: Call, encoding: str) -> None:
    refused(call("POST", "/data", gzip.compress(GOOD), content_encoding=encoding), 415)


PACKED = gzip.compress(GOOD)
NOT_GZIP = {
    "plain": GOOD, "one byte": b"\x1f", "header alone": PACKED[:10], "half": PACKED[:60],
    "without trailer": PACKED[:-8], "without last byte": PACKED[:-1],
    "trailing garbage": PACKED + b"garbage", "trailing brace": PACKED + b"}",
    "broken crc": PACKED[:-8] + b"\0\0\0\0" + PACKED[-4:], "broken length": PACKED[:-4] + b"\1" * 4,
    "broken middle": PACKED[:40] + b"\xff\xff\xff" + PACKED[43:], "half a second": PACKED * 2,
    "packed twice": gzip.compress(PACKED), "empty": gzip.compress(b""),
}  # fmt: skip


@pytest.mark.parametrize("body", NOT_GZIP.values(), ids=NOT_GZIP)
def test_what_does_not_unpack_to_json_is_refused(call: Call, body: bytes) -> None:
    refused(call("POST", "/data", body, content_encoding="gzip"))


NOT_UTF_8 = {
    "latin-1": GOOD.replace(b"kWh", "kWhé".encode("latin-1")), "a lone byte": GOOD + b"\xff",
    "an encoded surrogate": GOOD.replace(b"kWh", b"\xed\xa0\x80"),
    "overlong": GOOD.replace(b"kWh", b"\xc1\xab"), "cut character": GOOD[:-1] + b"\xe2\x82",
    "utf-16": GOOD.decode().encode("utf-16"), "utf-32": GOOD.decode().encode("utf-32"),
}  # fmt: skip


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize("body", NOT_UTF_8.values(), ids=NOT_UTF_8)
def test_a_body_is_utf_8(call: Call, body: bytes, *, packed: bool) -> None:
    sent = gzip.compress(body) if packed else body
    refused(call("POST", "/data", sent, content_encoding="gzip" if packed else "identity"))


def test_20_001_readings_are_too_many(call: Call) -> None:
    refused(call("POST", "/data", batch([reading()] * 20_001)), 413)


def test_a_body_above_4_mb_as_sent_is_too_large(call: Call) -> None:
    refused(call("POST", "/data", GOOD.ljust(4 * MIB + 1)), 413)
    assert call("POST", "/data", GOOD.ljust(9 * MIB)).status == 413  # the gateway's own


def test_a_body_above_8_mb_unpacked_is_too_large(call: Call) -> None:
    packed = gzip.compress(GOOD.ljust(8 * MIB + 1))
    refused(call("POST", "/data", packed, content_encoding="gzip"), 413)


def test_more_than_a_bucket_can_hold_stores_no_part_of_it(call: Call) -> None:
    """A bucket is one item of at most 400 KB: 20,000 long values in 15 minutes do not fit."""
    data = readings((nth / 3 for nth in range(20_000)), minutes=1 / 6000)
    refused(call("POST", "/data", batch(data, interval="PT61.123S")), 413)


# --- Queries --------------------------------------------------------------------------------------

DAY = f"start={iso(MIDNIGHT)}&end={iso(NEXT_MIDNIGHT)}"
NOT_A_SHIP_IN_A_QUERY = (
    "", "-1", "-0", "1.0", "1.5", "1e3", "0x1", "1_000", "+1", "%2B1", "%201", "1%20", "1%00",
    "%00", "1%0A", "%D9%A1", "%EF%BC%91", "%C2%B9", str(2**53), "9" * 5000, "0" * 5000, "1,2",
    "1;2", "one", "null", "%22", "%FF", "%ED%A0%80", "%", "%zz", "[1]", "S1",
)  # fmt: skip


@pytest.mark.parametrize("given", NOT_A_SHIP_IN_A_QUERY, ids=lambda given: given[:16])
def test_a_ship_of_a_query_is_written_in_ascii_digits(call: Call, given: str) -> None:
    body = refused(call("GET", f"/data?spaceship_id={given}&{DAY}"))
    assert places(body) == [(None, "spaceship_id")]


FOR_QUERIES = (DASHES, "1535068800")  # forms that are none of a reading's time


@pytest.mark.parametrize("field", ["start", "end"])
@pytest.mark.parametrize(
    "at",
    [at for at in NOT_A_TIME if isinstance(at, str) and at not in FOR_QUERIES],
    ids=ascii,
)
def test_a_time_of_a_query_is_checked_like_a_reading_s(call: Call, field: str, at: str) -> None:
    sent = quote(at, errors="surrogatepass")
    other = {"start": "end", "end": "start"}[field]
    target = f"/data?spaceship_id=1&{other}={iso(MIDNIGHT)}&{field}={sent}"
    assert places(refused(call("GET", target))) == [(None, field)]


@pytest.mark.parametrize(
    "at",
    [
        "2018-08-24T00:00:00++02:00", "2018-08-24T00:00:00+2:00", "2018-08-24+02:00",
        "2018-08-24T00-00-00", "2018-08-24T00-00Z", "2018-08-24T24-00-01Z", "2018-02-30T00-00-00Z",
        "1999-12-31T23-59-59Z", "2018-08-24-00-00-00Z", "2018-08-24T00-00:00Z", "%FF",
        "2018-08-24T00-00-00Z%00",
    ],
)  # fmt: skip
def test_a_time_of_a_query_has_no_other_forms(call: Call, at: str) -> None:
    body = refused(call("GET", f"/data?spaceship_id=1&start={at}&end={iso(NEXT_MIDNIGHT)}"))
    assert places(body) == [(None, "start")]


@pytest.mark.parametrize("missing", ["spaceship_id", "start", "end"])
def test_a_range_has_a_ship_a_start_and_an_end(call: Call, missing: str) -> None:
    given = {"spaceship_id": "1", "start": iso(MIDNIGHT), "end": iso(NEXT_MIDNIGHT)}
    query = "&".join(f"{name}={value}" for name, value in given.items() if name != missing)
    assert places(refused(call("GET", f"/data?{query}"))) == [(None, missing)]


def test_everything_missing_is_said_at_once(call: Call) -> None:
    found = places(refused(call("GET", "/data")))
    assert {field for _, field in found} == {"spaceship_id", "start", "end"}


@pytest.mark.parametrize(
    ("field", "given"),
    [
        *(("interval", given) for given in (
            "", "week", "year", "HOUR", "hours", "15", "15min ", "PT1H", "hour,day", "%00",
        )),
        *(("format", given) for given in ("", "xml", "CSV", "json,csv", "text/csv", "%C3%A9")),
    ],
)  # fmt: skip
def test_intervals_and_formats_are_those_there_are(call: Call, field: str, given: str) -> None:
    body = refused(call("GET", f"/data?spaceship_id=1&{DAY}&{field}={given}"))
    assert places(body) == [(None, field)]


@pytest.mark.parametrize(
    "more",
    [
        "spaceship_id=1", "spaceship_id=2", "spaceship_id=", "spaceship_id", "spaceshi%70_id=1",
        f"start={iso(MIDNIGHT)}", f"end={iso(MIDNIGHT)}", "interval=day&interval=day",
        "format=json&format=csv", "x=1&x=2",
    ],
)  # fmt: skip
def test_a_parameter_given_twice_is_refused_and_named(call: Call, more: str) -> None:
    body = refused(call("GET", f"/data?spaceship_id=1&{DAY}&{more}"))
    assert places(body)[0][1] in {"spaceship_id", "start", "end", "interval", "format", "x"}


def test_start_is_not_after_end(call: Call) -> None:
    body = refused(call("GET", in_range(MIDNIGHT + MILLISECOND, MIDNIGHT)))
    assert "start" in {field for _, field in places(body)}


@pytest.mark.parametrize(
    ("interval", "days", "limit"), [("15min", 366, "366 days"), ("hour", 5 * 365 + 2, "")]
)
def test_a_longer_range_than_an_answer_holds_names_the_limit(
    call: Call, interval: str, days: int, limit: str
) -> None:
    end = MIDNIGHT + timedelta(days=days) + MILLISECOND
    body = refused(call("GET", in_range(MIDNIGHT, end, interval=interval)))
    assert limit in body["error"]
    assert interval in body["error"]


def test_15min_is_the_interval_when_none_is_given(call: Call) -> None:
    refused(call("GET", in_range(MIDNIGHT, MIDNIGHT + timedelta(days=367))))


# --- Paths and methods ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "/", "/nothing", "/dat", "/data1", "/data/1", "/data//", "//data", "/data%20", "/DATA",
        "/data%00", "/%FF", "/data/..", "/data;x=1", "/openapiXjson", "/healthz", "/{proxy+}",
        f"/{'x' * 5000}", "/%F0%9F%9A%80",
    ],
    ids=lambda path: path[:20],
)  # fmt: skip
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_an_unknown_path_is_404(call: Call, method: str, path: str) -> None:
    refused(call(method, path), 404)


def test_an_unknown_path_is_404_whatever_is_sent_to_it(call: Call) -> None:
    refused(call("POST", "/nothing", "{"), 404)
    refused(call("POST", "/nothing", b"x" * 100, content_type="text/plain"), 404)
    refused(call("GET", "/nothing?a=1&a=2"), 404)


@pytest.mark.parametrize("method", ["PUT", "PATCH", "TRACE", "PURGE"])
@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/data", {"DELETE", "GET", "HEAD", "POST"}),
        ("/data/", {"DELETE", "GET", "HEAD", "POST"}),
        ("/data/readings", {"GET", "HEAD"}),
        ("/health", {"GET", "HEAD"}),
    ],
)
def test_another_method_is_405_and_says_which_there_are(
    call: Call, method: str, path: str, allowed: set[str]
) -> None:
    answer = call(method, path)
    refused(answer, 405)
    assert set(answer.headers["allow"].split(", ")) == allowed


def test_a_ship_that_never_posted_is_404(call: Call) -> None:
    refused(call("GET", in_range(ship=2**53 - 1)), 404)
    refused(call("GET", in_range(MIDNIGHT, MIDNIGHT)), 404)
