"""The view `summary`."""

from typing import Any

import pytest

from quarterhour.energy.quantities import Quantity
from quarterhour.query.asked import Asked
from quarterhour.query.rows import Figures, Grain, RowQuery
from quarterhour.sites import virtual_meters
from quarterhour.views import summary
from tests.house_builders import asked, at, device, house, sums

HOME = house(device(1, "used", "solar"), device(3, outside="temperature", location="outdoor"))
NOTHING = Figures()


def answer(one: Asked, energy: Figures, hdd: Figures) -> dict[str, Any]:
    return summary.answer(one, HOME, {"energy": energy, "hdd": hdd})


@pytest.mark.parametrize(
    ("interval", "grain"),
    [
        ("hour", Grain.HOUR),
        ("day", Grain.DAY),
        ("month", Grain.MONTH),
        ("year", Grain.MONTH),
    ],
)
def test_it_wants_energy_and_degree_days_by_the_interval(interval: str, grain: Grain) -> None:
    year = at("2013-01-01"), at("2014-01-01")
    assert summary.plan(asked(interval, "2013-01-01", "2014-01-01"), HOME) == {
        "energy": RowQuery(virtual_meters.energy(HOME), grain, *year),
        "hdd": RowQuery(virtual_meters.degree_days(HOME), grain, *year),
    }


def test_months_have_their_sums_and_the_totals_the_sums_of_all() -> None:
    energy = sums(
        used={"2013-01-01": 880.5, "2013-02-01": 700.25},
        solar={"2013-01-01": -300.25, "2013-02-01": -500.5},
    )
    hdd = sums(Quantity.HEATING, outside={"2013-01-01": 1100.5, "2013-02-01": 950.0})
    assert answer(asked("month"), energy, hdd) == {
        "view": "summary",
        "interval": "month",
        "totals": {"net": 780.0, "solar": -800.75, "used": 1580.75, "hdd": 2050.5},
        "items": [
            {"date": "2013-01-01", "net": 580.25, "solar": -300.25, "used": 880.5, "hdd": 1100.5},
            {"date": "2013-02-01", "net": 199.75, "solar": -500.5, "used": 700.25, "hdd": 950.0},
        ],
    }


def test_members_are_in_the_order_of_the_contract() -> None:
    energy = sums(used={"2013-01-01": 1.0}, solar={"2013-01-01": -1.0})
    said = answer(asked("month"), energy, sums(Quantity.HEATING, outside={"2013-01-01": 1.0}))
    assert [*said] == ["view", "interval", "totals", "items"]
    assert [*said["totals"]] == ["net", "solar", "used", "hdd"]
    assert [*said["items"][0]] == ["date", "net", "solar", "used", "hdd"]


def test_a_month_without_energy_does_not_count_its_degree_days() -> None:
    hdd = sums(Quantity.HEATING, outside={"2013-01-01": 1100.0, "2013-02-01": 950.0})
    said = answer(asked("month"), sums(solar={"2013-02-01": -5.0}), hdd)
    assert said["totals"] == {"solar": -5.0, "hdd": 950.0}
    assert said["items"] == [{"date": "2013-02-01", "solar": -5.0, "hdd": 950.0}]


@pytest.mark.parametrize("interval", ["day", "hour"])
def test_a_day_or_hour_with_degree_days_alone_counts(interval: str) -> None:
    hdd = sums(Quantity.HEATING, outside={"2013-01-01": 40.0, "2013-01-02": 0.0})
    said = answer(asked(interval), sums(used={"2013-01-02": 3.0}), hdd)
    assert said["interval"] == interval
    assert said["totals"] == {"used": 3.0, "hdd": 40.0}
    assert [{**one, "date": one["date"][:10]} for one in said["items"]] == [
        {"date": "2013-01-01", "hdd": 40.0},
        {"date": "2013-01-02", "used": 3.0, "hdd": 0.0},
    ]


def test_years_are_dated_by_their_first_month_with_energy() -> None:
    energy = sums(used={"2012-03-01": 1.5, "2012-12-01": 2.0, "2013-01-01": 4.0})
    hdd = sums(Quantity.HEATING, outside={"2012-01-01": 9.0, "2012-12-01": 2.5})
    said = answer(asked("year"), energy, hdd)
    assert said["totals"] == {"used": 7.5, "hdd": 2.5}
    assert said["items"] == [
        {"date": "2012-03-01", "used": 3.5, "hdd": 2.5},
        {"date": "2013-01-01", "used": 4.0},
    ]


def test_net_is_of_the_sums_of_an_item_whatever_its_rows_have() -> None:
    energy = sums(used={"2013-01-01": 5.0, "2013-02-01": 7.0}, solar={"2013-02-01": -2.0})
    said = answer(asked("month"), energy, NOTHING)
    assert said["totals"] == {"net": 10.0, "solar": -2.0, "used": 12.0}
    assert said["items"] == [
        {"date": "2013-01-01", "used": 5.0},
        {"date": "2013-02-01", "net": 5.0, "solar": -2.0, "used": 7.0},
    ]


def test_the_repeated_hour_is_two_items() -> None:
    first, second = at("2013-11-03 01"), at("2013-11-03 01", 2)
    said = answer(asked("hour"), sums(used={first: 1.0, second: 2.0}), NOTHING)
    assert said["items"] == [
        {"date": "2013-11-03T01:00:00", "used": 1.0},
        {"date": "2013-11-03T01:00:00", "used": 2.0},
    ]


def test_without_data_there_are_no_items_and_no_totals() -> None:
    said = answer(asked("year"), NOTHING, NOTHING)
    assert said == {"view": "summary", "interval": "year", "totals": {}, "items": []}
