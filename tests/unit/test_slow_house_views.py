"""The slow model of houses, by hand: views of temperatures, water and pictures; values.

All hours are those of New York, which is 5 hours behind UTC in January.
"""

import pytest

from tests.models.slow_house.heat import fit
from tests.models.slow_house.small import (
    BUDGETS,
    CIRCUITS,
    ask,
    device,
    house,
    meter,
    outdoor,
    post,
    sensor,
)

LATER = {"interval": "day", "start": "2013-01-06"}


def test_the_coldest_hour_the_coldest_day_and_the_heating_season() -> None:
    summer = [post(f"2013-0{month}-05T05:00:00-04:00", ashp=[9]) for month in (5, 9)]
    pump = meter(1, post("2013-01-05", ashp=[1]), *summer, channels="ashp")
    cold = outdoor(41, 17, 17, 65), outdoor(5, begin="2013-01-07", device_id=5)
    of = house(pump, cold[0], areas={"iga": 1400}, budgets=BUDGETS)
    assert ask(of, "views/hdd", interval="year") == {
        "view": "hdd",
        "interval": "year",
        "coldest_hour": {"date": "2013-01-05 01:00:00", "temperature": 17},
        "coldest_day": {"date": "2013-01-05", "temperature": 5, "hdd": 5},
        "iga": 1400,
        "totals": {
            "actual": 5,
            "estimated": 10,
            "ashp_heating_season": 1,
            "hdd_heating_season": 5,
        },
        "items": [{"date": "2013-01-01", "actual": 5, "estimated": 10}],
    }
    both = *cold[0][1], *outdoor(60, 59, begin="2013-01-07")[1]
    later = ask(house(pump, sensor(4, *both, location="outdoor")), "views/hdd", **LATER)
    assert later["coldest_hour"] == {"date": "2013-01-07 01:00:00", "temperature": 59}
    assert later["coldest_day"]["hdd"] == later["totals"]["actual"] == pytest.approx(11 / 24)
    assert "ashp_heating_season" not in later["totals"]
    other_day = ask(house(pump, cold[1]), "views/hdd", interval="day")
    assert other_day["coldest_hour"] == {"date": "2013-01-07 00:00:00", "temperature": 5}
    assert other_day["totals"] == {"actual": 2.5, "ashp_heating_season": 1}


def test_the_mean_of_a_day_is_that_of_its_hours_however_well_they_are_covered() -> None:
    """An hour of 40, and a quarter of an hour of 60."""
    warm = post("2013-01-05", "degF", temperature=[40])
    brief = post("2013-01-05T02:00:00-05:00", "degF", "PT15M", temperature=[60])
    indoor = sensor(5, warm, brief, post("2013-01-06", "%", humidity=[33]))
    answer = ask(house(outdoor(41, 41), indoor), "views/temperature", interval="day", location="5")
    assert (answer["view"], answer["location"]) == ("temperature", "5")
    first = {"min_temperature": 40, "max_temperature": 60, "avg_temperature": 50, "sum_hdd": 1}
    humid = {"min_humidity": 33, "max_humidity": 33}
    assert answer["items"] == [
        {"date": "2013-01-05", **first},
        {"date": "2013-01-06", **humid},
    ]
    assert answer["totals"] == {**first, **humid}


def test_cold_water_is_what_was_not_heated_in_the_months_with_energy() -> None:
    channels = {"gallons": "volume"}
    year = post("2013-01-01", "gal", "P1Y", gallons=[365])
    february = post("2013-02-01", "gal", "P1M", gallons=[14])
    main = device(8, year, channels=channels, role="main_water")
    hot = device(9, february, channels=channels, role="hot_water")
    days = (post(f"2013-{month}-05", used=[1], water_heater=[2]) for month in ("01", "02"))
    energy = meter(1, *days, channels="used water_heater")
    answer = ask(house(main, hot, energy), "views/water", interval="month")
    assert answer["items"] == [
        {"date": "2013-01-01", "main": pytest.approx(31), "water_heater": 2},
        {
            "date": "2013-02-01",
            "main": pytest.approx(28),
            "hot": pytest.approx(14),
            "cold": pytest.approx(14),
            "water_heater": 2,
        },
    ]
    assert answer["totals"]["cold"] == pytest.approx(59 - 14)


