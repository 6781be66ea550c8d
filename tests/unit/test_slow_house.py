"""The slow model of houses, by hand: readings, meters and the local calendar.

All hours are those of New York, which is 5 hours behind UTC in January.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from tests.models import slow_resample
from tests.models.slow_house import House, buckets, small
from tests.models.slow_house.posted import Body, Series, instant, length
from tests.models.slow_house.small import ask, device, house, meter, post, sensor
from tests.models.slow_resample import Kind, Posted
from tests.models.strategies import all_of, channels, series

WATER = {"gallons": "volume"}
MODEL = Path(small.__file__).parent


def used(of: House, **params: str) -> list[Any]:
    """Return `used` of the items of the summary; an hour's or a day's unless told otherwise."""
    items = ask(of, "views/summary", **{"interval": "hour", **params})["items"]
    return [pytest.approx(item["used"], abs=1e-9) for item in items]


def series_of(readings: Sequence[Posted], kind: Kind) -> Series:
    mine = [one for one in readings if one.kind is kind]
    return {one.at_ms: (one.value, one.interval_ms) for one in mine}


def test_the_model_shares_no_code_with_the_package() -> None:
    files = [*MODEL.glob("*.py"), Path(slow_resample.__file__)]
    assert len(files) > 10
    for path in files:
        assert not re.findall(r"^\s*(?:from|import) quarterhour", path.read_text(), re.MULTILINE)


@given(channels())
def test_its_energies_are_those_of_the_exact_model(readings: list[Posted]) -> None:
    start_ms, end_ms = all_of(readings)
    for kind, of_series in ((Kind.AMOUNT, buckets.amounts), (Kind.POWER, buckets.powers)):
        exact = slow_resample.slow_amounts(readings, kind, start_ms, end_ms)
        found = of_series(series_of(readings, kind))
        assert found == {
            at: pytest.approx(float(one.energy), rel=1e-9, abs=1e-3) for at, one in exact.items()
        }


@given(series(Kind.GAUGE))
def test_its_gauges_are_those_of_the_exact_model(readings: list[Posted]) -> None:
    exact = slow_resample.slow_gauges(readings, *all_of(readings))
    found = buckets.gauges(series_of(readings, Kind.GAUGE))
    assert [*found] == [*exact]
    for at, one in found.items():
        assert one.weighed / one.covered_ms == pytest.approx(float(exact[at].mean), abs=1e-3)
        assert (one.covered_ms, one.low, one.high) == (
            exact[at].covered_ms,
            float(exact[at].lowest),
            float(exact[at].highest),
        )


def test_units_become_the_stored_ones() -> None:
    of = house(
        meter(1, post("2013-01-05", "Wh", used=[500])),
        meter(2, post("2013-01-06", "w", used=[500])),
        sensor(3, post("2013-01-05", {"temperature": "degC", "humidity": "%"}, temperature=[10])),
        device(4, post("2013-01-05", "L", gallons=[3.785411784 * 2]), channels=WATER),
        device(5, post("2013-01-05", "m3", gallons=[3.785411784]), channels=WATER),
    )
    assert used(of, interval="day") == [0.5, 0.5]
    assert ask(of, "temperatures", interval="day")["items"][0]["avg_temperature"] == 50
    gallons = [one["gallons"] for one in ask(of, "devices/4,5", interval="day")["items"]]
    assert gallons == [pytest.approx(2), pytest.approx(1000)]


def test_intervals_and_instants_are_read_to_the_millisecond() -> None:
    assert length("PT1M") == length("PT60S") == 60_000
    assert length("P1D") == length("PT24H") == 86_400_000
    assert length("PT1H30M") == length("PT1.5H") == 5_400_000
    assert instant("2013-01-05T00:00:00.1239-05:00") == instant("2013-01-05T05:00:00.123Z")


def test_a_later_post_replaces_the_value_of_an_instant_and_null_is_no_value() -> None:
    first = post("2013-01-05", used=[1, 2, 3])
    later = post("2013-01-05T01:00:00-05:00", used=[5, None])
    assert used(house(meter(1, first, later))) == [1, 5, 3]


def test_energy_counts_and_not_power_where_both_are() -> None:
    power = post("2013-01-05", "kW", used=[4, 4])
    energy = post("2013-01-05T01:00:00-05:00", used=[1])
    assert used(house(meter(1, power, energy))) == [4, 1]


def test_two_meters_of_the_same_hours_are_not_added() -> None:
    one, other = post("2013-01-05", used=[1, 1, 1]), post("2013-01-05", used=[2, 2])
    assert used(house(meter(1, one), meter(2, other))) == [2, 2, 1]


def test_priority_counts_before_the_id() -> None:
    one, other = post("2013-01-05", used=[1]), post("2013-01-05", used=[2])
    assert used(house(meter(1, one, priority=3), meter(2, other))) == [1]
    assert used(house(meter(1, one, priority=2), meter(2, other))) == [2]


def test_meters_change_in_the_middle_of_an_hour() -> None:
    """Half of the old meter's 4 kWh, then two quarter hours of 5."""
    old = post("2013-01-05", used=[4])
    new = post("2013-01-05T00:30:00-05:00", interval="PT15M", minutes=15, used=[5, 5])
    assert used(house(meter(1, old), meter(2, new))) == [12]


