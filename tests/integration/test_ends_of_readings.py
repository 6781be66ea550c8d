"""Readings that say where they end, and batches whose times are where readings end, over HTTP."""

from typing import Any

import pytest

from tests.builders import batch, channel_batch, in_range, reading, values
from tests.catalogues import PATH, entry, meter
from tests.conftest import Answer, Call
from tests.refused import places, refused

pytestmark = pytest.mark.integration

TARGET = f"{PATH}devices/1/readings/"
Rows = dict[str, float]


@pytest.fixture
def house(call: Call) -> Call:
    """House 5 in Halifax, with a meter of energy, power and water."""
    channels = {
        "used": {"quantity": "energy"},
        "stove": {"quantity": "power"},
        "main": {"quantity": "volume"},
        "temperature": {"quantity": "temperature"},
    }
    call("PUT", PATH, entry(meter(1, channels=channels), timezone="America/Halifax"))
    return call


def rows(answer: Answer) -> Rows:
    assert answer.status == 200, answer.text[:1000]
    return {one["datetime"][5:16]: one["value"] for one in answer.json["data"]}


def used(call: Call, interval: str, start: str, duration: str, channel: str = "used") -> Rows:
    """Return what a channel of the house's meter has, by date."""
    query = f"interval={interval}&start={start}&duration={duration}"
    answer = call("GET", f"{PATH}devices/1/?{query}")
    assert answer.status == 200, answer.text[:1000]
    return {one["date"]: one[channel] for one in answer.json["items"] if channel in one}


def ended(start: str, end: str, value: Any) -> dict[str, Any]:
    return reading(start, value, end=end)


# --- Ships ----------------------------------------------------------------------------------------


def test_means_of_intervals_of_two_lengths_count_each_for_its_own(call: Call) -> None:
    day = "2024-03-05T"
    data = [
        ended(f"{day}01:00Z", f"{day}02:00Z", 310),
        ended(f"{day}02:00Z", f"{day}03:00Z", 520),
        ended(f"{day}03:00Z", f"{day}03:30Z", 180),
        ended(f"{day}03:30Z", f"{day}04:00Z", 410),
    ]
    assert call("POST", "/data", batch(data, units="W")).json["warnings"] == []
    asked = in_range("2024-03-05T00:00:00Z", "2024-03-06T00:00:00Z", interval="hour")
    assert rows(call("GET", asked)) == {
        "03-05T01:00": 0.31, "03-05T02:00": 0.52, "03-05T03:00": 0.295,
    }  # fmt: skip


def test_the_end_of_a_reading_counts_before_the_interval_of_the_batch(call: Call) -> None:
    data = [
        ended("2018-08-24T00:00Z", "2018-08-24T00:30Z", 4),
        reading("2018-08-24T00:30Z", 4),
    ]
    for label in ({}, {"label": "start"}):
        assert call("POST", "/data", batch(data, interval="PT15M", **label)).status == 200
        found = rows(call("GET", in_range()))
        assert found == {"08-24T00:00": 2, "08-24T00:15": 2, "08-24T00:30": 4}


def test_a_label_of_end_says_that_times_are_where_readings_end(call: Call) -> None:
    data = [reading("2018-08-24T01:00:00Z", 8), reading("2018-08-24T02:00:00Z", 4)]
    answer = call("POST", "/data", batch(data, interval="PT1H", label="end"))
    assert (answer.json["start"], answer.json["end"]) == (
        "2018-08-24T00:00:00Z", "2018-08-24T01:00:00Z",
    )  # fmt: skip
    found = rows(call("GET", in_range(interval="hour")))
    assert found == {"08-24T00:00": 8, "08-24T01:00": 4}


