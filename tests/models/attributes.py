"""DynamoDB's attribute values in the wire form: {"N": "1"}, {"S": "x"}, {"B": b"x"}, ..."""

import re
from decimal import Context, Decimal
from functools import lru_cache
from typing import Any

Value = dict[str, Any]
Item = dict[str, Value]

MAX_ITEM_BYTES = 400 * 1024
_MAX_DIGITS = 38
_LARGEST_EXPONENT = 125
_SMALLEST_EXPONENT = -130
_NUMERAL = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_EXACT = Context(prec=400, Emin=-999_999, Emax=999_999)
KINDS = frozenset({"S", "N", "B", "BOOL", "NULL"})


class InvalidRequest(Exception):
    """The request as it stands is a ValidationException."""


class UnfitItem(InvalidRequest):
    """The request does not fit the stored item: in a transaction a reason, else the same."""


@lru_cache(maxsize=65_536)
def decimal(text: str) -> Decimal:
    """Return the number of a checked numeral."""
    return Decimal(text)


@lru_cache(maxsize=65_536)
def numeral(text: str) -> str:
    """Return the numeral DynamoDB gives back for this one; refuses what it cannot keep."""
    if not _NUMERAL.fullmatch(text):
        raise InvalidRequest(f"The parameter cannot be converted to a numeric value: {text}")
    return kept(Decimal(text))


def kept(number: Decimal) -> str:
    """Return a number in DynamoDB's plain notation: 38 digits, 1e-130 to 9.9e125."""
    if not number:
        return "0"
    number = _EXACT.normalize(number)
    side = "magnitude {} than supported range"
    if number.adjusted() > _LARGEST_EXPONENT:
        raise InvalidRequest(
            f"Number overflow. Attempting to store a number with {side.format('larger')}"
        )
    if number.adjusted() < _SMALLEST_EXPONENT:
        raise InvalidRequest(
            f"Number underflow. Attempting to store a number with {side.format('smaller')}"
        )
    if len(number.as_tuple().digits) > _MAX_DIGITS:
        raise InvalidRequest("Attempting to store more than 38 significant digits in a Number")
    return format(number, "f")


def total(left: Value, right: Value, sign: int = 1) -> Value:
    """Return left + sign * right, exactly; both are numbers."""
    augend, addend = decimal(left["N"]), decimal(right["N"])
    exact = _EXACT.add(augend, addend) if sign > 0 else _EXACT.subtract(augend, addend)
    return {"N": kept(exact)}


def checked(value: Value) -> Value:
    """Return the value as it will be stored."""
    if len(value) != 1:
        fault = "has more than one datatypes set" if value else "is empty"
        raise InvalidRequest(
            f"Supplied AttributeValue {fault}, must contain exactly one of the supported datatypes"
        )
    (kind,) = value
    if kind == "N":
        text = numeral(value["N"])
        return value if text == value["N"] else {"N": text}
    if kind not in KINDS:
        raise NotImplementedError(f"the model keeps no values of type {kind}")
    return value


def weight(name: str, value: Value) -> int:
    """Return the bytes this attribute counts in an item's size."""
    ((kind, content),) = value.items()
    counted: int = _WEIGHTS[kind](content)
    return _bytes(name) + counted


def _bytes(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode())


def _number_bytes(text: str) -> int:
    digits = text.lstrip("-").replace(".", "").strip("0")
    return (len(digits) + 1) // 2 + 1 + text.startswith("-")


_WEIGHTS: dict[str, Any] = {
    "S": _bytes,
    "N": _number_bytes,
    "B": len,
    "BOOL": lambda _: 1,
    "NULL": lambda _: 1,
}


def size(item: Item) -> int:
    """Return the item's size in bytes, as the 400 KB limit counts it."""
    return sum(weight(name, value) for name, value in item.items())
