"""The view `temperature`: one sensor's extremes and means, and degree days meanwhile."""

from typing import Any

import pytest

from quarterhour.energy.quantities import Quantity
from quarterhour.energy.readings import Series
from quarterhour.errors import Detail, NotFound
from quarterhour.query.asked import Asked
from quarterhour.query.rows import Figures, Grain
from quarterhour.sites import virtual_meters
from quarterhour.sites.house import House
from quarterhour.time.calendar import HOUR_MS
from quarterhour.views import temperature
from tests.house_builders import asked, at, both, device, gauges, house, sums

OUTSIDE = device(0, temperature="temperature", humidity="humidity", location="outdoor")
INSIDE = device(4, warmth="temperature", second="temperature", damp="humidity")
STATION = device(9, hdd="degree_days", role="hdd_station")
HOME = house(OUTSIDE, INSIDE, device(6, damp="humidity"), device(7, "used"))
WITH_STATION = house(OUTSIDE, INSIDE, STATION)
INTERVALS = ["hour", "day", "month", "year"]
NAMES = ["min_temperature", "max_temperature", "avg_temperature", "min_humidity", "max_humidity"]


def of(location: str, interval: str = "day") -> Asked:
    return asked(interval, "2013-01-05", "2013-01-08", location=location)


def answer(shown: Figures, hdd: Figures, interval: str = "day", home: House = HOME) -> Any:
    return temperature.answer(of("4", interval), home, {"shown": shown, "hdd": hdd})


def grains(location: str, home: House) -> list[set[str]]:
    plans = [temperature.plan(of(location, one), home) for one in INTERVALS]
    return [{query.grain for query in plan.values()} for plan in plans]


def test_a_sensor_s_temperature_and_humidity_are_wanted_in_one() -> None:
    plan = temperature.plan(of("4"), HOME)
    assert [*plan] == ["shown", "hdd"]
    assert plan["shown"].meter.source.device == "4"
    assert plan["shown"].meter.measures == (
        Series("warmth", Quantity.TEMPERATURE),
        Series("damp", Quantity.HUMIDITY),
    )
    assert plan["hdd"].meter == virtual_meters.degree_days(HOME)
    assert {(one.start_ms, one.end_ms) for one in plan.values()} == {
        (at("2013-01-05"), at("2013-01-08"))
    }


def test_hours_are_wanted_where_degree_days_are_not_the_sensor_s_own() -> None:
    assert grains("4", HOME) == [{Grain.HOUR}] * 4
    assert grains("0", WITH_STATION) == [{Grain.HOUR}] * 4


def test_the_degree_days_of_the_sensor_itself_need_no_hours_but_by_the_hour() -> None:
    assert grains("0", HOME) == [{Grain.HOUR}, {Grain.DAY}, {Grain.DAY}, {Grain.DAY}]


@pytest.mark.parametrize("location", ["5", "6", "7", "04", "+4", "x", "", "4 ", "٤"])
def test_a_location_that_has_no_temperature_is_not_found(location: str) -> None:
    with pytest.raises(NotFound) as refused:
        temperature.plan(of(location), HOME)
    assert refused.value.message == f"There is no temperature device {location}."
    assert refused.value.details == [
        Detail("must be the id of a device of the house that has a temperature", "location")
    ]


def test_a_long_location_is_not_given_back_whole() -> None:
    with pytest.raises(NotFound, match=r"^There is no temperature device 1{40}\.$"):
        temperature.plan(of("1" * 41), HOME)


def test_extremes_means_and_degree_days_of_each_day_and_of_all() -> None:
    shown = both(
        gauges(warmth={"2013-01-05": (60.0, 3, 10.5, 30.0), "2013-01-06": (25.0, 1, 20.0, 31.0)}),
        gauges(Quantity.HUMIDITY, damp={"2013-01-05": (100.0, 2, 45.0, 55.5)}),
    )
    said = answer(shown, sums(Quantity.HEATING, t={"2013-01-05": 4.0, "2013-01-06": 2.5}))
    assert said == {
        "view": "temperature",
        "interval": "day",
        "location": "4",
        "totals": {
            "min_temperature": 10.5,
            "max_temperature": 31.0,
            "avg_temperature": 21.25,
            "min_humidity": 45.0,
            "max_humidity": 55.5,
            "sum_hdd": 6.5,
        },
        "items": [
            {
                "date": "2013-01-05",
                "min_temperature": 10.5,
                "max_temperature": 30.0,
                "avg_temperature": 20.0,
                "min_humidity": 45.0,
                "max_humidity": 55.5,
                "sum_hdd": 4.0,
            },
            {
                "date": "2013-01-06",
                "min_temperature": 20.0,
                "max_temperature": 31.0,
                "avg_temperature": 25.0,
                "sum_hdd": 2.5,
            },
        ],
    }
    assert [*said] == ["view", "interval", "location", "totals", "items"]
    assert [*said["totals"]] == [*NAMES, "sum_hdd"]
    assert [*said["items"][0]] == ["date", *NAMES, "sum_hdd"]


def test_degree_days_count_in_hours_with_data_of_the_sensor_of_either_kind() -> None:
    first = at("2013-01-05 07")
    shown = both(
        gauges(warmth={first: 20.0}), gauges(Quantity.HUMIDITY, damp={first + HOUR_MS: 50.0})
    )
    hdd = sums(Quantity.HEATING, t={first + nth * HOUR_MS: 1.0 + nth for nth in range(4)})
    said = answer(shown, hdd)
    assert said["totals"]["sum_hdd"] == 3.0
    assert [one["sum_hdd"] for one in answer(shown, hdd, "hour")["items"]] == [1.0, 2.0]
    assert [one["date"] for one in answer(shown, hdd, "hour")["items"]] == [
        "2013-01-05T07:00:00",
        "2013-01-05T08:00:00",
    ]


def test_what_has_no_data_is_absent() -> None:
    damp = gauges(Quantity.HUMIDITY, damp={"2013-01-05": (100.0, 2, 45.0, 55.5)})
    said = answer(damp, Figures(), "year")
    assert said["items"] == [{"date": "2013-01-05", "min_humidity": 45.0, "max_humidity": 55.5}]
    nothing = answer(Figures(), sums(Quantity.HEATING, t={"2013-01-05": 4.0}))
    assert (nothing["totals"], nothing["items"]) == ({}, [])


def test_an_item_is_dated_by_the_day_of_its_first_hour() -> None:
    hours = [at("2013-01-30 23"), at("2013-02-02 01")]
    said = answer(gauges(warmth=dict.fromkeys(hours, 20.0)), Figures(), "month")
    assert [one["date"] for one in said["items"]] == ["2013-01-30", "2013-02-02"]
