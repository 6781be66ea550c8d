"""The one seam: every call to DynamoDB goes through here, with its retries and its time limit."""

import re
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any

from quarterhour.errors import Busy, TooLarge
from quarterhour.store.table.clock import Clock
from quarterhour.store.table.refused import CallLost, CallRefused
from quarterhour.store.table.retries import RetryBudget, is_conflict, passes, pauses
from quarterhour.store.table.wire import Wire

# No call is sent later than this after the request began: a decision to mark or not is never
# applied when it is old, and with the client's own timeout the handler answers within 30 s.
SEND_WITHIN_S = 20.0

MAX_BATCH = 100
FEW = 4

# The smallest and largest sort keys there can be.
FIRST, LAST = "!", "~"

Item = Mapping[str, Any]

_CLOCK = Clock()
_BUSY = "The table is busy; send the request again."

# What an update may name as it is: of two hundred longer ones the expression would have over 4 KB.
_PLAIN = re.compile(r"[a-z]{1,8}[0-9]{1,3}")


class Calls:
    """The calls of one request, which began when this was made, or a gateway received it.

    Every call may be repeated: throttling, conflicts, faults of DynamoDB and lost answers are tried
    again with jitter while the time limit and the budget last, then it is Busy. TooLarge where an
    item or a transaction has outgrown the table's limits; any other refusal of DynamoDB is a fault
    and is raised.
    """

    def __init__(  # noqa: PLR0913  what the environment has, and what the request is
        self,
        client: Wire,
        table: str,
        clock: Clock = _CLOCK,
        limit_s: float = SEND_WITHIN_S,
        gateway_s: float = 0.0,
        *,
        budget: RetryBudget | None = None,
    ) -> None:
        self._client = client
        self._table = table
        self._clock = clock
        self._limit_s = limit_s
        self._budget = budget or RetryBudget()
        self.began = clock.moment(gateway_s)
        self._told: Mapping[str, Any] = {}

    @property
    def clock(self) -> Clock:
        """The clocks that the request goes by."""
        return self._clock

    @property
    def now_ms(self) -> int:
        """When the request began, by the later of the wall clock and the gateway's."""
        return int(max(self.began.wall_s, self.began.gateway_s) * 1000)

    @property
    def table_ms(self) -> int | None:
        """What DynamoDB's clock said at the last answer, to the second; None if nothing."""
        date = self._told.get("HTTPHeaders", {}).get("date")
        return int(parsedate_to_datetime(date).timestamp()) * 1000 if date else None

    @property
    def began_s(self) -> float:
        """When the request began by the wall clock, in seconds since 1970."""
        return self.began.wall_s

    def left_s(self) -> float:
        """Return for how many seconds calls may still be sent."""
        return self._limit_s - self.began.passed_s(self._clock.moment())

    def get(self, partition: str, sort: str, *, strong: bool) -> Item:
        """Return the item, empty where there is none."""
        answer = self._send(self._client.get_item, Key=_key(partition, sort), ConsistentRead=strong)
        item: Item = answer.get("Item", {})
        return item

    def get_many(self, keys: Sequence[tuple[str, str]], *, strong: bool) -> Iterator[Item]:
        """Yield those of the items that there are, in any order."""
        for first in range(0, len(keys), MAX_BATCH):
            batch = [_key(*key) for key in keys[first : first + MAX_BATCH]]
            for pause_s in pauses():
                request = {self._table: {"Keys": batch, "ConsistentRead": strong}}
                answer = self._send(self._client.batch_get_item, table=False, RequestItems=request)
                items = answer["Responses"].get(self._table, [])
                yield from items
                batch = answer["UnprocessedKeys"].get(self._table, {}).get("Keys", [])
                if not batch:
                    break
                # What brings some items has met a limit of size; what brings none was throttled.
                if not items and not self._budget.afford():
                    raise Busy(_BUSY)
                self._clock.sleep(pause_s)

    def query(
        self,
        partition: str,
        first: str = "",
        last: str = LAST,
        *,
        strong: bool = True,
        newest_first: bool = False,
    ) -> Iterator[Item]:
        """Yield the items of first <= sort key <= last, ascending, or descending by a few."""
        request = _between(partition, first or FIRST, last, strong=strong)
        if newest_first:  # whoever asks so wants few
            request |= {"ScanIndexForward": False, "Limit": FEW}
        return self._pages(request)

    def by_few(self, partition: str, first: str, last: str, at_once: int) -> Iterator[Item]:
        """Yield the same, ascending and strongly consistent, by so many a call.

        For whoever may not want all of them: a call brings a megabyte otherwise.
        """
        return self._pages(_between(partition, first, last, strong=True) | {"Limit": at_once})

    def descending(self, partition: str) -> Iterator[Item]:
        """Yield the items of a partition, descending, strongly consistent."""
        return self._pages(
            _between(partition, FIRST, LAST, strong=True) | {"ScanIndexForward": False}
        )

    def _pages(self, request: dict[str, Any]) -> Iterator[Item]:
        while True:
            page = self._send(self._client.query, **request)
            yield from page["Items"]
            if "LastEvaluatedKey" not in page:
                return
            request["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def first(self, partition: str, first: str) -> Item:
        """Return the first item from a sort key on, strongly; empty where there is none."""
        page = self._send(
            self._client.query, **_between(partition, first, LAST, strong=True), Limit=1
        )
        item: Item = next(iter(page["Items"]), {})
        return item

    def update(self, update: Mapping[str, Any]) -> Item:
        """Apply one `set_values` or `add_one`; return the attributes the item had before."""
        answer = self._send(self._client.update_item, **update, ReturnValues="ALL_OLD")
        before: Item = answer.get("Attributes", {})
        return before

    def update_if(self, update: Mapping[str, Any]) -> bool:
        """Apply one `set_values` with a condition; return whether it held."""
        return self._conditional(self._client.update_item, update)

    def put_if(self, put: Mapping[str, Any]) -> bool:
        """Put one `whole_item` with a condition in the place of any; return whether it held."""
        return self._conditional(self._client.put_item, put)

    def delete_if(self, deletion: Mapping[str, Any]) -> bool:
        """Apply one `deletion`; return whether its condition held."""
        return self._conditional(self._client.delete_item, deletion)

    def transact(self, updates: Sequence[Mapping[str, Any]]) -> None:
        """Apply all the updates and deletions or none, and once, however often it has to be sent.

        A lost answer must not apply the marks again: the todo item would have the token that a
        rollup may have read after the first time, and would be deleted with the second undone.
        """
        items = [{_kind(update): {"TableName": self._table, **update}} for update in updates]
        once = secrets.token_hex(16)
        send = self._client.transact_write_items
        self._send(send, table=False, TransactItems=items, ClientRequestToken=once)

    def transact_if(self, updates: Sequence[Mapping[str, Any]]) -> bool:
        """Apply all the updates or none, and once; return whether their conditions held."""
        return not self.transact_checked(updates)

    def transact_checked(self, updates: Sequence[Mapping[str, Any]]) -> list[int]:
        """Apply all the updates or none, and once; return the places of those that stood against.

        These are the ones whose conditions did not hold: where there is none, all was applied.
        """
        try:
            self.transact(updates)
        except CallRefused as refusal:
            reasons = refusal.response.get("CancellationReasons", [])
            failed = [
                place
                for place, reason in enumerate(reasons)
                if reason.get("Code") == "ConditionalCheckFailed"
            ]
            if not failed:
                raise
            return failed
        return []

    def _conditional(self, call: Callable[..., Any], request: Mapping[str, Any]) -> bool:
        try:
            self._send(call, **request)
        except CallRefused as refusal:
            if refusal.response["Error"]["Code"] == "ConditionalCheckFailedException":
                return False
            raise
        return True

    def _send(
        self, call: Callable[..., Any], *, table: bool = True, **request: Any
    ) -> dict[str, Any]:
        if table:
            request["TableName"] = self._table
        paid = False
        failure: Exception | None = None
        for pause_s in pauses():
            if self.began.passed_s(self._clock.moment()) > self._limit_s:
                break
            try:
                answer: dict[str, Any] = call(**request)
            except CallRefused as refusal:
                _raise_unless_passing(refusal)
                failure = refusal
            except CallLost as lost:
                failure = lost
            else:
                self._budget.give_back(paid=paid)
                self._told = answer.get("ResponseMetadata", {})
                return answer
            if not is_conflict(failure):
                paid = self._budget.afford()
                if not paid:
                    break
            self._clock.sleep(pause_s)
        raise Busy(_BUSY) from failure


def set_values(partition: str, sort: str, values: Item, *, keep: bool = False) -> dict[str, Any]:
    """Return the update that sets attributes; `keep` leaves those that are there already.

    >>> set_values("R#S1", "2018-08-24T00:15", {"p300": {"N": "6"}})["UpdateExpression"]
    'SET p300=:0'
    """
    expression, placed = _setting(tuple(values), keep)
    update = {
        "Key": _key(partition, sort),
        "UpdateExpression": expression,
        "ExpressionAttributeValues": dict(zip(_places(len(values)), values.values(), strict=True)),
    }
    return update | {"ExpressionAttributeNames": dict(placed)} if placed else update


def whole_item(partition: str, sort: str, values: Item) -> dict[str, Any]:
    """Return the request that puts an item: of what was there before nothing stays."""
    return {"Item": {**_key(partition, sort), **values}}


def remove(partition: str, sort: str, names: Sequence[str]) -> dict[str, Any]:
    """Return the update that removes attributes; the item stays, if only its key."""
    said, placed = _said(names)
    update = {"Key": _key(partition, sort), "UpdateExpression": "REMOVE " + ",".join(said)}
    return update | {"ExpressionAttributeNames": placed} if placed else update


def add_one(partition: str, sort: str, counters: Sequence[str]) -> dict[str, Any]:
    """Return the update that counts each of the counters up by one."""
    places = [f"#{place}" for place in range(len(counters))]
    return {
        "Key": _key(partition, sort),
        "UpdateExpression": "ADD " + ",".join(f"{place} :1" for place in places),
        "ExpressionAttributeNames": dict(zip(places, counters, strict=True)),
        "ExpressionAttributeValues": {":1": {"N": "1"}},
    }


def deletion(partition: str, sort: str) -> dict[str, Any]:
    """Return the request that deletes an item."""
    return {"Key": _key(partition, sort)}


def only_if(request: Mapping[str, Any], condition: str, **values: Item) -> dict[str, Any]:
    """Return the request under a condition: `#name` is an attribute, `:name` a value given.

    >>> only_if(deletion("T", "x"), "#tok = :tok", tok={"S": "a"})["ExpressionAttributeNames"]
    {'#tok': 'tok'}
    """
    names = {f"#{name}": name for name in re.findall(r"#(\w+)", condition)}
    added = {f":{name}": value for name, value in values.items()}
    conditional = {**request, "ConditionExpression": condition}
    conditional["ExpressionAttributeNames"] = request.get("ExpressionAttributeNames", {}) | names
    if added:
        placeholders = request.get("ExpressionAttributeValues", {})
        conditional["ExpressionAttributeValues"] = placeholders | added
    return conditional


# Buckets of one batch, and batches of one source, mostly have readings of the same names.
@lru_cache(maxsize=1024)
def _setting(names: tuple[str, ...], keep: bool) -> tuple[str, Mapping[str, str]]:  # noqa: FBT001
    """Return the expression that sets these attributes, and what its placeholders stand for."""
    form = "{0}=if_not_exists({0},{1})" if keep else "{0}={1}"
    said, placed = _said(names)
    return "SET " + ",".join(map(form.format, said, _places(len(names)))), placed


@lru_cache(maxsize=1024)
def _places(count: int) -> tuple[str, ...]:
    """Return the placeholders of so many values."""
    return tuple(f":{nth}" for nth in range(count))


def _said(names: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """Return names as an expression can have them, and what those stand for that it cannot.

    No reserved word ends in a digit.
    """
    said = [name if _PLAIN.fullmatch(name) else f"#{nth}" for nth, name in enumerate(names)]
    return said, {place: name for place, name in zip(said, names, strict=True) if place != name}


def _between(partition: str, first: str, last: str, *, strong: bool) -> dict[str, Any]:
    return {
        "KeyConditionExpression": "pk = :pk AND sk BETWEEN :first AND :last",
        "ExpressionAttributeValues": {
            ":pk": {"S": partition},
            ":first": {"S": first},
            ":last": {"S": last},
        },
        "ConsistentRead": strong,
    }


def _kind(request: Mapping[str, Any]) -> str:
    """Return what a request is called in a transaction."""
    return "Update" if "UpdateExpression" in request else "Delete"


def _key(partition: str, sort: str) -> dict[str, dict[str, str]]:
    return {"pk": {"S": partition}, "sk": {"S": sort}}


def _raise_unless_passing(refusal: CallRefused) -> None:
    if passes(refusal):
        return
    reasons = refusal.response.get("CancellationReasons", [])
    sentences = [
        refusal.response["Error"].get("Message", ""),
        *(str(reason.get("Message")) for reason in reasons),
    ]
    if any("size" in sentence for sentence in sentences):
        raise TooLarge("More readings than 15 minutes of one source can hold.") from refusal
    raise refusal
