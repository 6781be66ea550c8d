"""DynamoDB in memory, exact for flat items in tables keyed by the strings pk and sk.

`ModelDynamo` answers the seven calls a store makes, in the shapes of the wire.
Called by those methods it is calm: every read sees the newest state. What may happen to a call in
a real network is in tests.models.network, which uses `begin` and the call it returns.
Not modelled: indexes, filters, sets, maps, lists, document paths (NotImplementedError), and
ConsumedCapacity, which is always 0.
"""

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from tests.models.attributes import InvalidRequest
from tests.models.reads import Answer, BatchGet, Get, Query, Sight
from tests.models.refusals import refusal
from tests.models.requests import Request
from tests.models.rows import Tables, UnknownTable
from tests.models.writes import Transaction, Write


class Call(Protocol):
    """A call on its way: begun, and neither finished nor abandoned."""

    method: str
    request: Request

    def step(self) -> bool: ...
    def finish(self) -> Answer: ...
    def abandon(self) -> None: ...


_SINGLE = frozenset(
    {
        "TableName",
        "ConditionExpression",
        "ExpressionAttributeNames",
        "ExpressionAttributeValues",
        "ReturnConsumedCapacity",
        "ReturnItemCollectionMetrics",
        "ReturnValues",
        "ReturnValuesOnConditionCheckFailure",
    }
)
_READ = frozenset(
    {
        "TableName",
        "ConsistentRead",
        "ExpressionAttributeNames",
        "ProjectionExpression",
        "ReturnConsumedCapacity",
    }
)
_QUERY = {
    "ExclusiveStartKey",
    "ExpressionAttributeValues",
    "KeyConditionExpression",
    "Limit",
    "ScanIndexForward",
}
_TRANSACTION = {"ClientRequestToken", "ReturnConsumedCapacity", "ReturnItemCollectionMetrics"}
_PARAMETERS: dict[str, frozenset[str]] = {
    "get_item": _READ | {"Key"},
    "batch_get_item": frozenset({"RequestItems", "ReturnConsumedCapacity"}),
    "query": _READ | _QUERY,
    "put_item": _SINGLE | {"Item"},
    "update_item": _SINGLE | {"Key", "UpdateExpression"},
    "delete_item": _SINGLE | {"Key"},
    "transact_write_items": frozenset({"TransactItems"} | _TRANSACTION),
}


_MAKE: dict[str, Callable[[Tables, str, Request, Sight | None], Call]] = {
    "get_item": Get,
    "batch_get_item": BatchGet,
    "query": Query,
    "put_item": lambda tables, method, request, _: Write(tables, method, request),
    "update_item": lambda tables, method, request, _: Write(tables, method, request),
    "delete_item": lambda tables, method, request, _: Write(tables, method, request),
    "transact_write_items": lambda tables, method, request, sight: Transaction(
        tables, method, request, sight.random if sight else None
    ),
}
Result = TypeVar("Result")


class ModelDynamo:
    """An engine with the given tables, empty."""

    def __init__(self, *tables: str) -> None:
        self._tables = Tables(tables or ("model-table",))

    @property
    def instant(self) -> int:
        """The number of writes so far."""
        return self._tables.instant

    def get_item(self, **request: Any) -> Answer:
        return self.finish(self.begin("get_item", request))

    def batch_get_item(self, **request: Any) -> Answer:
        return self.finish(self.begin("batch_get_item", request))

    def query(self, **request: Any) -> Answer:
        return self.finish(self.begin("query", request))

    def put_item(self, **request: Any) -> Answer:
        return self.finish(self.begin("put_item", request))

    def update_item(self, **request: Any) -> Answer:
        return self.finish(self.begin("update_item", request))

    def delete_item(self, **request: Any) -> Answer:
        return self.finish(self.begin("delete_item", request))

    def transact_write_items(self, **request: Any) -> Answer:
        return self.finish(self.begin("transact_write_items", request))

    def begin(self, method: str, request: Request, sight: Sight | None = None) -> Call:
        """Check a request. A transaction holds its items from here to its end."""
        if not request.keys() <= _PARAMETERS[method]:
            unknown = ", ".join(sorted(request.keys() - _PARAMETERS[method]))
            raise NotImplementedError(f"{method} with {unknown} is outside the model")
        return _refusing(method, lambda: _MAKE[method](self._tables, method, request, sight))

    def step(self, call: Call) -> bool:
        """Write one item of a transaction; return whether more are left, for `finish`."""
        return _refusing(call.method, call.step)

    def finish(self, call: Call) -> Answer:
        """Do what is still to do and return the answer."""
        answer = _refusing(call.method, call.finish)
        if call.request.get("ReturnConsumedCapacity", "NONE") != "NONE":
            none = {"TableName": "model-table", "CapacityUnits": 0.0}
            answer["ConsumedCapacity"] = [none] if "TransactItems" in call.request else none
        return answer


def _refusing(method: str, act: Callable[[], Result]) -> Result:
    try:
        return act()
    except InvalidRequest as invalid:
        raise refusal(method, "ValidationException", str(invalid)) from invalid
    except UnknownTable as unknown:
        missing = "Requested resource not found"
        raise refusal(method, "ResourceNotFoundException", missing) from unknown
