"""The one seam: every call to DynamoDB goes through here, with its retries and its time limit."""

import random
import re
import secrets
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as NoConnection

from quarterhour.errors import Busy, TooLarge

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# No call is sent later than this after the request began: a decision to mark or not is never
# applied when it is old, and with the client's own timeout the handler answers within 30 s.
SEND_WITHIN_S = 20.0
FIRST_PAUSE_S = 0.05
LONGEST_PAUSE_S = 2.0

MAX_BATCH = 100
FEW = 4

# The smallest and largest sort keys there can be.
FIRST, LAST = "!", "~"

Item = Mapping[str, Any]

# What an update may name as it is: of two hundred longer ones the expression would have over 4 KB.
_PLAIN = re.compile(r"[a-z]{1,8}[0-9]{1,3}")

_PASSING = {
    "InternalServerError",
    "LimitExceededException",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ServiceUnavailable",
    "ThrottlingException",
    "TransactionConflictException",
    "TransactionInProgressException",
}
_PASSING_REASONS = {
    "None",
    "ProvisionedThroughputExceeded",
    "ThrottlingError",
    "TransactionConflict",
}


class Calls:
    """The calls of one request, which began when this was made.

    Every call may be repeated: throttling, conflicts and lost connections are tried again with
    jitter while the time limit lasts, then it is Busy. TooLarge where an item or a transaction
    has outgrown the table's limits; any other refusal of DynamoDB is a fault and is raised.
    """

    def __init__(
        self,
        client: "DynamoDBClient",
        table: str,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
        limit_s: float = SEND_WITHIN_S,
    ) -> None:
        self._client = client
        self._table = table
        self._clock = clock
        self._sleep = sleep
        self._limit_s = limit_s
        self.began_s = clock()

    def get(self, partition: str, sort: str, *, strong: bool) -> Item:
        """Return the item, empty where there is none."""
        answer = self._send(self._client.get_item, Key=_key(partition, sort), ConsistentRead=strong)
        item: Item = answer.get("Item", {})
        return item

    def get_many(self, keys: Sequence[tuple[str, str]], *, strong: bool) -> Iterator[Item]:
        """Yield those of the items that there are, in any order."""
        for first in range(0, len(keys), MAX_BATCH):
            batch = [_key(*key) for key in keys[first : first + MAX_BATCH]]
            while batch:
                request = {self._table: {"Keys": batch, "ConsistentRead": strong}}
                answer = self._send(self._client.batch_get_item, table=False, RequestItems=request)
                yield from answer["Responses"].get(self._table, [])
                batch = answer["UnprocessedKeys"].get(self._table, {}).get("Keys", [])

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

    def delete_if(self, deletion: Mapping[str, Any]) -> bool:
        """Apply one `deletion`; return whether its condition held."""
        return self._conditional(self._client.delete_item, deletion)

    def transact(self, updates: Sequence[Mapping[str, Any]]) -> None:
        """Apply all the updates or none, and once, however often it has to be sent.

        A lost answer must not apply the marks again: the todo item would have the token that a
        rollup may have read after the first time, and would be deleted with the second undone.
        """
        items = [{"Update": {"TableName": self._table, **update}} for update in updates]
        once = secrets.token_hex(16)
        send = self._client.transact_write_items
        self._send(send, table=False, TransactItems=items, ClientRequestToken=once)

    def transact_if(self, updates: Sequence[Mapping[str, Any]]) -> bool:
        """Apply all the updates or none, and once; return whether their conditions held."""
        try:
            self.transact(updates)
        except ClientError as refusal:
            reasons = refusal.response.get("CancellationReasons", [])
            if any(reason.get("Code") == "ConditionalCheckFailed" for reason in reasons):
                return False
            raise
        return True

    def _conditional(self, call: Callable[..., Any], request: Mapping[str, Any]) -> bool:
        try:
            self._send(call, **request)
        except ClientError as refusal:
            if refusal.response["Error"]["Code"] == "ConditionalCheckFailedException":
                return False
            raise
        return True

    def _send(
        self, call: Callable[..., Any], *, table: bool = True, **request: Any
    ) -> dict[str, Any]:
        if table:
            request["TableName"] = self._table
        pause_s = FIRST_PAUSE_S
        while self._clock() - self.began_s <= self._limit_s:
            try:
                answer: dict[str, Any] = call(**request)
            except ClientError as refusal:
                _raise_unless_passing(refusal)
            except (HTTPClientError, NoConnection):
                answer = {}
            else:
                return answer
            self._sleep(random.uniform(0, pause_s))
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
        raise Busy("The table is busy; send the request again.")


def set_values(partition: str, sort: str, values: Item, *, keep: bool = False) -> dict[str, Any]:
    """Return the update that sets attributes; `keep` leaves those that are there already.

    >>> set_values("R#S1", "2018-08-24T00:15", {"p300": {"N": "6"}})["UpdateExpression"]
    'SET p300=:0'
    """
    form = "{0}=if_not_exists({0},{1})" if keep else "{0}={1}"
    places = {name: f":{nth}" for nth, name in enumerate(values)}
    names = {name: _in_expression(name, nth) for nth, name in enumerate(values)}
    actions = [form.format(names[name], place) for name, place in places.items()]
    update = {
        "Key": _key(partition, sort),
        "UpdateExpression": "SET " + ",".join(actions),
        "ExpressionAttributeValues": {place: values[name] for name, place in places.items()},
    }
    return _with_names(update, names)


def remove(partition: str, sort: str, names: Sequence[str]) -> dict[str, Any]:
    """Return the update that removes attributes; the item stays, if only its key."""
    places = {name: _in_expression(name, nth) for nth, name in enumerate(names)}
    expression = "REMOVE " + ",".join(places.values())
    return _with_names({"Key": _key(partition, sort), "UpdateExpression": expression}, places)


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


def _in_expression(name: str, nth: int) -> str:
    """Return a name as an expression can have it: no reserved word ends in a digit."""
    return name if _PLAIN.fullmatch(name) else f"#{nth}"


def _with_names(update: dict[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """Add what placeholders stand for, where there are any."""
    placed = {place: name for name, place in names.items() if place != name}
    return update | {"ExpressionAttributeNames": placed} if placed else update


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


def _key(partition: str, sort: str) -> dict[str, dict[str, str]]:
    return {"pk": {"S": partition}, "sk": {"S": sort}}


def _raise_unless_passing(refusal: ClientError) -> None:
    error = refusal.response["Error"]
    reasons = refusal.response.get("CancellationReasons", [])
    if error["Code"] in _PASSING:
        return
    if reasons and all(reason.get("Code", "None") in _PASSING_REASONS for reason in reasons):
        return
    sentences = [error.get("Message", ""), *(str(reason.get("Message")) for reason in reasons)]
    if any("size" in sentence for sentence in sentences):
        raise TooLarge("More readings than 15 minutes of one source can hold.") from refusal
    raise refusal
