"""The view `usage`: of the whole house, of the heat pump, of any circuit, of the rest."""

from typing import Any

import pytest

from quarterhour.energy.quantities import Quantity
from quarterhour.errors import Detail, NotFound
from quarterhour.query.asked import Asked
from quarterhour.query.rows import Figures, Grain, RowQuery
from quarterhour.sites import virtual_meters
from quarterhour.sites.house import Budget
from quarterhour.views import usage
from tests.house_builders import asked, at, both, device, gauges, house, sums

NAMES = {"all": "All circuits", "ashp": "ASHP", "barn": "Barn", "used": "Used"}
BUDGETS = {"2013-01": Budget(used=800, solar=1), "2013-02": Budget(used=700.5)}
HOME = house(
    device(1, "used", "solar", priority=9),
    device(5, "used", "solar", "ashp", "barn", "well", inside="temperature"),
    device(3, outside="temperature", location="outdoor"),
    names=NAMES,
    budgets=BUDGETS,
)
NOTHING = Figures()
IN_RANGE = at("2013-01-15"), at("2013-03-15")
INTERVALS = ["hour", "day", "month", "year"]


def of(circuit: str, interval: str = "month") -> Asked:
    return asked(interval, "2013-01-15", "2013-03-15", circuit=circuit)


def answer(circuit: str, interval: str, found: Figures, outdoor: Figures = NOTHING) -> Any:
    told = {"energy": found, "circuits": found, "outdoor": outdoor}
    return usage.answer(of(circuit, interval), HOME, told)


def test_the_house_is_wanted_by_the_interval() -> None:
    energy = virtual_meters.energy(HOME)
    months = RowQuery(energy, Grain.MONTH, at("2013-02-01"), at("2013-04-01"))
    assert [usage.plan(of("all", one), HOME) for one in INTERVALS] == [
        {"energy": RowQuery(energy, Grain.HOUR, *IN_RANGE)},
        {"energy": RowQuery(energy, Grain.DAY, *IN_RANGE)},
        {"energy": months},
        {"energy": months},
    ]


@pytest.mark.parametrize("circuit", ["barn", "used", "solar", "adjusted_load", "all_other"])
def test_a_circuit_is_wanted_by_hours_or_days_with_all_that_its_meter_has(circuit: str) -> None:
    hours, days = (
        {"circuits": RowQuery(virtual_meters.circuits(HOME), grain, *IN_RANGE)}
        for grain in (Grain.HOUR, Grain.DAY)
    )
    assert [usage.plan(of(circuit, one), HOME) for one in INTERVALS] == [hours, days, days, days]


@pytest.mark.parametrize("interval", INTERVALS)
def test_the_heat_pump_is_wanted_by_hours_with_the_outdoor_temperature(interval: str) -> None:
    outdoor = virtual_meters.temperature(HOME, virtual_meters.outdoor(HOME))
    assert usage.plan(of("ashp", interval), HOME) == {
        "circuits": RowQuery(virtual_meters.circuits(HOME).only("ashp"), Grain.HOUR, *IN_RANGE),
        "outdoor": RowQuery(outdoor, Grain.HOUR, *IN_RANGE),
    }


@pytest.mark.parametrize("circuit", ["attic", "inside", "Barn", "", "summaries"])
def test_a_circuit_that_the_house_does_not_have_is_not_found(circuit: str) -> None:
    with pytest.raises(NotFound) as refused:
        usage.plan(of(circuit), HOME)
    assert refused.value.message == f"There is no circuit {circuit}."
    assert refused.value.details == [
        Detail("must be summary, all, all_other or a circuit of the house", "circuit")
    ]


def test_a_long_name_is_not_given_back_whole() -> None:
    with pytest.raises(NotFound, match=r"^There is no circuit a{40}\.$"):
        usage.plan(of("a" * 41), HOME)


def test_a_house_without_a_heat_pump_has_no_view_of_it() -> None:
    with pytest.raises(NotFound):
        usage.plan(of("ashp"), house(device(5, "used", "barn")))


