"""The files: what was answered to the posts, and of each state the answers and the table."""

import gzip
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal, get_args
from zlib import crc32

from tests.recorded.bodies import LATER, OPENED_AT, OPENING, READ_AT
from tests.recorded.running import Request, Row, Service
from tests.recorded.since import is_routed_anew
from tests.recorded.targets import TARGETS

# Before the second rollup, with days that are marked and days that are due; and after it.
State = Literal["before", "after"]
STATES: tuple[State, ...] = get_args(State)

# The day at which the recorded watermarks began: two before the first site.
FIRST = "2024-11-03"

_HERE = Path(__file__).parent


class Played:
    """What was answered while the table was made, and its items in both states."""

    def __init__(self, service: Service) -> None:
        self.answers: list[Row] = []
        self.tables: dict[State, list[Row]] = {}
        self._play(service)

    def _play(self, service: Service) -> None:
        service.clock.stop_at(OPENED_AT)
        service.begin_fence(FIRST)
        self.answers += map(service.answer, OPENING)
        self.answers.append(service.roll_up())
        service.clock.stop_at(READ_AT)
        self.answers += map(service.answer, LATER)
        self.tables["before"] = service.items()
        self.answers.append(service.roll_up())
        self.tables["after"] = service.items()


def targets(state: State) -> list[Request]:
    """Return what is read in a state: before the rollup, when reads are dear, half of it."""
    of_then = [request for request in TARGETS if not is_routed_anew(request.name)]
    if state == "after":
        return of_then
    return [request for request in of_then if crc32(request.name.encode()) % 2]


def posted() -> Path:
    """Return the file of the answers to what is posted, and of both rollups' cost."""
    return _HERE / "posted.jsonl.gz"


def answers(state: State) -> Path:
    """Return the file of the answers that are read."""
    return _HERE / f"answers-{state}.jsonl.gz"


def table(state: State) -> Path:
    """Return the file of the table's items."""
    return _HERE / f"table-{state}.jsonl.gz"


def written(file: Path, rows: Iterable[Row]) -> None:
    """Write a row a line; the same rows are the same bytes."""
    lines = (json.dumps(row, separators=(",", ":"), sort_keys=True) for row in rows)
    text = "".join(f"{line}\n" for line in lines)
    file.write_bytes(gzip.compress(text.encode(), mtime=0))


def read(file: Path) -> Iterator[Row]:
    """Yield what was written."""
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)
