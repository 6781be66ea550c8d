"""DynamoDB's errors as botocore raises them."""

from collections.abc import Sequence
from typing import Any

from botocore.exceptions import ClientError

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
CODES = (
    "ConditionalCheckFailedException",
    "IdempotentParameterMismatchException",
    "ProvisionedThroughputExceededException",
    "ResourceNotFoundException",
    "TransactionCanceledException",
    "TransactionConflictException",
)


class Exceptions:
    """Like `client.exceptions`: the modelled errors as classes; ClientError is above them."""

    ClientError = ClientError

    def __init__(self) -> None:
        for code in CODES:
            setattr(self, code, type(code, (ClientError,), {}))


EXCEPTIONS = Exceptions()


def refusal(method: str, code: str, message: str, **more: Any) -> ClientError:
    """Return the error with which DynamoDB would refuse this call."""
    kind: type[ClientError] = getattr(EXCEPTIONS, code, ClientError)
    response: Any = {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"RequestId": "model", "HTTPStatusCode": 400, "RetryAttempts": 0},
        "message": message,
        **more,
    }
    return kind(response, OPERATIONS[method])


def reason(code: str, message: str = "", item: Item | None = None) -> dict[str, Any]:
    """Return one entry of CancellationReasons."""
    entry: dict[str, Any] = {"Code": code}
    if message:
        entry["Message"] = message
    if item is not None:
        entry["Item"] = item
    return entry


def cancelled(reasons: Sequence[dict[str, Any]]) -> ClientError:
    """Return the error of a transaction that was not applied, a reason for each of its items."""
    codes = ", ".join(entry["Code"] for entry in reasons)
    return refusal(
        "transact_write_items",
        "TransactionCanceledException",
        f"Transaction cancelled, please refer cancellation reasons for specific reasons [{codes}]",
        CancellationReasons=list(reasons),
    )
