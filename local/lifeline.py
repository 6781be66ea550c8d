"""Children that end with their parent, also when the parent is killed with -9.

Linux keeps the promise (PR_SET_PDEATHSIG); it is made in the child, which then looks whether the
parent still lives, and outlives the exec of the real program. On other systems a child of a parent
that was killed with -9 stays.
"""

import ctypes
import os
import signal
import sys
from collections.abc import Sequence

_PR_SET_PDEATHSIG = 1


def tied(command: Sequence[str]) -> list[str]:
    """Wrap `command` so that it gets SIGTERM when this process (its main thread) ends."""
    if sys.platform != "linux":
        return list(command)
    return [sys.executable, "-I", "-S", __file__, str(os.getpid()), *command]


def tie_to_parent(parent: int) -> None:
    """End this process when `parent`, which must be its parent, ends."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit("the parent has gone")


if __name__ == "__main__":
    tie_to_parent(int(sys.argv[1]))
    os.execvp(sys.argv[2], sys.argv[2:])  # noqa: S606 - no shell is wanted
