"""The resampling kernel against `json.loads` of the same body, in this process."""

import json
import timeit
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial

from bench.batches import DAY, body, today
from bench.sizes import Sizes
from bench.steps import Step
from bench.table import FAILED, Limit, Line, Table, figure, line
from quarterhour.energy.readings import Reading
from quarterhour.energy.resample import power_buckets
from quarterhour.time.calendar import DAY_MS
from quarterhour.time.instants import parse

TABLE = Table("Resampling", ("quarterhour", "json.loads of the same", "ratio"))
MOST = 1.5
# Minutes between readings, and whether the limit is for them.
SPACINGS = {5: True, 15: False, 60: False}
_NUMBER = 10


def steps(sizes: Sizes) -> Iterator[Step]:
    """Yield a day of readings of each spacing."""
    for minutes, is_limited in SPACINGS.items():
        what = f"a day of {24 * 60 // minutes} readings"
        limited = is_limited and not sizes.is_smoke
        measure = partial(_measure, what, minutes, sizes.kernel_runs, is_limited=limited)
        yield Step(TABLE, (what,), measure)


def _measure(what: str, minutes: int, runs: int, _: None, *, is_limited: bool) -> Iterator[Line]:
    """Yield the kernel's time over that of parsing; the least of many runs, noise only adds."""
    start = today() - 2 * DAY
    sent = body(1, start, start + DAY, timedelta(minutes=minutes))
    data = json.loads(sent)["data"]
    readings = [Reading(parse(one["datetime"]), one["value"]) for one in data]
    first = readings[0].at_ms
    assert len(power_buckets(readings, first, first + DAY_MS)) == DAY_MS // 900_000
    kernel_s, json_s = _least_s(
        runs, partial(power_buckets, readings, first, first + DAY_MS), partial(json.loads, sent)
    )
    figures = figure(1e6 * kernel_s, "us"), figure(1e6 * json_s, "us"), f"{kernel_s / json_s:.2f}x"
    limits = [Limit(f"<= {MOST}x", kernel_s <= MOST * json_s, FAILED)] if is_limited else []
    yield line(what, figures, limits)


def _least_s(runs: int, *works: Callable[[], object]) -> list[float]:
    """Return the least time of each, taken in turns so that noise meets them alike."""
    rounds = [[timeit.timeit(work, number=_NUMBER) for work in works] for _ in range(runs)]
    return [min(times) / _NUMBER for times in zip(*rounds, strict=True)]
