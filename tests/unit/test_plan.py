"""How a batch becomes transactions: as few as fit, at day ends where that costs none."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quarterhour.energy.lookback import MAX_HOLD_MS, closed_from, days_changed, marked_from
from quarterhour.energy.quantities import Quantity
from quarterhour.energy.readings import USED, Reading, Series
from quarterhour.errors import TooLarge
from quarterhour.store.write.plan import (
    MAX_ATTRIBUTES,
    MAX_BUCKETS,
    MAX_MONTHS,
    ItemWrite,
    chunks,
    item_writes,
    marks,
)
from quarterhour.time.calendar import BUCKET_MS, DAY_MS, HOUR_MS, MINUTE_MS, UTC
from quarterhour.time.declared import MAX_DECLARED_MS
from quarterhour.time.instants import parse

MIDNIGHT = parse("2018-08-24T00:00:00Z")
SERIES = Series(USED, Quantity.POWER)
# So early that no day is up to it.
NO_FENCE = -1


def writes(*instants: int) -> list[ItemWrite]:
    return item_writes({SERIES: [Reading(at, 1.0) for at in instants]})


def sizes(*instants: int) -> list[int]:
    return [len(chunk) for chunk in chunks(writes(*instants))]


def test_a_day_from_midnight_is_one_chunk() -> None:
    assert sizes(*range(MIDNIGHT, MIDNIGHT + DAY_MS, 5 * MINUTE_MS)) == [96]


def test_the_cut_is_at_midnight_where_that_costs_no_chunk() -> None:
    noon = MIDNIGHT + 12 * HOUR_MS
    assert sizes(*range(noon, noon + DAY_MS + BUCKET_MS, BUCKET_MS)) == [48, 49]


def test_the_cut_is_inside_a_day_where_midnight_would_cost_a_chunk() -> None:
    noon = MIDNIGHT + 12 * HOUR_MS
    assert sizes(*range(noon, noon + 2 * DAY_MS, BUCKET_MS)) == [96, 96]


def test_sparse_readings_never_touch_more_than_two_months_at_once() -> None:
    assert sizes(*range(MIDNIGHT, MIDNIGHT + 400 * DAY_MS, 10 * DAY_MS))[0] <= 6


def test_a_dense_bucket_is_written_in_several_goes_that_never_share_a_chunk() -> None:
    assert sizes(*range(MIDNIGHT, MIDNIGHT + 900_000, 1000)) == [1] * 5


def test_a_write_reaches_from_the_first_to_the_last_of_all_its_series() -> None:
    minutes = {SERIES: (5, 6), Series("solar", Quantity.ENERGY): (2, 9), Series("main"): (4,)}
    batch = {
        series: [Reading(MIDNIGHT + minute * MINUTE_MS, 1.0) for minute in each]
        for series, each in minutes.items()
    }
    (write,) = item_writes(batch)
    assert (write.first_ms, write.last_ms) == (
        MIDNIGHT + 2 * MINUTE_MS,
        MIDNIGHT + 9 * MINUTE_MS,
    )
    assert [name for name, _ in write.readings] == [
        *("p300", "p360", "solare120", "solare540", "maine240")
    ]


def test_a_bucket_has_as_many_readings_as_its_item_holds_by_their_names() -> None:
    every_second = range(MIDNIGHT, MIDNIGHT + BUCKET_MS, 1000)
    long = [Series(f"{'a' * 60}{nth}") for nth in range(4)]
    most = {series: [Reading(at, 1.0) for at in every_second] for series in long}
    assert sum(len(write.readings) for write in item_writes(most)) == 4 * 900
    one_more = [Reading(at + ms, 1.0) for ms in range(2) for at in every_second]
    with pytest.raises(TooLarge, match="names"):
        item_writes({**most, long[0]: one_more})
    with pytest.raises(TooLarge, match="More than 10000"):
        item_writes({SERIES: [Reading(MIDNIGHT + 80 * nth, 1.0) for nth in range(10_001)]})


def test_a_write_owes_marks_for_the_days_it_can_change_that_are_due() -> None:
    late = marked_from(MIDNIGHT) + 3 * DAY_MS
    days = [MIDNIGHT + nth * DAY_MS for nth in (-1, 0, 1, 2)]
    month = UTC.month_of(MIDNIGHT)
    reaching = MIDNIGHT + 2 * DAY_MS - MAX_DECLARED_MS  # 22:00
    assert marks(writes(MIDNIGHT), late, NO_FENCE) == [(month, days[:3])]
    assert marks(writes(reaching), late, NO_FENCE) == [(month, days[1:3])]
    assert marks(writes(reaching + 1), late, NO_FENCE) == [(month, days[1:])]
    days = days[:3]
    assert marks(writes(MIDNIGHT + MAX_HOLD_MS - 1), late, NO_FENCE) == [(month, days)]
    assert marks(writes(MIDNIGHT + MAX_HOLD_MS), late, NO_FENCE) == [(month, days[1:])]


def test_a_write_within_55_minutes_of_its_time_owes_nothing() -> None:
    for at in range(MIDNIGHT, MIDNIGHT + DAY_MS, 5 * MINUTE_MS):
        assert not marks(writes(at), at + 55 * MINUTE_MS - 1, NO_FENCE)


def test_a_write_marks_every_day_up_to_the_fence_whatever_its_clock_says() -> None:
    month = UTC.month_of(MIDNIGHT)
    days = [MIDNIGHT - DAY_MS, MIDNIGHT, MIDNIGHT + DAY_MS]
    for fence, marked in ((days[0] - DAY_MS, 0), (days[0], 1), (days[1], 2), (days[2], 3)):
        owed = [(month, days[:marked])] if marked else []
        assert marks(writes(MIDNIGHT + 1), MIDNIGHT - 3 * DAY_MS, fence) == owed


def test_a_day_is_due_two_hours_after_its_end_and_closed_a_quarter_hour_later() -> None:
    due = MIDNIGHT + DAY_MS + 2 * HOUR_MS
    midday = writes(MIDNIGHT + 12 * HOUR_MS)
    assert not marks(midday, due - 1, NO_FENCE)
    assert marks(midday, due, NO_FENCE) == [(UTC.month_of(MIDNIGHT), [MIDNIGHT])]
    assert closed_from(MIDNIGHT) == due + 15 * MINUTE_MS


@given(st.sets(st.integers(0, 80 * 96), min_size=1, max_size=400))
def test_chunks_hold_every_write_once_in_order_within_the_limits(places: set[int]) -> None:
    planned = writes(*(MIDNIGHT + place * BUCKET_MS for place in places))
    found = list(chunks(planned))
    assert [write for chunk in found for write in chunk] == planned
    for chunk in found:
        assert 1 <= len(chunk) <= MAX_BUCKETS
        changed = [day for write in chunk for day in days_changed(write.first_ms, write.last_ms)]
        assert len({UTC.month_of(day) for day in changed}) <= MAX_MONTHS
        assert len({write.bucket_ms for write in chunk}) == len(chunk)
        assert all(len(write.readings) <= MAX_ATTRIBUTES for write in chunk)


@given(st.integers(0, 200), st.integers(1, 400))
def test_no_plan_has_fewer_chunks(first: int, count: int) -> None:
    begin = MIDNIGHT + first * BUCKET_MS
    found = list(chunks(writes(*range(begin, begin + count * BUCKET_MS, BUCKET_MS))))
    assert len(found) == -(-count // MAX_BUCKETS)
    for before, after in pairwise(found):
        at_midnight = UTC.day_of(before[-1].bucket_ms) != UTC.day_of(after[0].bucket_ms)
        assert at_midnight or len(before) == MAX_BUCKETS
