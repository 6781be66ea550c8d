"""What time it is, and how much of it has passed: no clock can be trusted with both alone.

The wall clock may be set, forward or back. The monotonic one stands still while a laptop sleeps or
a sandbox is frozen. So whatever is to happen within a time counts by the one that says more.
"""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple


class Moment(NamedTuple):
    """An instant, in seconds on several clocks, none of which is ever compared with another.

    `gateway_s` is when API Gateway received the request that is being answered; 0 without one.
    """

    wall_s: float
    monotonic_s: float
    gateway_s: float = 0.0

    def passed_s(self, now: "Moment") -> float:
        """Return the seconds from this moment to `now` on the clock that says most.

        >>> Moment(1000.0, 50.0).passed_s(Moment(400.0, 53.0))
        3.0
        """
        return max(later - earlier for earlier, later in zip(self, now, strict=True))

    def age_s(self, now: "Moment") -> float:
        """Return how old what was known at this moment may be: endless where a clock went back.

        >>> Moment(1000.0, 50.0).age_s(Moment(400.0, 53.0))
        inf
        """
        # Requests may come in another order than the gateway received them: no clock went back.
        went_back = now.wall_s < self.wall_s or now.monotonic_s < self.monotonic_s
        return math.inf if went_back else self.passed_s(now)


@dataclass(frozen=True, slots=True)
class Clock:
    """The clocks of a process, in seconds: `now` since 1970, `elapsed` since any instant."""

    now: Callable[[], float] = time.time
    elapsed: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep

    def moment(self, gateway_s: float = 0.0) -> Moment:
        """Return the present moment."""
        return Moment(self.now(), self.elapsed(), gateway_s)