def test_one_instant_with_two_intervals_is_refused(call: Call) -> None:
    data = [
        ended("2018-08-24T00:00Z", "2018-08-24T00:30Z", 4),
        ended("2018-08-24T00:00Z", "2018-08-24T00:45Z", 4),
        ended("2018-08-24T00:00Z", "2018-08-24T00:30Z", 4),
    ]
    body = refused(call("POST", "/data", batch(data)))
    assert places(body) == [(1, "value")]
    assert "another interval" in body["details"][0]["reason"]


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"label": "end"}, "label"),
        ({"label": "middle", "interval": "PT1H"}, "label"),
        ({"label": None, "interval": "PT1H"}, "label"),
        ({"label": ["end"], "interval": "PT1H"}, "label"),
    ],
)
def test_a_label_is_start_or_end_of_an_interval(
    call: Call, more: dict[str, Any], field: str
) -> None:
    assert places(refused(call("POST", "/data", batch([reading()], **more)))) == [(None, field)]


NO_END: tuple[Any, ...] = (
    None, "", "soon", 1.5, True, {}, "2018-08-24T00:00:00Z", "2018-08-23T00:00:00Z",
    "2018-08-24T00:00:00.999Z", "2018-09-24T00:00:00Z", "2018-08-24T01:00:00",
)  # fmt: skip


@pytest.mark.parametrize("end", NO_END, ids=ascii)
def test_an_end_is_a_time_from_a_second_on(call: Call, end: Any) -> None:
    data = [reading(), reading("2018-08-24T05:00:00Z", end=end)]
    data[1]["datetime"] = data[0]["datetime"]
    assert places(refused(call("POST", "/data", batch(data)))) == [(1, "end")]
    assert call("GET", in_range()).status == 404


def test_nothing_begins_before_2000(call: Call) -> None:
    data = [reading("2000-01-01T01:00:00Z"), reading("2000-01-01T00:30:00Z")]
    answer = call("POST", "/data", batch(data, interval="PT1H", label="end"))
    assert places(refused(answer)) == [(1, "datetime")]


# --- Houses ---------------------------------------------------------------------------------------


def test_bills_of_any_days_are_shared_by_their_months(house: Call) -> None:
    edges = ["2024-01-10T00:00-04:00", "2024-02-10T00:00-04:00",
             "2024-03-10T00:00-04:00", "2024-04-10T00:00-03:00"]  # fmt: skip
    bills = [
        {**values(start, used=kwh), "end": end}
        for start, end, kwh in zip(edges, edges[1:], (248, 203, 217), strict=False)
    ]
    answer = house("POST", TARGET, channel_batch(*bills))
    assert (answer.json["accepted"], answer.json["warnings"]) == (3, [])
    found = used(house, "month", "2024-01", "4months")
    assert (found["2024-02-01"], found["2024-03-01"]) == (212, 217)
    days = used(house, "day", "2024-01-10", "91days")
    assert [*days.values()] == [8] * 31 + [7] * 60


def test_a_batch_may_have_readings_and_totals(house: Call) -> None:
    data = [
        {**values("2024-02-01T00:00-04:00", used=29, main=58), "end": "2024-03-01T00:00-04:00"},
        {**values("2024-02-01T00:00-04:00", used=4), "end": "2024-02-01T01:00-04:00"},
        values("2024-02-02T00:00-04:00", stove=1),
    ]
    body = channel_batch(*data, units={"used": "kWh", "main": "gal", "stove": "kW"})
    answer = house("POST", TARGET, body)
    assert (answer.json["accepted"], answer.json["warnings"]) == (2, [])
    found = used(house, "day", "2024-02-01", "29days")
    assert [*found.values()] == [4] + [1] * 28
    water = used(house, "day", "2024-02-01", "29days", "main")
    assert [*water.values()] == [2] * 29
    assert house("POST", TARGET, body).json == answer.json


