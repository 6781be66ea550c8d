"""The trace of a history: what was called, by whom, when, and how it ended; to print and read."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

_PLACEHOLDER = re.compile(r"[#:]\w+")
_LONGEST_TEXT = 40


class Step(NamedTuple):
    """One line: when (virtual seconds), who, what, how it ended."""

    at: float
    actor: str
    what: str
    request: Mapping[str, Any]
    end: str

    def __str__(self) -> str:
        words = [f"{self.at:14.3f}", f"{self.actor:<14}", self.what, *_told(self.request)]
        return " ".join([*words, "->", self.end])


def story(steps: Sequence[Step]) -> str:
    """Return the steps, a line each."""
    return "\n".join(map(str, steps))


def _told(request: Mapping[str, Any]) -> list[str]:
    if "TransactItems" in request:
        entries = [next(iter(entry.items())) for entry in request["TransactItems"]]
        return [f"{kind} {' '.join(_told(one))};" for kind, one in entries]
    told = [_key(request[name]) for name in ("Key", "Item", "ExclusiveStartKey") if name in request]
    told += [
        _filled(request, text) for name, text in request.items() if name.endswith("Expression")
    ]
    return told + ["strong"] * bool(request.get("ConsistentRead"))


def _key(wire: Mapping[str, Any]) -> str:
    return "/".join(str(wire.get(name, {}).get("S")) for name in ("pk", "sk"))


def _filled(request: Mapping[str, Any], expression: str) -> str:
    names = request.get("ExpressionAttributeNames", {})
    values = request.get("ExpressionAttributeValues", {})

    def meant(match: re.Match[str]) -> str:
        text = match[0]
        return _short(values[text]) if text in values else str(names.get(text, text))

    return f"[{_PLACEHOLDER.sub(meant, expression)}]"


def _short(value: Mapping[str, Any]) -> str:
    ((kind, content),) = value.items()
    if kind == "B":
        return f"<{len(content)} bytes>"
    return str(content)[:_LONGEST_TEXT]
