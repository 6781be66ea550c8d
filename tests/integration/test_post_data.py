"""POST /data: what is accepted, what is answered, what it changes, what it warns of."""

import gzip
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.builders import (
    MIDNIGHT,
    NEXT_MIDNIGHT,
    at_clock,
    batch,
    in_range,
    iso,
    reading,
    readings,
)
from tests.conftest import Answer, Call
from tests.integration.conftest import SetClock

pytestmark = pytest.mark.integration

MIB = 1024 * 1024
# Not yet due: its days are never marked, so a bucket is one plain update that tells what was there.
COMING = datetime(2090, 1, 1, 12, tzinfo=UTC)
ITS_DAY = COMING + timedelta(minutes=15)


def values(call: Call, target: str | None = None) -> list[float]:
    """Return the values of a range, by default of ship 1 on the day."""
    return [point["value"] for point in call("GET", target or in_range()).json["data"]]


def warned(answer: Answer) -> list[tuple[str, int]]:
    """Return the code and index of each warning of a good answer, its shape checked."""
    assert answer.status == 200, answer.text[:1000]
    for warning in answer.json["warnings"]:
        assert warning.keys() == {"code", "message", "index"}
        assert warning["message"].endswith((".", "?"))
    return [(warning["code"], warning["index"]) for warning in answer.json["warnings"]]


# --- The answer -----------------------------------------------------------------------------------


def test_the_answer_says_what_was_stored(call: Call) -> None:
    answer = call("POST", "/data", batch(readings([12, 26, 18]), ship=7))
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.json == {
        "message": "Data saved successfully for ship 7",
        "spaceship_id": 7,
        "accepted": 3,
        "start": "2018-08-24T00:00:00Z",
        "end": "2018-08-24T02:00:00Z",
        "warnings": [],
    }


def test_readings_may_come_in_any_order(call: Call) -> None:
    answer = call("POST", "/data", batch(readings([12, 26, 18])[::-1])).json
    assert (answer["start"], answer["end"]) == (
        "2018-08-24T00:00:00Z", "2018-08-24T02:00:00Z",
    )  # fmt: skip
    assert values(call) == [3] * 4 + [6.5] * 4 + [4.5] * 4


def test_an_equal_duplicate_counts_once(call: Call) -> None:
    data = [*readings([12, 26, 18]), reading(MIDNIGHT, 12.0)]
    answer = call("POST", "/data", batch(data)).json
    assert (answer["accepted"], answer["warnings"]) == (3, [])
    assert sum(values(call)) == 56


def test_one_instant_may_be_written_in_many_ways(call: Call) -> None:
    ways = (
        "2018-08-24T00:00:00Z", "2018-08-24T00:00:00.000Z", "2018-08-24T00:00Z",
        "2018-08-24t00:00:00z", "2018-08-24 00:00:00Z", "2018-08-24T02:00:00+02:00",
        "2018-08-24T02:00:00+0200", "2018-08-24T02:00:00+02", "2018-08-23T18:30:00-05:30",
        "2018-08-24T00:00:00,0004Z", "2018-08-24T00:00:00.000999999Z", "2018-08-24T00:00:00-00:00",
    )  # fmt: skip
    answer = call("POST", "/data", batch([reading(way, 4) for way in ways])).json
    assert answer["accepted"] == 1
    assert answer["start"] == answer["end"] == "2018-08-24T00:00:00Z"


def test_times_are_kept_to_the_millisecond(call: Call) -> None:
    data = [reading("2018-08-24T00:00:00.001999Z", 1), reading("2018-08-24T00:00:00.5Z", 1)]
    answer = call("POST", "/data", batch(data, units="kW")).json
    assert (answer["start"], answer["end"]) == (
        "2018-08-24T00:00:00.001Z", "2018-08-24T00:00:00.500Z",
    )  # fmt: skip
    assert answer["accepted"] == 2


def test_a_fraction_of_a_second_counts(call: Call) -> None:
    data = [reading(f"2018-08-24T00:00:00{at}Z", kw) for at, kw in (("", 3600), (".25", 0))]
    call("POST", "/data", batch(data, units="kW"))
    points = call("GET", in_range()).json["data"]
    assert points == [{"datetime": iso(MIDNIGHT), "value": 0.25, "coverage": 0.000556}]


