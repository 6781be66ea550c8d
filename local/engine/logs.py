"""What the children of a run say, in DATA_DIR: `<name>.log`, and the last run's in `<name>.log.1`.

A log that grows above LIMIT_BYTES while its child writes goes on from nothing; what it had is in
`<name>.log.old` then.
"""

import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

LIMIT_BYTES = 10 * 1024 * 1024


def begin(data_dir: Path, name: str) -> BinaryIO:
    """Open a log for a child, and keep the last run's beside it."""
    log = data_dir / f"{name}.log"
    if log.exists():
        log.replace(log.with_suffix(".log.1"))
    # A child that appends goes on at the start of what is cut off.
    return log.open("ab")


def cut(data_dir: Path, limit_bytes: int = LIMIT_BYTES) -> None:
    """Cut off the logs that are above the limit; no child has to open its own again.

    What a child says in the instant between the copy and the cut is lost.
    """
    for log in data_dir.glob("*.log"):
        if log.stat().st_size > limit_bytes:
            with suppress(OSError):  # no room for a copy: a reason more to cut
                shutil.copyfile(log, log.with_suffix(".log.old"))
            os.truncate(log, 0)
