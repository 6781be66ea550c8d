"""The view `usage` of circuit `summary`: every circuit's sum over the range."""

from typing import Any

import pytest

from quarterhour.query.asked import Asked
from quarterhour.query.rows import Figures, Grain, RowQuery
from quarterhour.sites import virtual_meters
from quarterhour.views import usage
from tests.house_builders import asked, at, device, house, sums

NAMES = {"used": "Used", "ashp": "ASHP", "all_other": "All other", "summary": "Sum"}
HOME = house(
    device(5, "barn", "used"),
    device(1, "used", "solar", "well", "ashp", priority=9),
    device(3, "used", "solar", priority=99),
    names=NAMES,
)


def answer(one: Asked, circuits: Figures) -> dict[str, Any]:
    return usage.answer(one, HOME, {"circuits": circuits})


@pytest.mark.parametrize("interval", ["hour", "day", "month", "year"])
def test_it_wants_days_whatever_the_interval(interval: str) -> None:
    days = Grain.DAY, at("2013-01-15"), at("2013-03-15")
    assert usage.plan(asked(interval, "2013-01-15", "2013-03-15"), HOME) == {
        "circuits": RowQuery(virtual_meters.circuits(HOME), *days)
    }


def test_it_wants_hours_where_the_last_day_is_cut() -> None:
    cut = asked("hour", "2013-01-15", "2013-01-16", until_ms=at("2013-01-15 06"))
    assert usage.plan(cut, HOME) == {
        "circuits": RowQuery(
            virtual_meters.circuits(HOME), Grain.HOUR, at("2013-01-15"), at("2013-01-15 06")
        )
    }


def test_used_comes_first_then_the_circuits_as_the_catalogue_lists_them_and_the_rest_last() -> None:
    circuits = sums(
        used={"2013-01-15": 9.0, "2013-01-16": 6.5},
        ashp={"2013-01-15": 2.5, "2013-01-16": 1.0},
        barn={"2013-01-16": 0.5},
        solar={"2013-01-16": -7.0},
    )
    assert answer(asked("month"), circuits) == {
        "view": "usage.summary",
        "circuits": [
            {"circuit_id": "used", "actual": 15.5, "name": "Used"},
            {"circuit_id": "well", "actual": 0.0, "name": "well"},
            {"circuit_id": "ashp", "actual": 3.5, "name": "ASHP"},
            {"circuit_id": "barn", "actual": 0.5, "name": "barn"},
            {"circuit_id": "all_other", "actual": 11.5, "name": "All other"},
        ],
        "circuit": {"circuit_id": "summary", "name": "Total"},
    }


def test_members_are_in_the_order_of_the_contract() -> None:
    said = answer(asked("day", "2013-01-01", "2013-02-01"), Figures())
    assert [*said] == ["view", "circuits", "circuit"]
    assert [*said["circuits"][0]] == ["circuit_id", "actual", "name"]
    assert [*said["circuit"]] == ["circuit_id", "name", "startdate", "enddate"]


def test_without_data_of_used_nothing_is_known_of_the_rest_so_it_reads_0() -> None:
    said = answer(asked("day"), sums(barn={"2013-01-16": 0.5}))
    actual = {one["circuit_id"]: one["actual"] for one in said["circuits"]}
    assert actual == {"used": 0, "well": 0, "ashp": 0, "barn": 0.5, "all_other": 0}


def test_a_house_without_circuits_has_used_and_the_rest() -> None:
    said = usage.answer(asked("day"), house(), {"circuits": Figures()})
    assert [one["circuit_id"] for one in said["circuits"]] == ["used", "all_other"]


@pytest.mark.parametrize("interval", ["hour", "day", "month"])
def test_the_given_end_is_told_and_of_a_duration_its_last_day(interval: str) -> None:
    given = asked(interval, "2013-01-15", "2013-03-01")
    lasting = asked(interval, "2012-02-01", "2012-03-01", by_duration=True)
    frame = {"circuit_id": "summary", "name": "Total"}
    assert answer(given, Figures())["circuit"] == {
        **frame,
        "startdate": "2013-01-15",
        "enddate": "2013-03-01",
    }
    assert answer(lasting, Figures())["circuit"] == {
        **frame,
        "startdate": "2012-02-01",
        "enddate": "2012-02-29",
    }


@pytest.mark.parametrize(
    "one",
    [
        asked("year", "2013-01-01", "2014-01-01"),
        asked("month", "2013-01-01"),
        asked("month", "", "2014-01-01"),
        asked("month"),
    ],
)
def test_years_and_open_ranges_tell_no_dates(one: Asked) -> None:
    assert answer(one, Figures())["circuit"] == {"circuit_id": "summary", "name": "Total"}