@pytest.mark.parametrize("at", ["2000-01-01T00:00:00Z", "2099-12-31T23:59:59.999Z"])
def test_the_first_and_last_instant_are_good(call: Call, it_is: SetClock, at: str) -> None:
    it_is(datetime.fromisoformat(at))
    assert call("POST", "/data", batch([reading(at)])).json["start"] == at
    day = f"{at[:10]}T00:00:00Z"
    assert len(values(call, in_range(day, "2099-12-31T23:59:59.999Z", interval="month"))) == 1


@pytest.mark.parametrize("ship", [0, 1, 2**53 - 1])
def test_a_ship_is_any_integer_from_0_to_2_53_less_1(call: Call, ship: int) -> None:
    assert call("POST", "/data", batch(readings([1]), ship=ship)).json["spaceship_id"] == ship
    assert call("GET", in_range(ship=ship)).json["spaceship_id"] == ship


@pytest.mark.parametrize(
    ("value", "stored"), [("0", 0), ("-0", 0), ("-0.0", 0), ("1e-320", 0), ("1e9", 250_000_000)]
)
def test_values_go_from_0_to_1e9(call: Call, value: str, stored: int) -> None:
    body = json.dumps(batch([reading(value="here")], interval="PT1H")).replace('"here"', value)
    assert call("POST", "/data", body).status == 200
    answer = call("GET", in_range())
    assert '"value":-0' not in answer.text
    assert [point["value"] for point in answer.json["data"]] == [stored] * 4


def test_minus_zero_is_zero_and_no_second_value(call: Call) -> None:
    data = [reading(MIDNIGHT, -0.0), reading(MIDNIGHT, 0)]
    assert call("POST", "/data", batch(data)).json["accepted"] == 1


@pytest.mark.parametrize(
    ("units", "factor"),
    [
        ("kWh", 1), ("KWH", 1), ("kwh", 1), ("Wh", 1000), ("WH", 1000), ("wh", 1000),
        ("kW", 1), ("KW", 1), ("kw", 1), ("W", 1000), ("w", 1000),
    ],
)  # fmt: skip
def test_units_in_any_case_mean_the_same(call: Call, units: str, factor: int) -> None:
    call("POST", "/data", batch([reading(value=6 * factor)], units=units, interval="PT1H"))
    assert values(call) == [1.5] * 4


def test_unknown_fields_are_ignored(call: Call) -> None:
    data = [reading(note="calm", datetimes=None, Value=-1)]
    body = batch(data, captain={"name": "Ö", "ranks": [1, {"a": []}]}, Units="BTU", Interval="P9Y")
    assert call("POST", "/data", body).json["accepted"] == 1


def test_both_paths_are_one(call: Call) -> None:
    assert call("POST", "/data/", batch(readings([1]))).json["accepted"] == 1
    assert call("GET", in_range().replace("/data", "/data/")).json["data"]


def test_a_query_of_a_post_is_ignored(call: Call) -> None:
    assert call("POST", "/data?spaceship_id=2&rehearse=1", batch(readings([1]))).status == 200
    assert call("GET", in_range(ship=2)).status == 404


# --- The body -------------------------------------------------------------------------------------

BODY = json.dumps(batch(readings([12, 26, 18]), note="Ö")).encode()


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json", "Application/JSON", "application/json; charset=utf-8",
        "application/json;charset=UTF-8", 'application/json; charset="utf-8"',
        "application/json; odata=verbose", "application/ld+json", "application/vnd.ship.v1+json",
    ],
)  # fmt: skip
def test_json_has_more_than_one_name(call: Call, content_type: str) -> None:
    answer = call("POST", "/data", BODY, content_type=content_type)
    assert answer.status == 200, answer.text


