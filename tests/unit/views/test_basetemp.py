"""The view `basetemp`: the heat pump's kWh against degree days, in the hours that count."""

from typing import Any

import pytest

from quarterhour.energy.readings import Series
from quarterhour.query.asked import Asked
from quarterhour.query.rows import Figures, Grain, RowQuery
from quarterhour.sites import virtual_meters
from quarterhour.sites.house import House
from quarterhour.time.calendar import HOUR_MS
from quarterhour.views import basetemp
from tests.house_builders import asked, at, device, gauges, house, sums

OUTDOOR = device(3, outside="temperature", location="outdoor")
HOME = house(device(5, "used", "solar", "ashp", "barn"), device(9, "used", "solar"), OUTDOOR)
NO_SOLAR = house(device(5, "used", "ashp"), OUTDOOR)
FIRST = at("2013-01-05 07")
WHENEVER: dict[str, Any] = {"ashp": 1.0, "solar": 0.0, "degf": 41.0}


def of(interval: str = "hour", **more: Any) -> Asked:
    return asked(interval, "2013-01-05", "2013-01-08", **more)


def answer(asked_: Asked, *hours: Any, home: House = HOME) -> Any:
    """Return the answer for hours from 07 on, each what differs from WHENEVER; None is no data."""
    full = [{**WHENEVER, **one} for one in hours]
    rows = {
        name: {
            one.get("at", FIRST + nth * HOUR_MS): one[name]
            for nth, one in enumerate(full)
            if one[name] is not None
        }
        for name in WHENEVER
    }
    found = {
        "circuits": sums(ashp=rows["ashp"], solar=rows["solar"]),
        "outdoor": gauges(outside=rows["degf"]),
    }
    return basetemp.answer(asked_, home, found)


@pytest.mark.parametrize("interval", ["hour", "day", "month", "year"])
def test_hours_are_wanted_whatever_the_interval(interval: str) -> None:
    between = at("2013-01-05"), at("2013-01-08")
    circuits = virtual_meters.circuits(HOME).only("ashp", "solar")
    assert circuits.source.device == "5"
    assert circuits.measures == (Series("solar"), Series("ashp"))
    outdoor = virtual_meters.temperature(HOME, virtual_meters.outdoor(HOME))
    assert basetemp.plan(of(interval), HOME) == {
        "circuits": RowQuery(circuits, Grain.HOUR, *between),
        "outdoor": RowQuery(outdoor, Grain.HOUR, *between),
    }


def test_each_hour_is_a_point_of_kwh_degree_days_temperature_and_solar() -> None:
    said = answer(of(), {"solar": -0.25}, {"ashp": 3.0, "degf": 17.0})
    assert said == {
        "view": "heat",
        "base": "65",
        "interval": "hour",
        "points": [
            {
                "date": "2013-01-05T07:00:00",
                "ashp": 1.0,
                "hdd": 1.0,
                "temperature": 41.0,
                "solar": -0.25,
            },
            {
                "date": "2013-01-05T08:00:00",
                "ashp": 3.0,
                "hdd": 2.0,
                "temperature": 17.0,
                "solar": 0.0,
            },
        ],
        "fit": {"slope": 2.0, "intercept": -1.0, "r2": 1.0, "n": 2},
    }
    assert [*said] == ["view", "base", "interval", "points", "fit"]
    assert [*said["points"][0]] == ["date", "ashp", "hdd", "temperature", "solar"]


def test_longer_intervals_have_sums_and_the_mean_temperature() -> None:
    hours = [
        {"at": at("2013-01-05 07"), "solar": -0.25},
        {"at": at("2013-01-05 23"), "ashp": 2.0, "degf": 17.0, "solar": -0.125},
        {"at": at("2013-01-06 00"), "ashp": 4.0},
    ]
    assert answer(of("day"), *hours)["points"] == [
        {"date": "2013-01-05", "ashp": 3.0, "hdd": 3.0, "temperature": 29.0, "solar": -0.375},
        {"date": "2013-01-06", "ashp": 4.0, "hdd": 1.0, "temperature": 41.0, "solar": 0.0},
    ]
    (month,) = answer(of("month"), *hours)["points"]
    assert month == {
        "date": "2013-01-05",
        "ashp": 7.0,
        "hdd": 4.0,
        "temperature": 33.0,
        "solar": -0.375,
    }


@pytest.mark.parametrize(
    ("hour", "counts"),
    [
        ({"ashp": 0.05}, False),
        ({"ashp": 0.0500004}, False),
        ({"ashp": 0.050001}, True),
        ({"ashp": None}, False),
        ({"solar": -0.5}, False),
        ({"solar": -0.4999996}, False),
        ({"solar": -0.499999}, True),
        ({"solar": 0.001}, True),
        ({"solar": None}, False),
        ({"degf": 65.0}, True),
        ({"degf": 65.0000004}, True),
        ({"degf": 65.000001}, False),
        ({"degf": None}, False),
    ],
)
def test_the_heat_pump_runs_the_sun_is_faint_and_it_is_not_above_the_base(
    hour: dict[str, Any], *, counts: bool
) -> None:
    assert len(answer(of(), hour)["points"]) == counts


def test_the_base_is_the_one_asked_for_and_given_back_as_it_was_written() -> None:
    asked_ = of(base_f=41.0, base_text="41.0")
    said = answer(asked_, {}, {"degf": 29.0}, {"degf": 42.0})
    assert said["base"] == "41.0"
    assert [one["hdd"] for one in said["points"]] == [0.0, 0.5]


def test_a_house_that_measures_no_solar_beside_its_circuits_has_points_without_it() -> None:
    said = answer(of(), {"solar": None}, home=NO_SOLAR)
    assert said["points"] == [
        {"date": "2013-01-05T07:00:00", "ashp": 1.0, "hdd": 1.0, "temperature": 41.0}
    ]


def test_no_hours_are_no_points_and_no_line() -> None:
    for found in (answer(of()), basetemp.answer(of(), HOME, dict.fromkeys(NEEDED, Figures()))):
        assert (found["points"], found["fit"]) == ([], {"n": 0})


NEEDED = ("circuits", "outdoor")
