"""Instants as most write them are read by a short way, which says what the long one says."""

from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from quarterhour.time import instants

DIGITS = st.sampled_from("0123456789")
NUMBER = st.builds("".join, st.lists(DIGITS, min_size=2, max_size=2))


def outcome(text: str, *, short: bool) -> int | str:
    try:
        return instants.parse(text) if short else instants._any(text)
    except ValueError as error:
        return str(error)


@st.composite
def nearly_usual(draw: st.DrawFn) -> str:
    """Return a time as most write it, or one with a digit or letter that is another."""
    when = draw(st.datetimes())
    text = f"{when:%Y-%m-%dT%H:%M:%SZ}".rjust(20, "0")
    if draw(st.booleans()):
        place = draw(st.integers(0, len(text) - 1))
        other = draw(st.sampled_from("0123456789-:TtZz +٣x"))
        text = text[:place] + other + text[place + 1 :]
    return text


@given(nearly_usual())
@example("2018-08-24T24:00:00Z")
@example("2018-08-24T23:59:60Z")
@example("2018-02-30T00:00:00Z")
@example("1999-12-31T23:59:59Z")
@example("2000-01-01T00:00:00Z")
@example("2099-12-31T23:59:59Z")
@example("2100-01-01T00:00:00Z")
@example("2018-08-24T00:15+00")
@example("20180824T001500+0000")
def test_both_ways_say_the_same(text: str) -> None:
    assert outcome(text, short=True) == outcome(text, short=False)


@given(st.datetimes(min_value=instants.EPOCH.replace(tzinfo=None)))
def test_most_times_take_the_short_way(when: object) -> None:
    text = f"{when:%Y-%m-%dT%H:%M:%SZ}"
    try:
        assert instants._usual(text) == instants._any(text)
    except ValueError:
        assert instants._usual(text) is None


@pytest.mark.parametrize("text", ["", "Z", "2018-08-24T00:15:00", "2018-08-24t00:15:00z"])
def test_no_other_does(text: str) -> None:
    assert instants._usual(text) is None


# --- Unix time and midnight -----------------------------------------------------------------------

SECONDS = st.integers(instants.FIRST_MS // 1000, instants.LAST_MS // 1000)


@given(SECONDS, st.integers(0, 999), st.integers(0, 9))
def test_seconds_and_their_fraction_are_read_as_they_are_written(
    second: int, ms: int, tenth: int
) -> None:
    at_ms = second * 1000 + ms
    assert instants.of_unix(float(f"{second}.{ms:03}")) == at_ms
    assert instants.of_unix(at_ms) == instants.of_unix(float(at_ms)) == at_ms
    assert instants.of_unix(float(f"{at_ms}.{tenth}")) == at_ms
    assert instants.of_unix(second) == second * 1000


@given(st.floats() | st.integers())
def test_any_number_is_an_instant_or_refused(number: float) -> None:
    try:
        at_ms = instants.of_unix(number)
    except ValueError as error:
        assert "2000 to 2099" in str(error)  # noqa: PT017
    else:
        assert instants.FIRST_MS <= at_ms <= instants.LAST_MS


@given(st.dates(min_value=instants.EPOCH.date().replace(year=2000)), st.sampled_from("Tt "))
def test_where_a_day_ends_the_next_begins(day: date, letter: str) -> None:
    if day.year > 2099:
        return
    begin_ms = instants.parse(f"{day}T00:00:00Z")
    for clock, more in (("24:00", 86_400), ("24:00:00", 86_400), ("24:00:00.000", 86_400)):
        text = f"{day}{letter}{clock}+01:00"
        assert instants.parse(text) == begin_ms + (more - 3600) * 1000
    leap = instants.parse(f"{day}{letter}23:59:60+01:00")
    assert leap == instants.parse(f"{day}T23:59:59+01:00") + 1000
