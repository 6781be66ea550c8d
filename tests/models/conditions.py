"""ConditionExpression and KeyConditionExpression."""

import operator
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

from tests.models.attributes import InvalidRequest, Item, Value, decimal
from tests.models.expressions import (
    Expression,
    Names,
    Operand,
    Reader,
    Values,
    attribute,
    plain_operand,
)

Test = Callable[[Item, Names, Values], bool]

_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_COMPARABLE: dict[str, Callable[[Any], Any]] = {"N": decimal, "S": str, "B": bytes}


@lru_cache(maxsize=4096)
def condition(text: str) -> Expression[Test]:
    """Parse a ConditionExpression."""
    return _Conditions("ConditionExpression", text).whole()


class _Conditions(Reader):
    """Recursive descent: OR below AND below NOT below comparisons and parentheses."""

    def whole(self) -> Expression[Test]:
        self._group_ends: dict[int, int] = {}
        return self.end(self._either())

    def _either(self) -> Test:
        test = self._both()
        while self.take("OR"):
            self.count_operator()
            left, right = test, self._both()
            test = _any_of(left, right)
        return test

    def _both(self) -> Test:
        test = self._one()
        while self.take("AND"):
            self.count_operator()
            test = _all_of(test, self._one())
        return test

    def _one(self) -> Test:
        if self.take("NOT"):
            self.count_operator()
            negated = self._one()
            return lambda *of: not negated(*of)
        if self.peek() == "(":
            return self._group()
        self.count_operator()
        if self.at_call() and self.peek() in _FUNCTIONS:
            return _FUNCTIONS[self.next()](self)
        return self._comparison()

    def _group(self) -> Test:
        start = self.position
        self.need("(")
        test = self._either()
        if self._group_ends.get(start + 1) == self.position:
            self.refuse("The expression has redundant parentheses;")
        self.need(")")
        self._group_ends[start] = self.position
        return test

    def _comparison(self) -> Test:
        left = plain_operand(self)
        sign = self.next().upper()
        if sign in _COMPARISONS:
            return _COMPARISONS[sign](left, plain_operand(self))
        if sign == "IN":
            raise NotImplementedError("IN is outside the model")
        if sign != "BETWEEN":
            self.syntax_error()
        low_text, low = self.peek(), plain_operand(self)
        self.need("AND")
        high_text, high = self.peek(), plain_operand(self)
        constants = low_text[:1] == high_text[:1] == ":"
        return _between(left, low, high, constants=constants)


def _any_of(left: Test, right: Test) -> Test:
    return lambda *of: left(*of) or right(*of)


def _all_of(left: Test, right: Test) -> Test:
    return lambda *of: left(*of) and right(*of)


def _equal(left: Operand, right: Operand) -> Test:
    def test(*of: Any) -> bool:
        value = left(*of)
        return value is not None and value == right(*of)

    return test


def _different(left: Operand, right: Operand) -> Test:
    def test(*of: Any) -> bool:
        value = left(*of)
        return value is None or value != right(*of)

    return test


def _ordered(sign: str) -> Callable[[Operand, Operand], Test]:
    def comparison(left: Operand, right: Operand) -> Test:
        return lambda *of: _in_order(_ORDER[sign], left(*of), right(*of))

    return comparison


def _in_order(order: Callable[[Any, Any], bool], left: Value | None, right: Value | None) -> bool:
    if left is None or right is None:
        return False
    ((kind, first),) = left.items()
    if kind not in right or kind not in _COMPARABLE:
        return False
    comparable = _COMPARABLE[kind]
    return order(comparable(first), comparable(right[kind]))


def _between(value: Operand, low: Operand, high: Operand, *, constants: bool) -> Test:
    def test(*of: Any) -> bool:
        lower, found, upper = low(*of), value(*of), high(*of)
        if constants:
            check_bounds("ConditionExpression", lower or {}, upper or {})
        return _in_order(operator.le, lower, found) and _in_order(operator.le, found, upper)

    return test


