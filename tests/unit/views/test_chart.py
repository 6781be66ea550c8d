"""The view `chart`: the hours of a day that have a first-floor temperature."""

from typing import Any

import pytest

from quarterhour.energy.quantities import Quantity
from quarterhour.errors import BadRequest, Detail
from quarterhour.query.rows import Figures, Grain, RowQuery
from quarterhour.sites import virtual_meters
from quarterhour.sites.house import House
from quarterhour.time.calendar import HOUR_MS
from quarterhour.views import chart
from tests.house_builders import asked, at, device, gauges, house, sums


def sensor(device_id: int, location: str | None, **more: Any) -> Any:
    return device(device_id, degf="temperature", damp="humidity", location=location, **more)


HOME = house(
    device(8, "used", "solar", priority=80),
    device(7, "used", "solar", "dryer", "ashp"),
    sensor(1, "outdoor"),
    sensor(2, "first_floor"),
)
EIGHT = at("2013-01-05 08")
WARM = gauges(degf={EIGHT: 68.5})


def answer(home: House = HOME, **found: Figures) -> Any:
    names = {*chart.plan(asked("hour", "2013-01-05"), home)}
    nothing = dict.fromkeys(names, Figures())
    return chart.answer(asked("hour", "2013-01-05"), home, {**nothing, **found})["hours"]


def test_the_hours_of_the_day_are_wanted_and_no_end_counts() -> None:
    wanted = {
        "energy": virtual_meters.energy(HOME),
        "circuits": virtual_meters.circuits(HOME),
        "hdd": virtual_meters.degree_days(HOME),
        "first_floor_temp": virtual_meters.temperature(HOME, HOME.device(2)),
        "outdoor_temp": virtual_meters.temperature(HOME, HOME.device(1)),
    }
    day = at("2013-01-05"), at("2013-01-06")
    for end in ("", "2013-03-01"):
        plan = chart.plan(asked("hour", "2013-01-05", end), HOME)
        assert plan == {name: RowQuery(one, Grain.HOUR, *day) for name, one in wanted.items()}


@pytest.mark.parametrize(("day", "hours"), [("2013-03-10", 23), ("2013-11-03", 25)])
def test_the_day_is_a_local_one(day: str, hours: int) -> None:
    for one in chart.plan(asked("hour", day), HOME).values():
        assert one.end_ms - one.start_ms == hours * HOUR_MS


def test_without_a_start_there_is_no_day() -> None:
    with pytest.raises(BadRequest) as refused:
        chart.plan(asked("hour"), HOME)
    assert refused.value.details == [Detail("is required: a day, as 2013-01-05", "start")]


def test_an_hour_has_watt_hours_temperatures_and_degree_days() -> None:
    found = {
        "energy": sums(used={EIGHT: 2.0}, solar={EIGHT: -0.5}),
        "circuits": sums(used={EIGHT: 1.75}, dryer={EIGHT: 0.25}, ashp={EIGHT: 1.0}),
        "hdd": sums(Quantity.HEATING, degf={EIGHT: 1.5}),
        "first_floor_temp": WARM,
        "outdoor_temp": gauges(degf={EIGHT: (29.0, 1, 10.0, 40.0)}),
    }
    said = chart.answer(asked("hour", "2013-01-05"), HOME, found)
    assert said == {
        "view": "chart",
        "interval": "hour",
        "hours": [
            {
                "date": "2013-01-05 08:00:00",
                "net": 1500.0,
                "solar": -500.0,
                "used": 2000.0,
                "first_floor_temp": 68.5,
                "outdoor_temp": 29.0,
                "hdd": 1.5,
                "dryer": 250.0,
                "ashp": 1000.0,
                "all_other": 750.0,
            }
        ],
    }
    assert [*said] == ["view", "interval", "hours"]
    assert [*said["hours"][0]] == [
        *("date", "net", "solar", "used", "first_floor_temp", "outdoor_temp", "hdd"),
        *("dryer", "ashp", "all_other"),
    ]


def test_hours_are_those_with_a_first_floor_temperature_and_ascend() -> None:
    warm = gauges(degf={EIGHT: 68.0, EIGHT - 2 * HOUR_MS: 67.0})
    said = answer(first_floor_temp=warm, energy=sums(used={EIGHT + HOUR_MS: 2.0}))
    assert said == [
        {"date": "2013-01-05 06:00:00", "first_floor_temp": 67.0},
        {"date": "2013-01-05 08:00:00", "first_floor_temp": 68.0},
    ]


def test_a_house_without_a_first_floor_sensor_has_no_hours() -> None:
    assert answer(house(sensor(1, "outdoor")), outdoor_temp=WARM) == []


def test_floors_come_in_their_order_and_other_locations_after_them_by_name() -> None:
    others = ["attic", "barn", "cellar", "den", "garage", "hall", "loft", "pantry", "study"]
    places = [*others[::-1], "outdoor", "basement", "second_floor", "first_floor"]
    home = house(*(sensor(nth, place) for nth, place in enumerate(places)))
    (hour,) = answer(home, **{f"{place}_temp": WARM for place in places})
    assert [*hour][1:] == [
        *("first_floor_temp", "second_floor_temp", "basement_temp", "outdoor_temp"),
        *(f"{place}_temp" for place in others),
    ]


def test_of_several_sensors_of_a_location_the_one_of_the_highest_priority_counts() -> None:
    home = house(
        sensor(1, "first_floor", priority=5),
        sensor(2, "first_floor", priority=5),
        sensor(3, "first_floor"),
        device(4, damp="humidity", location="first_floor", priority=9),
        sensor(5, None, priority=9),
        device(6, "used", location="pantry"),
    )
    plan = chart.plan(asked("hour", "2013-01-05"), home)
    assert plan["first_floor_temp"].meter.source.device == "2"
    assert [*plan] == ["energy", "circuits", "hdd", "first_floor_temp"]


@pytest.mark.parametrize("absent", ["used", "dryer", "ashp"])
def test_what_is_left_over_is_known_only_if_all_is(absent: str) -> None:
    known = [name for name in ("used", "dryer", "ashp") if name != absent]
    circuits: Any = {name: {EIGHT: 1.0} for name in known if name != "used"}
    energy = sums(used={EIGHT: 1.0} if "used" in known else {})
    (said,) = answer(energy=energy, circuits=sums(**circuits), first_floor_temp=WARM)
    assert said.keys() & {"used", "dryer", "ashp", "all_other"} == {*known}
