"""Catalogue entries and budgets of houses, and the registry that lists them (docs/table.md)."""

import json
from collections.abc import Callable, Mapping
from heapq import nsmallest
from typing import Any, NamedTuple

from quarterhour.errors import Busy, NotFound, TooLarge
from quarterhour.sites import sources
from quarterhour.sites.catalogue import budget, house
from quarterhour.sites.house import House
from quarterhour.sites.sources import Source
from quarterhour.store.table import keys, period_totals
from quarterhour.store.table.calls import Calls, Item, only_if, set_values
from quarterhour.store.table.codec import number
from quarterhour.store.table.fence import PLACE, Fences, of_item
from quarterhour.store.table.registry import Registry, until_of

# An item may have 400 KB, an update expression 4 KB.
MAX_ENTRY_BYTES = 300_000
MAX_MONTHS_AT_ONCE = 240
ATTEMPTS = 10

Document = dict[str, Any]


class Listed(NamedTuple):
    """A house as the registry lists it."""

    id: int
    name: str
    sname: str


class HouseEntries:
    """The table as one request sees what was put about houses."""

    def __init__(self, calls: Calls, shards: int) -> None:
        self._calls = calls
        self._registry = Registry(calls, keys.HOUSES, shards)

    def get(self, house_id: int) -> House:
        """Return a house with its budgets; NotFound where it was never put."""
        entry, budgets = self._described(house_id)
        return house(
            house_id,
            json.loads(entry["doc"]["S"]),
            budgets={month: budget(document) for month, document in _months(budgets).items()},
            created_ms=int(entry["created"]["N"]),
            since_ms=int(entry["since"]["N"]) if "since" in entry else None,
            version=_version(entry),
            has_totals=period_totals.FLAG in entry,
            has_early_totals=period_totals.EARLY_FLAG in entry,
        )

    def of_owner(self, owner: str) -> House:
        """Return the house that the table keeps under this name."""
        return self.get(sources.house_id(owner))

    def entry(self, house_id: int) -> str:
        """Return the catalogue entry as it was put, as JSON text; NotFound without one."""
        return str(_known(house_id, self._item(house_id, keys.CATALOGUE))["doc"]["S"])

    def budgets(self, house_id: int) -> dict[str, Document]:
        """Return all budgets as they were put, by month; NotFound for a house never put."""
        _, budgets = self._described(house_id)
        return _months(budgets)

    def listed(self, after: int | None, limit: int) -> tuple[list[Listed], bool]:
        """Return up to `limit` houses of ids above `after`, by id, and whether more follow."""
        above = -1 if after is None else after
        houses = (
            Listed(sources.house_id(item["sk"]["S"]), item["name"]["S"], item["sname"]["S"])
            for shard in range(self._registry.shards)
            for item in self._registry.entries(shard)
        )
        page = nsmallest(limit + 1, (house for house in houses if house.id > above))
        return page[:limit], len(page) > limit

    def put(self, house_id: int, entry: Mapping[str, Any]) -> int:
        """Store a checked catalogue entry in the place of any before; return its version."""
        text = _json(entry)
        if len(text) > MAX_ENTRY_BYTES:
            raise TooLarge(f"A catalogue entry may have {MAX_ENTRY_BYTES:,} bytes at most.")
        shown = {name: {"S": entry[name]} for name in ("name", "sname")}
        owner = sources.house_owner(house_id)

        def replace(version: int) -> bool:
            once = self._said_once(owner, version)
            update = _next(house_id, keys.CATALOGUE, {"doc": {"S": text}, **once}, version)
            listed = shown | {name: once[name] for name in once if name == "created"}
            return self._calls.transact_if([update, self._registry.listing(owner, listed)])

        return self._replaced(house_id, keys.CATALOGUE, replace)

    def put_budgets(self, house_id: int, by_month: Mapping[str, Mapping[str, Any]]) -> int:
        """Store checked budgets, each in the place of its month's; return how often it was done.

        NotFound for a house never put. What is not named stays.
        """
        if len(by_month) > MAX_MONTHS_AT_ONCE:
            raise TooLarge(f"Budgets of more than {MAX_MONTHS_AT_ONCE} months: put them in parts.")
        _known(house_id, self._item(house_id, keys.CATALOGUE))
        values = {month: {"S": _json(document)} for month, document in by_month.items()}

        def replace(version: int) -> bool:
            return self._calls.update_if(_next(house_id, keys.BUDGETS, values, version))

        return self._replaced(house_id, keys.BUDGETS, replace)

    def _said_once(self, owner: str, version: int) -> Item:
        """Return what an entry says of when it was first put; nothing of a later version."""
        if version:
            return {}
        return {"created": number(self._calls.now_ms), "since": number(self._closed(owner))}

    def _closed(self, owner: str) -> int:
        """Return the last day that the shard of a house has closed; not what is announced."""
        shard = keys.shard_of(Source(owner), self._registry.shards)
        mark = keys.HOUSES.watermark(shard)
        found = self._calls.get_many([PLACE, (keys.WATERMARKS, mark)], strong=True)
        items = {item["sk"]["S"]: item for item in found}
        if mark in items:
            return until_of(items[mark])
        fences = Fences(self._calls, self._registry.shards)
        return (of_item(items.get(keys.FENCE, {})) or fences.begin(self._calls.now_ms)).first_ms

    def _described(self, house_id: int) -> tuple[Item, Item]:
        """Return the items of a house's catalogue entry and budgets."""
        items = self._calls.query(sources.house_owner(house_id), *keys.DESCRIPTION)
        by_sort = {item["sk"]["S"]: item for item in items}
        return _known(house_id, by_sort.get(keys.CATALOGUE, {})), by_sort.get(keys.BUDGETS, {})

    def _replaced(self, house_id: int, sort: str, replace: Callable[[int], bool]) -> int:
        """Replace an item of the version that is read, again while another was faster."""
        for _ in range(ATTEMPTS):
            version = _version(self._item(house_id, sort))
            if replace(version):
                return version + 1
        raise Busy("Others change this house at the same time; send the request again.")

    def _item(self, house_id: int, sort: str) -> Item:
        return self._calls.get(sources.house_owner(house_id), sort, strong=True)


def _next(house_id: int, sort: str, values: Item, version: int) -> dict[str, Any]:
    """Return the update to the version after this one; version 0 is not there yet."""
    counted = {**values, "version": number(version + 1)}
    update = set_values(sources.house_owner(house_id), sort, counted)
    if not version:
        return only_if(update, "attribute_not_exists(#version)")
    return only_if(update, "#version = :read", read=number(version))


def _known(house_id: int, entry: Item) -> Item:
    if "doc" not in entry:
        raise NotFound(f"There is no house {house_id}.")
    return entry


def _version(item: Item) -> int:
    return int(item["version"]["N"]) if "version" in item else 0


def _months(item: Item) -> dict[str, Document]:
    months = sorted(name for name in item if name[0].isdigit())
    return {month: json.loads(item[month]["S"]) for month in months}


def _json(document: Any) -> str:
    return json.dumps(document, separators=(",", ":"))