def test_all_is_what_the_house_used_beside_its_budget() -> None:
    energy = sums(used={"2013-01-01": 880.5, "2013-02-01": 700.25}, solar={"2013-01-01": -9.0})
    said = answer("all", "month", energy)
    assert said == {
        "view": "usage.all",
        "interval": "month",
        "circuit": {
            "circuit_id": "all",
            "name": "All circuits",
            "description": "the All circuits",
        },
        "totals": {"actual": 1580.75, "budget": 1500.5},
        "items": [
            {"date": "2013-01-01", "actual": 880.5, "budget": 800},
            {"date": "2013-02-01", "actual": 700.25, "budget": 700.5},
        ],
    }
    assert [*said] == ["view", "interval", "circuit", "totals", "items"]
    assert [*said["circuit"]] == ["circuit_id", "name", "description"]
    assert [*said["items"][0]] == ["date", "actual", "budget"]
    assert [*said["totals"]] == ["actual", "budget"]


def test_all_has_the_budgets_of_the_months_with_energy_of_whatever_kind() -> None:
    energy = sums(used={"2013-03-01": 4.0}, solar={"2013-02-01": -9.0})
    assert answer("all", "month", energy)["items"] == [
        {"date": "2013-02-01", "budget": 700.5},
        {"date": "2013-03-01", "actual": 4.0},
    ]
    assert answer("all", "year", energy)["items"] == [
        {"date": "2013-02-01", "actual": 4.0, "budget": 700.5}
    ]


@pytest.mark.parametrize("interval", ["day", "hour"])
def test_all_has_no_budget_of_days_and_hours(interval: str) -> None:
    said = answer("all", interval, sums(used={"2013-01-01": 4.0}))
    assert said["totals"] == {"actual": 4.0}
    assert [[*one] for one in said["items"]] == [["date", "actual"]]


@pytest.mark.parametrize("circuit", ["all", "all_other", "barn", "ashp", "adjusted_load"])
@pytest.mark.parametrize("interval", INTERVALS)
def test_without_data_there_are_no_items_and_no_totals(circuit: str, interval: str) -> None:
    said = answer(circuit, interval, NOTHING)
    assert (said["view"], said["interval"]) == (f"usage.{circuit}", interval)
    assert (said["totals"], said["items"]) == ({}, [])


def test_a_circuit_without_a_catalogue_entry_is_called_by_its_id() -> None:
    assert answer("well", "day", NOTHING)["circuit"] == {"circuit_id": "well", "name": "well"}


def test_the_heat_pump_counts_the_hours_that_have_both_kwh_and_a_temperature() -> None:
    first, second, third = (at(f"2013-01-20 0{hour}") for hour in (1, 2, 3))
    heat_pump = sums(ashp={first: 1.5, second: 2.0, at("2013-02-01 00"): 4.0})
    outdoor = gauges(
        outside={first: 41.0, second: (29.0, 1, -9.0, 99.0), third: 5.0, at("2013-02-01 00"): 70.0}
    )
    said = answer("ashp", "month", heat_pump, outdoor)
    assert said == {
        "view": "usage.ashp",
        "interval": "month",
        "circuit": {"circuit_id": "ashp", "name": "ASHP", "description": "the ASHP"},
        "totals": {"actual": 7.5, "hdd": 2.5},
        "items": [
            {"date": "2013-01-20", "actual": 3.5, "hdd": 2.5},
            {"date": "2013-02-01", "actual": 4.0, "hdd": 0.0},
        ],
    }
    assert [*said["items"][0]] == ["date", "actual", "hdd"]


def test_the_degree_days_of_the_heat_pump_are_below_the_asked_base() -> None:
    hours = at("2013-01-20 01"), at("2013-01-20 02")
    one = asked("hour", circuit="ashp", base_f=50.0)
    found = {
        "circuits": sums(ashp=dict.fromkeys(hours, 1.0)),
        "outdoor": gauges(outside=dict(zip(hours, (38.0, 62.0), strict=True))),
    }
    said = usage.answer(one, HOME, found)
    assert said["totals"] == {"actual": 2.0, "hdd": 0.5}
    assert said["items"] == [
        {"date": "2013-01-20T01:00:00", "actual": 1.0, "hdd": 0.5},
        {"date": "2013-01-20T02:00:00", "actual": 1.0, "hdd": 0.0},
    ]


