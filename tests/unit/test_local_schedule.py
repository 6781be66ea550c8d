"""The schedule of the local run: times, events, failures; with a clock that the test moves."""

import logging
from typing import Any

import pytest

from local import schedule
from local.schedule import Timer, event, keep, seconds, timers
from local.template import Function, Schedule, Template

ROLLUP = Function("rollup", "app.handler", {}, timeout_s=900, memory_mb=128)
QUARTERLY = Schedule(
    "q", "rate(15 minutes)", "rollup", '{"time": "<aws.scheduler.scheduled-time>"}'
)
BEGIN = 1_535_076_000.0  # 2018-08-24T02:00:00Z


class Ended(Exception):
    """The test has seen enough."""


class Clock:
    """A clock that only sleeping and working move; it ends after some hours."""

    def __init__(self, end_s: float) -> None:
        self.now_s = BEGIN
        self.end_s = BEGIN + end_s

    def __call__(self) -> float:
        return self.now_s

    def sleep(self, pause_s: float) -> None:
        self.now_s += pause_s
        if self.now_s >= self.end_s:
            raise Ended


def kept(clock: Clock, work_s: float = 0, *, failing: bool = False) -> list[str]:
    """Keep the schedule until the clock ends; give the times of the events, and when they came."""
    said: list[str] = []

    def handler(event: dict[str, Any], context: Any) -> None:
        assert context.get_remaining_time_in_millis() > 899_000
        said.append(f"{event['time'][11:16]} at {(clock.now_s - BEGIN) / 60:g}")
        clock.now_s += work_s
        if failing:
            raise ValueError("this failed")

    template = Template((), (ROLLUP,), {}, None, (QUARTERLY,))
    with pytest.raises(Ended):
        keep([*timers(template, {"rollup": handler}, BEGIN)], clock, clock.sleep)
    return said


def test_the_first_call_is_at_once_and_then_one_every_quarter_hour() -> None:
    assert kept(Clock(3_600)) == ["02:00 at 0", "02:15 at 15", "02:30 at 30", "02:45 at 45"]


def test_a_time_that_passes_during_a_call_is_left_out() -> None:
    assert kept(Clock(3_600), work_s=1_000) == ["02:00 at 0", "02:30 at 30"]


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
