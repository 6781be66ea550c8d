"""What is answered of a view: six decimals, and no more than an answer can hold."""

import json
from typing import Any

import pytest

from quarterhour.errors import BadRequest
from quarterhour.http.answers.views import (
    MAX_BYTES,
    MAX_UNPACKED_BYTES,
    MOST_HOURS,
    rounded,
    view_answer,
    view_csv,
)
from quarterhour.query.intervals import MOST_PACKED_POINTS
from quarterhour.time.calendar import UTC


def text_of(body: dict[str, Any]) -> Any:
    return view_answer(body).body


def test_figures_have_six_decimals_and_whole_ones_no_fraction() -> None:
    said = {"view": "x", "totals": {"a": 1 / 3, "b": 2.0, "c": -1e-9}, "items": [{"d": 1e20}]}
    assert text_of(said) == (
        '{"view":"x","totals":{"a":0.333333,"b":2,"c":0},"items":[{"d":100000000000000000000}]}'
    )


def test_what_is_no_figure_stays_as_it_is() -> None:
    said = {"n": 7, "base": "65.50", "years": ["2013"], "nested": {"deep": [{"date": "x"}]}}
    assert rounded(said) == said
    assert [type(one) for one in rounded({"n": 7, "f": 7.0}).values()] == [int, int]


def test_an_answer_is_json_of_status_200() -> None:
    said = view_answer({"view": "x"})
    assert (said.status_code, said.headers["Content-Type"]) == (200, "application/json")


def hourly(member: str, rows: int, interval: str = "hour") -> dict[str, Any]:
    return {"interval": interval, member: [{"date": "", "actual": 1.0}] * rows}


@pytest.mark.parametrize("member", ["items", "points"])
def test_hours_of_five_years_are_answered_and_no_more(member: str) -> None:
    assert MOST_HOURS == (5 * 365 + 2) * 24
    assert len(json.loads(text_of(hourly(member, MOST_HOURS)))[member]) == MOST_HOURS
    with pytest.raises(BadRequest) as refused:
        view_answer(hourly(member, MOST_HOURS + 1))
    assert refused.value.message == "The answer would have more than 43,848 hours with data."
    (detail,) = refused.value.details
    assert detail.field == "interval"
    assert detail.reason.endswith("an answer has at most 43,848 hours with data")


def test_days_may_be_more() -> None:
    assert len(json.loads(text_of(hourly("items", 60_000, "day")))["items"]) == 60_000


@pytest.mark.parametrize("letter", ["x", '"', "\\", "é"])
def test_an_answer_fits_lambda_s_limit_as_json_in_json(letter: str) -> None:
    whole = {"view": letter * 100_000}
    fits = MAX_BYTES // len(json.dumps(text_of(whole)))
    assert len(json.dumps(text_of({"days": [whole] * fits}))) <= MAX_BYTES + 200
    with pytest.raises(BadRequest) as refused:
        view_answer({"days": [whole] * (fits + 1)})
    assert refused.value.message == f"The answer would have more than {MAX_BYTES:,} bytes."


def test_an_answer_that_is_packed_may_have_more_hours_and_bytes() -> None:
    assert view_answer(hourly("items", MOST_PACKED_POINTS), is_packed=True).status_code == 200
    with pytest.raises(BadRequest, match="250,000 hours"):
        view_answer(hourly("items", MOST_PACKED_POINTS + 1), is_packed=True)
    room = MAX_UNPACKED_BYTES - len('{"view":""}') - 4  # its quotes count twice
    assert view_answer({"view": "x" * room}, is_packed=True).status_code == 200
    with pytest.raises(BadRequest, match="23,200,000 bytes"):
        view_answer({"view": "x" * (room + 1)}, is_packed=True)


@pytest.mark.parametrize(("is_packed", "most"), [(False, MOST_HOURS), (True, MOST_PACKED_POINTS)])
def test_items_as_csv_have_the_same_limits(*, is_packed: bool, most: int) -> None:
    answer = view_csv(hourly("points", most), UTC, "x", is_packed=is_packed)
    assert str(answer.body).count("\r\n") == most + 1
    with pytest.raises(BadRequest):
        view_csv(hourly("points", most + 1), UTC, "x", is_packed=is_packed)


def test_a_view_without_items_is_a_header_alone() -> None:
    assert view_csv({"items": []}, UTC, "x", is_packed=False).body == "date\r\n"