def check_bounds(parameter: str, low: Value, high: Value) -> None:
    """Refuse bounds of a BETWEEN that no value can lie between."""
    if _in_order(operator.le, low, high):
        return
    wants = "requires upper bound to be greater than or equal to lower bound"
    if low.keys() != high.keys():
        wants = "requires same data type for lower and upper bounds"
    raise InvalidRequest(
        f"Invalid {parameter}: The BETWEEN operator {wants}; lower bound operand: "
        f"AttributeValue: {low}, upper bound operand: AttributeValue: {high}"
    )


_COMPARISONS: dict[str, Callable[[Operand, Operand], Test]] = {
    "=": _equal,
    "<>": _different,
    **{sign: _ordered(sign) for sign in _ORDER},
}


def _exists(reader: Reader) -> Test:
    reader.need("(")
    found = attribute(reader.name())
    reader.need(")")
    return lambda *of: found(*of) is not None


def _not_exists(reader: Reader) -> Test:
    found = _exists(reader)
    return lambda *of: not found(*of)


def _begins_with(reader: Reader) -> Test:
    reader.need("(")
    whole = plain_operand(reader)
    reader.need(",")
    start = plain_operand(reader)
    reader.need(")")

    def test(*of: Any) -> bool:
        prefix, value = start(*of), whole(*of)
        if prefix is not None and not prefix.keys() <= {"S", "B"}:
            raise InvalidRequest(
                "Invalid ConditionExpression: Incorrect operand type for operator or function; "
                f"operator or function: begins_with, operand type: {next(iter(prefix))}"
            )
        if prefix is None or value is None or prefix.keys() != value.keys():
            return False
        ((kind, beginning),) = prefix.items()
        return bool(value[kind].startswith(beginning))

    return test


_FUNCTIONS: dict[str, Callable[[Reader], Test]] = {
    "attribute_exists": _exists,
    "attribute_not_exists": _not_exists,
    "begins_with": _begins_with,
}


class KeyTest(NamedTuple):
    """One half of a key condition: attribute (or placeholder), operator, values' placeholders."""

    name: str
    sign: str
    operands: tuple[str, ...]


@lru_cache(maxsize=1024)
def key_condition(text: str) -> Expression[tuple[KeyTest, ...]]:
    """Parse a KeyConditionExpression of one or two tests."""
    reader = Reader("KeyConditionExpression", text)
    tests = [_key_test(reader)]
    if reader.take("AND"):
        tests.append(_key_test(reader))
    return reader.end(tuple(tests))


def _key_test(reader: Reader) -> KeyTest:
    if reader.take("("):
        test = _key_test(reader)
        reader.need(")")
        return test
    if reader.at_call() and reader.take("BEGINS_WITH"):
        reader.need("(")
        name = reader.name()
        reader.need(",")
        prefix = reader.value()
        reader.need(")")
        return KeyTest(name, "begins_with", (prefix,))
    name, sign = reader.name(), reader.next().upper()
    if sign == "BETWEEN":
        low = reader.value()
        reader.need("AND")
        return KeyTest(name, sign, (low, reader.value()))
    if sign not in _SPANS:
        reader.refuse(f"Unexpected operator: {sign}")
    return KeyTest(name, sign, (reader.value(),))


def _prefixed(keys: list[str], prefix: str) -> tuple[int, int]:
    first = bisect_left(keys, prefix)
    return first, bisect_right(keys, prefix, first, key=lambda key: key[: len(prefix)])


# Where in a sorted list of sort keys the matching ones stand: [first, last).
_SPANS: dict[str, Callable[..., tuple[int, int]]] = {
    "=": lambda keys, key: (bisect_left(keys, key), bisect_right(keys, key)),
    "<": lambda keys, key: (0, bisect_left(keys, key)),
    "<=": lambda keys, key: (0, bisect_right(keys, key)),
    ">": lambda keys, key: (bisect_right(keys, key), len(keys)),
    ">=": lambda keys, key: (bisect_left(keys, key), len(keys)),
    "BETWEEN": lambda keys, low, high: (bisect_left(keys, low), bisect_right(keys, high)),
    "begins_with": _prefixed,
}


def span(keys: list[str], sign: str, operands: tuple[str, ...]) -> tuple[int, int]:
    """Return the half-open range of positions whose sort keys pass the test."""
    return _SPANS[sign](keys, *operands)