@pytest.mark.parametrize(
    "packed",
    [
        gzip.compress(BODY), gzip.compress(BODY, compresslevel=0),
        gzip.compress(BODY[:50]) + gzip.compress(BODY[50:]),
        gzip.compress(b"") + gzip.compress(BODY) + gzip.compress(b""),
    ],
    ids=["packed", "stored", "two members", "empty members"],
)  # fmt: skip
@pytest.mark.parametrize("encoding", ["gzip", "GZIP", "x-gzip"])
def test_a_body_may_be_packed(call: Call, packed: bytes, encoding: str) -> None:
    assert call("POST", "/data", packed, content_encoding=encoding).json["accepted"] == 3
    assert sum(values(call)) == 56


def test_a_byte_order_mark_is_passed_over(call: Call) -> None:
    assert call("POST", "/data", b"\xef\xbb\xbf" + BODY).status == 200


def test_4_mb_as_sent_and_8_mb_unpacked_are_good(call: Call) -> None:
    assert call("POST", "/data", BODY.ljust(4 * MIB)).status == 200
    packed = gzip.compress(BODY.ljust(8 * MIB))
    assert call("POST", "/data", packed, content_encoding="gzip").status == 200


def test_20_000_readings_are_good(call: Call) -> None:
    data = readings([1] * 20_000, minutes=1)
    assert call("POST", "/data", batch(data, units="kW")).json["accepted"] == 20_000
    days = values(call, in_range(MIDNIGHT, MIDNIGHT + timedelta(days=14), interval="day"))
    assert sum(days) == pytest.approx(20_000 / 60)


def test_400_days_in_one_batch_are_good(call: Call) -> None:
    data = [reading(MIDNIGHT), reading(MIDNIGHT + timedelta(days=400))]
    assert call("POST", "/data", batch(data)).json["accepted"] == 2


# --- What a later POST changes --------------------------------------------------------------------


def test_the_same_post_twice_changes_nothing(call: Call) -> None:
    first = call("POST", "/data", batch(readings([12, 26, 18]))).text
    before = call("GET", in_range()).text
    assert call("POST", "/data", batch(readings([12, 26, 18]))).text == first
    assert call("GET", in_range()).text == before


def test_a_later_post_replaces_the_values_it_repeats_and_no_others(call: Call) -> None:
    call("POST", "/data", batch(readings([12, 26, 18])))
    call("POST", "/data", batch(at_clock({"01:00": 40})))
    assert values(call) == [3] * 4 + [10] * 4 + [4.5] * 4


def test_a_later_post_replaces_the_interval_too(call: Call) -> None:
    call("POST", "/data", batch(at_clock({"00:00": 4}), interval="PT1H"))
    assert values(call) == [1] * 4
    call("POST", "/data", batch(at_clock({"00:00": 4}), interval="PT30M"))
    assert values(call) == [2] * 2
    call("POST", "/data", batch(at_clock({"00:00": 4})))
    assert values(call) == [4]


def test_a_batch_cut_in_two_anywhere_is_the_same_batch(call: Call) -> None:
    data = readings([22, 24, 23, 18, 22, 23, 8], minutes=5)
    call("POST", "/data", batch(data, units="kW"))
    for cut in range(1, len(data)):
        call("POST", "/data", batch(data[cut:], units="kW", ship=cut + 1))
        call("POST", "/data", batch(data[:cut], units="kW", ship=cut + 1))
        assert values(call, in_range(ship=cut + 1)) == values(call)


def test_ships_do_not_touch_each_other(call: Call) -> None:
    call("POST", "/data", batch(readings([12]), ship=1, interval="PT1H"))
    call("POST", "/data", batch(readings([24]), ship=11, interval="PT1H"))
    assert values(call, in_range(ship=1)) == [3] * 4
    assert values(call, in_range(ship=11)) == [6] * 4


def test_a_refused_batch_leaves_what_there_was(call: Call) -> None:
    call("POST", "/data", batch(readings([12, 26, 18])))
    before = call("GET", in_range()).text
    refused = call("POST", "/data", batch([*readings([1, 1, 1]), reading(NEXT_MIDNIGHT, -1)]))
    assert refused.status == 400
    assert call("GET", in_range()).text == before


