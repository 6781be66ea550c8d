"""The stored items and, for each, its last states, so that a read may see the past."""

from bisect import bisect_right, insort

from tests.models.attributes import Item
from tests.models.requests import Key, Request

STATES_KEPT = 32


class UnknownTable(Exception):
    """The request names a table that is not there."""


class Row:
    """One key: what stood under it since which instant."""

    __slots__ = ("holder", "since", "size", "states")

    def __init__(self) -> None:
        self.since = [0]
        self.states: list[Item | None] = [None]
        self.size = 0
        self.holder: object = None  # the transaction in flight that holds this key

    @property
    def now(self) -> Item | None:
        return self.states[-1]

    def at(self, instant: int) -> Item | None:
        """Return the state at an instant, or the oldest that is still kept."""
        if instant >= self.since[-1]:
            return self.states[-1]
        return self.states[max(bisect_right(self.since, instant) - 1, 0)]

    def put(self, instant: int, item: Item | None, size: int) -> None:
        self.since.append(instant)
        self.states.append(item)
        self.size = size
        if len(self.since) > STATES_KEPT:
            del self.since[0], self.states[0]


class Partition:
    """The rows of one partition key; their sort keys in order, deleted ones too."""

    __slots__ = ("keys", "rows")

    def __init__(self) -> None:
        self.keys: list[str] = []
        self.rows: dict[str, Row] = {}

    def row(self, sk: str) -> Row:
        row = self.rows.get(sk)
        if row is None:
            row = self.rows[sk] = Row()
            insort(self.keys, sk)
        return row


class Tables:
    """All that is stored. Instants count the writes; a transaction is one."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self.instant = 0
        self.tokens: dict[str, Request] = {}
        self._partitions: dict[str, dict[str, Partition]] = {name: {} for name in names}

    def partition(self, table: str, pk: str) -> Partition:
        partitions = self._partitions.get(table)
        if partitions is None:
            raise UnknownTable
        partition = partitions.get(pk)
        if partition is None:
            partition = partitions[pk] = Partition()
        return partition

    def row(self, table: str, key: Key) -> Row:
        return self.partition(table, key.pk).row(key.sk)
