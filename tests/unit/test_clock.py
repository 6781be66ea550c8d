"""How much time passed, as several clocks tell it: too much is safe, too little is not."""

import math

import pytest

from quarterhour.store.table.clock import Clock, Moment

THEN = Moment(1000.0, 50.0, 990.0)


@pytest.mark.parametrize(
    ("now", "passed"),
    [
        (Moment(1004.0, 53.0, 992.0), 4.0),
        (Moment(1001.0, 53.0, 992.0), 3.0),
        (Moment(1001.0, 50.5, 999.0), 9.0),
    ],
    ids=["wall", "monotonic", "gateway"],
)
def test_what_passed_is_what_the_clock_says_that_says_most(now: Moment, passed: float) -> None:
    assert THEN.passed_s(now) == passed
    assert THEN.age_s(now) == passed


@pytest.mark.parametrize("now", [Moment(999.9, 53.0, 992.0), Moment(1004.0, 49.9, 992.0)])
def test_what_was_known_before_a_clock_went_back_may_be_of_any_age(now: Moment) -> None:
    assert math.isinf(THEN.age_s(now))


def test_requests_that_come_in_another_order_than_they_were_received_are_no_clock_gone_back() -> (
    None
):
    assert THEN.age_s(Moment(1004.0, 53.0, 989.0)) == 4.0


def test_a_moment_without_a_gateway_is_told_by_the_other_clocks() -> None:
    assert Moment(1000.0, 50.0).age_s(Moment(1002.0, 51.0)) == 2.0
    assert THEN.age_s(Moment(1002.0, 51.0)) == 2.0


def test_the_clocks_of_a_process_go_on() -> None:
    clocks = Clock()
    first = clocks.moment()
    clocks.sleep(0.001)
    assert first.age_s(clocks.moment(7.0)) > 0
    assert clocks.moment(7.0).gateway_s == 7.0
