"""Engines that remember what was applied to them, and when: what the model checks judge by.

`Watched` is the in-memory model. `Mirrored` is a wire with a `Watched` beside it:
what the real engine applied is applied there too. An instant counts the writes.
"""

from collections.abc import Iterator
from functools import partial
from typing import Any, NamedTuple
from unittest.mock import patch

from tests.models import rows
from tests.models.attributes import Item
from tests.models.dynamo import Call, ModelDynamo
from tests.models.reads import Answer
from tests.models.refusals import OPERATIONS, WRITES
from tests.models.requests import Request

TABLE = "model-table"


def remembering() -> Any:
    """Return the context in which the model forgets no state of an item."""
    return patch.object(rows, "STATES_KEPT", 100_000)


class Applied(NamedTuple):
    """A request that was applied, and the instant at which it was."""

    instant: int
    request: Request

    def keys(self) -> list[tuple[str, str]]:
        """Return the keys of the items it wrote."""
        entries = self.request.get("TransactItems", [{"": self.request}])
        written = [next(iter(entry.values())) for entry in entries]
        keys = [one["Key"] if "Key" in one else one["Item"] for one in written]
        return [(key["pk"]["S"], key["sk"]["S"]) for key in keys]


class Watched(ModelDynamo):
    """The model, its applied requests in order, and every state of its items."""

    def __init__(self, table: str = TABLE) -> None:
        super().__init__(table)
        self.table = table
        self.applied: list[Applied] = []

    @property
    def watched(self) -> "Watched":
        """Itself: what `Mirrored` has beside a real engine."""
        return self

    def finish(self, call: Call) -> Answer:
        before = self.instant
        answer = super().finish(call)
        if self.instant > before:
            self.applied.append(Applied(self.instant, call.request))
        return answer

    def at(self, pk: str, sk: str, instant: int) -> Item:
        """Return the item there was at an instant, {} where there was none."""
        row = self._tables.partition(self.table, pk).rows.get(sk)
        return (row.at(instant) or {}) if row else {}

    def states(self, pk: str, first: int, last: int) -> Iterator[tuple[str, list[Item]]]:
        """Yield each item of a partition with the states it had from one instant to another."""
        for sk, row in self._tables.partition(self.table, pk).rows.items():
            if row.since[-1] <= first:
                yield sk, [row.now or {}]
                continue
            later = zip(row.since, row.states, strict=True)
            found = [state for since, state in later if first < since <= last]
            yield sk, [state or {} for state in (row.at(first), *found)]

    def partitions(self) -> list[str]:
        """Return the partition keys there are."""
        return list(self._tables._partitions[self.table])


class Mirrored:
    """A real client; every write that it applies is applied to `watched` as well."""

    def __init__(self, client: Any, table: str) -> None:
        self.watched = Watched(table)
        self._client = client
        for method in OPERATIONS:
            setattr(self, method, partial(self._call, method))

    def _call(self, method: str, **request: Any) -> Answer:
        answer: Answer = getattr(self._client, method)(**request)
        if method in WRITES:
            getattr(self.watched, method)(**request)
        return answer
