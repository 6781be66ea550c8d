"""Which of several shards, and whether the fleet, are to be rolled up now: the queue is asked.

A shard in which days are marked is asked for at once; one that has a day to close every quarter of
an hour, by a message that comes when the day's announcement has stood long enough.
"""

from random import choice

from quarterhour.errors import Busy
from quarterhour.store.environment import calls
from quarterhour.store.queue import FLEET, Message, send, shards
from quarterhour.store.rollup.outlook import OldLists, Outlook, old_lists
from quarterhour.store.scheduled import is_quarterly, logger, now_ms, take_sample, tell_idle
from quarterhour.store.table.leases import Lease, Leases
from quarterhour.store.table.parallel import side_by_side


def ask_for_rollups(scheduled: str) -> None:
    """Ask for the rollups of the shards that have work, and for the fleet's step if that has.

    Every quarter of an hour a sample is taken of a shard drawn by chance: those without work are
    asked for nothing. Busy where the queue refused some: the next run asks for them again.
    """
    _ask(scheduled)
    if is_quarterly(now_ms(scheduled)):
        take_sample(choice(range(shards())))


def _ask(scheduled: str) -> None:
    look = _Look(now_ms(scheduled))
    at_once, closing = look.at_once(), look.closing()
    messages = [Message(shard, scheduled) for shard in at_once]
    messages += [Message(shard, scheduled, look.outlook.may) for shard in closing]
    if not messages and not look.held:
        tell_idle(look.outlook)
        return
    leases = Leases(calls(), look.outlook.clock_ms)
    side_by_side(leases.ask, [str(shard) for shard in at_once])
    refused = sorted({str(message.shard) for message in send(messages)})
    if refused:
        side_by_side(leases.forget, refused)
        raise Busy(f"The queue did not take the messages of {', '.join(refused)}.")
    logger.info("asked for rollups", shards=at_once, closing=closing, at_work=look.held)


class _Look:
    """What there is to do in all shards, by a clock that says `at_ms`."""

    def __init__(self, at_ms: int) -> None:
        self._calls = calls()
        self._is_quarterly = is_quarterly(at_ms)
        self.outlook = Outlook(self._calls, shards(), at_ms)
        self.held = [shard for shard in (*range(shards()), FLEET) if self._is_held(shard)]
        self._handed_over: set[int] = set()

    def at_once(self) -> list[int | str]:
        """Return which are to be rolled up now, of those that are not at work already."""
        free = [shard for shard in range(shards()) if shard not in self.held]
        marked, old = set[int](), old_lists(self._calls)

        def look(shard: int) -> None:
            if self._is_marked(shard, old):
                marked.add(shard)

        side_by_side(look, free)
        new = {shard for shard in free if not self.outlook.is_begun(shard)}
        # The fence is one: what one shard announces is announced for all.
        first = [shard for shard in free if self.outlook.is_announcing(shard)][:1]
        found = sorted({*marked, *new, *first})
        return [*found, FLEET] if self._is_fleet_due() else [*found]

    def closing(self) -> list[int]:
        """Return the shards that have a day to close, in the runs in which they are asked to."""
        if not self._is_quarterly:
            return []
        return [shard for shard in range(shards()) if self.outlook.is_closing(shard)]

    def _is_marked(self, shard: int, old: OldLists) -> bool:
        """Return whether a shard has marked days to settle that it did not just try in vain.

        Its list is read up to the first.
        """
        left = frozenset[str]() if self._is_quarterly else self._lease(shard).left
        for item, is_closed in self.outlook.todo(self._calls, shard, old):
            if item.done:
                self._handed_over.add(shard)
            if is_closed and item.token not in left:
                return True
        return False

    def _is_fleet_due(self) -> bool:
        """Return whether the fleet's step has work; of shards at work nobody knows for sure."""
        if FLEET in self.held:
            return False
        may_have = self._is_quarterly and bool(self.held)
        return bool(self._handed_over) or self.outlook.is_fleet_behind() or may_have

    def _is_held(self, shard: int | str) -> bool:
        lease, now_ms = self._lease(shard), self.outlook.clock_ms
        return lease.is_held(now_ms) or lease.is_asked(now_ms)

    def _lease(self, shard: int | str) -> Lease:
        return self.outlook.lease(str(shard))
