"""DynamoDB calls and their capacity units, counted at a client while a test watches it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_READS = {"BatchGetItem", "GetItem", "Query"}


@dataclass(slots=True)
class Counted:
    """The DynamoDB calls made while counting, and their capacity units."""

    calls: list[str] = field(default_factory=list)
    read_units: float = 0.0
    write_units: float = 0.0

    def clear(self) -> None:
        """Begin anew."""
        self.calls.clear()
        self.read_units = self.write_units = 0.0


@contextmanager
def counting(client: "DynamoDBClient") -> Iterator[Counted]:
    """Count the calls of a client, which others may have after this."""
    counted = Counted()

    def ask(params: dict[str, Any], **_: Any) -> None:
        params["ReturnConsumedCapacity"] = "TOTAL"

    def note(parsed: dict[str, Any], model: Any, **_: Any) -> None:
        counted.calls.append(model.name)
        consumed = parsed.get("ConsumedCapacity", [])
        tables = consumed if isinstance(consumed, list) else [consumed]
        units = sum(table["CapacityUnits"] for table in tables)
        if model.name in _READS:
            counted.read_units += units
        else:
            counted.write_units += units

    events = client.meta.events
    events.register("provide-client-params.dynamodb", ask)
    events.register("after-call.dynamodb", note)
    try:
        yield counted
    finally:
        events.unregister("provide-client-params.dynamodb", ask)
        events.unregister("after-call.dynamodb", note)
