"""What is measured, step by step: a step that fails costs its own lines, and the run goes on."""

import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, NamedTuple

from bench.table import Line, Table, failed


class Step(NamedTuple):
    """A measurement: the table and the names of its lines, and what yields them, in this order."""

    table: Table
    names: tuple[str, ...]
    run: Callable[[Any], Iterator[Line]]


class Stage(NamedTuple):
    """Steps that follow each other in one set of servers and data, which `opened` makes."""

    steps: Sequence[Step]
    opened: Callable[[], AbstractContextManager[Any]] = nullcontext

    def results(self) -> Iterator[tuple[Table, Line]]:
        """Yield a line for each name, whatever happens."""
        left = list(self.steps)
        try:
            with self.opened() as world:
                while left:
                    yield from _results(left.pop(0), world)
        except Exception as error:  # noqa: BLE001  whatever it is, the other stages go on
            traceback.print_exc()
            for step in left:
                for name in step.names:
                    yield step.table, failed(name, error)
            if not left:
                yield self.steps[-1].table, failed("ending what was measured", error)


def _results(step: Step, world: Any) -> Iterator[tuple[Table, Line]]:
    left = list(step.names)
    try:
        for line in step.run(world):
            if not left or line.what != left[0]:
                raise AssertionError(f"not announced: {line.what}")  # noqa: TRY301
            left.pop(0)
            yield step.table, line
        if left:
            raise AssertionError("no figure was taken")  # noqa: TRY301
    except Exception as error:  # noqa: BLE001  a line that fails is a line
        print(f"{left[:1]}:", file=sys.stderr)
        traceback.print_exc()
        for name in left:
            yield step.table, failed(name, error)
