"""What single requests to the functions in this process take: calls, units, processor time.

Calls *in turn* wait for one another: those made side by side, eight at a time, count as one.
"""

import io
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass

from bench import table
from bench.in_process import on_the_table
from bench.table import FAILED, Limit, Line, Table, milliseconds
from local import template
from local.engine.dynamodb import Engine
from local.gateway.http_api import Gateway
from local.runtime import functions
from quarterhour.store.environment import environment
from tests.counting import counting

COLUMNS = ("calls", "in turn", "read units", "write units", "CPU")
# What is short is repeated more often: so many times, while it takes no longer together.
MORE, SHORT_S = 5, 0.2
_GOOD = {200, 201}
_JSON = (("content-type", "application/json"),)


@dataclass(slots=True)
class Count:
    """The calls of some requests, how many of them in turn, and their units and processor time."""

    calls: int = 0
    in_turn: int = 0
    read: float = 0.0
    write: float = 0.0
    cpu_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Most:
    """The limits of a count; of units, reads and writes together. None is no limit."""

    calls: int | None = None
    in_turn: int | None = None
    units: float | None = None
    cpu_s: float | None = None
    of_before: float | None = None  # processor time


UNLIMITED = Most()


@dataclass(frozen=True, slots=True)
class InProcess:
    """The functions in this process; `has_units` says whether the engine's units are DynamoDB's."""

    gateway: Gateway
    has_units: bool

    @classmethod
    @contextmanager
    def on(cls, database: Engine) -> "Iterator[InProcess]":
        """Load the functions, and let them use the table of a running engine."""
        with on_the_table(database):
            loaded = template.load()
            yield cls(Gateway(loaded, functions.load(loaded)), database.kind == "dynoxide")

    def ask(self, method: str, target: str, sent: bytes = b"") -> None:
        """Send a request; AssertionError unless it succeeds."""
        with redirect_stdout(io.StringIO()):
            answer = self.gateway.handle(method, target, _JSON, sent)
        if answer.status not in _GOOD:
            raise AssertionError(f"{method} {target}: {answer.status} {answer.body[:200]!r}")

    def fresh(self) -> None:
        """Forget what the environment remembers, as a new one would; the client is made anew."""
        environment().client.close()
        environment.cache_clear()
        self.ask("GET", "/api/houses")

    def line(
        self, what: str, count: Count, most: Most = UNLIMITED, before_s: float | None = None
    ) -> Line:
        """Return the line of what was counted, beside the processor time before, if it is known."""
        units = [table.figure(count.read), table.figure(count.write)]
        figures = [
            *(str(count.calls), str(count.in_turn)),
            *(units if self.has_units else [table.NOTHING] * 2),
            milliseconds(count.cpu_s) if count.cpu_s else table.NOTHING,
        ]
        limits = list(self._limits(count, most))
        if before_s is not None:
            figures.append(milliseconds(before_s))
            if most.of_before is not None:
                is_kept = count.cpu_s <= most.of_before * before_s
                limits.append(Limit(f"CPU <= {most.of_before}x before", is_kept))
        return table.line(what, figures, limits)

    def _limits(self, count: Count, most: Most) -> Iterator[Limit]:
        if most.calls is not None:
            yield Limit(f"calls <= {most.calls}", count.calls <= most.calls, FAILED)
        if most.in_turn is not None:
            yield Limit(f"in turn <= {most.in_turn}", count.in_turn <= most.in_turn, FAILED)
        if most.units is not None and self.has_units:
            is_kept = count.read + count.write <= most.units
            yield Limit(f"units <= {most.units:g}", is_kept, FAILED)
        if most.cpu_s is not None:
            yield Limit(f"CPU <= {milliseconds(most.cpu_s)}", count.cpu_s <= most.cpu_s)


def counts(title: str, *more: str) -> Table:
    """Return a table of counts, and more."""
    return Table(title, (*COLUMNS, *more))


def counted_once(work: Callable[[], object]) -> Count:
    """Do the work once; return its count and processor time."""
    with counted() as count:
        count.cpu_s = cpu_s(work)
    return count


def counted_and_timed(
    work: Callable[[], object], times: int, before: Callable[[], object] = bool
) -> Count:
    """Do the work; count it once, and take its processor time without counting.

    Each time it comes after `before`, which does not count.
    """
    before()
    with counted() as count:
        work()

    def timed() -> float:
        before()
        return cpu_s(work)

    count.cpu_s = least_s(timed, times)
    return count


def least_s(timed: Callable[[], float], times: int) -> float:
    """Return the least of so many times, or of more where they are short."""
    taken = [timed() for _ in range(times)]
    while len(taken) < MORE * times and sum(taken) < SHORT_S:
        taken.append(timed())
    return min(taken)


def cpu_s(work: Callable[[], object]) -> float:
    """Return the processor seconds of this process while it does the work."""
    began = time.process_time()
    work()
    return time.process_time() - began


@contextmanager
def counted() -> Iterator[Count]:
    """Count the calls that the functions in this process make."""
    found = Count()
    with counting(environment().client) as seen:
        yield found
    found.calls, found.in_turn = len(seen.calls), seen.in_turn
    found.read, found.write = seen.read_units, seen.write_units