def test_a_circuit_has_its_own_kwh() -> None:
    circuits = sums(
        used={"2013-01-20": 9.0}, barn={"2013-01-20": 1.5, "2013-01-21": 2.0, "2013-02-02": 4.0}
    )
    said = answer("barn", "month", circuits)
    assert said == {
        "view": "usage.barn",
        "interval": "month",
        "circuit": {"circuit_id": "barn", "name": "Barn", "description": "the Barn"},
        "totals": {"actual": 7.5},
        "items": [{"date": "2013-01-20", "actual": 3.5}, {"date": "2013-02-02", "actual": 4.0}],
    }


def test_a_group_with_data_of_the_meter_but_none_of_the_circuit_is_its_date() -> None:
    circuits = both(
        sums(ashp={"2012-03-16": 9.0, "2012-12-01": 1.0}, barn={"2012-12-01": 2.0}),
        gauges(inside={"2013-01-05": 70.0}),
    )
    said = answer("barn", "year", circuits)
    assert said["totals"] == {"actual": 2.0}
    assert said["items"] == [{"date": "2012-03-16", "actual": 2.0}, {"date": "2013-01-05"}]


def test_the_repeated_hour_of_a_circuit_is_two_items() -> None:
    hours = sums(barn={at("2013-11-03 01"): 1.0, at("2013-11-03 01", 2): 2.0})
    assert answer("barn", "hour", hours)["items"] == [
        {"date": "2013-11-03T01:00:00", "actual": 1.0},
        {"date": "2013-11-03T01:00:00", "actual": 2.0},
    ]


def test_used_solar_and_the_adjusted_load_are_circuits_too() -> None:
    circuits = sums(
        used={"2013-01-20": 9.0, "2013-01-21": 5.0}, solar={"2013-01-20": -4.0, "2013-01-22": -1.0}
    )
    items = {
        one: answer(one, "day", circuits)["items"] for one in ("used", "solar", "adjusted_load")
    }
    dates = [{"date": f"2013-01-{day}"} for day in (20, 21, 22)]
    assert items == {
        "used": [{**dates[0], "actual": 9.0}, {**dates[1], "actual": 5.0}, dates[2]],
        "solar": [{**dates[0], "actual": -4.0}, dates[1], {**dates[2], "actual": -1.0}],
        "adjusted_load": [{**dates[0], "actual": 5.0}, dates[1], dates[2]],
    }
    assert answer("adjusted_load", "day", circuits)["totals"] == {"actual": 9.0}


def test_a_channel_named_adjusted_load_is_not_the_adjusted_load() -> None:
    circuits = sums(
        used={"2013-01-20": 9.0}, solar={"2013-01-20": -4.0}, adjusted_load={"2013-01-20": 77.0}
    )
    assert answer("adjusted_load", "day", circuits)["totals"] == {"actual": 5.0}
    assert answer("all_other", "day", circuits)["totals"] == {"actual": 9.0}


def test_the_rest_is_what_no_circuit_accounts_for() -> None:
    circuits = sums(
        used={"2013-01-20": 9.0, "2013-01-21": 5.0},
        solar={"2013-01-20": -4.0},
        ashp={"2013-01-20": 2.5},
        barn={"2013-01-20": 1.0, "2013-01-21": 5.5},
    )
    said = answer("all_other", "day", circuits)
    assert said["circuit"] == {"circuit_id": "all_other", "name": "all_other"}
    assert said["totals"] == {"actual": 5.0}
    assert said["items"] == [
        {"date": "2013-01-20", "actual": 5.5},
        {"date": "2013-01-21", "actual": -0.5},
    ]


def test_the_rest_of_a_group_without_used_is_absent() -> None:
    circuits = both(
        sums(used={"2013-01-20": 9.0}, barn={"2013-01-21": 5.5}),
        sums(Quantity.VOLUME, used={"2013-01-21": 50.0}),
    )
    assert answer("all_other", "day", circuits)["items"] == [
        {"date": "2013-01-20", "actual": 9.0},
        {"date": "2013-01-21"},
    ]
