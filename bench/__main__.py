"""`python -m bench`: print the table; exit code 1 when something that must hold does not."""

import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench import counting, fleets, house, imports, kernel, servers, ship, size
from bench.batches import DAY, today
from bench.in_process import settle
from bench.servers import Server
from bench.table import Line, has_failed, table
from local.engine.dynamodb import Engine

SHIP = 1
YEAR = 365 * DAY


def main() -> int:
    """Measure everything, one after the other; progress goes to stderr."""
    began = time.monotonic()
    lines: list[Line] = []
    for line in _lines():
        lines.append(line)
        print(f"{time.monotonic() - began:4.0f} s  {line.what}: {line.ours}", file=sys.stderr)
    print(table(lines))
    return 1 if has_failed(lines) else 0


def _lines() -> Iterator[Line]:
    yield from kernel.lines()
    yield from imports.lines()
    yield from size.lines()
    first = today() - YEAR - 10 * DAY
    with _both() as (ours, baseline, database):
        yield from ship.ingest(ours, baseline, SHIP, first)
        settle(database)
        yield from ship.ranges(ours, baseline, SHIP, first)
        yield from counting.lines(database, SHIP, first, first + YEAR)
    with _both() as (ours, baseline, database):
        yield from fleets.live(ours, baseline)
    with _both() as (ours, baseline, database):
        yield from fleets.settled(ours, baseline, database)
    with _both() as (_, _, database):
        yield from house.lines(database)


@contextmanager
def _both() -> Iterator[tuple[Server, Server, Engine]]:
    """Run both servers on fresh data."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="quarterhour-bench-")))
        database = stack.enter_context(servers.engine(folder))
        ours = stack.enter_context(servers.ours(database, folder))
        baseline = stack.enter_context(servers.baseline(folder))
        yield ours, baseline, database


if __name__ == "__main__":
    sys.exit(main())
