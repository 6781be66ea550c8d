"""The registry: which ships ever posted and which houses were put, by shard (docs/table.md)."""

from collections.abc import Iterator
from typing import Any

from quarterhour.sites.sources import Source
from quarterhour.store.table import keys
from quarterhour.store.table.calls import Calls, Item, set_values
from quarterhour.store.table.codec import number
from quarterhour.store.table.keys import SiteKind


class Registry:
    """The sites of a kind, each in its shard; what is listed once stays."""

    def __init__(self, calls: Calls, kind: SiteKind, shards: int) -> None:
        self._calls = calls
        self.kind = kind
        self.shards = shards

    def entries(self, shard: int) -> Iterator[Item]:
        """Yield what is listed of the sites of a shard, strongly consistent."""
        return self._calls.query(self.kind.registry_partition(shard))

    def owners(self, shard: int) -> list[str]:
        """Return the sites of a shard, by the name under which the table keeps them."""
        return [entry["sk"]["S"] for entry in self.entries(shard)]

    def created(self) -> list[int]:
        """Return when each site was listed, milliseconds since 1970."""
        shards = range(self.shards)
        return [int(entry["created"]["N"]) for shard in shards for entry in self.entries(shard)]

    def lists(self, owner: str, *, strong: bool) -> bool:
        """Return whether a site is listed."""
        return bool(self._calls.get(*self._key(owner), strong=strong))

    def add(self, owner: str, now_ms: int) -> None:
        """List a site; one that another run listed earlier keeps its time."""
        self._calls.update(set_values(*self._key(owner), {"created": number(now_ms)}, keep=True))

    def listing(self, owner: str, values: Item) -> dict[str, Any]:
        """Return the update that sets what is listed of a site, for a transaction."""
        return set_values(*self._key(owner), values)

    def _key(self, owner: str) -> tuple[str, str]:
        return self.kind.registry_partition(keys.shard_of(Source(owner), self.shards)), owner
