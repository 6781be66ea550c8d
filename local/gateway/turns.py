"""The functions of a process, called one at a time as those of a Lambda environment are.

Powertools keeps the event of the request on a class, and the name of the function is a variable of
the process: two requests at once would take each other's.
"""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TypeVar

LIMIT_S = 30.0  # what an HTTP API waits for an integration

Result = TypeVar("Result")


class OverdueError(Exception):
    """A function has not answered in time; this process takes no more requests."""


class Turns:
    """Who may call the functions, one after another, each for `limit_s` at most.

    `overdue` says that one still runs that took longer: nothing can end it but the end of the
    process. `watch` is called after each turn, in any thread.
    """

    def __init__(self, limit_s: float = LIMIT_S) -> None:
        self.limit_s = limit_s
        self.overdue = False
        self.watch: Callable[[], None] = lambda: None
        self._turn = threading.Lock()
        self._caller = ThreadPoolExecutor(1, "functions")

    @property
    def taken(self) -> bool:
        """Whether whoever came now would have to wait, or would not be served at all."""
        return self.overdue or self._turn.locked()

    def take(self, call: Callable[[], Result]) -> Result:
        """Wait for the turn and return what `call` returns; OverdueError where it takes too long.

        What is called goes on then, and whoever waits for a turn gets the same error.
        """
        try:
            with self._turn:
                return self._within_limit(call)
        finally:
            self.watch()

    def _within_limit(self, call: Callable[[], Result]) -> Result:
        if self.overdue:
            raise OverdueError
        answer = self._caller.submit(call)
        self.overdue = not wait([answer], self.limit_s).done
        if self.overdue:
            raise OverdueError
        return answer.result()
