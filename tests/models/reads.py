"""GetItem and Query, of the present or of a moment that the past allows."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from tests.models.attributes import InvalidRequest, Item, Value
from tests.models.conditions import KeyTest, check_bounds, key_condition, span
from tests.models.expressions import Names, Values, projection
from tests.models.requests import HASH, RANGE, Key, Request, key_of, key_text, placeholders
from tests.models.rows import Partition, Row, Tables

Answer = dict[str, Any]

MAX_BATCH = 100
MAX_PAGE_BYTES = 1024 * 1024
_MISMATCH = "Condition parameter type does not match schema type"


@dataclass(frozen=True, slots=True)
class Sight:
    """What a read may see beside the newest state, by chance."""

    random: Random
    stale: int = 0  # eventually consistent reads may be this many writes old
    torn: bool = False  # a query sees each item at an instant of its own while it lasts
    short_pages: float = 0.0  # the share of query pages that are cut short

    def states(self, began: int, now: int, *, strong: bool) -> Callable[[Row], Item | None]:
        """Return what a read that lasted from `began` to `now` sees of a row."""
        random = self.random
        lag = 0
        if self.stale and not strong and random.random() < 0.5:
            lag = random.randint(0, self.stale)
        if self.torn and began < now:
            return lambda row: row.at(random.randint(began, now) - lag)
        return (lambda row: row.at(now - lag)) if lag else _newest

    def page_limit(self, limit: int, *, first: bool) -> int:
        """Cut a page short now and then, to nothing where there was a page before."""
        if self.random.random() >= self.short_pages:
            return limit
        return min(limit, self.random.randint(int(first), 3))


def _newest(row: Row) -> Item | None:
    return row.states[-1]


class Read:
    """What GetItem and Query share: consistency, projection, the time they last."""

    def __init__(self, tables: Tables, method: str, request: Request, sight: Sight | None) -> None:
        self.method = method
        self.request = request
        self._tables = tables
        self._sight = sight
        self._began = tables.instant
        self._strong = bool(request.get("ConsistentRead"))

    def step(self) -> bool:
        return False

    def abandon(self) -> None:
        """Nothing was held."""

    def _states(self, *, torn: bool) -> Callable[[Row], Item | None]:
        if self._sight is None:
            return _newest
        now = self._tables.instant
        return self._sight.states(self._began if torn else now, now, strong=self._strong)

    def _project(self, names: Names) -> None:
        wanted = self._projection.meaning if self._projection else ()
        self._wanted = {names.get(name, name) for name in wanted}
        if len(self._wanted) < len(wanted):
            raise InvalidRequest(
                "Invalid ProjectionExpression: Two document paths overlap with each other"
            )

    def _parse_projection(self) -> None:
        text = self.request.get("ProjectionExpression")
        self._projection = None if text is None else projection(text)

    def _shown(self, item: Item) -> Item:
        if not self._wanted:
            return dict(item)
        return {name: value for name, value in item.items() if name in self._wanted}


class Get(Read):
    def __init__(self, tables: Tables, method: str, request: Request, sight: Sight | None) -> None:
        super().__init__(tables, method, request, sight)
        self._parse_projection()
        names, _ = placeholders(request, self._projection)
        self._project(names)
        self._key = key_of(request["Key"])

    def finish(self) -> Answer:
        row = self._tables.partition(self.request["TableName"], self._key.pk).rows.get(self._key.sk)
        item = row and self._states(torn=False)(row)
        return {"Item": self._shown(item)} if item else {}


class BatchGet(Read):
    """Up to 100 items, each seen at an instant of its own; some may come only when asked again."""

    def __init__(self, tables: Tables, method: str, request: Request, sight: Sight | None) -> None:
        super().__init__(tables, method, request, sight)
        ((self._table, asked),) = request["RequestItems"].items()
        self._strong = bool(asked.get("ConsistentRead"))
        self._keys = [key_of(wire) for wire in asked["Keys"]]
        if not 1 <= len(self._keys) <= MAX_BATCH:
            raise InvalidRequest("Too many items requested for the BatchGetItem call")
        if len(set(self._keys)) < len(self._keys):
            raise InvalidRequest("Provided list of item keys contains duplicates")

    def finish(self) -> Answer:
        count = len(self._keys)
        served = self._sight.page_limit(count, first=True) if self._sight else count
        found = [self._item(key) for key in self._keys[:served]]
        left = [key.wire() for key in self._keys[served:]]
        return {
            "Responses": {self._table: [dict(item) for item in found if item]},
            "UnprocessedKeys": {self._table: {"Keys": left}} if left else {},
        }

    def _item(self, key: Key) -> Item | None:
        row = self._tables.partition(self._table, key.pk).rows.get(key.sk)
        return self._states(torn=False)(row) if row else None


class Query(Read):
    def __init__(self, tables: Tables, method: str, request: Request, sight: Sight | None) -> None:
        super().__init__(tables, method, request, sight)
        if "KeyConditionExpression" not in request:
            raise InvalidRequest("Either the KeyConditions or KeyConditionExpression is required")
        condition = key_condition(request["KeyConditionExpression"])
        self._parse_projection()
        names, values = placeholders(request, condition, self._projection)
        self._project(names)
        self._pk, self._range = _key_tests(condition.meaning, names, values)
        self._forward = bool(request.get("ScanIndexForward", True))
        self._limit = int(request.get("Limit", 1_000_000))
        if self._limit < 1:
            raise InvalidRequest("Value at 'Limit' must be greater than or equal to 1")
        start = request.get("ExclusiveStartKey")
        self._start = None if start is None else self._checked_start(key_of(start))

    def finish(self) -> Answer:
        partition = self._tables.partition(self.request["TableName"], self._pk)
        items, last = self._page(partition)
        answer: Answer = {"Items": items, "Count": len(items), "ScannedCount": len(items)}
        if last is not None:
            answer["LastEvaluatedKey"] = Key(self._pk, last).wire()
        return answer

    def _page(self, partition: Partition) -> tuple[list[Item], str | None]:
        """Return a page's items and the sort key after which the next page begins, if any."""
        states, limit = self._states(torn=True), self._limit
        if self._sight is not None:
            limit = self._sight.page_limit(limit, first=self._start is None)
        items: list[Item] = []
        last, room = self._start, MAX_PAGE_BYTES
        for sk in self._keys(partition.keys) if limit else ():
            row = partition.rows[sk]
            item = states(row)
            if item is None:
                continue
            room -= row.size
            if items and room < 0:
                return items, last
            items.append(self._shown(item))
            last = sk
            if len(items) == limit:
                return items, last
        return items, None if limit else last

    def _keys(self, keys: list[str]) -> list[str]:
        first, end = span(keys, *self._range) if self._range else (0, len(keys))
        if self._start is not None:
            low, high = span(keys, ">" if self._forward else "<", (self._start,))
            first, end = max(first, low), min(end, high)
        return keys[first:end] if self._forward else keys[first:end][::-1]

    def _checked_start(self, start: Key) -> str:
        if start.pk != self._pk:
            raise InvalidRequest("The provided starting key is outside query boundaries")
        if self._range and span([start.sk], *self._range) != (0, 1):
            raise InvalidRequest("The provided starting key does not match the range key predicate")
        return start.sk