def test_the_meter_that_counts_gives_both_figures_or_one_alone() -> None:
    one, other = post("2013-01-05", used=[1, 1]), post("2013-01-05", solar=[-2])
    items = ask(house(meter(1, one), meter(2, other)), "views/summary", interval="hour")["items"]
    assert items == [
        {"date": "2013-01-05T00:00:00", "solar": -2},
        {"date": "2013-01-05T01:00:00", "used": 1},
    ]


def test_a_row_of_circuits_is_of_one_device_whatever_it_measures() -> None:
    """In the first hour the device that counts has a temperature, and so no circuits at all."""
    one = meter(1, post("2013-01-05", used=[9, 9], dryer=[3, 3]), channels="used dryer")
    quantities = {"dryer": "energy", "temperature": "temperature"}
    other = device(2, post("2013-01-05", "degF", temperature=[50]), channels=quantities)
    items = ask(house(one, other), "views/usage", circuit="dryer", interval="hour")["items"]
    assert items == [{"date": "2013-01-05T00:00:00"}, {"date": "2013-01-05T01:00:00", "actual": 3}]


@pytest.mark.parametrize(("day", "hours"), [("2013-03-10", 23), ("2013-11-03", 25)])
def test_a_day_of_changing_clocks_has_its_own_number_of_hours(day: str, hours: int) -> None:
    """Each hour has 1 kWh; in March 02:00 is left out, in November 01:00 comes twice."""
    begin = f"{day}T05:00:00+00:00" if hours == 23 else f"{day}T04:00:00+00:00"
    of = house(meter(1, post(begin, used=[1] * (hours + 5))))
    items = ask(of, "views/summary", interval="hour", start=day, duration="1day")["items"]
    labels = [item["date"][11:13] for item in items]
    told = {23: ["00", "01", "03"], 25: ["00", "01", "01", "02"]}[hours]
    assert labels == [*told, *(f"{hour:02}" for hour in range(int(told[-1]) + 1, 24))]
    assert used(of, interval="day", start=day, duration="1day") == [hours]
    assert ask(of, "views/summary", interval="day")["items"][1]["used"] == 5


def test_an_hour_of_a_zone_beside_the_full_hours_is_its_own() -> None:
    """05:45 ahead: 18:15 UTC is midnight, and an hour of UTC lies in two."""
    of = house(meter(1, post("2013-01-05T18:00:00+00:00", used=[4, 4])), timezone="Asia/Kathmandu")
    items = ask(of, "views/summary", interval="hour")["items"]
    assert [(one["date"], one["used"]) for one in items] == [
        ("2013-01-05T23:00:00", 1),
        ("2013-01-06T00:00:00", 4),
        ("2013-01-06T01:00:00", 3),
    ]


