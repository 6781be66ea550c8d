"""How a site stands: which days are today, yesterday and this month."""

import pytest

from quarterhour.energy.quantities import Quantity
from quarterhour.energy.readings import Reading
from quarterhour.query.rows import Grain
from quarterhour.sites import virtual_meters
from quarterhour.sites.ends import Ends, Newest
from quarterhour.time.calendar import HOUR_MS, zone
from quarterhour.values.standing import (
    DAYS,
    MONTHS,
    NOTHING,
    all_months,
    plan,
    recent_days,
    standing,
)
from tests.house_builders import NEW_YORK, at, device, house

ZONE = zone(NEW_YORK)


def days(**kwh: float) -> dict[int, float]:
    """Return rows by days of 2013: `days(d01_31=1)`."""
    return {at(f"2013-{day[1:].replace('_', '-')}"): amount for day, amount in kwh.items()}


def test_a_month_is_from_its_first_day_on_and_yesterday_may_be_before_it() -> None:
    rows = days(d01_31=1, d02_01=2, d02_02=4)
    months = {at("2012-12-01"): 100.0, at("2013-01-01"): 1.0, at("2013-02-01"): 6.0}
    assert standing(rows, months, at("2013-02-02 23"), ZONE) == (4, 2, 6, 107)
    assert standing(rows, months, at("2013-02-01"), ZONE) == (2, 1, 6, 107)
    assert standing(rows, months, at("2013-02-01") - 1, ZONE)[:2] == (1, 0)
    assert standing({}, {}, at("2013-02-01"), ZONE) == NOTHING


@pytest.mark.parametrize(
    ("now", "first", "end"),
    [
        ("2013-02-02 23", "2013-02-01", "2013-02-03"),
        ("2013-02-01 00", "2013-01-31", "2013-02-02"),
        ("2013-01-01 05", "2012-12-31", "2013-01-02"),
        ("2013-03-10 23", "2013-03-01", "2013-03-11"),
    ],
)
def test_the_days_that_are_read_are_those_of_the_month_and_yesterday(
    now: str, first: str, end: str
) -> None:
    assert recent_days(at(now), ZONE) == (at(first), at(end))


def ends(oldest: str, newest: str) -> Ends:
    return Ends(at(oldest), {"used": Newest(Reading(at(newest), 1.0), Quantity.ENERGY)})


def test_all_months_are_those_between_both_ends_and_what_a_last_reading_reaches() -> None:
    now = at("2013-02-02")
    assert all_months(ends("2012-05-17", "2013-01-05"), now, ZONE) == (
        *(at("2012-05-01"), at("2013-02-01")),
    )
    assert all_months(ends("2012-05-17", "2013-01-30"), now, ZONE)[1] == at("2013-03-01")
    assert all_months(Ends(), now, ZONE) == (at("2013-02-01"), at("2013-03-01"))


def test_a_house_with_totals_is_read_for_all_months_there_may_be() -> None:
    now, span = at("2013-02-02") + HOUR_MS, ends("2012-05-17", "2013-01-05")
    plain, with_totals = (
        house(device(1, "used"), has_totals=has_totals) for has_totals in (False, True)
    )
    meter = virtual_meters.energy(plain)
    months = plan(plain, span, now)[MONTHS]
    assert months == (meter, Grain.MONTH, *all_months(span, now, ZONE))
    assert plan(with_totals, span, now)[MONTHS].end_ms > at("2099-12-01")
    assert plan(plain, span, now)[DAYS] == (meter, Grain.DAY, *recent_days(now, ZONE))