@pytest.mark.parametrize(
    ("interval", "label", "at", "days"),
    [
        ("P5D", "start", "2024-02-01T00:00-04:00", ("2024-02-01", "2024-02-05")),
        ("P5D", "end", "2024-02-06T00:00-04:00", ("2024-02-01", "2024-02-05")),
        ("P1M", "end", "2024-03-01T00:00-04:00", ("2024-02-01", "2024-02-29")),
        ("P1M", "end", "2024-03-31T00:00-03:00", ("2024-02-29", "2024-03-30")),
        ("P1Y", "end", "2024-02-29T00:00-04:00", ("2023-02-28", "2024-02-28")),
        ("P400D", "start", "2023-01-01T08:00-04:00", ("2023-01-01", "2024-02-04")),
    ],
)
def test_a_total_has_its_days_whichever_end_is_told(
    house: Call, interval: str, label: str, at: str, days: tuple[str, str]
) -> None:
    body = channel_batch(values(at, used=40), interval=interval, label=label)
    assert house("POST", TARGET, body).status == 200
    found = used(house, "day", "2022-01-01", "3years")
    assert (min(found), max(found)) == days
    assert len({*found.values()}) == 1
    assert sum(found.values()) == pytest.approx(40, abs=1e-3)


def test_a_day_s_total_stays_on_its_day_where_clocks_change(house: Call) -> None:
    """The day of 23 hours has as much as the others, which a power or a gauge holds for, too."""
    data = [
        values(at, used=18, stove=1, temperature=50)
        for at in ("2025-03-08T00:00-04:00", "2025-03-09T00:00-04:00", "2025-03-10T00:00-03:00")
    ]
    units = {"used": "kWh", "stove": "kW", "temperature": "degF"}
    body = channel_batch(*data, units=units, interval="P1D")
    assert house("POST", TARGET, body).json["warnings"] == []
    assert [*used(house, "day", "2025-03-08", "3days").values()] == [18, 18, 18]
    assert [*used(house, "day", "2025-03-08", "3days", "stove").values()] == [24, 23, 24]


@pytest.mark.parametrize(
    ("end", "values_", "field"),
    [
        ("2024-02-06T00:00-04:00", {"stove": 1}, "end"),
        ("2024-02-06T00:00-04:00", {"used": 1, "temperature": 1}, "end"),
        ("2024-02-06T01:00-04:00", {"used": 1}, "end"),
        ("2024-02-02T03:00-04:00", {"used": 1}, "end"),
        ("2025-03-08T00:00-04:00", {"used": 1}, "end"),
    ],
)
def test_only_amounts_of_whole_days_are_totals(
    house: Call, end: str, values_: dict[str, float], field: str
) -> None:
    units = {"used": "kWh", "stove": "kW", "temperature": "degF"}
    data = values("2024-02-01T00:00-04:00", used=1), {
        **values("2024-02-01T00:00-04:00", **values_), "end": end,
    }  # fmt: skip
    body = channel_batch(*data, units={"used": "kWh", **{name: units[name] for name in values_}})
    assert places(refused(house("POST", TARGET, body))) == [(1, field)]
    assert used(house, "day", "2024-01-01", "1year") == {}


def test_the_last_day_of_the_longest_total_is_found_by_itself(house: Call) -> None:
    body = channel_batch(values("2023-01-01T23:00-04:00", used=400), interval="P400D")
    assert house("POST", TARGET, body).status == 200
    assert used(house, "day", "2024-02-04", "2days") == {"2024-02-04": 1}


def test_a_gap_is_one_after_a_reading_that_is_not_declared(call: Call) -> None:
    data = [
        ended("2018-08-24T00:00Z", "2018-08-24T01:00Z", 4),
        reading("2018-08-24T03:00Z", 4),
        ended("2018-08-24T06:00Z", "2018-08-24T08:00Z", 4),
        ended("2018-08-24T07:00Z", "2018-08-24T08:00Z", 4),
    ]
    found = call("POST", "/data", batch(data)).json["warnings"]
    assert [(one["code"], one["index"]) for one in found] == [("overlap", 3), ("gap", 2)]