# --- Declared intervals ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("interval", "buckets"),
    [
        ("PT1M", 1), ("PT60S", 1), ("PT15M", 1), ("PT900S", 1), ("PT0.25H", 1), ("PT0,25H", 1),
        ("PT15M0.5S", 2), ("PT1H", 4), ("PT60M", 4), ("PT3600S", 4), ("PT1H30M", 6), ("P1D", 96),
        ("PT24H", 96), ("P0.5D", 48), ("P0DT1H", 4), ("PT1440M", 96), ("PT86400.000S", 96),
    ],
)  # fmt: skip
def test_an_interval_may_be_spelled_in_any_way(call: Call, interval: str, buckets: int) -> None:
    call("POST", "/data", batch(readings([10]), interval=interval))
    found = values(call)
    assert len(found) == buckets
    assert sum(found) == pytest.approx(10, abs=0.0001)


def test_declared_power_ends_at_the_next_reading(call: Call) -> None:
    call("POST", "/data", batch(at_clock({"00:00": 4, "00:30": 8}), units="kW", interval="PT1H"))
    assert values(call) == [1, 1, 2, 2, 2, 2]


def test_declared_energy_is_spread_over_its_interval_whatever_follows(call: Call) -> None:
    call("POST", "/data", batch(at_clock({"00:00": 4, "00:30": 8}), interval="PT1H"))
    assert values(call) == [1, 1, 3, 3, 2, 2]


# --- Warnings -------------------------------------------------------------------------------------


def test_readings_further_apart_than_65_minutes_warn_of_a_gap(call: Call) -> None:
    data = at_clock({"00:00": 4, "01:05": 4, "02:11": 4, "02:12": 4, "09:00": 4})
    assert warned(call("POST", "/data", batch(data[::-1]))) == [("gap", 2), ("gap", 0)]


@pytest.mark.parametrize("units", ["kW", "kWh"])
def test_a_declared_interval_has_no_gaps(call: Call, units: str) -> None:
    data = at_clock({"00:00": 4, "09:00": 4})
    assert warned(call("POST", "/data", batch(data, units=units, interval="PT1H"))) == []


def test_declared_energies_that_overlap_warn(call: Call) -> None:
    data = at_clock({"00:00": 4, "01:00": 4, "01:59": 4, "02:59": 4})
    assert warned(call("POST", "/data", batch(data, interval="PT1H"))) == [("overlap", 2)]


def test_an_energy_that_reaches_over_several_overlaps_each_of_them(call: Call) -> None:
    data = at_clock({"00:00": 4, "00:20": 4, "00:40": 4})
    answer = call("POST", "/data", batch(data, interval="PT1H"))
    assert warned(answer) == [("overlap", 1), ("overlap", 2)]


def test_declared_powers_do_not_overlap(call: Call) -> None:
    data = at_clock({"00:00": 4, "00:20": 4})
    assert warned(call("POST", "/data", batch(data, units="kW", interval="PT1H"))) == []


def test_a_thousand_times_what_the_others_are_warns_of_a_jump(call: Call) -> None:
    data = readings([4, 5, 4.5, 4200, 5.5], minutes=15)
    assert warned(call("POST", "/data", batch(data))) == [("jump", 3)]


def test_a_load_that_varies_a_hundredfold_is_no_jump(call: Call) -> None:
    data = readings([0.05, 5, 0.06, 0.05, 4, 0], minutes=15)
    assert warned(call("POST", "/data", batch(data))) == []


def test_a_start_from_zero_is_no_jump(call: Call) -> None:
    assert warned(call("POST", "/data", batch(readings([0, 0, 0, 900, 950], minutes=15)))) == []


def test_a_single_reading_is_compared_with_its_bucket(call: Call, it_is: SetClock) -> None:
    it_is(ITS_DAY)
    before = batch(readings([4, 5], minutes=5, start=COMING), units="kW")
    assert warned(call("POST", "/data", before)) == []
    late = COMING + timedelta(minutes=10)
    assert warned(call("POST", "/data", batch([reading(late, 4500)], units="kW"))) == [("jump", 0)]
    assert warned(call("POST", "/data", batch([reading(late, 4500)], units="W"))) == []


def test_the_bucket_s_other_series_and_other_ships_are_no_comparison(
    call: Call, it_is: SetClock
) -> None:
    it_is(ITS_DAY)
    call("POST", "/data", batch([reading(COMING, 4)], units="kW"))
    late = COMING + timedelta(minutes=10)
    assert warned(call("POST", "/data", batch([reading(late, 4500)], units="kWh"))) == []
    assert warned(call("POST", "/data", batch([reading(late, 4500)], units="kW", ship=2))) == []


