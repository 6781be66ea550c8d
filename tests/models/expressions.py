"""Reading DynamoDB's expressions: tokens, placeholders, operands. Flat attributes only.

Document paths, sets, list_append, IN, size and the like are outside the model and raise
NotImplementedError rather than give a wrong answer.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Generic, NoReturn, TypeVar

from tests.models.attributes import InvalidRequest, Item, Value

Names = Mapping[str, str]
Values = Mapping[str, Value]
Operand = Callable[[Item, Names, Values], "Value | None"]
Meaning = TypeVar("Meaning")

MAX_EXPRESSION_BYTES = 4096
MAX_OPERATORS = 300
_TOKEN = re.compile(r"\s*(<=|>=|<>|[=<>(),+.\[-]|[#:]\w+|[A-Za-z_]\w*)\s*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Expression(Generic[Meaning]):
    """A parsed expression and the placeholders it uses."""

    meaning: Meaning
    names: frozenset[str]
    values: frozenset[str]


@lru_cache(maxsize=1)
def reserved_words() -> frozenset[str]:
    """Return DynamoDB's reserved words, from the list that moto carries."""
    spec = find_spec("moto")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("moto carries the list of reserved words")
    folder = Path(spec.submodule_search_locations[0], "dynamodb", "parsing")
    return frozenset((folder / "reserved_keywords.txt").read_text().upper().split())


class Reader:
    """Hands out the tokens of one expression and notes the placeholders in it."""

    def __init__(self, parameter: str, text: str) -> None:
        self._parameter = parameter
        self._names: set[str] = set()
        self._values: set[str] = set()
        self._operators = 0
        self._at = 0
        if not text:
            self.refuse("The expression can not be empty;")
        if len(text.encode()) > MAX_EXPRESSION_BYTES:
            long = "Expression size has exceeded the maximum allowed size; expression size:"
            self.refuse(f"{long} {len(text.encode())}")
        self._tokens = self._cut(text)

    def _cut(self, text: str) -> list[str]:
        tokens, at = [], 0
        while at < len(text):
            match = _TOKEN.match(text, at)
            if match is None:
                self.refuse(f"Syntax error; near: {text[at : at + 10]!r}")
            tokens.append(match[1])
            at = match.end()
        return [*tokens, ""]

    def refuse(self, reason: str) -> NoReturn:
        raise InvalidRequest(f"Invalid {self._parameter}: {reason}")

    def syntax_error(self) -> NoReturn:
        self.refuse(f"Syntax error; token: {self.peek() or '<EOF>'}")

    @property
    def position(self) -> int:
        return self._at

    def peek(self) -> str:
        return self._tokens[self._at]

    def next(self) -> str:
        self._at += 1
        return self._tokens[self._at - 1]

    def take(self, token: str) -> bool:
        """Step over this token (keywords in any case) if it is the next one."""
        if self.peek().upper() != token:
            return False
        self._at += 1
        return True

    def need(self, token: str) -> None:
        if not self.take(token):
            self.syntax_error()

    def count_operator(self) -> None:
        self._operators += 1
        if self._operators > MAX_OPERATORS:
            self.refuse("The expression contains too many operators; operator count: 301")

    def at_call(self) -> bool:
        return self._tokens[self._at + 1 : self._at + 2] == ["("] and self.peek()[:1].isalpha()

    def name(self) -> str:
        """Read an attribute's name or its placeholder."""
        token = self.peek()
        if token[:1] == "#":
            self._names.add(token)
        elif not (token[:1].isalpha() or token[:1] == "_"):
            self.syntax_error()
        elif token.upper() in reserved_words():
            self.refuse(f"Attribute name is a reserved keyword; reserved keyword: {token}")
        self._at += 1
        if self.peek() in {".", "["}:
            raise NotImplementedError("document paths are outside the model")
        return token

    def value(self) -> str:
        """Read a value's placeholder."""
        token = self.peek()
        if token[:1] != ":":
            self.syntax_error()
        self._values.add(token)
        self._at += 1
        return token

    def end(self, meaning: Meaning) -> Expression[Meaning]:
        if self.peek():
            self.syntax_error()
        return Expression(meaning, frozenset(self._names), frozenset(self._values))


def attribute(name: str) -> Operand:
    """Return what reads this attribute; None where the item has none."""
    if name.startswith("#"):
        return lambda item, names, _: item.get(names[name])
    return lambda item, _names, _values: item.get(name)


def constant(placeholder: str) -> Operand:
    """Return what reads this placeholder's value."""
    return lambda _item, _names, values: values[placeholder]


def plain_operand(reader: Reader) -> Operand:
    """Read an attribute or a value's placeholder."""
    if reader.at_call():
        raise NotImplementedError(f"function {reader.peek()} is outside the model here")
    return constant(reader.value()) if reader.peek()[:1] == ":" else attribute(reader.name())


@lru_cache(maxsize=1024)
def projection(text: str) -> Expression[tuple[str, ...]]:
    """Parse a ProjectionExpression into the attributes it names."""
    reader = Reader("ProjectionExpression", text)
    wanted = [reader.name()]
    while reader.take(","):
        wanted.append(reader.name())
    return reader.end(tuple(wanted))
