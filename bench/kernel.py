"""The resampling kernel against `json.loads` of the same body, in this process."""

import json
import timeit
from collections.abc import Callable, Iterator
from functools import partial

from bench.batches import DAY, body, today
from bench.table import FAILED, HELD, Line
from quarterhour.energy.readings import Reading
from quarterhour.energy.resample import power_buckets
from quarterhour.time.calendar import DAY_MS
from quarterhour.time.instants import parse

LIMIT = 1.5
# Minutes between readings, and whether the limit is for them.
SPACINGS = {5: True, 15: False, 60: False}
_REPEAT, _NUMBER = 300, 10


def lines() -> Iterator[Line]:
    """Yield the kernel's time over that of parsing; the least of many runs, noise only adds."""
    start = today() - 2 * DAY
    for minutes, is_limited in SPACINGS.items():
        sent = body(1, start, start + DAY, minutes)
        data = json.loads(sent)["data"]
        readings = [Reading(parse(one["datetime"]), one["value"]) for one in data]
        first = readings[0].at_ms
        assert len(power_buckets(readings, first, first + DAY_MS)) == DAY_MS // 900_000
        kernel_s, json_s = _least_s(
            partial(power_buckets, readings, first, first + DAY_MS), partial(json.loads, sent)
        )
        verdict = (HELD if kernel_s <= LIMIT * json_s else FAILED) if is_limited else ""
        yield Line(
            f"kernel, {len(data)} readings, beside json.loads",
            f"{1e6 * kernel_s:,.0f} us",
            f"{1e6 * json_s:,.0f} us",
            f"{kernel_s / json_s:.2f}x",
            f"<= {LIMIT}x" if is_limited else "",
            verdict,
        )


def _least_s(*works: Callable[[], object]) -> list[float]:
    """Return the least time of each, taken in turns so that noise meets them alike."""
    rounds = [[timeit.timeit(work, number=_NUMBER) for work in works] for _ in range(_REPEAT)]
    return [min(times) / _NUMBER for times in zip(*rounds, strict=True)]