def _key_tests(
    tests: tuple[KeyTest, ...], names: Names, values: Values
) -> tuple[str, tuple[str, tuple[str, ...]] | None]:
    """Return the partition key asked for, and the operator and operands on the sort key."""
    found = {names.get(test.name, test.name): test for test in tests}
    if HASH not in found:
        raise InvalidRequest(f"Query condition missed key schema element: {HASH}")
    if len(tests) > 1 and RANGE not in found:
        raise InvalidRequest(f"Query condition missed key schema element: {RANGE}")
    if found[HASH].sign != "=":
        raise InvalidRequest("Query key condition not supported")
    (pk,) = _texts(HASH, found[HASH], values)
    if RANGE not in found:
        return pk, None
    test = found[RANGE]
    if test.sign == "BETWEEN":
        check_bounds("KeyConditionExpression", *(values[name] for name in test.operands))
    return pk, (test.sign, _texts(RANGE, test, values))


def _texts(name: str, test: KeyTest, values: Values) -> tuple[str, ...]:
    return tuple(_text(name, values[operand]) for operand in test.operands)


def _text(name: str, value: Value) -> str:
    if "S" not in value:
        raise InvalidRequest(f"One or more parameter values were invalid: {_MISMATCH}")
    return key_text(name, value["S"])
