"""The bell that the processes of the server ring, and that wakes the schedule: a pipe.

Whoever rings writes a byte and goes on at once, whether anybody hears or not.
"""

import os
import select
import time
from contextlib import suppress

# Where a process is told the number of its end of the pipe.
VARIABLE = "QUARTERHOUR_BELL"

_TAKEN = 65_536


def ring(end: int) -> None:
    """Ring; that nobody has listened for long, or nobody can any more, is no reason to wait."""
    with suppress(OSError):
        os.write(end, b"!")


class Bell:
    """The end of the pipe at which one process listens."""

    def __init__(self, end: int) -> None:
        os.set_blocking(end, False)
        self._end: int | None = end

    def heard(self, within_s: float) -> bool:
        """Wait for a ring, so long at most; return whether there was one, or several."""
        if self._end is None:
            time.sleep(within_s)
            return False
        if not select.select([self._end], [], [], within_s)[0]:
            return False
        if not os.read(self._end, _TAKEN):  # nobody is left who could ring
            self._end = None
            return False
        return True


def pipe() -> tuple[int, int]:
    """Return the ends of a new pipe: at which to listen, and at which to ring without waiting."""
    heard, rung = os.pipe()
    os.set_blocking(rung, False)
    return heard, rung
