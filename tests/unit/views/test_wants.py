"""Which rows a view wants: by the interval, or of the range of days."""

import pytest

from quarterhour.query.asked import by_interval, day_grain, in_range
from quarterhour.query.rows import Grain, RowQuery
from quarterhour.sites import virtual_meters
from tests.house_builders import asked, at, device, house

HOME = house(device(1, "used", "solar"))
METER = virtual_meters.energy(HOME)


@pytest.mark.parametrize("interval", ["month", "year"])
def test_months_and_years_are_made_of_whole_months_that_begin_in_the_range(interval: str) -> None:
    query = by_interval(METER, asked(interval, "2013-01-15", "2013-03-15"), HOME.zone)
    assert query == RowQuery(METER, Grain.MONTH, at("2013-02-01"), at("2013-04-01"))


def test_a_range_within_one_month_has_no_months() -> None:
    query = by_interval(METER, asked("month", "2013-01-15", "2013-01-20"), HOME.zone)
    assert query.start_ms == query.end_ms


@pytest.mark.parametrize(("interval", "grain"), [("day", Grain.DAY), ("hour", Grain.HOUR)])
def test_days_and_hours_are_those_of_the_range(interval: str, grain: Grain) -> None:
    query = by_interval(METER, asked(interval, "2013-01-15", "2013-03-15"), HOME.zone)
    assert query == RowQuery(METER, grain, at("2013-01-15"), at("2013-03-15"))


@pytest.mark.parametrize("interval", ["hour", "day", "month", "year"])
def test_a_range_of_days_does_not_hang_on_the_interval(interval: str) -> None:
    query = in_range(METER, Grain.DAY, asked(interval, "2013-01-15", "2013-03-15"), HOME.zone)
    assert query == RowQuery(METER, Grain.DAY, at("2013-01-15"), at("2013-03-15"))


def test_without_whole_months_all_but_hours_are_made_of_days() -> None:
    grains = [day_grain(asked(one)) for one in ("hour", "day", "month", "year")]
    assert grains == [Grain.HOUR, Grain.DAY, Grain.DAY, Grain.DAY]


def test_hours_end_where_they_are_said_to_and_days_with_the_last_day() -> None:
    until = at("2013-01-16 07")
    within = asked("hour", "2013-01-15", "2013-01-17", until_ms=until)
    hours = RowQuery(METER, Grain.HOUR, at("2013-01-15"), until)
    assert by_interval(METER, within, HOME.zone) == hours
    assert in_range(METER, Grain.HOUR, within, HOME.zone) == hours
    assert in_range(METER, Grain.DAY, within, HOME.zone).end_ms == at("2013-01-17")
