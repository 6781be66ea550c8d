"""The table of access patterns in docs/table.md: each row's request is made and counted."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import pytest

from quarterhour.store.environment import environment
from tests.builders import MIDNIGHT, NEXT_MIDNIGHT, batch, in_range, reading, readings
from tests.conftest import Call, Counted
from tests.pages import ROOT, table

pytestmark = pytest.mark.integration

ROWS = {row["access"]: row for row in table(ROOT / "docs" / "table.md", "Access patterns")}


class Request(NamedTuple):
    """A request to be counted."""

    method: str
    target: str
    body: Any = None


def post(data: list[dict[str, Any]]) -> Request:
    return Request("POST", "/data", batch(data, units="kW"))


def five_minutes(days: int) -> list[dict[str, Any]]:
    return readings([12.3] * 288 * days, minutes=5)


def in_order(_: Call) -> Request:
    return post([reading(datetime.now(UTC))])


def in_order_to_a_new_environment(_: Call) -> Request:
    environment().known.clear()
    return post([reading(datetime.now(UTC))])


def in_order_from_a_new_ship(_: Call) -> Request:
    return Request("POST", "/data", batch([reading(datetime.now(UTC))], ship=2))


def late(_: Call) -> Request:
    return post([reading(MIDNIGHT)])


def late_at_the_end_of_a_month(_: Call) -> Request:
    return post([reading("2018-08-31T12:00:00Z")])


def past_day(_: Call) -> Request:
    return post(five_minutes(1))


def a_day(call: Call) -> Request:
    call(*post(five_minutes(3)))
    return Request("GET", in_range(NEXT_MIDNIGHT, NEXT_MIDNIGHT + timedelta(days=1)))


def a_day_without_data(_: Call) -> Request:
    return Request("GET", in_range())


REQUESTS: dict[str, Callable[[Call], Request]] = {
    "POST of one reading in order, from a ship the environment knows": in_order,
    "POST of one reading in order, from a ship new to the environment": (
        in_order_to_a_new_environment
    ),
    "POST of one reading in order, from a new ship": in_order_from_a_new_ship,
    "POST of one late reading": late,
    "POST of one late reading, on the last day of a month": late_at_the_end_of_a_month,
    "POST of a past day": past_day,
    "GET of a day": a_day,
    "GET of a day without data": a_day_without_data,
}


def test_every_row_is_counted() -> None:
    assert list(ROWS) == list(REQUESTS)


@pytest.mark.parametrize("access", REQUESTS)
def test_an_access_costs_what_the_page_says(access: str, call: Call, counted: Counted) -> None:
    call("POST", "/data", batch([reading(datetime(2018, 1, 1, tzinfo=UTC))]))
    request = REQUESTS[access](call)
    counted.calls.clear()
    counted.read_units = counted.write_units = 0
    assert call(*request).status == 200
    made = ", ".join(f"{times} {name}" for name, times in sorted(Counter(counted.calls).items()))
    row = ROWS[access]
    assert made == ", ".join(sorted(row["calls"].split(", "), key=lambda part: part.split()[1]))
    assert counted.read_units == float(row["read units"])
    assert counted.write_units == float(row["write units"])
