"""Gaps of a range of quarter hours: by example, and against a quarter hour at a time."""

from collections.abc import Mapping
from itertools import groupby

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quarterhour.energy.gaps import Gap, coverage
from quarterhour.energy.profile import Profile, profile
from quarterhour.time.calendar import BUCKET_MS, HOUR_MS
from quarterhour.time.instants import parse

BEGIN = parse("2018-08-24T00:00:00Z")
WHOLE = BUCKET_MS
HALF = BUCKET_MS // 2


def of(covered: Mapping[int, int]) -> Profile:
    """Return the profile of the covered milliseconds of quarter hours, by their numbers."""
    starts = [BEGIN + nth * BUCKET_MS for nth in sorted(covered)]
    return profile(starts, [0.0] * len(starts), [covered[nth] for nth in sorted(covered)])


def gap(first: int, last: int, covered_ms: int = 0) -> Gap:
    return Gap(BEGIN + first * BUCKET_MS, BEGIN + last * BUCKET_MS, covered_ms)


@pytest.mark.parametrize(
    ("covered", "gaps"),
    [
        ({}, [gap(0, 4)]),
        ({0: WHOLE, 1: WHOLE, 2: WHOLE, 3: WHOLE}, []),
        ({0: WHOLE, 3: WHOLE}, [gap(1, 3)]),
        ({1: WHOLE}, [gap(0, 1), gap(2, 4)]),
        ({0: WHOLE, 1: HALF}, [gap(1, 2, HALF), gap(2, 4)]),
        ({0: HALF, 1: 1, 2: WHOLE, 3: HALF}, [gap(0, 2, HALF + 1), gap(3, 4, HALF)]),
        ({0: HALF, 2: HALF, 3: WHOLE}, [gap(0, 1, HALF), gap(1, 2), gap(2, 3, HALF)]),
    ],
)
def test_gaps_are_what_is_not_covered_as_a_whole(covered: dict[int, int], gaps: list[Gap]) -> None:
    found = coverage(of(covered), BEGIN, BEGIN + HOUR_MS)
    assert found.gaps == gaps
    assert found.share == sum(covered.values()) / HOUR_MS


def test_a_gap_has_a_length_and_a_share() -> None:
    one = gap(0, 6, BUCKET_MS * 3)
    assert (one.hours, one.coverage) == (1.5, 0.5)


@pytest.mark.parametrize(
    ("start", "end", "quarters"), [(0, 1, 1), (1, HOUR_MS, 3), (1, HOUR_MS + 1, 4), (0, 0, 0)]
)
def test_a_range_has_the_quarter_hours_that_begin_in_it(
    start: int, end: int, quarters: int
) -> None:
    found = coverage(of({}), BEGIN + start, BEGIN + end)
    assert sum(each.length_ms for each in found.gaps) == quarters * BUCKET_MS
    assert found.share == (0 if quarters else None)


@given(
    st.dictionaries(st.integers(-3, 40), st.sampled_from([1, HALF, WHOLE - 1, WHOLE, WHOLE])),
    st.integers(0, 20),
    st.integers(0, 20),
)
def test_gaps_are_those_of_a_walk_by_quarter_hours(
    covered: dict[int, int], first: int, length: int
) -> None:
    kinds = [(nth, covered.get(nth, 0)) for nth in range(first, first + length)]
    runs = []
    for kind, run in groupby(kinds, key=lambda one: (one[1] > 0) + (one[1] == WHOLE)):
        members = [*run]
        if kind < 2:
            total = sum(covered_ms for _, covered_ms in members)
            runs.append(gap(members[0][0], members[-1][0] + 1, total))
    found = coverage(of(covered), BEGIN + first * BUCKET_MS, BEGIN + (first + length) * BUCKET_MS)
    assert found.gaps == runs
    assert found.covered_ms == sum(covered_ms for _, covered_ms in kinds)
    assert found.length_ms == length * BUCKET_MS
