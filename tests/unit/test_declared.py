"""What a reading is declared to last: its `end`, or the `interval` and `label` of its POST."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quarterhour.energy.readings import Reading
from quarterhour.store.table.codec import from_value, to_value
from quarterhour.time.calendar import DAY_MS, HOUR_MS, zone
from quarterhour.time.declared import (
    DAY,
    MAX_DECLARED_MS,
    MIN_DECLARED_MS,
    Declared,
    first_after,
    first_of,
    until,
)
from quarterhour.time.instants import EPOCH, parse

MADRID, HALIFAX = "Europe/Madrid", "America/Halifax"
ZONES = st.sampled_from(("UTC", MADRID, HALIFAX, "Australia/Lord_Howe", "Africa/Casablanca"))
INSTANTS = st.integers(parse("2001-01-01T00:00:00Z"), parse("2037-01-01T00:00:00Z"))
PERIODS = st.sampled_from(("P1M", "P1Y")) | st.integers(2, 400).map(lambda days: f"P{days}D")


def shown(at_ms: int, name: str) -> datetime:
    """Return what a clock on the wall shows."""
    local = (EPOCH + timedelta(milliseconds=at_ms)).astimezone(ZoneInfo(name))
    return local.replace(tzinfo=None)


# --- The same time of the next day ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "after"),
    [
        ("2025-03-29T00:00+01:00", "2025-03-30T00:00+01:00"),
        ("2025-03-30T00:00+01:00", "2025-03-31T00:00+02:00"),
        ("2025-03-29T06:30+01:00", "2025-03-30T06:30+02:00"),
        ("2025-03-29T02:30+01:00", "2025-03-30T03:00+02:00"),  # there is no 02:30 that day
        ("2025-03-30T03:00+02:00", "2025-03-31T03:00+02:00"),
        ("2025-10-25T02:30+02:00", "2025-10-26T02:30+02:00"),  # it comes twice
        ("2025-10-26T02:30+02:00", "2025-10-27T02:30+01:00"),
        ("2025-10-26T02:30+01:00", "2025-10-27T02:30+01:00"),
        ("2025-10-26T00:00+02:00", "2025-10-27T00:00+01:00"),
    ],
)
def test_a_day_lasts_to_the_same_time_of_the_next(at: str, after: str) -> None:
    at_ms, after_ms = parse(at), parse(after)
    assert Declared(DAY).laid(at_ms, zone(MADRID)) == (at_ms, after_ms - at_ms)


@pytest.mark.parametrize(
    ("end", "start"),
    [
        ("2025-03-31T00:00+02:00", "2025-03-30T00:00+01:00"),
        ("2025-10-27T00:00+01:00", "2025-10-26T00:00+02:00"),
        ("2025-10-27T02:30+01:00", "2025-10-26T02:30+01:00"),  # it came twice
        ("2025-03-31T02:30+02:00", "2025-03-30T03:00+02:00"),  # there was no 02:30
    ],
)
def test_a_day_that_ends_at_a_time_began_at_the_same_time_of_the_day_before(
    end: str, start: str
) -> None:
    start_ms, end_ms = parse(start), parse(end)
    declared = Declared(DAY, is_end=True)
    assert declared.laid(end_ms, zone(MADRID)) == (start_ms, end_ms - start_ms)


@given(INSTANTS, ZONES, st.booleans())
def test_a_day_has_22_to_26_hours_and_one_time_of_day(at_ms: int, name: str, is_end: bool) -> None:  # noqa: FBT001
    start_ms, length_ms = Declared(DAY, is_end).laid(at_ms, zone(name))
    assert isinstance(length_ms, int)
    assert 22 * HOUR_MS <= length_ms <= MAX_DECLARED_MS
    assert at_ms == start_ms + (length_ms if is_end else 0)
    first, last = shown(start_ms, name), shown(start_ms + length_ms, name)
    no_such_time = shown(at_ms, name).hour in {0, 2, 3}
    assert last - first == timedelta(1) or no_such_time or length_ms == MAX_DECLARED_MS


def test_a_day_of_utc_is_24_hours() -> None:
    assert Declared(DAY).laid(7, zone("UTC")) == (7, DAY_MS)
    assert Declared(DAY, is_end=True).laid(DAY_MS + 7, zone("UTC")) == (7, DAY_MS)


# --- Labelled by the end --------------------------------------------------------------------------


@given(INSTANTS, st.integers(MIN_DECLARED_MS, MAX_DECLARED_MS), ZONES)
def test_an_interval_that_ends_at_a_time_began_so_long_before(
    at_ms: int, interval_ms: int, name: str
) -> None:
    found = Declared(interval_ms, is_end=True).laid(at_ms, zone(name))
    assert found == (at_ms - interval_ms, interval_ms)
    assert Declared(interval_ms).laid(at_ms, zone(name)) == (at_ms, interval_ms)


@given(st.dates(date(2001, 3, 1), date(2037, 1, 1)), PERIODS, ZONES)
def test_a_period_that_ends_at_a_midnight_has_the_days_before(
    after: date, period: str, name: str
) -> None:
    here = zone(name)
    start_ms, days = Declared(period, is_end=True).laid(here.begin(after), here)
    first = here.date_of(start_ms)
    assert start_ms == here.begin(first)
    assert isinstance(days, str)
    assert first_after(first, days) == after
    if period not in {"P1M", "P1Y"}:
        assert days == period
    elif after.day <= 28:
        assert first == after.replace(
            year=after.year - (period == "P1Y" or after.month == 1),
            month=after.month if period == "P1Y" else (after.month - 2) % 12 + 1,
        )


@given(st.dates(date(2001, 3, 1), date(2037, 1, 1)), PERIODS)
def test_a_period_back_and_on_again_leads_to_the_same_day_or_that_month_s_last(
    day: date, period: str
) -> None:
    again = first_after(first_of(day, period), period)
    assert again <= day
    assert day - again <= timedelta(3)
    assert again == day or day.day > 28


# --- With an end of its own -----------------------------------------------------------------------


@given(INSTANTS, st.integers(MIN_DECLARED_MS, MAX_DECLARED_MS), ZONES)
def test_an_end_declares_the_interval_up_to_it(at_ms: int, length_ms: int, name: str) -> None:
    assert until(at_ms, at_ms + length_ms, zone(name)) == length_ms
    assert until(at_ms, at_ms + length_ms, None) == length_ms


@given(st.dates(date(2001, 1, 1), date(2036, 1, 1)), st.integers(2, 400), ZONES)
def test_an_end_whole_local_days_later_makes_a_total_of_them(
    first: date, days: int, name: str
) -> None:
    here = zone(name)
    start_ms, end_ms = here.begin(first), here.begin(first + timedelta(days))
    assert until(start_ms, end_ms, here) == f"P{days}D"


@pytest.mark.parametrize(
    ("start", "end", "reason"),
    [
        ("2024-01-10T04:00Z", "2024-01-10T04:00Z", "a second or more after datetime"),
        ("2024-01-10T04:00Z", "2024-01-10T03:00Z", "a second or more after datetime"),
        ("2024-01-10T04:00Z", "2024-01-10T04:00:00.999Z", "a second or more after datetime"),
        ("2024-01-10T05:00Z", "2024-02-10T04:00Z", "both must be local midnights"),
        ("2024-01-10T04:00Z", "2024-02-10T05:00Z", "both must be local midnights"),
        ("2024-01-10T04:00Z", "2024-01-11T07:00Z", "both must be local midnights"),
        ("2024-01-10T04:00Z", "2025-02-14T04:00Z", "2 to 400 local days after"),
    ],
)
def test_no_other_end_is_one(start: str, end: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        until(parse(start), parse(end), zone(HALIFAX))


def test_a_ship_has_no_totals() -> None:
    with pytest.raises(ValueError, match=r"must be at most 26 hours after datetime"):
        until(0, 31 * DAY_MS, None)
    assert until(0, DAY_MS, None) == DAY_MS


# --- As it is stored ------------------------------------------------------------------------------


@given(st.integers(MIN_DECLARED_MS, MAX_DECLARED_MS), st.floats(-1e9, 1e9, allow_subnormal=False))
def test_every_millisecond_of_an_interval_is_kept(interval_ms: int, value: float) -> None:
    reading = Reading(7, value, interval_ms)
    stored = from_value(7, to_value(reading))  # type: ignore[arg-type]
    assert stored is not None
    assert stored.interval_ms == interval_ms
