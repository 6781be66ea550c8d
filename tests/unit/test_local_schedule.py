"""The schedule of the local run: times, events, failures; with a clock that the test moves."""

import logging
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pytest

from local.runtime import schedule
from local.runtime.schedule import Timer, event, keep, seconds, timers
from local.template import Function, Schedule, Template

ROLLUP = Function("rollup", "app.handler", {}, timeout_s=900, memory_mb=128)
QUARTERLY = Schedule(
    "q", "rate(15 minutes)", "rollup", '{"time": "<aws.scheduler.scheduled-time>"}'
)
BEGIN = 1_535_076_000.0  # 2018-08-24T02:00:00Z


class Ended(Exception):
    """The test has seen enough."""


class Clock:
    """A clock that sleeping, working and jumps move; it ends when some hours have passed.

    `jumps` are what is added to the time that it shows, by what has really passed by then.
    """

    def __init__(self, end_s: float, jumps: Mapping[float, float] = MappingProxyType({})) -> None:
        self.passed_s = 0.0
        self.end_s = end_s
        self.jumps = jumps
        self.longest_s = 0.0

    @property
    def now_s(self) -> float:
        jumped_s = sum(jump for at_s, jump in self.jumps.items() if at_s <= self.passed_s)
        return BEGIN + self.passed_s + jumped_s

    def __call__(self) -> float:
        return self.now_s

    def sleep(self, pause_s: float) -> None:
        self.longest_s = max(self.longest_s, pause_s)
        self.passed_s += pause_s
        if self.passed_s >= self.end_s:
            raise Ended


def kept(clock: Clock, work_s: float = 0, *, failing: bool = False) -> list[str]:
    """Keep the schedule until the clock ends; give the events' times, and the minutes passed."""
    said: list[str] = []

    def handler(event: dict[str, Any], context: Any) -> None:
        assert context.get_remaining_time_in_millis() > 899_000
        said.append(f"{event['time'][8:16]} at {clock.passed_s / 60:g}")
        clock.passed_s += work_s
        if failing:
            raise ValueError("this failed")

    template = Template((), (ROLLUP,), {}, None, (QUARTERLY,))
    with pytest.raises(Ended):
        keep([*timers(template, {"rollup": handler}, BEGIN)], clock, clock.sleep)
    return said


def test_the_first_call_is_at_once_and_then_one_every_quarter_hour() -> None:
    assert kept(Clock(3_600)) == [
        *("24T02:00 at 0", "24T02:15 at 15", "24T02:30 at 30", "24T02:45 at 45")
    ]


def test_a_time_that_passes_during_a_call_is_left_out() -> None:
    assert kept(Clock(3_600), work_s=1_000) == ["24T02:00 at 0", "24T02:30 at 30"]


def test_a_clock_put_back_a_day_holds_nothing_up() -> None:
    clock = Clock(3_600, {1_000: -86_400})
    assert kept(clock) == [
        *("24T02:00 at 0", "24T02:15 at 15", "23T02:17 at 17", "23T02:32 at 32", "23T02:47 at 47")
    ]
    assert clock.longest_s <= 60


def test_a_clock_put_back_a_little_moves_the_next_call_as_much() -> None:
    assert kept(Clock(3_600, {1_000: -60})) == [
        *("24T02:00 at 0", "24T02:15 at 15", "24T02:30 at 31", "24T02:45 at 46")
    ]


def test_a_clock_put_ahead_a_day_or_a_laptop_that_slept_leaves_out_what_has_passed() -> None:
    assert kept(Clock(3_600, {1_000: 86_400})) == [
        *("24T02:00 at 0", "24T02:15 at 15", "25T02:15 at 17", "25T02:30 at 30", "25T02:45 at 45")
    ]


def test_what_fails_is_logged_and_called_again(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        assert len(kept(Clock(3_600), failing=True)) == 4
    assert [record.message for record in caplog.records] == ["rollup failed"] * 4
    assert "this failed" in caplog.text


def test_after_a_sleep_of_the_laptop_there_is_one_call() -> None:
    timer = Timer(QUARTERLY, ROLLUP, lambda _event, _context: None, BEGIN)
    timer.set_after(BEGIN + 8 * 3_600 + 1)
    assert timer.due_s == BEGIN + 8 * 3_600 + 900


@pytest.mark.parametrize(
    ("rate", "length_s"),
    [("rate(15 minutes)", 900), ("rate(1 hour)", 3_600), ("rate(2 days)", 172_800)],
)
def test_rates(rate: str, length_s: int) -> None:
    assert seconds(rate) == length_s


def test_a_schedule_that_cannot_be_kept_is_an_error_at_the_start() -> None:
    template = Template((), (ROLLUP,), {}, None, (Schedule("s", "cron(0 * * * ? *)", "rollup"),))
    with pytest.raises(ValueError, match="the local run knows rate"):
        list(timers(template, {"rollup": lambda _event, _context: None}, BEGIN))


def test_every_keyword_of_the_input_is_replaced() -> None:
    keywords = ("scheduled-time", "execution-id", "attempt-number", "schedule-arn")
    given = "{" + ", ".join(f'"{each}": "<aws.scheduler.{each}>"' for each in keywords) + "}"
    made = event(given, BEGIN)
    assert made["scheduled-time"] == "2018-08-24T02:00:00Z"
    assert made["attempt-number"] == "1"
    assert "aws.scheduler" not in str(made)


def test_without_schedules_there_is_nothing_to_keep() -> None:
    schedule.keep([])
