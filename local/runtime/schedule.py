"""The EventBridge Scheduler of the laptop, which calls functions at a rate, and when it is woken.

`python -m local.runtime.schedule` calls one after another in this process, so that no call overlaps
another; a time that passes meanwhile is left out. What fails is logged, and is called again at its
next time. The clock may be put back or ahead, and the laptop may sleep: a call comes at most a rate
later than it should.

After a request that may have marked days a bell rings (bell.py), and the functions are called as
soon as it has been quiet for QUIET_S seconds; where it goes on ringing, LONGEST_S after it began.
"""

import json
import logging
import os
import re
import signal
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

from local.runtime import bell
from local.runtime.bell import Bell
from local.runtime.context import Handler, context_for
from local.runtime.functions import load
from local.template import Function, Schedule, Template
from local.template import load as load_template

_RATE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
_SECONDS = {"minute": 60, "hour": 3_600, "day": 86_400}
# Requests come first: with work for both, the scheduler leaves this process a tenth of a core.
_NICE = 10

# An import is many requests, and is settled at less cost when it is over.
QUIET_S = 2.0
LONGEST_S = 10.0

# So soon a clock that was put, or a laptop that slept, is seen.
_LOOK_S = 60.0

_logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Timer:
    """A schedule, the function it calls, and when next (seconds since the epoch)."""

    schedule: Schedule
    function: Function
    handler: Handler
    due_s: float

    def call(self, at_s: float) -> None:
        """Call the function as EventBridge Scheduler does; what it raises is logged."""
        try:
            context = context_for(self.function, str(uuid.uuid4()))
            self.handler(event(self.schedule.input, at_s), context)
        except Exception:
            _logger.exception("%s failed", self.function.name)

    def follow(self, now_s: float) -> None:
        """Be due now where the clock was put back, and at the last time of those that passed."""
        every_s = seconds(self.schedule.rate)
        if self.due_s - now_s > every_s:
            self.due_s = now_s
        self.due_s += max(0, (now_s - self.due_s) // every_s) * every_s

    def set_after(self, now_s: float) -> None:
        """Move to the first time of the schedule that is after `now_s`."""
        every_s = seconds(self.schedule.rate)
        passed = max(0, int((now_s - self.due_s) // every_s))
        self.due_s += (passed + 1) * every_s


def seconds(rate: str) -> int:
    """Return the seconds of `rate(15 minutes)`; ValueError for any other kind of expression."""
    match = _RATE.fullmatch(rate)
    if match is None:
        raise ValueError(f"{rate}: the local run knows rate(<number> minutes, hours or days) alone")
    return int(match[1]) * _SECONDS[match[2]]


def event(text: str, due_s: float) -> dict[str, Any]:
    """Return the event of a schedule's input, its keywords replaced by what they stand for."""
    keywords = {
        "scheduled-time": f"{datetime.fromtimestamp(due_s, UTC):%Y-%m-%dT%H:%M:%SZ}",
        "execution-id": uuid.uuid4().hex[:16],
        "attempt-number": "1",
        "schedule-arn": "arn:aws:scheduler:us-east-1:123456789012:schedule/default/local",
    }
    for keyword, value in keywords.items():
        text = text.replace(f"<aws.scheduler.{keyword}>", value)
    payload: dict[str, Any] = json.loads(text)
    return payload


def timers(template: Template, handlers: Mapping[str, Handler], now_s: float) -> Iterator[Timer]:
    """Yield the schedules of the template, each due now."""
    functions = {function.name: function for function in template.functions}
    for schedule in template.schedules:
        seconds(schedule.rate)  # what cannot be kept is said at the start
        function = functions[schedule.function]
        yield Timer(schedule, function, handlers[function.name], now_s)


def woken(
    heard: Callable[[float], bool],
    pause_s: float,
    elapsed: Callable[[], float] = time.monotonic,
) -> bool:
    """Wait so long; or until it rings, and then until that is over, or has gone on for long.

    Return whether it rang.
    """
    if not heard(pause_s):
        return False
    end_s = elapsed() + LONGEST_S
    while (left_s := end_s - elapsed()) > 0 and heard(min(QUIET_S, left_s)):
        pass
    return True


def keep(
    timers: list[Timer],
    clock: Callable[[], float] = time.time,
    wait: Callable[[float], object] = time.sleep,
) -> None:
    """Call each function at its times, and when `wait` says so, for ever.

    `wait` takes the seconds until something is due, and may return true before. Returns where there
    is nothing to call.
    """
    while timers:
        now_s = clock()
        for timer in timers:
            timer.follow(now_s)
        first = min(timers, key=lambda timer: timer.due_s)
        if first.due_s > now_s:
            if wait(min(first.due_s - now_s, _LOOK_S)):
                for timer in timers:
                    timer.call(clock())
        else:
            first.call(first.due_s)
            first.set_after(clock())


def main() -> None:
    """Keep the schedules of template.yaml; the environment is that of the functions.

    A signal ends a call as a failure does: a rollup gives its lease back.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s")
    os.nice(_NICE)
    template = load_template()
    called = {schedule.function for schedule in template.schedules}
    functions = tuple(function for function in template.functions if function.name in called)
    handlers = load(replace(template, functions=functions))
    heard = Bell(int(os.environ[bell.VARIABLE])).heard
    keep([*timers(template, handlers, time.time())], wait=partial(woken, heard))


if __name__ == "__main__":
    main()
