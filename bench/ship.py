"""Requests of one ship, over HTTP, to both servers in turns: readings in, ranges out."""

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import NamedTuple

from bench.alike import assert_alike
from bench.batches import DAY, days, window
from bench.servers import Server
from bench.table import Line, compared

READINGS_A_DAY = 288
ROUNDS = 5
# Requests a round: /proc counts processor time in hundredths of a second, a round takes dozens.
GETS = {1: 100, 30: 20, 365: 4}
BUDGETS = {1: 0.8, 30: 0.3, 365: 0.15}
EARLIER = {1: "11 ms", 30: "87 ms", 365: "967 ms"}


class Cost(NamedTuple):
    """What one unit of work took, in seconds: wall time, the workers, workers and engine."""

    wall_s: float
    web_s: float
    all_s: float


def ingest(ours: Server, baseline: Server, ship: int, first: datetime) -> Iterator[Line]:
    """Post a year of 5-minute readings, a day at a time; yield the costs of 1,000 readings."""
    batches = days(ship, first, 365, 5)
    for server in (ours, baseline):
        server.post("/data", batches[0])
    share = len(batches) // ROUNDS
    rounds = [batches[n : n + share] for n in range(0, len(batches), share)]
    costs = [[_posted(server, part) for server in (ours, baseline)] for part in rounds]
    us, peer = (_median(one) for one in zip(*costs, strict=True))
    yield compared("POST of day batches: readings/s", "", 1 / us.wall_s, 1 / peer.wall_s)
    for what, cost_s, budget, earlier in (
        ("CPU per 1,000 readings: gateway", us.web_s, 0.6, "44-55 ms"),
        ("CPU per 1,000 readings: gateway + engine", us.all_s, 1.1, "47-60 ms"),
    ):
        yield compared(what, "ms", 1e6 * cost_s, 1e6 * peer.all_s, budget, earlier=earlier)


def ranges(ours: Server, baseline: Server, ship: int, first: datetime) -> Iterator[Line]:
    """Ask for 1, 30 and 365 settled days; yield the median time and the processor time."""
    for count, times in GETS.items():
        path = f"/data?spaceship_id={ship}&{window(first, first + count * DAY)}"
        assert_alike(ours.get(path), baseline.get(path))
        us, peer = _in_turns(ours, baseline, path, times)
        days_ = f"GET of {count} day{'s' if count > 1 else ''}"
        yield compared(f"{days_}: median", "ms", 1e3 * us.wall_s, 1e3 * peer.wall_s)
        yield compared(
            f"{days_}: CPU",
            "ms",
            1e3 * us.all_s,
            1e3 * peer.all_s,
            BUDGETS[count],
            earlier=EARLIER[count],
        )


def _posted(server: Server, batches: Sequence[bytes]) -> Cost:
    posted = iter(batches)
    return _cost(server, lambda: server.post("/data", next(posted)), len(batches), READINGS_A_DAY)


def _in_turns(ours: Server, baseline: Server, path: str, times: int) -> list[Cost]:
    costs = [
        [_cost(server, partial(server.get, path), times) for server in (ours, baseline)]
        for _ in range(ROUNDS)
    ]
    return [_median(one) for one in zip(*costs, strict=True)]


def _cost(server: Server, send: Callable[[], object], times: int, units: int = 1) -> Cost:
    """Return what a unit took; wall time is the median request's, processor time the mean."""
    web_s, all_s, walls = server.web_s(), server.all_s(), []
    for _ in range(times):
        began = time.perf_counter()
        send()
        walls.append(time.perf_counter() - began)
    done = times * units
    used = (server.web_s() - web_s) / done, (server.all_s() - all_s) / done
    return Cost(statistics.median(walls) / units, *used)


def _median(costs: Sequence[Cost]) -> Cost:
    return Cost(*map(statistics.median, zip(*costs, strict=True)))
