"""The registry: which sites there are, by shard, since when, and up to when their days are closed.

A ship is listed when it first posts, a house when it is first put (docs/table.md).
"""

from collections.abc import Iterator
from typing import Any

from quarterhour.sites.sources import Source
from quarterhour.store.table import keys
from quarterhour.store.table.calls import Calls, Item, only_if, set_values
from quarterhour.store.table.codec import number
from quarterhour.store.table.keys import SiteKind
from quarterhour.time.calendar import DAY_MS, UTC

# The first day to be closed is the one before the first source was registered: what was posted
# before its day was closed could not reach further back without a mark.
FIRST_CLOSED_DAYS = 2


def first_ms(created_ms: int) -> int:
    """Return the day before which a source registered then has readings only with marks."""
    return UTC.day_of(created_ms) - FIRST_CLOSED_DAYS * DAY_MS


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


class Watermarks:
    """Watermarks that begin with what was registered first."""

    def __init__(self, calls: Calls, registry: Registry) -> None:
        self._calls = calls
        self._registry = registry

    def until(self, mark: str) -> int | None:
        """Return the last closed day; None before there is anything."""
        item = self._calls.get(keys.WATERMARKS, mark, strong=True)
        if item:
            return int(item["until"]["N"])
        created = self._registry.created()
        if not created:
            return None
        begin = {"until": number(first_ms(min(created)))}
        self._calls.update(set_values(keys.WATERMARKS, mark, begin, keep=True))
        return self.until(mark)

    def move(self, mark: str, from_day: int, to_day: int) -> None:
        """Move a watermark a day on; where another run already did, it stays."""
        update = set_values(keys.WATERMARKS, mark, {"until": number(to_day)})
        self._calls.update_if(only_if(update, "#until = :from", **{"from": number(from_day)}))
