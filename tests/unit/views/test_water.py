"""The view `water`."""

from typing import Any

import pytest

from quarterhour.energy.quantities import Quantity
from quarterhour.errors import BadRequest
from quarterhour.query.asked import Asked
from quarterhour.query.rows import Figures, Grain, RowQuery
from quarterhour.sites import virtual_meters
from quarterhour.views import water
from tests.house_builders import asked, at, device, house, sums

HOME = house(
    device(5, "used", "water_heater", "water_pump", "barn"),
    device(6, water="volume", role="main_water"),
    device(7, water="volume", role="hot_water"),
)
NOTHING = Figures()


def gallons(**months: float) -> Figures:
    """Return gallons of months: `gallons(m201301=100)`."""
    return sums(
        Quantity.VOLUME, water={f"{one[1:5]}-{one[5:]}-01": said for one, said in months.items()}
    )


def answer(one: Asked, **found: Figures) -> dict[str, Any]:
    names = ("energy", "main", "hot", "circuits")
    return water.answer(one, HOME, {**dict.fromkeys(names, NOTHING), **found})


@pytest.mark.parametrize("interval", ["month", "year"])
def test_it_wants_months_of_two_meters_two_circuits_and_energy(interval: str) -> None:
    year = Grain.MONTH, at("2013-01-01"), at("2014-01-01")
    circuits = virtual_meters.circuits(HOME).only("water_heater", "water_pump")
    assert water.plan(asked(interval, "2013-01-01", "2014-01-01"), HOME) == {
        "energy": RowQuery(virtual_meters.energy(HOME), *year),
        "main": RowQuery(virtual_meters.water(HOME, "main_water"), *year),
        "hot": RowQuery(virtual_meters.water(HOME, "hot_water"), *year),
        "circuits": RowQuery(circuits, *year),
    }


@pytest.mark.parametrize("interval", ["day", "hour"])
def test_there_are_no_days_and_no_hours_of_water(interval: str) -> None:
    with pytest.raises(BadRequest) as refused:
        water.plan(asked(interval), HOME)
    assert (refused.value.message, refused.value.details) == ("Interval not available.", ())


def test_months_have_gallons_and_kilowatt_hours() -> None:
    said = answer(
        asked("month"),
        energy=sums(used={"2013-01-01": 800.0, "2013-02-01": 700.0}),
        main=gallons(m201301=1900.5, m201302=2000),
        hot=gallons(m201301=700.25, m201302=750),
        circuits=sums(
            water_heater={"2013-01-01": 250.5, "2013-02-01": 240.0},
            water_pump={"2013-01-01": 5.5, "2013-02-01": 6.0},
        ),
    )
    january = {
        "cold": 1200.25,
        "hot": 700.25,
        "main": 1900.5,
        "water_heater": 250.5,
        "water_pump": 5.5,
    }
    february = {"cold": 1250, "hot": 750, "main": 2000, "water_heater": 240, "water_pump": 6}
    totals = {name: january[name] + february[name] for name in january}
    assert said == {
        "view": "water",
        "interval": "month",
        "totals": totals,
        "items": [{"date": "2013-01-01", **january}, {"date": "2013-02-01", **february}],
    }
    assert [*said] == ["view", "interval", "totals", "items"]
    assert [*said["totals"]] == [*january]
    assert [*said["items"][0]] == ["date", *january]


def test_months_of_two_years_are_not_put_together_and_years_are() -> None:
    energy = sums(solar={"2013-01-01": -8.0, "2013-12-01": -8.0, "2014-01-01": -7.0})
    main = gallons(m201301=10, m201312=20, m201401=40)
    months = answer(asked("month"), energy=energy, main=main)["items"]
    assert [(one["date"], one["main"]) for one in months] == [
        ("2013-01-01", 10),
        ("2013-12-01", 20),
        ("2014-01-01", 40),
    ]
    years = answer(asked("year"), energy=energy, main=main)["items"]
    assert years == [{"date": "2013-01-01", "main": 30}, {"date": "2014-01-01", "main": 40}]


def test_a_month_without_energy_is_left_out_with_its_water() -> None:
    said = answer(
        asked("month"),
        energy=sums(used={"2013-02-01": 1.0}),
        main=gallons(m201301=10, m201302=20),
    )
    assert said["totals"] == {"main": 20}
    assert said["items"] == [{"date": "2013-02-01", "main": 20}]


def test_there_is_no_cold_water_where_either_meter_has_no_reading_in_the_group() -> None:
    energy = sums(used={"2013-01-01": 1.0, "2013-02-01": 1.0, "2013-03-01": 1.0})
    found = {"energy": energy, "main": gallons(m201301=10), "hot": gallons(m201302=4)}
    assert answer(asked("month"), **found)["items"] == [
        {"date": "2013-01-01", "main": 10},
        {"date": "2013-02-01", "hot": 4},
        {"date": "2013-03-01"},
    ]


def test_cold_water_of_a_group_is_that_of_its_sums() -> None:
    energy = sums(used={"2013-01-01": 1.0, "2013-02-01": 1.0})
    found = {"energy": energy, "main": gallons(m201301=10, m201302=10), "hot": gallons(m201302=4)}
    sums_of_both = {"cold": 16, "hot": 4, "main": 20}
    assert answer(asked("month"), **found)["totals"] == sums_of_both
    assert answer(asked("year"), **found)["items"] == [{"date": "2013-01-01", **sums_of_both}]


def test_without_energy_there_is_nothing() -> None:
    said = answer(asked("year"), main=gallons(m201301=10))
    assert said == {"view": "water", "interval": "year", "totals": {}, "items": []}
