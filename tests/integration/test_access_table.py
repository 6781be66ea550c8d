"""The table of access patterns in docs/table.md: each row's request is made and counted."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, NamedTuple

import pytest

from quarterhour.store.environment import environment
from tests.builders import MIDNIGHT, NEXT_MIDNIGHT, batch, in_range, reading, readings
from tests.conftest import Answer, Call
from tests.counting import Counted, forget_blocks
from tests.fleets import Window, settle
from tests.pages import ROOT, table
from tests.patience import begun_at

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


def in_order_after_a_minute(_: Call) -> Request:
    environment().fence.fence = None
    return post([reading(datetime.now(UTC))])


def in_order_of_a_new_environment(_: Call) -> Request:
    environment().fence.fence = None
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


def delete_of_a_past_day(call: Call) -> Request:
    call(*post(five_minutes(1)))
    return Request("DELETE", in_range())


def delete_of_one_late_reading(call: Call) -> Request:
    call(*late(call))
    return Request("DELETE", in_range())


def delete_in_order(call: Call) -> Request:
    now = datetime.now(UTC)
    call(*post([reading(now)]))
    return Request("DELETE", in_range(now, now + timedelta(seconds=1)))


def delete_of_nothing(_: Call) -> Request:
    return Request("DELETE", in_range())


def dry_delete(call: Call) -> Request:
    call(*post(five_minutes(1)))
    return Request("DELETE", in_range(dry_run="true"))


def readings_of_a_day(call: Call) -> Request:
    call(*post(five_minutes(3)))
    return Request("GET", in_range().replace("/data?", "/data/readings?"))


def gaps_of_a_day(call: Call) -> Request:
    call(*post(five_minutes(3)))
    between = in_range(NEXT_MIDNIGHT, NEXT_MIDNIGHT + timedelta(days=1))
    return Request("GET", between.replace("/data?", "/data/gaps?"))


def audit(call: Call) -> Request:
    call(*delete_of_one_late_reading(call))
    return Request("GET", "/audit")


def a_day(call: Call) -> Request:
    call(*post(five_minutes(3)))
    return Request("GET", in_range(NEXT_MIDNIGHT, NEXT_MIDNIGHT + timedelta(days=1)))


def a_day_without_data(_: Call) -> Request:
    return Request("GET", in_range())


AUGUST = Window(datetime(2018, 8, 1, tzinfo=UTC), datetime(2018, 9, 1, tzinfo=UTC), "15min")
A_DAY = Window(MIDNIGHT, NEXT_MIDNIGHT, "15min")
TEN_DAYS = Window(MIDNIGHT - 9 * timedelta(days=1), NEXT_MIDNIGHT, "15min")
HALF_A_DAY = Window(MIDNIGHT, MIDNIGHT + timedelta(hours=12), "15min")
A_YEAR = Window(datetime(2018, 1, 1, tzinfo=UTC), datetime(2019, 1, 1, tzinfo=UTC), "15min")


REQUESTS: dict[str, Callable[[Call], Request]] = {
    "POST of one reading in order, from a ship the environment knows": in_order,
    "POST of one reading in order, the fence read a minute ago": in_order_after_a_minute,
    "POST of one reading in order, of an environment that knows nothing": (
        in_order_of_a_new_environment
    ),
    "POST of one reading in order, from a ship new to the environment": (
        in_order_to_a_new_environment
    ),
    "POST of one reading in order, from a new ship": in_order_from_a_new_ship,
    "POST of one late reading": late,
    "POST of one late reading, on the last day of a month": late_at_the_end_of_a_month,
    "POST of a past day": past_day,
    "DELETE of a past day": delete_of_a_past_day,
    "DELETE of one late reading": delete_of_one_late_reading,
    "DELETE of one reading in order": delete_in_order,
    "DELETE of what is not there": delete_of_nothing,
    "DELETE of a past day, only counted": dry_delete,
    "GET of a day": a_day,
    "GET of the readings of a day": readings_of_a_day,
    "GET of the gaps of a day": gaps_of_a_day,
    "GET of the audit": audit,
    "GET of a day without data": a_day_without_data,
}

# By an environment that has just answered the same, and kept the blocks.
AGAIN = ", again"

# One settled year serves all of these. Its blocks are as large as any.
OF_A_SETTLED_YEAR = {
    "GET of a settled month": AUGUST.ship(1),
    "GET of a settled month by day": AUGUST._replace(interval="day").ship(1),
    "GET of a settled year": A_YEAR.ship(1),
    f"GET of a settled year{AGAIN}": A_YEAR.ship(1),
    "GET of a settled year by day": A_YEAR._replace(interval="day").ship(1),
    f"GET of a settled year by day{AGAIN}": A_YEAR._replace(interval="day").ship(1),
    "GET of the fleet's settled day": A_DAY.fleet(),
    "GET of the fleet's ten settled days": TEN_DAYS.fleet(),
    "GET of the fleet's settled month": AUGUST.fleet(),
    "GET of the fleet's settled year by day": A_YEAR._replace(interval="day").fleet(),
    "GET of the fleet's settled year by month": A_YEAR._replace(interval="month").fleet(),
    "GET of the top users of a settled day": A_DAY.top(),
    "GET of the top users of half a settled day": HALF_A_DAY.top(),
    "GET of the top users of a settled year": A_YEAR.top(),
    "GET of the top users ever, all of it settled": "/topusers",
    "GET of the list of ships, which is one": "/ships",
}

# And these, when the day's first reading has come again: it marks three days.
WITH_A_LATE_READING = {
    "GET of a month, settled but for three days": AUGUST.ship(1),
    f"GET of a month, settled but for three days{AGAIN}": AUGUST.ship(1),
    "GET of the fleet's month, settled but for three days of one ship": AUGUST.fleet(),
    "GET of the top users of a day that is not settled, of one ship": A_DAY.top(),
}


def test_every_row_is_counted() -> None:
    assert list(ROWS) == [*REQUESTS, *OF_A_SETTLED_YEAR, *WITH_A_LATE_READING]


def check(access: str, counted: Counted, made: Callable[[], Answer]) -> None:
    """Compare the calls and units of a request with those of the page."""
    if not access.endswith(AGAIN):
        forget_blocks()
    counted.clear()
    assert made().status == 200
    calls = ", ".join(f"{times} {name}" for name, times in sorted(Counter(counted.calls).items()))
    row = ROWS[access]
    on_page = sorted(row["calls"].split(", "), key=lambda part: part.split()[1])
    assert (access, calls, counted.read_units, counted.write_units) == (
        access,
        ", ".join(on_page),
        float(row["read units"]),
        float(row["write units"]),
    )


@pytest.mark.parametrize("access", REQUESTS)
def test_an_access_costs_what_the_page_says(access: str, call: Call, counted: Counted) -> None:
    call("POST", "/data", batch([reading(datetime(2018, 1, 1, tzinfo=UTC))]))
    request = REQUESTS[access](call)
    check(access, counted, lambda: call(*request))


@pytest.mark.slow
def test_an_access_to_a_settled_year_costs_what_the_page_says(
    call: Call, counted: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At noon: before yesterday is closed, what is asked for ever takes one call more."""
    begun_at(monkeypatch, datetime.now(UTC).replace(hour=12).timestamp)
    data = readings([24.5] * 365, minutes=24 * 60, start=A_YEAR.start)
    call("POST", "/data", batch(data, interval="P1D"))
    settle()
    for access, target in OF_A_SETTLED_YEAR.items():
        check(access, counted, partial(call, "GET", target))
    call("POST", "/data", batch([reading(MIDNIGHT, 24.5)], interval="P1D"))
    for access, target in WITH_A_LATE_READING.items():
        check(access, counted, partial(call, "GET", target))
