"""The view `heatmap`: one entry for each day with an outdoor temperature."""

from typing import Any

import pytest

from quarterhour.energy.quantities import Quantity
from quarterhour.query.rows import Figures, Grain, RowQuery
from quarterhour.sites import virtual_meters
from quarterhour.sites.house import House
from quarterhour.views import heatmap
from tests.house_builders import asked, at, device, gauges, house, sums

OUTDOOR = device(3, outside="temperature", location="outdoor")
HOME = house(
    device(9, "used", "solar", priority=8), device(5, "used", "solar", "dryer", "ashp"), OUTDOOR
)
DAY = "2013-01-05"
COLD = gauges(outside={DAY: (240.0, 24, -4.5, 20.0)})


def answer(home: House = HOME, **found: Figures) -> Any:
    nothing = dict.fromkeys(("energy", "circuits", "outdoor", "hdd"), Figures())
    said = heatmap.answer(asked("day"), home, {**nothing, "outdoor": COLD, **found})
    return said["days"]


@pytest.mark.parametrize("interval", ["hour", "day", "month", "year"])
def test_days_are_wanted_whatever_the_interval(interval: str) -> None:
    plan = heatmap.plan(asked(interval, "2013-01-15", "2013-03-15"), HOME)
    wanted = {
        "energy": virtual_meters.energy(HOME),
        "circuits": virtual_meters.circuits(HOME),
        "outdoor": virtual_meters.temperature(HOME, virtual_meters.outdoor(HOME)),
        "hdd": virtual_meters.degree_days(HOME),
    }
    between = at("2013-01-15"), at("2013-03-15")
    assert plan == {name: RowQuery(one, Grain.DAY, *between) for name, one in wanted.items()}


def test_a_day_has_the_house_s_energy_and_the_circuits_devices_circuits() -> None:
    found = {
        "energy": sums(used={DAY: 20.0}, solar={DAY: -5.0}),
        "circuits": sums(used={DAY: 19.0}, solar={DAY: -4.0}, dryer={DAY: 2.0}, ashp={DAY: 7.5}),
        "outdoor": COLD,
        "hdd": sums(Quantity.HEATING, outside={DAY: 55.0}),
    }
    said = heatmap.answer(asked("hour"), HOME, found)
    assert said == {
        "view": "heatmap",
        "interval": "hour",
        "days": [
            {
                "date": DAY,
                "net": 15.0,
                "solar": -5.0,
                "used": 20.0,
                "outdoor_deg_min": -4.5,
                "outdoor_deg_max": 20.0,
                "hdd": 55.0,
                "dryer": 2.0,
                "ashp": 7.5,
                "all_other": 10.5,
            }
        ],
    }
    assert [*said] == ["view", "interval", "days"]
    assert [*said["days"][0]] == [
        *("date", "net", "solar", "used", "outdoor_deg_min", "outdoor_deg_max", "hdd"),
        *("dryer", "ashp", "all_other"),
    ]


def test_days_are_those_with_an_outdoor_temperature_and_ascend() -> None:
    days = ["2013-01-07", "2013-01-05"]
    energy = sums(used={"2013-01-05": 1.0, "2013-01-06": 2.0})
    said = answer(outdoor=gauges(outside=dict.fromkeys(days, 30.0)), energy=energy)
    assert [one["date"] for one in said] == ["2013-01-05", "2013-01-07"]
    assert answer(outdoor=Figures(), energy=energy) == []


def test_what_has_no_data_is_absent() -> None:
    (bare,) = answer()
    assert bare == {"date": DAY, "outdoor_deg_min": -4.5, "outdoor_deg_max": 20.0}


@pytest.mark.parametrize("absent", ["used", "dryer", "ashp"])
def test_what_is_left_over_is_known_only_if_all_is(absent: str) -> None:
    rows = {name: {DAY: 1.0} for name in ("used", "dryer", "ashp") if name != absent}
    circuits: Any = {name: rows[name] for name in ("dryer", "ashp") if name in rows}
    (said,) = answer(energy=sums(used=rows.get("used", {})), circuits=sums(**circuits))
    assert said.keys() & {"used", "dryer", "ashp", "all_other"} == rows.keys()


def test_in_a_house_without_circuits_all_is_left_over() -> None:
    (said,) = answer(house(device(9, "used"), OUTDOOR), energy=sums(used={DAY: 20.0}))
    assert said["all_other"] == 20.0


@pytest.mark.parametrize("known", ["used", "solar"])
def test_net_needs_both(known: str) -> None:
    energy: Any = {known: {DAY: 20.0}}
    (said,) = answer(energy=sums(**energy))
    assert said.keys() & {"net", "used", "solar"} == {known}
