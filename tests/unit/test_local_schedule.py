"""The schedule of the local run: times, events, failures, rings; by a clock that the test moves."""

import logging
import os
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pytest

from local.runtime import bell, schedule
from local.runtime.bell import Bell
from local.runtime.schedule import LONGEST_S, QUIET_S, Timer, event, keep, seconds, timers, woken
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


# --- Woken by what is posted ----------------------------------------------------------------------


class Ringing(Clock):
    """A clock by which a bell rings at some times, in seconds; who listens hears those that were.

    While a function works it rings, too.
    """

    def __init__(self, end_s: float, *rings: float) -> None:
        super().__init__(end_s)
        self.rings = sorted(rings)

    def heard(self, within_s: float) -> bool:
        """Wait for the next ring, and take all that were until then."""
        coming = self.rings[0] if self.rings else float("inf")
        self.sleep(min(within_s, max(0.0, coming - self.passed_s)))
        rang = coming <= self.passed_s
        self.rings = [at_s for at_s in self.rings if at_s > self.passed_s]
        return rang

    def wait(self, pause_s: float) -> bool:
        return woken(self.heard, pause_s, lambda: self.passed_s)


def called(clock: Ringing, work_s: float = 0) -> list[float]:
    """Keep the schedule until the clock ends; return the seconds at which a call began."""
    began: list[float] = []

    def handler(_event: dict[str, Any], _context: Any) -> None:
        began.append(clock.passed_s)
        clock.passed_s += work_s

    template = Template((), (ROLLUP,), {}, None, (QUARTERLY,))
    with pytest.raises(Ended):
        keep([*timers(template, {"rollup": handler}, BEGIN)], clock, clock.wait)
    return began


def test_it_is_woken_when_the_bell_has_been_quiet_for_two_seconds() -> None:
    assert (QUIET_S, LONGEST_S) == (2, 10)
    assert called(Ringing(899, 100.0)) == [0, 102]
    assert called(Ringing(899, 100.0, 101.0, 101.5, 103.0)) == [0, 105]


def test_an_import_that_goes_on_for_long_is_settled_every_ten_seconds() -> None:
    """However often it rings, and none of the rings is the last."""
    rings = [100 + nth / 4 for nth in range(4 * 60)]
    assert called(Ringing(160, *rings)) == [0, 110, 120.25, 130.5, 140.75, 151]


def test_what_rang_during_a_call_is_heard_after_it() -> None:
    """Also where it rang once, and long before the call's end."""
    assert called(Ringing(800, 100.0, 103.0), work_s=50) == [0, 102, 154]


def test_each_call_of_a_long_import_begins_ten_seconds_after_the_one_before_at_most() -> None:
    rings = [100 + nth / 4 for nth in range(4 * 200)]
    assert called(Ringing(300, *rings), work_s=50) == [0, 110, 170, 230, 290]


def test_a_ring_moves_no_time_of_the_schedule() -> None:
    assert called(Ringing(2_000, 100.0, 899.5)) == [0, 102, 901.5, 901.5, 1_800]


def test_an_event_of_a_call_that_was_woken_is_of_now() -> None:
    clock, said = Ringing(899, 100.0), list[str]()

    def handler(event: dict[str, Any], _context: Any) -> None:
        said.append(event["time"])

    template = Template((), (ROLLUP,), {}, None, (QUARTERLY,))
    with pytest.raises(Ended):
        keep([*timers(template, {"rollup": handler}, BEGIN)], clock, clock.wait)
    assert said == ["2018-08-24T02:00:00Z", "2018-08-24T02:01:42Z"]


def test_a_bell_is_heard_once_for_all_that_rang() -> None:
    heard, rung = bell.pipe()
    listening = Bell(heard)
    assert not listening.heard(0)
    for _ in range(3):
        bell.ring(rung)
    assert listening.heard(60)
    assert not listening.heard(0)
    os.close(rung)
    os.close(heard)


def test_whoever_rings_never_waits_and_never_fails() -> None:
    heard, rung = bell.pipe()
    for _ in range(100_000):  # more than a pipe holds
        bell.ring(rung)
    assert Bell(heard).heard(0)
    os.close(heard)
    bell.ring(rung)
    os.close(rung)


def test_a_bell_that_nobody_can_ring_any_more_is_no_ring() -> None:
    heard, rung = bell.pipe()
    os.close(rung)
    listening = Bell(heard)
    assert [listening.heard(0.01) for _ in range(3)] == [False] * 3
    os.close(heard)


# --- Failures, and what a schedule says -----------------------------------------------------------


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
