"""The parameters of views: what is accepted, what is ignored, and what is refused how."""

from datetime import date
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from quarterhour.errors import BadRequest
from quarterhour.http.query.houses import ViewParameters
from quarterhour.query.asked import Asked
from quarterhour.query.intervals import OF_VIEWS
from quarterhour.time.calendar import zone
from quarterhour.views.by_name import PARAMETERS, VIEWS
from tests.house_builders import NEW_YORK, at

ZONE = zone(NEW_YORK)
FULL_WIDTH_6 = chr(ord("6") + 0xFEE0)
NAMES = [name for name in ViewParameters.model_fields if name != "form"]


def asked(view: str = "basetemp", **written: str) -> Asked:
    return ViewParameters(**{"interval": "day", **written}).asked(view, ZONE).question


def refused(view: str = "basetemp", **written: str) -> Any:
    """Return the sentence of a refusal, and its reasons by parameter."""
    with pytest.raises(BadRequest) as error:
        asked(view, **written)
    return error.value.message, {one.field: one.reason for one in error.value.details}


def test_what_is_not_said_has_its_default() -> None:
    assert asked() == Asked("day")
    assert asked(**dict.fromkeys(NAMES[1:], "")) == Asked("day")


@pytest.mark.parametrize("text", [*OF_VIEWS])
def test_every_spelling_of_an_interval_is_known(text: str) -> None:
    assert asked(interval=text).interval == OF_VIEWS[text]


@pytest.mark.parametrize(
    "text",
    ["week", "Day", "dayly", "1day", "day ", "15min", pytest.param("x" * 10**6, id="long")],
)
def test_any_other_interval_is_refused(text: str) -> None:
    said, reasons = refused(interval=text)
    assert said == "The request is not valid: see interval."
    assert reasons == {
        "interval": "must be one of hour, hours, hourly, day, days, daily, "
        "month, months, monthly, year, years, yearly"
    }


@pytest.mark.parametrize("view", [*VIEWS])
def test_every_view_needs_an_interval(view: str) -> None:
    _, reasons = refused(view, interval="")
    assert reasons["interval"].startswith("is required: must be one of hour, hours, ")


def test_a_range_is_of_start_and_end() -> None:
    assert asked(start="2013", end="2013-02-05") == Asked("day", date(2013, 1, 1), date(2013, 2, 5))
    assert asked(start="2013").end is None
    assert asked(end="2013").start is None


def test_start_and_end_may_be_equal_but_not_the_wrong_way_round() -> None:
    assert asked(start="2013-02", end="2013-02").end == date(2013, 2, 1)
    said, reasons = refused(start="2013-02-02", end="2013-02")
    assert said == "start must not be after end."
    assert reasons == {"start": "is after end"}


def test_a_duration_counts_in_the_place_of_an_end() -> None:
    expected = Asked("day", date(2013, 1, 31), date(2013, 2, 28), by_duration=True)
    assert asked(start="2013-01-31", duration="1month") == expected
    assert asked(start="2013-01-31", duration="1month", end="2001") == expected


def test_a_duration_without_a_start_is_ignored() -> None:
    assert asked(duration="1month") == Asked("day")
    assert asked(duration="1month", end="2013") == Asked("day", end=date(2013, 1, 1))


def test_a_duration_of_hours_says_when_hours_end() -> None:
    assert asked(start="2013-01-05", duration="30hours") == Asked(
        "day",
        date(2013, 1, 5),
        date(2013, 1, 7),
        by_duration=True,
        until_ms=at("2013-01-06 06"),
    )


@pytest.mark.parametrize("written", [{}, {"start": "2013"}])
def test_a_malformed_duration_is_refused_with_or_without_a_start(written: Any) -> None:
    assert refused(duration="1week", **written)[1] == {
        "duration": "must be digits and hours, days, months or years, as 1day or 12months"
    }


@pytest.mark.parametrize(
    ("text", "base_f"),
    [
        ("65", 65.0),
        ("62.50", 62.5),
        ("-10", -10.0),
        ("-0", 0.0),
        ("065.", 65.0),
        ("1000000000", 1e9),
    ],
)
def test_a_base_is_a_number_and_kept_as_it_was_written(text: str, base_f: float) -> None:
    found = asked(base=text)
    assert (found.base_f, found.base_text) == (base_f, text)


@pytest.mark.parametrize(
    "text",
    [
        *("x", "nan", "inf", "-Infinity", "0x41", "1_0", " 65", "+65", "65 F", ".", "-", "e3"),
        *("1000000000.1", "9999999999", "-2e9", "1e999", f"{FULL_WIDTH_6}5"),
        pytest.param("9" * 10**6, id="long"),
        pytest.param("6." + "0" * 10**6, id="long fraction"),
    ],
)
def test_any_other_base_is_refused(text: str) -> None:
    assert refused(base=text) == (
        "The request is not valid: see base.",
        {"base": "must be a number from -1000000000 to 1000000000, as 65 or 62.5"},
    )


def test_circuit_and_location_are_kept_for_the_view_to_look_for() -> None:
    assert asked("usage", circuit="barn") == Asked("day", circuit="barn")
    assert asked("temperature", location="07") == Asked("day", location="07")


def test_all_that_is_wrong_is_said_at_once() -> None:
    said, reasons = refused(interval="x", start="1999", end="2013-02-30", duration="1", base="y")
    assert said == "The request is not valid: see interval, start, end, duration, base."
    assert {*reasons} == {"interval", "start", "end", "duration", "base"}


@pytest.mark.parametrize("view", [*VIEWS])
@pytest.mark.parametrize("name", NAMES)
def test_what_a_view_does_not_have_is_ignored_and_what_it_has_is_not(view: str, name: str) -> None:
    wrong = {name: "?"}
    if name not in PARAMETERS[view]:
        assert asked(view, **wrong) == asked(view)
    elif name in {"circuit", "location"}:
        assert getattr(asked(view, **wrong), name) == "?"
    else:
        assert {*refused(view, **wrong)[1]} == {name}


def test_the_chart_has_no_end() -> None:
    assert asked("chart", start="2013-02", end="2001", duration="?") == Asked(
        "day", date(2013, 2, 1)
    )


TEXTS = st.one_of(
    st.text(),
    st.from_regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", fullmatch=True),
    st.from_regex(r"[0-9]{1,30}(hour|day|month|year)s?", fullmatch=True),
    st.from_regex(r"-?[0-9.e+]{1,40}", fullmatch=True),
    st.sampled_from([*OF_VIEWS, "", "2013", "2099-12-31", "false", "\x00", "\ud800"]),
)


@given(st.sampled_from([*VIEWS]), st.dictionaries(st.sampled_from(NAMES), TEXTS))
@example("basetemp", {"base": "1e999"})
@example("summary", {"start": "2099-12-31", "duration": "99999999999hours"})
def test_no_text_does_more_than_be_refused(view: str, written: dict[str, str]) -> None:
    try:
        found = ViewParameters.model_construct(None, **written).asked(view, ZONE).question
    except BadRequest as error:
        assert {one.field for one in error.details} <= {*PARAMETERS[view]}  # noqa: PT017
        assert error.details  # noqa: PT017
    else:
        for between in (found.hours(ZONE), found.days(ZONE), found.months(ZONE)):
            assert between[0] <= between[1]
