"""UpdateExpression: SET (=, +, -, if_not_exists), REMOVE and ADD of numbers."""

from functools import lru_cache
from typing import NamedTuple

from tests.models.attributes import InvalidRequest, Item, UnfitItem, Value, total
from tests.models.expressions import (
    Expression,
    Names,
    Operand,
    Reader,
    Values,
    attribute,
    constant,
    plain_operand,
)

_KINDS = {"S": "STRING", "N": "NUMBER", "B": "BINARY", "BOOL": "BOOLEAN", "NULL": "NULL"}


class Action(NamedTuple):
    """One clause: the attribute (or its placeholder) and its new value, None to remove it."""

    target: str
    value: Operand | None
    numbers: tuple[str, ...] = ()  # placeholders of values that must be numbers


@lru_cache(maxsize=4096)
def update(text: str) -> Expression[tuple[Action, ...]]:
    """Parse an UpdateExpression."""
    reader = Reader("UpdateExpression", text)
    actions: list[Action] = []
    seen: set[str] = set()
    while reader.peek():
        section = reader.peek().upper()
        if section == "DELETE":
            raise NotImplementedError("sets are outside the model")
        if section not in _CLAUSES:
            reader.syntax_error()
        if section in seen:
            reader.refuse(f'The "{section}" section can only be used once in an update expression;')
        seen.add(reader.next().upper())
        actions.append(_CLAUSES[section](reader))
        while reader.take(","):
            actions.append(_CLAUSES[section](reader))
    return reader.end(tuple(actions))


def _set(reader: Reader) -> Action:
    target = reader.name()
    reader.need("=")
    first = reader.peek()
    left = _operand(reader)
    for sign, factor in (("+", 1), ("-", -1)):
        if reader.take(sign):
            reader.count_operator()
            numbers = tuple(place for place in (first, reader.peek()) if place[:1] == ":")
            return Action(target, _sum(left, _operand(reader), factor), numbers)
    return Action(target, _present(left))


def _remove(reader: Reader) -> Action:
    return Action(reader.name(), None)


def _add(reader: Reader) -> Action:
    target = reader.name()
    step = reader.value()
    return Action(target, _increment(attribute(target), constant(step)), (step,))


_CLAUSES = {"SET": _set, "REMOVE": _remove, "ADD": _add}


def _operand(reader: Reader) -> Operand:
    if not reader.at_call() or reader.peek() != "if_not_exists":
        return plain_operand(reader)
    reader.next()
    reader.need("(")
    reader.count_operator()
    present = attribute(reader.name())
    reader.need(",")
    otherwise = _operand(reader)
    reader.need(")")
    return lambda item, names, values: (
        present(item, names, values) or otherwise(item, names, values)
    )


def _present(operand: Operand) -> Operand:
    def value(item: Item, names: Names, values: Values) -> Value:
        found = operand(item, names, values)
        if found is None:
            missing = "The provided expression refers to an attribute that does not exist"
            raise UnfitItem(f"{missing} in the item")
        return found

    return value


def _sum(left: Operand, right: Operand, factor: int) -> Operand:
    left, right = _present(left), _present(right)

    def value(item: Item, names: Names, values: Values) -> Value:
        augend, addend = left(item, names, values), right(item, names, values)
        if augend is None or addend is None or "N" not in augend or "N" not in addend:
            raise UnfitItem("An operand in the update expression has an incorrect data type")
        return total(augend, addend, factor)

    return value


def _increment(stored: Operand, step: Operand) -> Operand:
    def value(item: Item, names: Names, values: Values) -> Value | None:
        present, added = stored(item, names, values), step(item, names, values)
        if present is None or added is None:
            return added
        if "N" not in present:
            raise UnfitItem("An operand in the update expression has an incorrect data type")
        return total(present, added)

    return value


def check_numbers(actions: tuple[Action, ...], values: Values) -> None:
    """Refuse to add what is no number."""
    for action in actions:
        for place in action.numbers:
            if "N" not in values[place]:
                (kind,) = values[place]
                raise InvalidRequest(
                    "Invalid UpdateExpression: Incorrect operand type for operator or function; "
                    f"operand type: {_KINDS[kind]}"
                )
