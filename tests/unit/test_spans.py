"""Dates and durations of questions about a house."""

from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quarterhour.time.calendar import HOUR_MS, zone
from quarterhour.time.dates import LAST_END, Duration, day, duration
from tests.house_builders import NEW_YORK, at

ZONE = zone(NEW_YORK)
FULL_WIDTH = "2013".translate({ord(digit): ord(digit) + 0xFEE0 for digit in "0123"})
DATES = st.dates(date(2000, 1, 1), date(2099, 12, 31))


def end(start: str, text: str, timezone: str = NEW_YORK) -> str:
    """Return the first day after a duration."""
    after, _ = duration(text).after(date.fromisoformat(start), zone(timezone))
    return after.isoformat()


def hours_end(start: str, text: str, timezone: str = NEW_YORK) -> int | None:
    _, until_ms = duration(text).after(date.fromisoformat(start), zone(timezone))
    return until_ms


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2013", date(2013, 1, 1)),
        ("2013-02", date(2013, 2, 1)),
        ("2013-02-28", date(2013, 2, 28)),
        ("2012-02-29", date(2012, 2, 29)),
        ("2000", date(2000, 1, 1)),
        ("2099-12-31", date(2099, 12, 31)),
        ("2013-01-05T23:59:59", date(2013, 1, 5)),
        ("2013-01-05 23:59", date(2013, 1, 5)),
        ("2013-01-05t17", date(2013, 1, 5)),
        ("2013-01-05T17:00:00.5Z", date(2013, 1, 5)),
        ("2013-01-05T17:00:00-05:00", date(2013, 1, 5)),
        ("2013-01-05T17:00:00 05:00", date(2013, 1, 5)),
        ("2013-01-05T17-00-00Z", date(2013, 1, 5)),
        pytest.param("2013-01-05T" + "0" * 10**6, date(2013, 1, 5), id="long"),
    ],
)
def test_a_date_is_a_year_a_month_or_a_day_and_a_time_counts_for_nothing(
    text: str, expected: date
) -> None:
    assert day(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        *("", "13", "20130105", "2013-1-5", "2013-01-", "2013-01-05Tea", "2013-01T00:00"),
        *("2013-W01-1", " 2013", "2013\n", FULL_WIDTH, "+2013", "false"),
        pytest.param("2013" * 10**6, id="long"),
        pytest.param("2013-01-05T" + "x" * 10**6, id="long time"),
    ],
)
def test_anything_else_is_no_date(text: str) -> None:
    with pytest.raises(ValueError, match=r"^must be a date, as 2013, 2013-01 or 2013-01-05$"):
        day(text)


@pytest.mark.parametrize("text", ["2013-00", "2013-13", "2013-02-29", "2013-01-00", "2013-04-31"])
def test_a_day_must_be_in_the_calendar(text: str) -> None:
    with pytest.raises(ValueError, match=r"^is not a day of the calendar$"):
        day(text)


@pytest.mark.parametrize("text", ["1999", "1999-12-31", "2100", "0000", "9999-12-31"])
def test_the_years_are_2000_to_2099(text: str) -> None:
    with pytest.raises(ValueError, match=r"^must lie in the years 2000 to 2099$"):
        day(text)


@given(DATES)
def test_every_day_reads_as_it_is_written(one: date) -> None:
    assert day(one.isoformat()) == one


@pytest.mark.parametrize(
    "text",
    [
        *("", "1", "day", "1 day", "-1day", "1.5days", "1week", "1Day", "1dayss", "1day ", "P1D"),
        *(f"{FULL_WIDTH}day", "1day2hours"),
        pytest.param("9" * 10**6, id="long number"),
        pytest.param("1" + "s" * 10**6, id="long unit"),
    ],
)
def test_a_duration_is_digits_and_a_unit(text: str) -> None:
    expected = "^must be digits and hours, days, months or years, as 1day or 12months$"
    with pytest.raises(ValueError, match=expected):
        duration(text)


@pytest.mark.parametrize("unit", ["hour", "day", "month", "year"])
def test_one_or_many_is_the_same_word(unit: str) -> None:
    assert duration(f"3{unit}") == duration(f"3{unit}s") == Duration(3, unit)


