"""The view `hdd`."""

from typing import Any

import pytest

from quarterhour.energy.quantities import Quantity
from quarterhour.query.asked import Asked
from quarterhour.query.rows import Figures, Grain, RowQuery
from quarterhour.sites import virtual_meters
from quarterhour.sites.house import Budget
from quarterhour.views import hdd
from tests.house_builders import asked, at, device, gauges, house, sums

BUDGETS = {"2013-01": Budget(hdd=1300, used=1), "2013-02": Budget(hdd=1000.5)}
HOME = house(
    device(3, outside="temperature", location="outdoor"),
    device(5, "used", "ashp", "barn"),
    areas={"iga": 1408, "ega": 2000},
    budgets=BUDGETS,
)
NOTHING = Figures()


def days(**rows: float) -> Figures:
    """Return degree days: `days(d0105=40)`."""
    found = {f"2013-{one[1:3]}-{one[3:]}": figure for one, figure in rows.items()}
    return sums(Quantity.HEATING, outside=found)


def answer(one: Asked, **found: Figures) -> dict[str, Any]:
    return hdd.answer(one, HOME, {"outdoor": NOTHING, "ashp": NOTHING, "day": NOTHING, **found})


@pytest.mark.parametrize(
    ("interval", "grain", "begin", "end"),
    [
        ("year", Grain.MONTH, "2013-02-01", "2013-04-01"),
        ("month", Grain.MONTH, "2013-02-01", "2013-04-01"),
        ("hour", Grain.HOUR, "2013-01-15", "2013-03-15"),
    ],
)
def test_it_wants_items_outdoor_hours_and_days_of_degree_days_and_heat_pump(
    interval: str, grain: Grain, begin: str, end: str
) -> None:
    in_range = at("2013-01-15"), at("2013-03-15")
    outdoor = virtual_meters.temperature(HOME, virtual_meters.outdoor(HOME))
    heat_pump = virtual_meters.circuits(HOME).only("ashp")
    assert hdd.plan(asked(interval, "2013-01-15", "2013-03-15"), HOME) == {
        "outdoor": RowQuery(outdoor, Grain.HOUR, *in_range),
        "ashp": RowQuery(heat_pump, Grain.DAY, *in_range),
        "day": RowQuery(virtual_meters.degree_days(HOME), Grain.DAY, *in_range),
        grain.value: RowQuery(virtual_meters.degree_days(HOME), grain, at(begin), at(end)),
    }


def test_by_day_the_days_are_wanted_once() -> None:
    plan = hdd.plan(asked("day", "2013-01-15", "2013-03-15"), HOME)
    assert sorted(plan) == ["ashp", "day", "outdoor"]
    degree_days = virtual_meters.degree_days(HOME)
    assert plan["day"] == RowQuery(degree_days, Grain.DAY, at("2013-01-15"), at("2013-03-15"))


def test_months_of_degree_days_beside_their_budgets() -> None:
    assert answer(
        asked("month"),
        outdoor=gauges(outside={at("2013-01-20 06"): 5.5, at("2013-02-01 05"): -7.25}),
        ashp=sums(ashp={"2013-01-20": 20.5, "2013-02-01": 30.0}),
        day=days(d0120=50.5, d0201=60.25),
        month=sums(Quantity.HEATING, outside={"2013-01-01": 1200.5, "2013-02-01": 1000.0}),
    ) == {
        "view": "hdd",
        "interval": "month",
        "coldest_hour": {"date": "2013-02-01 05:00:00", "temperature": -7.25},
        "coldest_day": {"date": "2013-02-01", "temperature": 60.25, "hdd": 60.25},
        "iga": 1408,
        "totals": {
            "actual": 2200.5,
            "estimated": 2300.5,
            "ashp_heating_season": 50.5,
            "hdd_heating_season": 110.75,
        },
        "items": [
            {"date": "2013-01-01", "actual": 1200.5, "estimated": 1300},
            {"date": "2013-02-01", "actual": 1000.0, "estimated": 1000.5},
        ],
    }


