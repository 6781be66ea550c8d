"""What requests cost: every DynamoDB call is counted, with the engine's capacity units."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from quarterhour.store.environment import environment
from tests.builders import MIDNIGHT, NEXT_MIDNIGHT, batch, in_range, reading, readings
from tests.conftest import Answer, Call
from tests.counting import Counted

pytestmark = pytest.mark.integration

MINUTE = timedelta(minutes=1)

# Units of a transaction: two for each item it writes, of up to 1 KB.
BUCKETS_OF_A_DAY = 96
IN_TRANSACTION = 2
HEAD_AND_TODO = 2


@pytest.fixture
def known(call: Call) -> None:
    """Ship 1 is known to the table and to this environment."""
    call("POST", "/data", batch([reading(datetime(2018, 1, 1, tzinfo=UTC))]))


def cost(counted: Counted, request: Callable[[], Answer]) -> tuple[list[str], float, float]:
    """Return the calls of one request, its read units and its write units."""
    counted.clear()
    answer = request()
    assert answer.status in {200, 404}, answer.text
    return list(counted.calls), counted.read_units, counted.write_units


def past_day(*, minutes: float, days: int = 1) -> dict[str, Any]:
    """Return a batch of whole past days."""
    count = int(days * 24 * 60 / minutes)
    return batch(readings([1.25] * count, minutes=minutes), units="kW")


# --- Writes ---------------------------------------------------------------------------------------


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize("age", [timedelta(0), MINUTE, 10 * MINUTE, 50 * MINUTE], ids=str)
def test_one_in_order_reading_is_one_call_and_one_write_unit(
    call: Call, counted: Counted, age: timedelta
) -> None:
    """A reading posted within 55 minutes of its time never marks a day, at any time of day."""
    body = batch([reading(datetime.now(UTC) - age)])
    assert cost(counted, lambda: call("POST", "/data", body)) == (["UpdateItem"], 0, 1)


@pytest.mark.usefixtures("known")
def test_a_quarter_hour_of_in_order_readings_is_one_call_and_one_write_unit(
    call: Call, counted: Counted
) -> None:
    recent = datetime.now(UTC) - 20 * MINUTE
    start = recent.replace(minute=recent.minute // 15 * 15, second=0, microsecond=0)
    body = batch(readings([1, 2, 3], minutes=5, start=start))
    assert cost(counted, lambda: call("POST", "/data", body)) == (["UpdateItem"], 0, 1)


def test_the_first_reading_of_a_table_begins_its_fence(call: Call, counted: Counted) -> None:
    """Once: the watermarks are looked for, and both registries."""
    first = cost(counted, lambda: call("POST", "/data", batch([reading(datetime.now(UTC))])))
    begun = ["BatchGetItem", "Query", "Query", "Query", "UpdateItem", "GetItem"]
    listed = [
        "TransactWriteItems",
        "GetItem",
        "GetItem",
        "Query",
        "UpdateItem",
        "TransactWriteItems",
    ]
    assert first == ([*begun, *listed, "UpdateItem"], 9, 7)


def test_where_the_fence_was_read_a_minute_ago_it_is_read_again(
    call: Call, counted: Counted
) -> None:
    """Of a ship not known either, both are one call."""
    body = batch([reading(datetime.now(UTC))])
    call("POST", "/data", body)
    environment().fence.fence = None
    again = cost(counted, lambda: call("POST", "/data", body))
    assert again == (["GetItem", "UpdateItem"], 1, 1)
    environment().fence.fence = None
    environment().known.clear()
    again = cost(counted, lambda: call("POST", "/data", body))
    assert again == (["BatchGetItem", "UpdateItem"], 2, 1)


@pytest.mark.usefixtures("known")
def test_the_first_reading_of_a_ship_registers_it(call: Call, counted: Counted) -> None:
    body = batch([reading(datetime.now(UTC))], ship=2)
    calls = ["GetItem", "TransactWriteItems", "UpdateItem"]
    assert cost(counted, lambda: call("POST", "/data", body)) == (calls, 0.5, 5)
    assert cost(counted, lambda: call("POST", "/data", body)) == (["UpdateItem"], 0, 1)


@pytest.mark.usefixtures("known")
def test_the_first_reading_in_an_environment_asks_whether_the_ship_is_known(
    call: Call, counted: Counted
) -> None:
    environment().known.clear()
    body = batch([reading(datetime.now(UTC))])
    first = cost(counted, lambda: call("POST", "/data", body))
    assert first == (["GetItem", "UpdateItem"], 0.5, 1)


@pytest.mark.usefixtures("known")
def test_a_late_reading_is_one_call_and_six_write_units(call: Call, counted: Counted) -> None:
    late = cost(counted, lambda: call("POST", "/data", batch([reading(MIDNIGHT)])))
    assert late == (["TransactWriteItems"], 0, 6)


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize(
    ("at", "units"),
    [
        ("2018-08-01T00:30:00Z", 10),  # its length may change the last day of July
        ("2018-08-01T02:00:00Z", 6),
        ("2018-08-31T12:00:00Z", 10),  # a declared interval before it may run into September
        ("2018-08-30T22:00:00Z", 6),
        ("2018-08-30T22:00:00.001Z", 10),
    ],
)
def test_a_late_reading_at_a_month_s_edge_marks_both_months(
    call: Call, counted: Counted, at: str, units: int
) -> None:
    late = cost(counted, lambda: call("POST", "/data", batch([reading(at)])))
    assert late == (["TransactWriteItems"], 0, units)


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize("minutes", [1, 5, 15])
def test_a_past_day_is_one_call_and_196_write_units(
    call: Call, counted: Counted, minutes: int
) -> None:
    day = cost(counted, lambda: call("POST", "/data", past_day(minutes=minutes)))
    assert day == (["TransactWriteItems"], 0, 196)


@pytest.mark.usefixtures("known")
def test_a_past_month_is_a_call_a_day(call: Call, counted: Counted) -> None:
    august = datetime(2018, 8, 1, tzinfo=UTC)
    body = batch(readings([1.25] * 31 * BUCKETS_OF_A_DAY, minutes=15, start=august))
    # The first day's chunk reaches into July, those of the last two days into September.
    months_marked = 31 + 3
    units = IN_TRANSACTION * (31 * BUCKETS_OF_A_DAY + HEAD_AND_TODO * months_marked)
    month = cost(counted, lambda: call("POST", "/data", body))
    assert month == (["TransactWriteItems"] * 31, 0, units)


@pytest.mark.usefixtures("known")
def test_sparse_history_fills_its_calls_whatever_the_day(call: Call, counted: Counted) -> None:
    body = past_day(minutes=60, days=6)
    units = IN_TRANSACTION * (6 * 24 + 2 * HEAD_AND_TODO)
    history = cost(counted, lambda: call("POST", "/data", body))
    assert history == (["TransactWriteItems"] * 2, 0, units)


@pytest.mark.usefixtures("known")
def test_a_refused_post_makes_no_call(call: Call, counted: Counted) -> None:
    assert call("POST", "/data", batch([reading(), reading("now")], ship=2)).status == 400
    assert call("POST", "/data", batch([reading(value=1), reading(value=2)], ship=2)).status == 400
    assert counted.calls == []


# --- Reads ----------------------------------------------------------------------------------------


def test_a_day_of_5_minute_readings_is_one_call_of_at_most_3_read_units(
    call: Call, counted: Counted
) -> None:
    call("POST", "/data", past_day(minutes=5, days=3))
    day = in_range(NEXT_MIDNIGHT, NEXT_MIDNIGHT + timedelta(days=1))
    calls, read_units, write_units = cost(counted, lambda: call("GET", day))
    assert (calls, write_units) == (["Query"], 0)
    assert 0 < read_units <= 3


@pytest.mark.parametrize("interval", ["hour", "day", "month"])
def test_a_day_costs_the_same_by_any_interval(call: Call, counted: Counted, interval: str) -> None:
    call("POST", "/data", past_day(minutes=5))
    assert cost(counted, lambda: call("GET", in_range(interval=interval))) == cost(
        counted, lambda: call("GET", in_range())
    )


def test_an_unknown_ship_is_looked_up_once(call: Call, counted: Counted) -> None:
    assert cost(counted, lambda: call("GET", in_range())) == (["Query", "GetItem"], 2, 0)


@pytest.mark.usefixtures("known")
def test_a_known_ship_without_data_in_the_range_is_looked_up_too(
    call: Call, counted: Counted
) -> None:
    assert cost(counted, lambda: call("GET", in_range())) == (["Query", "GetItem"], 2, 0)


@pytest.mark.usefixtures("known")
def test_a_refused_get_makes_no_call(call: Call, counted: Counted) -> None:
    assert call("GET", in_range(NEXT_MIDNIGHT, MIDNIGHT)).status == 400
    assert call("GET", in_range(interval="week")).status == 400
    assert counted.calls == []