def test_a_reading_is_not_compared_with_the_value_it_replaces(call: Call, it_is: SetClock) -> None:
    it_is(ITS_DAY)
    call("POST", "/data", batch([reading(COMING, 4)], units="kW"))
    assert warned(call("POST", "/data", batch([reading(COMING, 4500)], units="kW"))) == []


def test_what_is_warned_of_is_stored(call: Call) -> None:
    call("POST", "/data", batch(at_clock({"00:00": 4, "05:00": 4000}), units="kW"))
    assert values(call) == [1, 1000]


@pytest.mark.parametrize("code", ["gap", "overlap", "jump"])
def test_warnings_of_a_kind_are_capped(call: Call, code: str) -> None:
    kinds: dict[str, dict[str, Any]] = {
        "gap": batch(readings([1] * 400, minutes=66)),
        "overlap": batch(readings([1] * 400, minutes=5), interval="PT10M"),
        "jump": batch(readings([1] * 601 + [1000] * 199, minutes=1), units="kW"),
    }
    found = warned(call("POST", "/data", kinds[code]))
    assert {kind for kind, _ in found} == {code}
    assert 10 <= len(found) < 399


# --- Clocks ahead ---------------------------------------------------------------------------------


def test_a_reading_three_days_ahead_is_refused(call: Call, it_is: SetClock) -> None:
    it_is(MIDNIGHT)
    data = [reading(MIDNIGHT + timedelta(hours=hours)) for hours in (72, 0, 24, 24.001)]
    answer = call("POST", "/data", batch(data))
    assert answer.status == 400
    assert answer.json == {
        "error": "Nothing was stored: 2 readings are not valid.",
        "details": [
            {"index": at, "field": "datetime", "reason": f"is {ahead} ahead of the server's clock"}
            for at, ahead in ((0, "3 days"), (3, "24 hours"))
        ],
    }


def test_more_than_five_minutes_ahead_warns_and_is_stored(call: Call, it_is: SetClock) -> None:
    it_is(MIDNIGHT)
    data = readings([4, 4, 4, 4], minutes=2.5)
    assert warned(call("POST", "/data", batch(data, units="kW"))) == [("future", 3)]
    it_is(MIDNIGHT + timedelta(minutes=10))
    assert values(call) == [pytest.approx(4 / 6, abs=1e-6)]


def test_what_is_ahead_is_told_with_what_else_is_wrong(call: Call, it_is: SetClock) -> None:
    it_is(MIDNIGHT)
    data = [reading(MIDNIGHT, -1), reading(MIDNIGHT + timedelta(days=3)), reading("soon")]
    details = call("POST", "/data", batch(data)).json["details"]
    assert sorted(detail["index"] for detail in details) == [0, 1, 2]


# --- What looks like something else ---------------------------------------------------------------


def test_a_counter_s_states_warn_once(call: Call) -> None:
    data = readings([17077.963, 17078.21, 17078.485, 17079])
    assert warned(call("POST", "/data", batch(data, interval="PT1H"))) == [("register?", 0)]


def test_a_batch_of_another_unit_warns_once(call: Call, it_is: SetClock) -> None:
    it_is(ITS_DAY)
    call("POST", "/data", batch(readings([4, 5], minutes=1, start=COMING), units="kW"))
    data = readings([4000, 4100, 4200], minutes=1, start=COMING + timedelta(minutes=5))
    assert warned(call("POST", "/data", batch(data, units="kW"))) == [("unit?", 0)]


def test_half_hours_of_a_sunny_day_warn_of_nothing(call: Call) -> None:
    sun = [0.1, 0.4, 0.8, 1.2, 1.7, 2.3, 2.9, 3.4, 3.4, 2.8, 2.2, 1.6, 1.1, 0.7, 0.3, 0.1]
    data = readings([*[0.002] * 16, *sun, *[0.002] * 16], minutes=30)
    assert warned(call("POST", "/data", batch(data, interval="PT30M"))) == []
