"""DynamoDB's refusals as the wire raises them."""

from collections.abc import Sequence
from typing import Any

from quarterhour.store.table.refused import CallRefused
from tests.models.attributes import Item

OPERATIONS = {
    "get_item": "GetItem",
    "batch_get_item": "BatchGetItem",
    "query": "Query",
    "put_item": "PutItem",
    "update_item": "UpdateItem",
    "delete_item": "DeleteItem",
    "transact_write_items": "TransactWriteItems",
}
WRITES = frozenset(OPERATIONS) - {"get_item", "batch_get_item", "query"}


def refusal(method: str, code: str, message: str, **more: Any) -> CallRefused:
    """Return the error with which DynamoDB would refuse this call."""
    response: Any = {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"RequestId": "model", "HTTPStatusCode": 400, "RetryAttempts": 0},
        "message": message,
        **more,
    }
    return CallRefused(response, OPERATIONS[method])


def reason(code: str, message: str = "", item: Item | None = None) -> dict[str, Any]:
    """Return one entry of CancellationReasons."""
    entry: dict[str, Any] = {"Code": code}
    if message:
        entry["Message"] = message
    if item is not None:
        entry["Item"] = item
    return entry


def cancelled(reasons: Sequence[dict[str, Any]]) -> CallRefused:
    """Return the error of a transaction that was not applied, a reason for each of its items."""
    codes = ", ".join(entry["Code"] for entry in reasons)
    return refusal(
        "transact_write_items",
        "TransactionCanceledException",
        f"Transaction cancelled, please refer cancellation reasons for specific reasons [{codes}]",
        CancellationReasons=list(reasons),
    )
