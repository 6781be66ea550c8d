"""Questions about a whole fleet, of growing size: settled days, and the tail that is read live."""

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from bench.alike import assert_alike
from bench.batches import DAY, body, today, window
from bench.in_process import settle
from bench.servers import Server
from bench.table import SHORT, Line, compared, limited
from local.engine.dynamodb import Engine

SETTLED = (10, 100, 1000)
LIVE = (10, 100, 500)
TIMES = 5
LIVE_LIMIT_S = 5
# What is asked, and of how many hours: upper bounds of a day say little of two hours in it.
_QUESTIONS = (
    ("fleet", "/data/fleet?{}", 24),
    ("top users", "/topusers?count=3&{}", 24),
    ("top users of 2 hours", "/topusers?count=3&{}", 2),
)


def settled(ours: Server, baseline: Server, database: Engine) -> Iterator[Line]:
    """Yield the latencies over one settled day, 48 half-hourly readings a ship."""
    day = today() - 10 * DAY
    both = ours, baseline
    for ships in _growing(both, SETTLED, lambda ship: body(ship, day, day + DAY, 30)):
        settle(database)
        for what, path in _asked(day + DAY):
            us, peer = _latencies_s(both, path)
            yield compared(f"{what}, {ships} ships, settled", "ms", 1e3 * us, 1e3 * peer)


def live(ours: Server, baseline: Server) -> Iterator[Line]:
    """Yield the latencies over the last day, 5-minute readings since yesterday, nothing settled."""
    now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    both = ours, baseline
    for ships in _growing(both, LIVE, lambda ship: body(ship, today() - DAY, now, 5)):
        for what, path in _asked(now):
            us, peer = _latencies_s(both, path)
            yield compared(f"{what}, {ships} ships, live", "ms", 1e3 * us, 1e3 * peer)
            if ships == LIVE[-1]:
                yield limited(f"{what}, {ships} ships, live", "s", us, LIVE_LIMIT_S, SHORT)


def _growing(
    both: Sequence[Server], sizes: Sequence[int], of_ship: Callable[[int], bytes]
) -> Iterator[int]:
    """Let the fleet grow, each ship posting once; yield at each size."""
    for known, ships in pairwise((0, *sizes)):
        for ship in range(known, ships):
            batch = of_ship(ship)
            for server in both:
                server.post("/data", batch)
        yield ships


def _asked(end: datetime) -> Iterator[tuple[str, str]]:
    for what, form, hours in _QUESTIONS:
        yield what, form.format(window(end - timedelta(hours=hours), end))


def _latencies_s(both: Sequence[Server], path: str) -> list[float]:
    """Return each server's median time, once they answered alike."""
    assert_alike(*(server.get(path) for server in both))
    return [_latency_s(server, path) for server in both]


def _latency_s(server: Server, path: str) -> float:
    walls = []
    for _ in range(TIMES):
        began = time.perf_counter()
        server.get(path)
        walls.append(time.perf_counter() - began)
    return statistics.median(walls)
