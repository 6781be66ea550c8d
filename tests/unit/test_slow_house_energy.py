"""The slow model of houses, by hand: views of energy.

All hours are those of New York, which is 5 hours behind UTC in January.
"""

import pytest

from tests.models.slow_house.small import BUDGETS, CIRCUITS, ask, house, meter, outdoor, post

NAMES = [
    {"circuit_id": "ashp", "name": "Heat pump", "description": "Air to air"},
    {"circuit_id": "all", "name": "All", "description": "Everything"},
]


def test_months_are_whole_and_their_first_day_is_in_the_range() -> None:
    of = house(meter(1, *(post(f"2013-{month:02}-20", used=[month]) for month in (1, 2, 3))))
    answer = ask(of, "views/summary", interval="month", start="2013-01-02", end="2013-02-10")
    assert answer == {
        "view": "summary",
        "interval": "month",
        "totals": {"used": 2},
        "items": [{"date": "2013-02-01", "used": 2}],
    }


def test_net_is_absent_where_solar_is_and_totals_have_a_net_of_their_own() -> None:
    of = house(meter(1, post("2013-01-05", used=[3, 4], solar=[-1, None])))
    answer = ask(of, "views/summary", interval="hourly")
    assert answer["totals"] == {"net": 6, "used": 7, "solar": -1}
    assert [item.get("net") for item in answer["items"]] == [2, None]


def test_degree_days_of_months_are_those_of_the_months_with_energy() -> None:
    cold = outdoor(41, 41), outdoor(41, begin="2013-02-05", device_id=5)
    of = house(meter(1, post("2013-01-05", used=[3])), cold[0])
    later = house(meter(1, post("2013-01-05", used=[3])), cold[1])
    assert ask(of, "views/summary", interval="month")["totals"] == {"used": 3, "hdd": 2}
    assert ask(later, "views/summary", interval="month")["totals"] == {"used": 3}
    assert ask(later, "views/summary", interval="day")["totals"] == {"used": 3, "hdd": 1}


def test_the_best_hour_and_day_of_sun_are_the_earliest_of_equals() -> None:
    days = post("2013-01-05", solar=[-1, -3, -3]), post("2013-01-06", solar=[-8])
    of = house(meter(1, *days, post("2013-01-07", solar=[-8, 0])), budgets=BUDGETS)
    answer = ask(of, "views/generation", interval="year", end="2013-01-06")
    half = ask(of, "views/generation", interval="day", start="2013-01-05", duration="2hours")
    assert half["max_solar_hour"]["solar"] == -3000
    assert answer["max_solar_hour"] == {"date": "2013-01-05 01:00:00", "solar": -3000}
    assert answer["max_solar_day"] == {"date": "2013-01-05", "solar": -7}
    assert answer["totals"] == {"actual": -23, "estimated": -1}
    day = ask(of, "views/generation", interval="day", start="2013-01-06")
    assert day["max_solar_hour"]["date"] == "2013-01-06 00:00:00"
    assert day["totals"] == {"actual": -16}


def test_the_circuits_of_a_summary_read_0_without_data_and_the_rest_is_left_over() -> None:
    posts = post("2013-01-05", used=[5, 5], ashp=[2, None])
    of = house(meter(1, posts, channels=CIRCUITS), circuits=NAMES)
    answer = ask(of, "views/usage", interval="day", start="2013-01-05", duration="1month")
    assert answer == {
        "view": "usage.summary",
        "circuits": [
            {"circuit_id": "used", "actual": 10, "name": "used"},
            {"circuit_id": "ashp", "actual": 2, "name": "Heat pump"},
            {"circuit_id": "dryer", "actual": 0, "name": "dryer"},
            {"circuit_id": "all_other", "actual": 8, "name": "all_other"},
        ],
        "circuit": {
            "circuit_id": "summary",
            "name": "Total",
            "startdate": "2013-01-05",
            "enddate": "2013-02-04",
        },
    }


def test_a_usage_summary_takes_days_and_never_whole_months() -> None:
    of = house(meter(1, *(post(f"2013-01-0{day}", dryer=[1]) for day in (5, 6)), channels="dryer"))
    circuits = ask(of, "views/usage", interval="month", start="2013-01-06")["circuits"]
    assert [one["actual"] for one in circuits] == [0, 1, -1]


