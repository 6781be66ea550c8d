"""The range that is asked for: of hours, of days, of whole months."""

import pytest

from quarterhour.query.intervals import OF_VIEWS
from quarterhour.time.calendar import HOUR_MS, zone
from tests.house_builders import NEW_YORK, asked, at

ZONE = zone(NEW_YORK)


def test_every_interval_has_three_spellings() -> None:
    spelled = {
        **dict.fromkeys(("hour", "hours", "hourly"), "hour"),
        **dict.fromkeys(("day", "days", "daily"), "day"),
        **dict.fromkeys(("month", "months", "monthly"), "month"),
        **dict.fromkeys(("year", "years", "yearly"), "year"),
    }
    assert spelled == OF_VIEWS


def test_hours_are_those_of_the_days_unless_they_end_before_the_last_day_does() -> None:
    day = asked("hour", "2013-01-05", "2013-01-07")
    assert day.hours(ZONE) == day.days(ZONE) == (at("2013-01-05"), at("2013-01-07"))
    until = at("2013-01-06 07")
    cut = asked("hour", "2013-01-05", "2013-01-07", until_ms=until)
    assert cut.hours(ZONE) == (at("2013-01-05"), until)
    assert cut.days(ZONE) == (at("2013-01-05"), at("2013-01-07"))


def test_an_open_range_is_everything_that_can_be_posted() -> None:
    first, last = asked("hour").hours(ZONE)
    assert first <= at("2000-01-01") - 24 * HOUR_MS
    assert last >= at("2100-01-01")


@pytest.mark.parametrize(
    ("start", "end", "months"),
    [
        ("2013-01-01", "2013-03-01", ("2013-01-01", "2013-03-01")),
        ("2013-01-02", "2013-03-01", ("2013-02-01", "2013-03-01")),
        ("2013-01-31", "2013-03-02", ("2013-02-01", "2013-04-01")),
    ],
)
def test_months_are_whole_and_begin_in_the_range(
    start: str, end: str, months: tuple[str, str]
) -> None:
    assert asked("month", start, end).months(ZONE) == tuple(map(at, months))
