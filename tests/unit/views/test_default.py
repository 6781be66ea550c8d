"""`views/default`: the years that have energy, and the limits of what was measured."""

import pytest

from quarterhour.energy.quantities import Quantity
from quarterhour.errors import BadRequest
from quarterhour.query.rows import Figures, Grain
from quarterhour.sites import virtual_meters
from quarterhour.views import default
from tests.house_builders import at, device, gauges, house, sums

HOME = house(device(1, "used", "solar"), device(3, outside="temperature", location="outdoor"))
EVER = at("2000-01-02"), at("2099-12-31")


@pytest.mark.parametrize("text", ["", "month", "months", "monthly"])
def test_months_are_the_default(text: str) -> None:
    assert default.interval(text) == "month"


@pytest.mark.parametrize("text", ["day", "days", "daily"])
def test_limits_are_asked_for_by_days(text: str) -> None:
    assert default.interval(text) == "day"


@pytest.mark.parametrize("text", ["years", "hour", "Months", "None", " ", "'"])
def test_any_other_interval_does_not_exist(text: str) -> None:
    with pytest.raises(BadRequest) as refused:
        default.interval(text)
    assert refused.value.message == f"Interval '{text}' does not exist"
    assert refused.value.details == ()


def test_a_long_interval_is_not_given_back_whole() -> None:
    with pytest.raises(BadRequest, match=rf"^Interval '{'y' * 40}' does not exist$"):
        default.interval("y" * 41)


def test_years_are_made_of_all_months_of_energy() -> None:
    (query,) = default.plan_years(HOME).values()
    assert (query.meter, query.grain) == (virtual_meters.energy(HOME), Grain.MONTH)
    assert query.start_ms <= EVER[0] < EVER[1] < query.end_ms


def test_years_ascend_each_once_as_texts_with_the_day_of_the_newest_reading() -> None:
    years = [*range(2014, 2032, 2)]
    used = {f"{year}-12-01": 1.0 for year in years}
    energy = sums(used={**used, "2012-01-01": 2.0}, solar={"2012-02-01": -3.0})
    said = default.years(HOME, {"energy": energy}, at("2015-01-01") - 1)
    assert said == {"years": ["2012", *map(str, years)], "asof": "2014-12-31"}
    assert [*said] == ["years", "asof"]


def test_without_energy_there_are_no_years_and_no_newest_day() -> None:
    assert default.years(HOME, {"energy": Figures()}, None) == {"years": []}


def test_limits_want_the_extremes_of_all_days() -> None:
    plan = default.plan_limits(HOME)
    assert {one.grain for one in plan.values()} == {Grain.DAY}
    assert plan["energy"].meter == virtual_meters.hourly(virtual_meters.energy(HOME))
    assert plan["hdd"].meter == virtual_meters.hourly(virtual_meters.degree_days(HOME))
    assert plan["outdoor"].meter == virtual_meters.temperature(HOME, virtual_meters.outdoor(HOME))
    for one in plan.values():
        assert one.start_ms <= EVER[0] < EVER[1] < one.end_ms


def test_the_ends_are_in_the_hours_of_the_first_and_the_last_day_with_energy() -> None:
    days = {"2013-01-05": (1.0, 1, 1.0, 1.0), "2013-03-09": (1.0, 1, 1.0, 1.0)}
    solar = {"2013-03-10": (-1.0, 1, -1.0, -1.0)}
    found = {"energy": gauges(Quantity.HOURLY_ENERGY, used=days, solar=solar)}
    assert {name: query[1:] for name, query in default.plan_ends(HOME, found).items()} == {
        "start_date": (Grain.HOUR, at("2013-01-05"), at("2013-01-06")),
        "end_date": (Grain.HOUR, at("2013-03-10"), at("2013-03-11")),
    }
    assert default.plan_ends(HOME, {"energy": Figures()}) == {}


def test_limits_are_the_extremes_of_hours_in_watt_hours() -> None:
    hours = [at(f"2013-01-05 {hour}") for hour in ("07", "08", "09")]
    hourly = Quantity.HOURLY_ENERGY
    found = {
        "energy": gauges(
            hourly,
            used={"2013-01-05": (2.25, 2, 0.25, 2.0), "2013-01-06": (1.0, 1, 1.0, 1.0)},
            solar={"2013-01-05": (-3.0, 2, -3.5, 0.5)},
        ),
        "hdd": gauges(Quantity.HOURLY_HEATING, outside={"2013-01-05": (3.5, 3, 0.0, 2.5)}),
        "outdoor": gauges(
            outside={"2013-01-05": (60.0, 3, 5.5, 60.0), "2013-01-06": (60.0, 3, 9.5, 75.0)}
        ),
    }
    ends = {
        "start_date": sums(used={hours[0]: 0.25, hours[1]: 2.0}),
        "end_date": sums(used={hours[1]: 2.0}, solar={hours[2]: 0.5}),
    }
    said = default.limits(HOME, found, ends)
    assert said == {
        "used_max": 2000.0,
        "solar_min": -3500.0,
        "outdoor_deg_min": 5.5,
        "outdoor_deg_max": 75.0,
        "hdd_max": 2.5,
        "start_date": "2013-01-05 07:00:00",
        "end_date": "2013-01-05 09:00:00",
    }
    assert [*said] == [
        *("used_max", "solar_min", "outdoor_deg_min", "outdoor_deg_max", "hdd_max"),
        *("start_date", "end_date"),
    ]


def test_what_was_never_measured_has_no_limits() -> None:
    nothing = dict.fromkeys(("energy", "hdd", "outdoor"), Figures())
    assert default.limits(HOME, nothing, {}) == {}
    solar = {"2013-01-05": (-1.0, 1, -1.0, -1.0)}
    only_solar = {**nothing, "energy": gauges(Quantity.HOURLY_ENERGY, solar=solar)}
    hour = sums(solar={at("2013-01-05 07"): -1.0})
    said = default.limits(HOME, only_solar, {"start_date": hour, "end_date": hour})
    assert said.keys() == {"solar_min", "start_date", "end_date"}
