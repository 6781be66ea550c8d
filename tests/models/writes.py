"""PutItem, UpdateItem, DeleteItem and TransactWriteItems."""

from collections.abc import Callable, Mapping
from random import Random
from typing import Any, NamedTuple

from tests.models.attributes import MAX_ITEM_BYTES, InvalidRequest, Item, UnfitItem, size, weight
from tests.models.refusals import cancelled, reason, refusal
from tests.models.requests import Plan, Request, plan
from tests.models.rows import Row, Tables

Answer = dict[str, Any]

MAX_TRANSACTION_ITEMS = 100
MAX_TRANSACTION_BYTES = 4 * 1024 * 1024
FAILED = "The conditional request failed"
CONFLICT = "Transaction is ongoing for the item"
_KINDS = {"put_item": "Put", "update_item": "Update", "delete_item": "Delete"}


class ConditionFailed(Exception):
    """The condition does not hold for the item that is there (the first argument)."""


class Effect(NamedTuple):
    """What a write makes of its row."""

    row: Row
    item: Item | None
    size: int


def effect(plan: Plan, row: Row) -> Effect:
    """Return what a plan makes of the row; UnfitItem or ConditionFailed where it does not go."""
    old = row.now
    if plan.condition and not plan.condition(old or {}, plan.names, plan.values):
        raise ConditionFailed(old)
    return _EFFECTS[plan.kind](plan, row)


def _put(plan: Plan, row: Row) -> Effect:
    return Effect(row, plan.item, size(plan.item or {}))


def _delete(_plan: Plan, row: Row) -> Effect:
    return Effect(row, None, 0)


def _check(_plan: Plan, row: Row) -> Effect:
    return Effect(row, row.now, row.size)


def _update(plan: Plan, row: Row) -> Effect:
    old = row.now
    item = plan.key.wire() if old is None else old.copy()
    bytes_used = size(item) if old is None else row.size
    before, names, values = old or {}, plan.names, plan.values
    for name, action in zip(plan.targets, plan.actions, strict=True):
        if name in before:
            bytes_used -= weight(name, before[name])
        value = action.value(before, names, values) if action.value else None
        if value is None:
            item.pop(name, None)
        else:
            item[name] = value
            bytes_used += weight(name, value)
    if bytes_used > MAX_ITEM_BYTES:
        raise UnfitItem("Item size to update has exceeded the maximum allowed size")
    return Effect(row, item, bytes_used)


_EFFECTS: dict[str, Callable[[Plan, Row], Effect]] = {
    "Put": _put,
    "Update": _update,
    "Delete": _delete,
    "ConditionCheck": _check,
}


class Write:
    """A write of one item."""

    def __init__(self, tables: Tables, method: str, request: Request) -> None:
        self.method = method
        self.request = request
        self._tables = tables
        self._plan = plan(_KINDS[method], request)
        self._returns = request.get("ReturnValues", "NONE")
        if self._returns not in (_RETURNS if method == "update_item" else ("NONE", "ALL_OLD")):
            raise InvalidRequest(f"ReturnValues cannot be {self._returns} here")

    def step(self) -> bool:
        return False

    def abandon(self) -> None:
        """Nothing was held."""

    def finish(self) -> Answer:
        row = self._tables.row(self._plan.table, self._plan.key)
        if row.holder is not None:
            raise refusal(self.method, "TransactionConflictException", CONFLICT)
        old = row.now
        try:
            done = effect(self._plan, row)
        except ConditionFailed as failed:
            item = {"Item": dict(old)} if old and self._plan.on_failure == "ALL_OLD" else {}
            code = "ConditionalCheckFailedException"
            raise refusal(self.method, code, FAILED, **item) from failed
        self._tables.instant += 1
        row.put(self._tables.instant, done.item, done.size)
        attributes = _RETURNS[self._returns](old or {}, done.item or {}, self._plan.targets)
        return {"Attributes": attributes} if attributes else {}


_RETURNS: dict[str, Callable[[Item, Item, tuple[str, ...]], Item]] = {
    "NONE": lambda _old, _new, _names: {},
    "ALL_OLD": lambda old, _new, _names: dict(old),
    "ALL_NEW": lambda _old, new, _names: dict(new),
    "UPDATED_OLD": lambda old, _new, names: {name: old[name] for name in names if name in old},
    "UPDATED_NEW": lambda _old, new, names: {name: new[name] for name in names if name in new},
}


