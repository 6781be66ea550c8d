"""The registry: which sites there are, by shard, since when, and up to when their days are closed.

A ship is listed when it first posts, a house when it is first put (docs/table.md).
"""

from collections.abc import Iterable, Iterator
from typing import Any

from quarterhour.errors import Busy, TooLarge
from quarterhour.sites.sources import Source
from quarterhour.store.table import keys
from quarterhour.store.table.calls import Calls, Item, add_one, only_if, set_values
from quarterhour.store.table.codec import number
from quarterhour.store.table.keys import SiteKind
from quarterhour.time.calendar import DAY_MS, UTC, day_text

# In a table that has sites and no fence, the first day to be closed is the one before the first
# site was registered: what was posted then could not reach further back without a mark.
FIRST_CLOSED_DAYS = 2
# Of so many ships a shard's day, the largest item there is, has 321 KB; an item may have 400 KB.
MAX_SHIPS = 10_000
ATTEMPTS = 5


def first_ms(created_ms: int) -> int:
    """Return the day up to which a site registered then has readings only with marks."""
    return UTC.day_of(created_ms) - FIRST_CLOSED_DAYS * DAY_MS


def until_of(watermark: Item) -> int:
    """Return the last closed day of a watermark's item."""
    return int(watermark["until"]["N"])


def closed_by_mark(watermarks: Iterable[Item]) -> dict[str, int]:
    """Return the last closed day by watermark, of those of these items that are one."""
    return {item["sk"]["S"]: until_of(item) for item in watermarks if "until" in item}


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

    def ships(self, shard: int) -> int:
        """Return how many ships a shard has; they are counted where it is not kept yet."""
        at = keys.SIZES, str(shard)
        if size := self._calls.get(*at, strong=True):
            return int(size["ships"]["N"])
        # Of a table of an older release, or there is no ship yet.
        ships = len(self.owners(shard))
        self._calls.update(set_values(*at, {"ships": number(ships)}, keep=True))
        return ships

    def lists(self, owner: str, *, strong: bool) -> bool:
        """Return whether a site is listed."""
        return bool(self._calls.get(*self.place(owner), strong=strong))

    def add(self, owner: str, now_ms: int) -> None:
        """List a ship and count it; one that another run listed earlier keeps its time.

        TooLarge where its shard has MAX_SHIPS.
        """
        shard = self._shard_of(owner)
        at = keys.SIZES, str(shard)
        created = set_values(*self.place(owner), {"created": number(now_ms)})
        listing = only_if(created, "attribute_not_exists(#created)")
        counted = only_if(add_one(*at, ["ships"]), "#ships < :most", most=number(MAX_SHIPS))
        for _ in range(ATTEMPTS):
            if self._calls.transact_if([listing, counted]) or self.lists(owner, strong=True):
                return
            if self.ships(shard) >= MAX_SHIPS:
                raise TooLarge(f"The shard is full: shard {shard} has {MAX_SHIPS:,} ships.")
        raise Busy("Many ships are new at the same time; send the request again.")

    def listing(self, owner: str, values: Item) -> dict[str, Any]:
        """Return the update that sets what is listed of a site, for a transaction."""
        return set_values(*self.place(owner), values)

    def place(self, owner: str) -> tuple[str, str]:
        """Return where a site is listed."""
        return self.kind.registry_partition(self._shard_of(owner)), owner

    def _shard_of(self, owner: str) -> int:
        return keys.shard_of(Source(owner), self.shards)


class Watermarks:
    """Watermarks: the last days that shards, and the fleet, have closed; they begin at `first_ms`.

    None is ever beyond the fence.
    """

    def __init__(self, calls: Calls, first_ms: int) -> None:
        self._calls = calls
        self._first_ms = first_ms
        self._reached: dict[str, str] = {}

    def until(self, mark: str, begun: Item | None = None) -> int:
        """Return the last closed day; a watermark that is not there yet begins.

        One that begins now also says what is `begun` with it.
        """
        item = self._calls.get(keys.WATERMARKS, mark, strong=True)
        if item:
            self._reached[mark] = item.get("reached", {}).get("S", "")
            return until_of(item)
        begin = {"until": number(self._first_ms), **(begun or {})}
        update = set_values(keys.WATERMARKS, mark, begin)
        self._calls.update_if(only_if(update, "attribute_not_exists(#until)"))
        return self.until(mark)

    def reached(self, mark: str, day: int) -> str:
        """Return the last site that is done with of a day, as `until` read it; "" before any is."""
        begun, _, owner = self._reached.get(mark, "").partition("#")
        return owner if begun == day_text(day) else ""

    def reach(self, mark: str, day: int, owner: str) -> None:
        """Note that a site, and all before it, are done with of the day after the watermark's."""
        reached = {"reached": {"S": f"{day_text(day)}#{owner}"}}
        update = set_values(keys.WATERMARKS, mark, reached)
        before = number(day - DAY_MS)
        self._calls.update_if(only_if(update, "#until = :before", before=before))

    def move(self, mark: str, from_day: int, to_day: int) -> None:
        """Move a watermark a day on; where another run already did, it stays."""
        update = set_values(keys.WATERMARKS, mark, {"until": number(to_day)})
        self._calls.update_if(only_if(update, "#until = :from", **{"from": number(from_day)}))
