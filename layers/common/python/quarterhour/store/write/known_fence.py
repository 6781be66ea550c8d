"""The fence as an environment remembers it for a minute, so that a POST need not read it."""

from dataclasses import dataclass

from quarterhour.store.table.calls import Calls, Item
from quarterhour.store.table.clock import Moment
from quarterhour.store.table.fence import PLACE, Fence, Fences, of_item

# A rollup waits longer than this and a request together, between announcing a day and closing it
# (`rollup.closing.WAIT_S`).
REMEMBERED_S = 60.0


@dataclass(slots=True)
class FenceMemory:
    """What an environment remembers: the fence, and a moment before its read was sent."""

    fence: Fence | None = None
    asked: Moment | None = None


class KnownFence:
    """The fence as one write sees it: remembered, or read."""

    def __init__(self, calls: Calls, memory: FenceMemory, shards: int) -> None:
        self._calls = calls
        self._memory = memory
        self._fences = Fences(calls, shards)

    def remembered(self) -> int | None:
        """Return the last day that may be closed, as it was a minute ago at most; None if older."""
        memory, began = self._memory, self._calls.began
        if not memory.fence or not memory.asked or memory.asked.age_s(began) >= REMEMBERED_S:
            return None
        return memory.fence.last_ms

    def last_ms(self) -> int:
        """Return the last day that may be closed; it is begun where there is no fence."""
        last_ms = self.remembered()
        return self._keep(self._fences.read()) if last_ms is None else last_ms

    def read_with(self, place: tuple[str, str]) -> Item:
        """Read the fence to remember it, and return another item, in one call."""
        items = {
            item["sk"]["S"]: item for item in self._calls.get_many([PLACE, place], strong=True)
        }
        self._keep(of_item(items.get(PLACE[1], {})))
        return items.get(place[1], {})

    def _keep(self, fence: Fence | None) -> int:
        """Remember what was read; its age counts from when the request began, which was before."""
        kept = fence or self._fences.begin(self._calls.now_ms)
        self._memory.fence, self._memory.asked = kept, self._calls.began
        return kept.last_ms