def test_hours_that_heat() -> None:
    """The second's pump is at 50 Wh, the third has sun, the fourth is warm, the last knows none."""
    posts = post(
        "2013-01-02",
        ashp=[1, 0.05, 1, 1, 3, 3],
        solar=[-0.4, 0, -0.5, 0, 0, None],
    )
    of = house(
        meter(1, posts, channels=CIRCUITS), outdoor(41, 41, 41, 61, 60, 41, begin="2013-01-02")
    )
    answer = ask(of, "views/basetemp", interval="month", base="60.0")
    assert answer == {
        "view": "heat",
        "interval": "month",
        "base": "60.0",
        "points": [
            {
                "date": "2013-01-02",
                "ashp": 4,
                "hdd": pytest.approx(19 / 24),
                "temperature": 50.5,
                "solar": -0.4,
            }
        ],
        "fit": {"n": 1},
    }
    hours = ask(of, "views/basetemp", interval="hour", base="60")["points"]
    assert [one["date"] for one in hours] == ["2013-01-02T00:00:00", "2013-01-02T04:00:00"]
    first = {"base": "60", "start": "2013-01-02", "duration": "4hours"}
    assert len(ask(of, "views/basetemp", interval="hour", **first)["points"]) == 1


def test_the_fit_is_that_of_least_squares() -> None:
    """Means 2 and 3; sxx = 2, sxy = 3, syy = 6: slope 1.5, intercept 0, r2 = 9 / 12."""
    assert fit([(1, 2), (2, 2), (3, 5)]) == {"slope": 1.5, "intercept": 0, "r2": 0.75, "n": 3}
    assert fit([(1, 4), (3, 4)]) == {"slope": 0, "intercept": 4, "n": 2}
    assert fit([(1, 4), (1, 5)]) == {"n": 2}
    assert fit([]) == {"n": 0}


def test_a_heatmap_has_the_days_with_an_outdoor_temperature() -> None:
    posts = (
        post("2013-01-05", used=[5], ashp=[2], dryer=[1]),
        post("2013-01-06", used=[5], ashp=[2]),
    )
    own = post("2013-01-05", used=[7], solar=[-1])
    of = house(
        meter(1, *posts, channels=CIRCUITS),
        meter(2, own),
        outdoor(41, 89),
        outdoor(*[53] * 30, device_id=5, begin="2012-12-01"),
    )
    days = ask(of, "views/heatmap", interval="month", start="2013")["days"]
    assert days == []  # the sensor that counts has no such day
    of = house(meter(1, *posts, channels=CIRCUITS), meter(2, own), outdoor(41, 89, *[53] * 30))
    days = ask(of, "views/heatmap", interval="month", start="2013")["days"]
    assert days[0] == {
        "date": "2013-01-05",
        "net": 6,
        "solar": -1,
        "used": 7,
        "ashp": 2,
        "dryer": 1,
        "all_other": 4,
        "outdoor_deg_min": 41,
        "outdoor_deg_max": 89,
        "hdd": pytest.approx(1 + 22 * 12 / 24),
    }
    assert set(days[1]) == {"date", "used", "ashp", "outdoor_deg_min", "outdoor_deg_max", "hdd"}


def test_a_chart_has_the_hours_with_a_first_floor_temperature_in_watt_hours() -> None:
    posts = post("2013-01-05", used=[5, 5], solar=[-1, -1], ashp=[2, 2], dryer=[1, 1])
    inside = post("2013-01-05T01:00:00-05:00", "degF", temperature=[68])
    of = house(
        meter(1, posts, channels=CIRCUITS),
        meter(2, post("2013-01-05", used=[7, 7], solar=[-3, -3])),
        outdoor(41, 41),
        sensor(5, inside, location="first_floor"),
    )
    assert ask(of, "views/chart", interval="years", start="2013-01-05", end="2014") == {
        "view": "chart",
        "interval": "year",
        "hours": [
            {
                "date": "2013-01-05 01:00:00",
                "net": 4000,
                "solar": -3000,
                "used": 7000,
                "ashp": 2000,
                "dryer": 1000,
                "all_other": 4000,
                "first_floor_temp": 68,
                "outdoor_temp": 41,
                "hdd": 1,
            }
        ],
    }


