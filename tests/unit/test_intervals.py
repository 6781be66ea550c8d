"""Intervals of time that touch, put together."""

from hypothesis import given
from hypothesis import strategies as st

from quarterhour.time.calendar import DAY_MS
from quarterhour.time.intervals import between, intervals_of_days, joined

DAYS = st.sets(st.integers(0, 40)).map(sorted)


def test_intervals_that_touch_become_one() -> None:
    assert joined([(0, 2), (2, 3), (5, 6), (6, 9)]) == [(0, 3), (5, 9)]
    assert joined([]) == []


def test_days_become_the_intervals_they_make_up() -> None:
    days = [DAY_MS * number for number in (3, 4, 5, 9)]
    assert intervals_of_days(days) == [(3 * DAY_MS, 6 * DAY_MS), (9 * DAY_MS, 10 * DAY_MS)]


@given(DAYS)
def test_runs_hold_exactly_the_days_and_never_touch(days: list[int]) -> None:
    runs = intervals_of_days(day * DAY_MS for day in days)
    held = [day for first, end in runs for day in range(first, end, DAY_MS)]
    assert held == [day * DAY_MS for day in days]
    assert all(runs[nth][1] < runs[nth + 1][0] for nth in range(len(runs) - 1))


@given(DAYS)
def test_what_lies_between_and_what_is_kept_make_up_the_whole(days: list[int]) -> None:
    kept = [(day, day + 1) for day in days]
    gaps = between(kept, 0, 41)
    assert sorted(at for first, end in [*kept, *gaps] for at in range(first, end)) == [*range(41)]
    assert all(first < end for first, end in gaps)


def test_nothing_kept_leaves_the_whole_and_an_empty_whole_nothing() -> None:
    assert between([], 3, 8) == [(3, 8)]
    assert between([], 3, 3) == []
    assert between([(3, 8)], 3, 8) == []
