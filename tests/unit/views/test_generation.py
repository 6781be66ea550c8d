"""The view `generation`."""

from typing import Any

import pytest

from quarterhour.query.asked import Asked
from quarterhour.query.rows import Figures, Grain, RowQuery
from quarterhour.sites import virtual_meters
from quarterhour.sites.house import Budget
from quarterhour.views import generation
from tests.house_builders import asked, at, device, house, sums

BUDGETS = {
    "2013-01": Budget(solar=-430, used=1),
    "2013-02": Budget(solar=-500.5),
    "2013-04": Budget(solar=-900),
}
HOME = house(device(1, "used", "solar"), budgets=BUDGETS)
ENERGY = virtual_meters.energy(HOME)
SOLAR = ENERGY.only("solar")
NOTHING = Figures()


def answer(
    one: Asked, *, hour: Figures = NOTHING, day: Figures = NOTHING, month: Figures = NOTHING
) -> dict[str, Any]:
    return generation.answer(one, HOME, {"hour": hour, "day": day, "month": month})


@pytest.mark.parametrize("interval", ["month", "year"])
def test_by_month_it_wants_months_of_energy_and_hours_and_days_of_solar(interval: str) -> None:
    days = at("2013-01-15"), at("2013-03-15")
    assert generation.plan(asked(interval, "2013-01-15", "2013-03-15"), HOME) == {
        "hour": RowQuery(SOLAR, Grain.HOUR, *days),
        "day": RowQuery(SOLAR, Grain.DAY, *days),
        "month": RowQuery(ENERGY, Grain.MONTH, at("2013-02-01"), at("2013-04-01")),
    }


def test_by_day_and_hour_it_wants_no_grain_twice() -> None:
    days = at("2013-01-15"), at("2013-03-15")
    assert generation.plan(asked("day", "2013-01-15", "2013-03-15"), HOME) == {
        "hour": RowQuery(SOLAR, Grain.HOUR, *days),
        "day": RowQuery(ENERGY, Grain.DAY, *days),
    }
    assert generation.plan(asked("hour", "2013-01-15", "2013-03-15"), HOME) == {
        "hour": RowQuery(ENERGY, Grain.HOUR, *days),
        "day": RowQuery(SOLAR, Grain.DAY, *days),
    }


def test_a_month_has_what_was_generated_and_what_was_budgeted() -> None:
    assert answer(
        asked("month"),
        hour=sums(solar={at("2013-02-03 11"): -4.5, at("2013-02-03 12"): -5.25}),
        day=sums(solar={"2013-01-20": -12.0, "2013-02-03": -30.75}),
        month=sums(solar={"2013-01-01": -400.25, "2013-02-01": -510.0}),
    ) == {
        "view": "generation",
        "interval": "month",
        "max_solar_hour": {"date": "2013-02-03 12:00:00", "solar": -5250.0},
        "max_solar_day": {"date": "2013-02-03", "solar": -30.75},
        "totals": {"actual": -910.25, "estimated": -930.5},
        "items": [
            {"date": "2013-01-01", "actual": -400.25, "estimated": -430},
            {"date": "2013-02-01", "actual": -510.0, "estimated": -500.5},
        ],
    }


def test_members_are_in_the_order_of_the_contract() -> None:
    day = sums(solar={"2013-01-01": -1.0})
    said = answer(asked("month"), hour=day, day=day, month=day)
    assert [*said] == [
        "view",
        "interval",
        "max_solar_hour",
        "max_solar_day",
        "totals",
        "items",
    ]
    assert [*said["items"][0]] == ["date", "actual", "estimated"]
    assert [*said["totals"]] == ["actual", "estimated"]
    assert [*said["max_solar_hour"]] == [*said["max_solar_day"]] == ["date", "solar"]


def test_budgets_are_of_the_months_with_energy_alone() -> None:
    energy = sums(used={"2013-01-01": 3.0, "2013-03-01": 4.0}, solar={"2013-03-01": -600.0})
    said = answer(asked("year"), month=energy)
    assert said["totals"] == {"actual": -600.0, "estimated": -430}
    assert said["items"] == [{"date": "2013-01-01", "actual": -600.0, "estimated": -430}]


@pytest.mark.parametrize("interval", ["day", "hour"])
def test_days_and_hours_have_no_budget(interval: str) -> None:
    rows = sums(solar={"2013-01-01": -3.0}, used={"2013-01-01": 2.0})
    said = answer(asked(interval), hour=rows, day=rows)
    assert said["totals"] == {"actual": -3.0}
    assert [[*one] for one in said["items"]] == [["date", "actual"]]


def test_a_row_with_use_but_no_sun_is_its_date() -> None:
    rows = sums(solar={"2013-01-02": 0.0}, used={"2013-01-01": 2.0})
    said = answer(asked("day"), day=rows)
    assert said["items"] == [{"date": "2013-01-01"}, {"date": "2013-01-02", "actual": 0.0}]


def test_the_best_hour_and_day_are_the_earliest_of_equals() -> None:
    hours = sums(solar={at("2013-06-02 11"): -5.0, at("2013-06-01 12"): -5.0})
    days = sums(solar={"2013-06-03": -20.0, "2013-06-02": -20.0000001, "2013-06-04": -19.0})
    said = answer(asked("month"), hour=hours, day=days)
    assert said["max_solar_hour"] == {"date": "2013-06-01 12:00:00", "solar": -5000.0}
    assert said["max_solar_day"] == {"date": "2013-06-02", "solar": -20.0000001}


def test_the_best_hour_is_compared_in_watt_hours_as_it_is_shown() -> None:
    hours = sums(solar={at("2013-06-01 11"): -5.0, at("2013-06-01 12"): -5.00000001})
    said = answer(asked("month"), hour=hours)
    assert said["max_solar_hour"]["date"] == "2013-06-01 12:00:00"


@pytest.mark.parametrize("interval", ["hour", "day", "month", "year"])
def test_without_sun_there_is_no_best_hour_and_no_best_day(interval: str) -> None:
    said = answer(asked(interval))
    assert said == {"view": "generation", "interval": interval, "totals": {}, "items": []}