def test_the_defaults_of_a_house() -> None:
    power = post("2013-01-06T23:00:00-05:00", "W", used=[500, 1500])
    half = post("2013-01-05T01:00:00-05:00", "degF", temperature=[89], interval="PT30M")
    rest = post("2013-01-05T01:30:00-05:00", "degF", temperature=[70], interval="PT30M")
    warm = sensor(4, *outdoor(41)[1], half, rest, location="outdoor")
    of = house(meter(1, post("2012-01-05", used=[1], solar=[-2]), power), warm)
    assert ask(of, "views/default", interval="days")["limits"] == {
        "used_max": 1500,
        "solar_min": -2000,
        "outdoor_deg_min": 41,
        "outdoor_deg_max": 89,
        "hdd_max": 1,
        "start_date": "2012-01-05 00:00:00",
        "end_date": "2013-01-07 00:00:00",
    }
    months = ask(of, "views/default")
    assert (months["years"], months["asof"]) == (["2012", "2013"], "2013-01-07")
    assert months["house"] == {
        "id": 1,
        "name": "The House",
        "sname": "house",
        **{
            name: f"http://127.0.0.1:3000/api/houses/1/{name}/"
            for name in ("devices", "circuits", "views")
        },
    }
    assert ask(house(meter(1)), "views/default", interval="days") == {"limits": {}}


def test_values_are_by_date_and_then_as_asked_for() -> None:
    of = house(
        meter(1, post("2013-01-05", used=[4, 4], ashp=[1, 1], solar=[None, -1]), channels=CIRCUITS),
        sensor(2, post("2013-01-05", "degF", temperature=[50, 52]), location="attic"),
    )
    assert ask(of, "devices/2,1", interval="hour")["items"] == [
        {"device": 2, "date": "2013-01-05T00:00:00", "temperature": 50},
        {"device": 1, "date": "2013-01-05T00:00:00", "used": 4, "ashp": 1},
        {"device": 2, "date": "2013-01-05T01:00:00", "temperature": 52},
        {"device": 1, "date": "2013-01-05T01:00:00", "used": 4, "ashp": 1, "solar": -1, "net": 3},
    ]
    assert ask(of, "devices/1,2", interval="day", fields="net,ashp")["items"] == [
        {"device": 1, "date": "2013-01-05", "ashp": 2, "net": 7},
    ]
    quarter = {"interval": "15min", "start": "2013-01-05", "duration": "1hour"}
    assert [
        (one["circuit"], one["date"][11:], one["actual"])
        for one in ask(of, "circuits/ashp", **quarter)["items"]
    ] == [("ashp", f"00:{minute:02}:00", 0.25) for minute in (0, 15, 30, 45)]


def test_values_of_a_circuit_are_where_it_has_data() -> None:
    posts = post("2013-01-05", dryer=[4, 4, 4], ashp=[1, None, 2])
    items = ask(house(meter(1, posts, channels=CIRCUITS)), "circuits/ashp", interval="hour")[
        "items"
    ]
    assert [(one["date"][11:13], one["actual"]) for one in items] == [("00", 1), ("02", 2)]


def test_quarter_hours_know_the_readings_around_their_range() -> None:
    day = post("2013-01-05T12:00:00-05:00", interval="P1D", minutes=1440, used=[96] * 6)
    of = house(meter(1, day))
    asked = {"interval": "15min", "start": "2013-01-06", "end": "2013-01-12"}
    items = ask(of, "devices/1", **asked)["items"]
    assert len(items) == 6 * 96 - 48
    assert {one["used"] for one in items} == {1}


def test_no_data_are_empty_lists_and_empty_totals() -> None:
    of = house(meter(1, channels=CIRCUITS), outdoor())
    for name in ("summary", "generation", "hdd", "water"):
        answer = ask(of, f"views/{name}", interval="month")
        assert answer == {"view": name, "interval": "month", "totals": {}, "items": []}
    assert ask(of, "views/basetemp", interval="month")["points"] == []
    assert ask(of, "views/heatmap", interval="month")["days"] == []
    assert ask(of, "views/chart", interval="month", start="2013")["hours"] == []
