"""DynamoDB calls and their capacity units, counted at the wire while a test watches it."""

import heapq
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

from quarterhour.store.environment import environment
from quarterhour.store.read.memory import MOST_BYTES, BlockMemory
from quarterhour.store.table import parallel
from quarterhour.store.table.parallel import AT_ONCE, side_by_side
from quarterhour.store.table.wire import Answer, Request, Send, Wire

_READS = {"BatchGetItem", "GetItem", "Query"}


class Turns(threading.local):
    """Calls in turn, of each thread: those side by side count as the lane that has most of them.

    Work is given to eight lanes in its order, each piece to the lane that is free first. So it is
    counted, not measured: how busy the machine is does not matter.
    """

    calls: int = 0
    is_piece: bool = False

    def side_by_side(self, work: Callable[[Any], None], items: Sequence[Any]) -> None:
        """Do what `parallel.side_by_side` does, and count what it takes in turn."""
        if self.is_piece:
            side_by_side(work, items)  # in turn
            return
        calls = [0] * len(items)

        def counted(place: int) -> None:
            before, self.calls = self.calls, 0
            self.is_piece = len(items) > 1
            try:
                work(items[place])
            finally:
                calls[place], self.calls = self.calls, before
                self.is_piece = False

        try:
            side_by_side(counted, range(len(items)))
        finally:
            self.calls += most_in_turn(calls)


def most_in_turn(calls: Sequence[int]) -> int:
    """Return how many calls are made in turn where up to eight pieces of work run at once.

    >>> most_in_turn([1] * 17), most_in_turn([5, 1, 1])
    (3, 5)
    """
    lanes = [0] * AT_ONCE
    for number in calls:
        heapq.heapreplace(lanes, lanes[0] + number)
    return max(lanes)


@dataclass(slots=True)
class Counted:
    """The DynamoDB calls made while counting, and their capacity units.

    `in_turn` are those that wait for one another: the length of the longest chain.
    """

    calls: list[str] = field(default_factory=list)
    read_units: float = 0.0
    write_units: float = 0.0
    turns: Turns = field(default_factory=Turns)

    @property
    def in_turn(self) -> int:
        """The calls of this thread in turn, those it made side by side as in eight lanes."""
        return self.turns.calls

    def clear(self) -> None:
        """Begin anew."""
        self.calls.clear()
        self.read_units = self.write_units = 0.0
        self.turns.calls = 0


@contextmanager
def counting(wire: Wire) -> Iterator[Counted]:
    """Count the calls of a wire, also those that are refused; others may have it after this."""
    counted = Counted()
    one_at_a_time = threading.Lock()

    def note(send: Send, operation: str, request: Request) -> Answer:
        counted.turns.calls += 1
        with one_at_a_time:
            counted.calls.append(operation)
        answer = send({**request, "ReturnConsumedCapacity": "TOTAL"})
        consumed = answer.get("ConsumedCapacity", [])
        tables = consumed if isinstance(consumed, list) else [consumed]
        units = sum(table["CapacityUnits"] for table in tables)
        with one_at_a_time:
            if operation in _READS:
                counted.read_units += units
            else:
                counted.write_units += units
        return answer

    with (
        wire.watched(note),
        patch.object(parallel, "side_by_side", counted.turns.side_by_side),
    ):
        yield counted


def forget_blocks() -> None:
    """Let the environment have kept no blocks: what is counted is what its first request costs."""
    kept = environment()
    kept.blocks = BlockMemory(kept.shards, MOST_BYTES)
