"""What processes have used of the processor, to the nanosecond where the kernel says so."""

import os
import time
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def cpu_s(pid: int) -> float:
    """Return the processor seconds of a process, of all its threads, also those that ended."""
    return time.clock_gettime(~pid << 3 | 2)  # what clock_getcpuclockid gives for a process


def family_cpu_s(pid: int) -> float:
    """Return the same of a process and all below it, also of those that ended meanwhile."""
    ended = _stat(pid)[13:15]  # of those it waited for, in hundredths of a second
    below = sum(map(_if_running_s, children(pid)))
    return cpu_s(pid) + sum(map(int, ended)) / _TICKS + below


def children(pid: int) -> list[int]:
    """Return the processes that a process has started and that have not ended."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return [int(child) for task in tasks for child in (task / "children").read_text().split()]


def below(pid: int) -> list[int]:
    """Return all processes below this one."""
    return [each for child in children(pid) for each in (child, *below(child))]


def command(pid: int) -> bytes:
    """Return the words that a process was started with."""
    return Path(f"/proc/{pid}/cmdline").read_bytes()


def _if_running_s(pid: int) -> float:
    try:
        return family_cpu_s(pid)
    except OSError:  # it has just ended
        return 0.0


def _stat(pid: int) -> list[str]:
    """Return the fields of /proc/<pid>/stat after the name, of which the first is the state."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
