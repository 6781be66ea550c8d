"""Local times in their order, as instants: clocks that change, files that go either way."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quarterhour.time.calendar import zone
from quarterhour.time.instants import iso, parse
from quarterhour.time.local_times import instants

VIENNA, SYDNEY, LORD_HOWE = "Europe/Vienna", "Australia/Sydney", "Australia/Lord_Howe"
QUARTER = timedelta(minutes=15)
NOWHERE = "does not exist in Europe/Vienna: clocks go forward then"


def read(*texts: str, name: str = VIENNA, are_ends: bool = False) -> list[str]:
    """Return the instants of times on one day in October or March, as `01:30`."""
    found = instants(texts, zone(name), are_ends=are_ends)
    return [iso(one)[11:16] if isinstance(one, int) else one for one in found]


def autumn(*clocks: str) -> list[str]:
    return read(*(f"2023-10-29 {clock}" for clock in clocks))


def test_an_hour_that_comes_twice_is_first_summer_time() -> None:
    clocks = ("01:30", "02:00", "02:30", "02:00", "02:30", "03:00")
    assert autumn(*clocks) == ["23:30", "00:00", "00:30", "01:00", "01:30", "02:00"]


def test_twins_side_by_side_are_summer_time_and_then_winter_time() -> None:
    clocks = ("01:45", "02:00", "02:00", "02:15", "02:15", "03:00")
    assert autumn(*clocks) == ["23:45", "00:00", "01:00", "00:15", "01:15", "02:00"]


def test_what_comes_once_is_summer_time_unless_the_order_says_otherwise() -> None:
    assert autumn("02:00") == ["00:00"]
    assert autumn("01:00", "02:00", "03:00") == ["23:00", "00:00", "02:00"]
    assert autumn("02:30", "02:45", "02:00", "02:15") == ["00:30", "00:45", "01:00", "01:15"]
    # Not what is far away in a file without an order.
    assert autumn("01:00", "04:00", "02:00") == ["23:00", "03:00", "00:00"]


def test_a_file_that_goes_back_in_time_says_it_from_its_end() -> None:
    clocks = ("03:00", "02:30", "02:00", "02:30", "02:00", "01:30")
    assert autumn(*clocks) == ["02:00", "01:30", "01:00", "00:30", "00:00", "23:30"]


def test_an_hour_that_does_not_exist_has_no_instant() -> None:
    clocks = [f"2023-03-26T{clock}" for clock in ("01:45", "02:00", "02:59", "03:00")]
    assert read(*clocks) == ["00:45", NOWHERE, NOWHERE, "01:00"]
    # As the end of the quarter hour before it, 02:00 is the very change.
    assert read(*clocks, are_ends=True) == ["00:45", "01:00", NOWHERE, "01:00"]


def test_times_with_an_offset_and_unix_times_need_no_zone() -> None:
    texts = ("2023-10-29T02:00:00Z", "2023-10-29T02:00:00+01:00", "1698544800", "1698544800000")
    assert read(*texts) == ["02:00", "01:00", "02:00", "02:00"]
    assert instants(texts, None) == instants(texts, zone(VIENNA))


def test_a_date_is_its_midnight_and_24_00_the_next_one() -> None:
    assert instants(["2023-10-29"], zone(VIENNA)) == [parse("2023-10-28T22:00:00Z")]
    texts = ["2023-10-29 24:00", "2023-10-29 24:00:00", "2023-10-29 23:59:60", "2023-10-30 00:00"]
    assert instants(texts, zone(VIENNA)) == [parse("2023-10-29T23:00:00Z")] * 4
    assert read("2023-10-29 05:00:00.1239") == ["04:00"]
    assert instants(["2023-10-29 05:00:00.1239"], zone(VIENNA))[0] % 1000 == 123


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("2023-02-30 00:00", "is not a time of the calendar"),
        ("2023-02-28 24:01", "is not a time of the calendar"),
        ("2023-02-28 25:00", "is not a time of the calendar"),
        ("2023-02-28 12:60", "is not a time of the calendar"),
        ("2023-02-28 12:00:60", "is not a time of the calendar"),
        ("1999-12-31 23:59", "must lie in the years 2000 to 2099 (UTC)"),
        ("2000-01-01 00:30", "must lie in the years 2000 to 2099 (UTC)"),
        ("2100-01-01 12:00", "must lie in the years 2000 to 2099 (UTC)"),
        ("28.02.2023 12:00", "must be an ISO 8601 time"),
        ("\u0662023-02-28 12:00", "must be an ISO 8601 time"),
        ("", "must be an ISO 8601 time"), ("noon", "must be an ISO 8601 time"),
        ("-1", "must lie in the years"), ("9" * 20, "must lie in the years"),
    ],
)  # fmt: skip
def test_what_is_no_time_says_why(text: str, reason: str) -> None:
    (found,) = instants([text], zone(VIENNA))
    assert isinstance(found, str)
    assert found.startswith(reason)


def test_without_a_zone_a_local_time_needs_an_offset() -> None:
    (found,) = instants(["2023-10-29 02:00"], None)
    assert str(found).startswith("needs Z or an offset")


@pytest.mark.parametrize("name", [VIENNA, SYDNEY, LORD_HOWE, "America/St_Johns", "UTC"])
@pytest.mark.parametrize("is_backwards", [0, 1])
@given(data=st.data())
def test_a_file_of_every_quarter_hour_is_read_as_it_was_written(
    name: str, is_backwards: int, data: st.DataObject
) -> None:
    """Around the changes of clocks, and any part of the file that has both or none of an hour."""
    day = data.draw(
        st.sampled_from(
            ["2023-03-11", "2023-03-25", "2023-03-31", "2023-09-30", "2023-10-28", "2023-11-04"]
        )
    )
    begin = datetime.fromisoformat(f"{day}T00:00:00Z") + data.draw(st.integers(0, 40)) * QUARTER
    times = [begin + nth * QUARTER for nth in range(data.draw(st.integers(60, 200)))]
    if is_backwards:
        times.reverse()
    texts = [at.astimezone(ZoneInfo(name)).strftime("%Y-%m-%d %H:%M") for at in times]
    right = [int(at.timestamp()) * 1000 for at in times]
    found = instants(texts, zone(name))
    twice = {text for text in texts if texts.count(text) > 1}
    ambiguous = {
        text
        for at, text in zip(times, texts, strict=True)
        if at.astimezone(ZoneInfo(name)).replace(fold=1).astimezone(UTC)
        != at.astimezone(ZoneInfo(name)).replace(fold=0).astimezone(UTC)
    }
    for text, one, instant in zip(texts, right, found, strict=True):
        if text not in ambiguous or text in twice:
            assert instant == one, (text, iso(one))
