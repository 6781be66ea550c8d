"""A terminal's last line, which says what goes on and is written over; elsewhere there is none."""

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TextIO


class Line:
    """The last line of a stream, if that is a terminal."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.is_terminal = stream.isatty()

    def show(self, text: str) -> None:
        """Write the text over what the line has; what is too long for it is cut off."""
        if self.is_terminal:
            width = shutil.get_terminal_size().columns - 1
            self._write(f"\r{text[:width]:<{width}}")

    def clear(self) -> None:
        """Leave nothing of it: what is printed next has the line to itself."""
        self.show("")
        if self.is_terminal:
            self._write("\r")

    def add(self, text: str) -> None:
        """Write the text as a line that stays."""
        self.clear()
        self._write(f"{text}\n")

    def _write(self, text: str) -> None:
        # That nobody looks any more is no reason to end.
        with suppress(OSError):
            self._stream.write(text)
            self._stream.flush()


@contextmanager
def shown(text: str) -> Iterator[None]:
    """Show on stderr what goes on, for as long as it does."""
    line = Line(sys.stderr)
    line.show(text)
    try:
        yield
    finally:
        line.clear()