@pytest.mark.parametrize(
    ("start", "text", "expected"),
    [
        ("2013-01-05", "0days", "2013-01-05"),
        ("2013-01-05", "1day", "2013-01-06"),
        ("2013-03-10", "1day", "2013-03-11"),
        ("2012-02-28", "2days", "2012-03-01"),
        ("2013-01-05", "1month", "2013-02-05"),
        ("2013-01-31", "1month", "2013-02-28"),
        ("2013-01-31", "2months", "2013-03-31"),
        ("2012-11-30", "3months", "2013-02-28"),
        ("2012-02-29", "1year", "2013-02-28"),
        ("2012-02-29", "4years", "2016-02-29"),
        ("2013-01-05", "00000000000012months", "2014-01-05"),
    ],
)
def test_days_months_and_years_are_the_calendar_s(start: str, text: str, expected: str) -> None:
    assert end(start, text) == expected
    assert hours_end(start, text) is None


@pytest.mark.parametrize(
    ("start", "text", "after", "until"),
    [
        ("2013-01-05", "1hour", "2013-01-06", "2013-01-05 01"),
        ("2013-01-05", "24hours", "2013-01-06", "2013-01-06 00"),
        ("2013-01-05", "25hours", "2013-01-07", "2013-01-06 01"),
        ("2013-01-05", "0hours", "2013-01-05", "2013-01-05 00"),
        ("2013-03-10", "23hours", "2013-03-11", "2013-03-11 00"),
        ("2013-03-10", "24hours", "2013-03-12", "2013-03-11 01"),
        ("2013-11-03", "24hours", "2013-11-04", "2013-11-03 23"),
        ("2013-11-03", "25hours", "2013-11-04", "2013-11-04 00"),
    ],
)
def test_hours_are_counted_one_by_one(start: str, text: str, after: str, until: str) -> None:
    assert end(start, text) == after
    assert hours_end(start, text) == at(until)


def test_an_hour_that_has_begun_is_asked_for_as_a_whole() -> None:
    """On Lord Howe Island clocks go back by half an hour, from 02:00 to 01:30."""
    lord_howe = "Australia/Lord_Howe"
    begin = zone(lord_howe).begin(date(2013, 4, 7))
    hours = {zone(lord_howe).hour_of(begin + quarter * HOUR_MS // 4) for quarter in range(98)}
    until = hours_end("2013-04-07", "4hours", lord_howe)
    assert until is not None
    assert until in hours
    assert 0 <= until - begin - 4 * HOUR_MS < HOUR_MS


@pytest.mark.parametrize("unit", ["hour", "day", "month", "year"])
@pytest.mark.parametrize(
    "digits",
    ["900000", "1000000000", "1" + "0" * 12, pytest.param("9" * 10**6, id="long")],
)
def test_no_duration_leads_beyond_2099(unit: str, digits: str) -> None:
    for start in ("2000-01-01", "2099-12-31"):
        after, until_ms = duration(f"{digits}{unit}").after(date.fromisoformat(start), ZONE)
        assert after == LAST_END
        assert until_ms == (ZONE.begin(LAST_END) if unit == "hour" else None)


@given(DATES, st.integers(0, 10**6), st.sampled_from(["hour", "day", "month", "year"]))
def test_a_duration_ends_where_it_begins_or_later(start: date, number: int, unit: str) -> None:
    after, until_ms = duration(f"{number}{unit}s").after(start, ZONE)
    assert start <= after <= LAST_END
    assert (after == start) == (number == 0)
    if until_ms is not None:
        assert ZONE.begin(start) <= until_ms <= ZONE.begin(after)
        assert until_ms == min(ZONE.begin(start) + number * HOUR_MS, ZONE.begin(LAST_END))
        assert number == 0 or ZONE.day_of(until_ms - 1) < ZONE.begin(after) <= ZONE.next_day(
            until_ms - 1
        )


@given(st.text())
def test_no_text_does_more_than_be_refused(text: str) -> None:
    for read in (day, duration):
        with suppress(ValueError):
            assert read(text)