def gallons(*posts: Body, **params: str) -> list[Any]:
    """Return the gallons of a water meter by day, or whatever is asked for."""
    of = house(device(8, *posts, channels=WATER, role="main_water"))
    items = ask(of, "devices/8", **{"interval": "day", **params})["items"]
    return [pytest.approx(item["gallons"]) for item in items]


def test_the_total_of_a_month_is_spread_over_its_days() -> None:
    total = post("2013-01-05T12:00:00-05:00", "gal", "P1M", gallons=[310])
    assert gallons(total) == [10] * 31  # 5 January to 4 February
    assert gallons(total, interval="month") == [270, 40]
    assert gallons(total, interval="hour") == []


def test_the_total_of_a_leap_year_is_spread_over_366_days() -> None:
    total = post("2012-01-01", "gal", "P1Y", gallons=[366])
    assert gallons(total, interval="month", start="2012-02", duration="1month") == [29]


def test_the_total_of_a_month_from_its_last_day_ends_with_a_shorter_month() -> None:
    assert gallons(post("2013-01-31", "gal", "P1M", gallons=[28])) == [1] * 28


def test_a_total_counts_for_no_day_that_was_metered() -> None:
    total = post("2013-01-01", "gal", "P1M", gallons=[310])
    metered = post("2013-01-02", "gal", gallons=[3])
    assert gallons(total, metered, end="2013-01-04") == [10, 3, 10]


def test_totals_that_overlap_add_up_and_a_later_one_replaces_its_own() -> None:
    first = post("2013-01-01", "gal", "P1M", gallons=[31])
    second = post("2013-01-30", "gal", "P1M", gallons=[29])  # to 27 February
    assert gallons(first, second, start="2013-01-29", end="2013-02-02") == [1, 2, 2, 1]
    again = post("2013-01-01", "gal", "P1M", gallons=[62])
    assert gallons(first, again, end="2013-01-02") == [2]


def test_a_houses_totals_are_those_of_the_first_meter_that_has_one() -> None:
    """And of no day in which any meter has readings."""
    one = meter(1, post("2013-01-01", interval="P1M", used=[31]), post("2013-01-03", used=[7]))
    other = meter(2, post("2013-01-02", interval="P1M", used=[62]))
    assert used(house(one, other), interval="day", end="2013-01-05") == [1, 2, 7, 2]


def test_heating_degrees_are_those_of_the_outdoor_hours() -> None:
    """41 degF for an hour is one degree day; above 65 it is none."""
    outdoor = sensor(4, post("2013-01-05", "degF", temperature=[41, 70, 53]), location="outdoor")
    hours = ask(house(outdoor), "views/hdd", interval="hour")["items"]
    assert [one["actual"] for one in hours] == [1, 0, 0.5]
    assert ask(house(outdoor), "views/hdd", interval="year")["totals"] == {"actual": 1.5}


def test_a_houses_station_gives_the_degree_days_and_its_gaps_stay_gaps() -> None:
    outdoor = sensor(4, post("2013-01-05", "degF", temperature=[41, 41]), location="outdoor")
    station = device(
        5,
        post("2013-01-05", "hdd", degrees=[2]),
        channels={"degrees": "degree_days"},
        role="hdd_station",
    )
    hours = ask(house(outdoor, station), "views/hdd", interval="hour")["items"]
    assert hours == [{"date": "2013-01-05T00:00:00", "actual": 2}]


def test_the_outdoor_sensor_of_the_highest_priority_counts_alone() -> None:
    one = sensor(4, post("2013-01-05", "degF", temperature=[41, 41]), location="outdoor")
    other = sensor(5, post("2013-01-05", "degF", temperature=[53]), location="outdoor")
    hours = ask(house(one, other), "views/hdd", interval="hour")["items"]
    assert [hour["actual"] for hour in hours] == [0.5]
