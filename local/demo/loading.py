"""How far the loading of the demo data is, told on stderr while it goes on.

On a terminal in one line, after every part; elsewhere in a line for every tenth of the readings.
"""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self

from local.line import Line

_TENTHS = 10
_MINUTE_S = 60
_LONG_S = 90
_SOME = 50  # a fiftieth of the readings tells how fast it goes


@dataclass(slots=True)
class Loading:
    """A run that loads what is `left` of about so many readings, told for the length of a `with`.

    Where nothing is left nothing is told.
    """

    total: int
    left: int
    clock: Callable[[], float] = time.monotonic
    line: Line = field(default_factory=lambda: Line(sys.stderr))
    _loaded: int = 0
    _began_s: float = field(init=False)
    _tenth: int = -1

    def __enter__(self) -> Self:
        self._began_s = self.clock()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self.line.clear()
        if kind and not issubclass(kind, Exception):  # it was to stop
            self.line.add(f"Demo data: stopped at {self._so_far()}; the next start goes on.")

    def add(self, readings: int) -> None:
        """Count readings as loaded."""
        self._loaded += readings
        self.left -= readings
        self.tell()

    def tell(self) -> None:
        """Print the progress."""
        if not self.left:
            return
        text, tenth = f"Demo data: {self._so_far()}{self._rest()}", self._percent() // _TENTHS
        self.line.show(text)
        if not self.line.is_terminal and self._tenth < tenth:
            self.line.add(text)
        self._tenth = tenth

    def _so_far(self) -> str:
        posted, total = round(self.total - self.left, -3), round(self.total, -3)
        return f"{posted:,} of about {total:,} readings ({self._percent()} %)"

    def _percent(self) -> int:
        return 100 * (self.total - self.left) // self.total

    def _rest(self) -> str:
        """Return how long the rest will take at the speed of this run; "" until that is known."""
        if self._loaded * _SOME < self.total:
            return ""
        left_s = (self.clock() - self._began_s) * self.left / self._loaded
        return f", about {duration(left_s)} left"


def duration(length_s: float) -> str:
    """Write a duration as roughly as it is known.

    >>> [duration(seconds) for seconds in (0.5, 42, 89, 90, 3000)]
    ['10 s', '50 s', '90 s', '2 min', '50 min']
    """
    if length_s >= _LONG_S:
        return f"{round(length_s / _MINUTE_S)} min"
    return f"{int(length_s // 10 + 1) * 10} s"