def test_the_dates_of_a_usage_summary() -> None:
    of = house(meter(1, channels=CIRCUITS))

    def dates(**params: str) -> list[str]:
        circuit = ask(of, "views/usage", **{"interval": "day", **params})["circuit"]
        return [circuit[name] for name in ("startdate", "enddate") if name in circuit]

    assert dates(start="2013-01-05", end="2013-02") == ["2013-01-05", "2013-02-01"]
    assert dates(start="2013", duration="1year", end="2013-03") == ["2013-01-01", "2013-12-31"]
    assert dates(start="2013", duration="36hours") == ["2013-01-01", "2013-01-02"]
    assert dates(start="2013", end="2014", interval="years") == []
    assert dates(start="2013") == dates(end="2013", duration="1day") == []


def test_circuits_are_listed_as_the_meter_that_counts_lists_them_then_the_others() -> None:
    of = house(meter(1, channels="used stove ashp"), meter(2, channels="barn stove used"))
    names = [one["circuit_id"] for one in ask(of, "views/usage", interval="day")["circuits"]]
    assert names == ["used", "barn", "stove", "ashp", "all_other"]


def test_what_is_left_over_is_absent_without_used() -> None:
    posts = post("2013-01-05", used=[5, None], ashp=[2, 2])
    of = house(meter(1, posts, channels=CIRCUITS))
    answer = ask(of, "views/usage", interval="hour", circuit="all_other")
    assert [item.get("actual") for item in answer["items"]] == [3, None]
    assert answer["totals"] == {"actual": 1}  # of the sums, as in `usage.summary`


def test_a_circuit_without_data_has_no_figure_and_its_years_begin_with_the_meter() -> None:
    posts = post("2012-03-16", used=[5], solar=[-1]), post("2013-01-01", ashp=[2])
    of = house(meter(1, *posts, channels=CIRCUITS), circuits=NAMES)
    answer = ask(of, "views/usage", interval="year", circuit="dryer")
    assert answer["items"] == [{"date": "2012-03-16"}, {"date": "2013-01-01"}]
    assert (answer["view"], answer["totals"]) == ("usage.dryer", {})
    assert answer["circuit"] == {"circuit_id": "dryer", "name": "dryer"}
    net = ask(of, "views/usage", interval="year", circuit="adjusted_load")
    assert net["items"] == [{"date": "2012-03-16", "actual": 4}, {"date": "2013-01-01"}]


def test_all_is_the_houses_energy_against_the_budgets_of_the_months_that_have_it() -> None:
    house_meter = meter(9, post("2013-02-05", used=[30]), post("2013-03-05", used=[3]))
    circuit_meter = meter(1, post("2013-02-05", used=[8], dryer=[1]), channels=CIRCUITS)
    of = house(house_meter, circuit_meter, circuits=NAMES, budgets=BUDGETS)
    assert ask(of, "views/usage", interval="year", circuit="all") == {
        "view": "usage.all",
        "interval": "year",
        "circuit": NAMES[1],
        "totals": {"actual": 33, "budget": 5},
        "items": [{"date": "2013-02-01", "actual": 33, "budget": 5}],
    }
    assert ask(of, "views/usage", interval="day", circuit="used")["totals"] == {"actual": 8}


def test_the_heat_pump_counts_in_hours_that_have_an_outdoor_temperature() -> None:
    pump = meter(1, post("2013-01-05", used=[5] * 4, ashp=[1, 2, None, 4]), channels=CIRCUITS)
    of = house(pump, outdoor(70, None, 41, 90))
    answer = ask(of, "views/usage", interval="month", circuit="ashp", base="75")
    assert answer["items"] == [
        {"date": "2013-01-05", "actual": 5, "hdd": pytest.approx(5 / 24)},
    ]
    first = {"start": "2013-01-05", "duration": "2hours"}
    of_range = ask(of, "views/usage", interval="month", circuit="ashp", **first)
    assert of_range["totals"] == {"actual": 1, "hdd": 0}