class Transaction:
    """TransactWriteItems: holds its items from beginning to end, writes all of them or none."""

    def __init__(
        self, tables: Tables, method: str, request: Request, order: Random | None = None
    ) -> None:
        self.method = method
        self.request = request
        self._tables = tables
        self._order = order  # of the items, when they are written one by one
        self._held: list[Row] = []
        self._effects: list[Effect] | None = None
        self._plans = [_plan_of(entry) for entry in self._entries(request["TransactItems"])]
        if len({(one.table, one.key) for one in self._plans}) < len(self._plans):
            raise InvalidRequest(
                "Transaction request cannot include multiple operations on one item"
            )
        self._done_before = self._is_repeated()
        if not self._done_before:
            self._hold()

    @staticmethod
    def _entries(entries: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        if not 1 <= len(entries) <= MAX_TRANSACTION_ITEMS:
            raise InvalidRequest(
                "Value at 'transactItems' failed to satisfy constraint: "
                "Member must have length from 1 to 100"
            )
        return entries

    def _is_repeated(self) -> bool:
        earlier = self._tables.tokens.get(self.request.get("ClientRequestToken", ""))
        if earlier is None:
            return False
        if earlier["TransactItems"] != self.request["TransactItems"]:
            code = "IdempotentParameterMismatchException"
            raise refusal(self.method, code, "The token was used for another request")
        return True

    def _hold(self) -> None:
        rows = [self._tables.row(one.table, one.key) for one in self._plans]
        if any(row.holder for row in rows):
            held = reason("TransactionConflict", CONFLICT)
            raise cancelled([held if row.holder else reason("None") for row in rows])
        for row in rows:
            row.holder = self
        self._held = rows

    def step(self) -> bool:
        """Write one item, at an instant of its own; return whether more are left to write."""
        if self._effects is None and not self._done_before:
            self._effects = self._checked()
            if self._order:
                self._order.shuffle(self._effects)
        if self._effects:
            self._tables.instant += 1
            _put_row(self._tables.instant, self._effects.pop())
        return bool(self._effects)

    def finish(self) -> Answer:
        """Write all items that are still to be written, at one instant."""
        try:
            if self._effects is None and not self._done_before:
                self._effects = self._checked()
            self._write_rest()
        finally:
            self._release()
        if "ClientRequestToken" in self.request:
            self._tables.tokens[self.request["ClientRequestToken"]] = self.request
        return {}

    def abandon(self) -> None:
        """Let the items go; a transaction that has written some writes the rest first."""
        if self._effects is not None:
            self._write_rest()
        self._release()

    def _checked(self) -> list[Effect]:
        effects, reasons = [], []
        for one, row in zip(self._plans, self._held, strict=True):
            try:
                effects.append(effect(one, row))
                reasons.append(reason("None"))
            except ConditionFailed:
                old = row.now if one.on_failure == "ALL_OLD" else None
                reasons.append(reason("ConditionalCheckFailed", FAILED, old))
            except UnfitItem as unfit:
                reasons.append(reason("ValidationError", str(unfit)))
        if len(effects) < len(self._plans):
            raise cancelled(reasons)
        if sum(done.size for done in effects) > MAX_TRANSACTION_BYTES:
            raise InvalidRequest(
                "Collection size of items exceeded: more than 4 MB in a transaction"
            )
        return effects

    def _write_rest(self) -> None:
        if self._effects:
            self._tables.instant += 1
            for done in self._effects:
                _put_row(self._tables.instant, done)
            self._effects.clear()

    def _release(self) -> None:
        for row in self._held:
            row.holder = None
        self._held = []


def _put_row(instant: int, done: Effect) -> None:
    if done.item is not done.row.now:
        done.row.put(instant, done.item, done.size)


def _plan_of(entry: Mapping[str, Any]) -> Plan:
    if len(entry) != 1:
        raise InvalidRequest("TransactItems can only contain one of Check, Put, Update or Delete")
    ((kind, request),) = entry.items()
    required = {"Update": "UpdateExpression", "ConditionCheck": "ConditionExpression"}
    if kind in required and required[kind] not in request:
        raise InvalidRequest(f"{kind} needs {required[kind]}")
    return plan(kind, request)
