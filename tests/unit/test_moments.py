"""Where a range of a house begins and ends: dates, local times, instants, durations."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from quarterhour.time import dates, instants
from quarterhour.time.calendar import BUCKET_MS, HOUR_MS, zone
from quarterhour.time.moments import after, moment

ZONES = ("America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC", "Asia/Beirut")
# Around changes of clocks, of New York, Lord Howe and Beirut (at midnight), and plain days.
DAYS = ("2013-03-10", "2013-11-03", "2013-04-07", "2013-10-06", "2013-03-31", "2013-07-04")


def shown(name: str, at_ms: int) -> datetime:
    """Return what a clock shows, by the standard library."""
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=at_ms)
    return at.astimezone(ZoneInfo(name)).replace(tzinfo=None)


@given(st.sampled_from(ZONES), st.sampled_from(DAYS), st.integers(1, 24 * 60 - 1))
@example("America/New_York", "2013-03-10", 150)
@example("America/New_York", "2013-11-03", 90)
def test_a_local_time_is_the_first_instant_at_which_clocks_show_it_or_more(
    name: str, day: str, minute: int
) -> None:
    clock = datetime.fromisoformat(day) + timedelta(minutes=minute)
    at_ms = moment(clock.isoformat(), zone(name))
    begin = instants.parse(f"{day}T00:00:00Z") - 15 * HOUR_MS
    # From the evening before, when no clock has come so far.
    first = next(
        at for at in range(begin, begin + 48 * HOUR_MS, BUCKET_MS // 15) if shown(name, at) >= clock
    )
    assert at_ms == first
    assert zone(name).iso_of(at_ms)[:16] >= clock.isoformat()[:16]


@given(st.sampled_from(ZONES), st.integers(instants.FIRST_MS, instants.LAST_MS))
def test_an_instant_with_its_offset_is_read_as_it_was(name: str, at_ms: int) -> None:
    second_ms = at_ms // 1000 * 1000
    text = zone(name).iso_of(second_ms)
    assert datetime.fromisoformat(text).timestamp() * 1000 == second_ms
    assert text[:19] == shown(name, second_ms).isoformat()


@pytest.mark.parametrize(
    ("start", "duration", "end"),
    [
        ("2013-03-09T12:00", "1day", "2013-03-10T12:00"),
        ("2013-03-09T12:00", "24hours", "2013-03-10T13:00"),
        ("2013-01-31T05:00", "1month", "2013-02-28T05:00"),
        ("2012-02-29", "1year", "2013-02-28"),
        ("2013-03-09T02:30", "1day", "2013-03-10T03:00"),
        ("2013-11-02T01:30", "1day", "2013-11-03T01:30"),
        ("2013-01-05T00:00:00.250", "0days", "2013-01-05T00:00:00.250"),
        ("2099-12-31T05:00", "99999999days", "2099-12-31T24:00"),
        ("2099-12-31T05:00", "99999999hours", "2099-12-31T24:00"),
    ],
)
def test_a_duration_ends_at_the_same_local_time(start: str, duration: str, end: str) -> None:
    new_york = zone("America/New_York")
    ends = new_york.begin(dates.LAST_END) if end.endswith("24:00") else moment(end, new_york)
    assert after(dates.duration(duration), moment(start, new_york), new_york) == ends


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        *(("yesterday", "must be a date"), ("", "must be a date"), ("2013-1-5", "must be a date")),
        *(("2013-02-30", "calendar"), ("2013-02-30T05:00", "calendar"), ("2013-13", "calendar")),
        *(("2013-01-05T25:00", "calendar"), ("2013-01-05T05:00:00+25:00", "calendar")),
        *(("1999", "2000 to 2099"), ("2100-01-01T00:00", "2000 to 2099")),
        ("123456789", "2000 to 2099"),
        ("2013-01-05T05:00:00 05:99", "ISO 8601"),
        ("9" * 15, "ISO 8601"),
        ("1" * 5000, "ISO 8601"),
    ],
)
def test_what_is_no_moment_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        moment(text, zone("America/New_York"))


@given(st.text() | st.from_regex(r"[0-9T: +.Zz-]{1,40}", fullmatch=True), st.sampled_from(ZONES))
def test_no_text_does_more_than_be_refused(text: str, name: str) -> None:
    try:
        at_ms = moment(text, zone(name))
    except ValueError as error:
        assert str(error)  # noqa: PT017
    else:
        assert instants.FIRST_MS - 15 * HOUR_MS <= at_ms <= instants.LAST_MS + 15 * HOUR_MS
