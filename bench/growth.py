"""What closing a day takes for each ship, of fleets of growing size: it is to stay the same."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial

from bench import servers
from bench.batches import REACH, body, today
from bench.counting import Count, InProcess, counted_once
from bench.sizes import Sizes
from bench.steps import Stage, Step
from bench.table import FAILED, NOTHING, Limit, Line, Table, figure, line, milliseconds
from quarterhour.energy.lookback import closed_from
from tests.fleets import settle

TABLE = Table("A closed day, for each ship", ("calls", "read units", "write units", "CPU"))
# Its counters, readings, day block; its days and month block; its months and year block; and its
# part of what is read of a hundred ships for the shard's day.
MOST_CALLS = 8
# Of fewer ships what a run takes besides is more than a little.
MANY = 100
_HALF_HOUR, _MINUTE = timedelta(minutes=30), timedelta(minutes=1)


def stages(sizes: Sizes) -> Iterator[Stage]:
    """Yield fleets, each on an engine of its own."""
    for ships in sizes.grown:
        what = f"{ships:,} ships"
        yield Stage([Step(TABLE, (what,), partial(_closed, what, ships))], _fresh)


@contextmanager
def _fresh() -> Iterator[InProcess]:
    with servers.engine() as database, InProcess.on(database) as here:
        yield here


def _closed(what: str, ships: int, here: InProcess) -> Iterator[Line]:
    settle()
    begin = today()
    first = begin + REACH  # what changes no day before
    for ship in range(1, ships + 1):
        here.ask("POST", "/data", body(ship, first, begin + timedelta(days=1), _HALF_HOUR))
    due = datetime.fromtimestamp(closed_from(int(begin.timestamp() * 1000)) / 1000, UTC)
    found = counted_once(partial(settle, due + _MINUTE - datetime.now(UTC)))
    yield line(what, [*_figures(found, ships, has_units=here.has_units)], [*_limits(found, ships)])


def _figures(found: Count, ships: int, *, has_units: bool) -> Iterator[str]:
    yield figure(found.calls / ships)
    yield figure(found.read / ships) if has_units else NOTHING
    yield figure(found.write / ships) if has_units else NOTHING
    yield milliseconds(found.cpu_s / ships)


def _limits(found: Count, ships: int) -> Iterator[Limit]:
    if ships >= MANY:
        yield Limit(f"calls <= {MOST_CALLS}", found.calls <= MOST_CALLS * ships, FAILED)