def test_members_are_in_the_order_of_the_contract() -> None:
    said = answer(
        asked("month"),
        outdoor=gauges(outside={"2013-01-01": 5.0}),
        ashp=sums(ashp={"2013-01-01": 1.0}),
        day=days(d0101=50.0),
        month=days(d0101=50.0),
    )
    names = ["view", "interval", "coldest_hour", "coldest_day", "iga", "totals", "items"]
    assert [*said] == names
    assert [*said["totals"]] == [
        "actual",
        "estimated",
        "ashp_heating_season",
        "hdd_heating_season",
    ]
    assert [*said["coldest_hour"]] == ["date", "temperature"]
    assert [*said["coldest_day"]] == ["date", "temperature", "hdd"]
    assert [*said["items"][0]] == ["date", "actual", "estimated"]


def test_budgets_are_of_the_months_with_degree_days_alone() -> None:
    months = sums(Quantity.HEATING, outside={"2013-02-01": 900.0, "2013-03-01": 700.0})
    said = answer(asked("year"), month=months)
    assert said["totals"] == {"actual": 1600.0, "estimated": 1000.5}
    assert said["items"] == [{"date": "2013-02-01", "actual": 1600.0, "estimated": 1000.5}]


def test_days_have_no_budget_and_are_totalled() -> None:
    said = answer(asked("day"), day=days(d0131=40.0, d0201=30.5))
    assert said["totals"] == {"actual": 70.5}
    assert said["items"] == [
        {"date": "2013-01-31", "actual": 40.0},
        {"date": "2013-02-01", "actual": 30.5},
    ]


def test_hours_have_the_degree_days_of_hours_and_their_total() -> None:
    hours = sums(Quantity.HEATING, outside={at("2013-11-03 01"): 1.5, at("2013-11-03 01", 2): 1.25})
    said = answer(asked("hour"), hour=hours, day=days(d1103=40.0))
    assert said["totals"] == {"actual": 2.75}
    assert said["items"] == [
        {"date": "2013-11-03T01:00:00", "actual": 1.5},
        {"date": "2013-11-03T01:00:00", "actual": 1.25},
    ]


def test_the_coldest_hour_is_that_of_the_lowest_mean_not_of_the_lowest_minimum() -> None:
    warm, cold = (30.0, 1, -20.0, 50.0), (10.0, 1, 9.0, 11.0)
    outdoor = gauges(outside={at("2013-01-01 03"): warm, at("2013-01-01 04"): cold})
    said = answer(asked("day"), outdoor=outdoor)
    assert said["coldest_hour"] == {"date": "2013-01-01 04:00:00", "temperature": 10.0}


def test_the_coldest_hour_and_day_are_the_earliest_of_equals() -> None:
    outdoor = gauges(outside={at("2013-01-02 03"): 5.0, at("2013-01-01 04"): 5.0000001})
    said = answer(asked("day"), outdoor=outdoor, day=days(d0103=50.0, d0102=50.0, d0104=49.0))
    assert said["coldest_hour"] == {"date": "2013-01-01 04:00:00", "temperature": 5.0000001}
    assert said["coldest_day"]["date"] == "2013-01-02"


def test_the_heating_season_is_october_to_april_on_days_with_data_of_the_heat_pump() -> None:
    heat_pump = sums(
        ashp={
            "2013-04-30": 1.0,
            "2013-05-01": 2.0,
            "2013-09-30": 4.0,
            "2013-10-01": 8.0,
            "2013-10-03": 16.0,
        }
    )
    of_days = days(d0430=0.5, d0501=1.5, d0930=2.5, d1001=3.5, d1002=4.5)
    totals = answer(asked("day"), ashp=heat_pump, day=of_days)["totals"]
    assert totals["ashp_heating_season"] == 25.0
    assert totals["hdd_heating_season"] == 4.0


def test_a_heating_season_without_degree_days_has_the_heat_pump_alone() -> None:
    said = answer(asked("year"), ashp=sums(ashp={"2013-01-01": 9.0}), month=NOTHING)
    assert said["totals"] == {"ashp_heating_season": 9.0}


def test_a_house_without_data_and_areas_has_its_frame_alone() -> None:
    bare = house()
    found = dict.fromkeys(hdd.plan(asked("hour"), bare), NOTHING)
    assert hdd.answer(asked("hour"), bare, found) == {
        "view": "hdd",
        "interval": "hour",
        "totals": {},
        "items": [],
    }
