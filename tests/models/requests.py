"""What DynamoDB checks before it looks at an item: keys, placeholders, values, limits."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from tests.models.attributes import (
    MAX_ITEM_BYTES,
    InvalidRequest,
    Item,
    Value,
    checked,
    size,
)
from tests.models.conditions import Test, condition
from tests.models.expressions import Expression, Names, Values
from tests.models.updates import Action, check_numbers, update

Request = Mapping[str, Any]

HASH, RANGE = "pk", "sk"
_KEY_BYTES = {HASH: 2048, RANGE: 1024}
_NOTHING: Mapping[str, Any] = {}


class Key(NamedTuple):
    pk: str
    sk: str

    def wire(self) -> Item:
        return {HASH: {"S": self.pk}, RANGE: {"S": self.sk}}


class Plan(NamedTuple):
    """A write that is well-formed: what it is to do to the item under its key."""

    table: str
    key: Key
    kind: str  # Put, Update, Delete, ConditionCheck
    item: Item | None  # Put
    actions: tuple[Action, ...]  # Update
    targets: tuple[str, ...]  # Update: the attributes it names
    condition: Test | None
    names: Names
    values: Values
    on_failure: str | None


def key_of(wire: Mapping[str, Value]) -> Key:
    """Check a Key or ExclusiveStartKey."""
    if wire.keys() != _KEY_BYTES.keys() or "S" not in wire[HASH] or "S" not in wire[RANGE]:
        raise InvalidRequest("The provided key element does not match the schema")
    return Key(key_text(HASH, wire[HASH]["S"]), key_text(RANGE, wire[RANGE]["S"]))


def key_text(name: str, text: str) -> str:
    """Check one half of a key."""
    if not text:
        raise InvalidRequest(
            "One or more parameter values are not valid. The AttributeValue for a key attribute "
            f"cannot contain an empty string value. Key: {name}"
        )
    if len(text) * 4 > _KEY_BYTES[name] and len(text.encode()) > _KEY_BYTES[name]:
        raise InvalidRequest(
            "One or more parameter values were invalid: "
            f"the size of {name} has exceeded the limit of {_KEY_BYTES[name]} bytes"
        )
    return text


def placeholders(request: Request, *expressions: Expression[Any] | None) -> tuple[Names, Values]:
    """Check that every placeholder is defined and used; return the names and kept values."""
    used_names: frozenset[str] = frozenset()
    used_values: frozenset[str] = frozenset()
    for expression in expressions:
        if expression is not None:
            used_names = used_names | expression.names if used_names else expression.names
            used_values = used_values | expression.values if used_values else expression.values
    names: Names = request.get("ExpressionAttributeNames", _NOTHING)
    values: Values = request.get("ExpressionAttributeValues", _NOTHING)
    if names.keys() != used_names or values.keys() != used_values:
        _refuse_placeholders(names.keys(), used_names, "Names", "name")
        _refuse_placeholders(values.keys(), used_values, "Values", "value")
    for kind in ("ExpressionAttributeNames", "ExpressionAttributeValues"):
        if kind in request and not request[kind]:
            raise InvalidRequest(f"{kind} must not be empty")
    return names, {name: checked(value) for name, value in values.items()}


def _refuse_placeholders(given: Any, used: frozenset[str], plural: str, singular: str) -> None:
    for missing in sorted(used - given):
        raise InvalidRequest(
            f"Invalid expression: An expression attribute {singular} used in the expression "
            f"is not defined; attribute {singular}: {missing}"
        )
    if given - used:
        raise InvalidRequest(
            f"Value provided in ExpressionAttribute{plural} unused in expressions: "
            f"keys: {{{', '.join(sorted(given - used))}}}"
        )


def plan(kind: str, request: Request) -> Plan:
    """Check a Put, Update, Delete or ConditionCheck as far as the request alone tells."""
    text = request.get("ConditionExpression")
    guard = None if text is None else condition(text)
    changes = update(request["UpdateExpression"]) if "UpdateExpression" in request else None
    names, values = placeholders(request, changes, guard)
    item = _whole_item(request["Item"]) if kind == "Put" else None
    key = key_of({name: item[name] for name in _KEY_BYTES} if item else request["Key"])
    actions = changes.meaning if changes else ()
    check_numbers(actions, values)
    return Plan(
        request["TableName"],
        key,
        kind,
        item,
        actions,
        _targets(actions, names) if actions else (),
        guard.meaning if guard else None,
        names,
        values,
        request.get("ReturnValuesOnConditionCheckFailure"),
    )


def _targets(actions: tuple[Action, ...], names: Names) -> tuple[str, ...]:
    targets = tuple(names.get(action.target, action.target) for action in actions)
    for name in _KEY_BYTES:
        if name in targets:
            raise InvalidRequest(
                "One or more parameter values were invalid: "
                f"Cannot update attribute {name}. This attribute is part of the key"
            )
    if len(set(targets)) != len(targets):
        twice = next(name for name in targets if targets.count(name) > 1)
        raise InvalidRequest(
            "Invalid UpdateExpression: Two document paths overlap with each other; must remove "
            f"or rewrite one of these paths; path one: [{twice}], path two: [{twice}]"
        )
    return targets


def _whole_item(wire: Mapping[str, Value]) -> Item:
    for name in _KEY_BYTES:
        if "S" not in wire.get(name, {}):
            raise InvalidRequest(
                "One or more parameter values were invalid: "
                f"Missing or mistyped key {name} in the item"
            )
    item = {name: checked(value) for name, value in wire.items()}
    if size(item) > MAX_ITEM_BYTES:
        raise InvalidRequest("Item size has exceeded the maximum allowed size")
    return item
