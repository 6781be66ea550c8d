"""The local calendar: days of 92, 96 and 100 quarter hours, and zones that do odd things."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quarterhour.time.calendar import BUCKET_MS, Zone, zone
from quarterhour.time.instants import EPOCH

NAMES = (
    *("America/New_York", "Europe/Berlin", "Asia/Kolkata", "Asia/Kathmandu", "UTC"),
    *("Australia/Lord_Howe", "America/Sao_Paulo", "Asia/Beirut", "America/Havana"),
    *("Pacific/Chatham", "Africa/Casablanca", "America/Asuncion", "Europe/Dublin"),
)
DAYS = st.dates(date(2000, 1, 2), date(2037, 12, 30))
INSTANTS = st.integers(946_684_800_000 // BUCKET_MS, 2_145_916_800_000 // BUCKET_MS)


def aware(at_ms: int, name: str) -> datetime:
    return (EPOCH + timedelta(milliseconds=at_ms)).astimezone(ZoneInfo(name))


def hours(here: Zone, day: date) -> list[str]:
    """Return what the clock shows where each hour of a day begins."""
    begin = here.begin(day)
    quarters = range(begin, here.next_day(begin), BUCKET_MS)
    return [f"{here.clock_of(at):%H:%M}" for at in dict.fromkeys(map(here.hour_of, quarters))]


@given(st.sampled_from(NAMES), INSTANTS)
def test_an_instant_lies_in_the_day_that_the_clock_shows(name: str, nth: int) -> None:
    here, at = zone(name), nth * BUCKET_MS
    assert here.day_of(at) <= at < here.next_day(at)
    assert here.date_of(at) == aware(at, name).date()
    assert here.clock_of(at) == aware(at, name).replace(tzinfo=None)


@given(st.sampled_from(NAMES), INSTANTS)
def test_hours_days_months_and_years_are_inside_one_another(name: str, nth: int) -> None:
    here, at = zone(name), nth * BUCKET_MS
    nested = [here.hour_of(at), here.day_of(at), here.month_of(at), here.year_of(at)]
    assert nested == sorted(nested, reverse=True)
    assert nested[0] <= at
    assert at < here.next_day(at) <= here.next_month(at) <= here.next_year(at)
    assert here.date_of(here.month_of(at)) == aware(at, name).date().replace(day=1)
    assert here.date_of(here.year_of(at)) == aware(at, name).date().replace(month=1, day=1)


@given(st.sampled_from(NAMES), DAYS)
def test_days_follow_each_other_without_a_gap(name: str, day: date) -> None:
    here = zone(name)
    begin, after = here.begin(day), here.begin(day + timedelta(1))
    assert here.next_day(begin) == after
    assert here.day_of(after - 1) == begin
    assert [*here.days_between(begin, after + 1)] == [begin, after]
    assert begin % BUCKET_MS == 0


@pytest.mark.parametrize(
    ("day", "quarters", "repeated"),
    [
        (date(2014, 3, 9), 92, []),
        (date(2014, 11, 2), 100, ["01:00"]),
        (date(2014, 7, 1), 96, []),
    ],
)
def test_a_day_of_changing_clocks_is_shorter_or_longer(
    day: date, quarters: int, repeated: list[str]
) -> None:
    here = zone("America/New_York")
    assert (here.begin(day + timedelta(1)) - here.begin(day)) // BUCKET_MS == quarters
    found = hours(here, day)
    assert len(found) == quarters / 4
    assert [one for one in dict.fromkeys(found) if found.count(one) > 1] == repeated
    assert ("02:00" in found) == (quarters != 92)


def test_an_hour_that_changing_clocks_cut_is_an_hour_of_its_own() -> None:
    """Lord Howe's clocks change by half an hour: half an hour comes again, or is left out."""
    here = zone("Australia/Lord_Howe")
    assert hours(here, date(2014, 4, 6))[:4] == ["00:00", "01:00", "01:30", "02:00"]
    assert hours(here, date(2014, 10, 5))[:4] == ["00:00", "01:00", "02:30", "03:00"]


def test_a_day_begins_late_where_clocks_change_at_midnight() -> None:
    here = zone("America/Sao_Paulo")
    assert f"{here.clock_of(here.begin(date(2017, 10, 15))):%F %H:%M}" == "2017-10-15 01:00"
    assert hours(here, date(2017, 10, 15))[0] == "01:00"


def test_a_date_that_a_zone_left_out_is_no_day() -> None:
    apia = zone("Pacific/Apia")
    before = apia.begin(date(2011, 12, 29))
    assert apia.date_of(apia.next_day(before)) == date(2011, 12, 31)
    assert apia.begin(date(2011, 12, 30)) == apia.begin(date(2011, 12, 31))


def test_a_change_inside_a_quarter_hour_counts_from_its_beginning() -> None:
    """Clocks of Newfoundland changed at 00:01, which is 02:31 UTC."""
    here = zone("America/St_Johns")
    midnight = datetime(2010, 11, 7, 2, 30, tzinfo=UTC)
    at_ms = (midnight - EPOCH) // timedelta(milliseconds=1)
    assert f"{here.clock_of(at_ms):%F %H:%M}" == "2010-11-06 23:00"
    assert here.begin(date(2010, 11, 7)) == at_ms + 4 * BUCKET_MS


@pytest.mark.parametrize(
    "name",
    [
        *("", " ", "Mars/Phobos", "../../etc/passwd", "/usr/share/zoneinfo/UTC", "America"),
        *("localtime", "posixrules", "right/UTC", "posix/UTC", "Factory", "Europe/Berlin\n"),
        *("Europe\\Berlin", "\x00", "A" * 10_000, "Ü", "EUROPE/BERLIN/X"),
    ],
)
def test_what_is_no_time_zone_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="IANA time zone"):
        Zone(name)


def test_a_zone_is_made_once() -> None:
    assert zone("Europe/Berlin") is zone("Europe/Berlin")
