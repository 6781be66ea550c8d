"""Where an answer differs from the expected one."""

from typing import Any

DECIMALS = 10**6
MOST = 20


def same(expected: Any, answered: Any, path: str = "") -> list[str]:
    """Return the differences, a line each; none if the two are the same.

    Objects have the same keys, whatever their order; lists the same length and order; texts are
    equal; numbers differ by at most 1e-6 when both are rounded to 6 decimals.
    """
    if _is_number(expected) and _is_number(answered):
        apart = abs(round(expected * DECIMALS) - round(answered * DECIMALS))
        return [f"{path}: expected {expected} vs answered {answered}"] if apart > 1 else []
    if isinstance(expected, dict) and isinstance(answered, dict):
        return _keys(expected, answered, path) + _members(expected, answered, path)
    if isinstance(expected, list) and isinstance(answered, list):
        return _length(expected, answered, path) + _items(expected, answered, path)
    if type(expected) is type(answered) and expected == answered:
        return []
    return [f"{path}: expected {expected!r:.80} vs answered {answered!r:.80}"]


def _is_number(one: Any) -> bool:
    return isinstance(one, int | float) and not isinstance(one, bool)


def _keys(expected: dict[str, Any], answered: dict[str, Any], path: str) -> list[str]:
    missing = [
        f"{path}.{key}: expected {expected[key]!r:.80} vs nothing answered"
        for key in expected
        if key not in answered
    ]
    more = [
        f"{path}.{key}: expected nothing vs answered {answered[key]!r:.80}"
        for key in answered
        if key not in expected
    ]
    return missing + more


def _members(expected: dict[str, Any], answered: dict[str, Any], path: str) -> list[str]:
    both = [key for key in expected if key in answered]
    return [line for key in both for line in same(expected[key], answered[key], f"{path}.{key}")]


def _length(expected: list[Any], answered: list[Any], path: str) -> list[str]:
    if len(expected) == len(answered):
        return []
    return [f"{path}: expected {len(expected)} entries vs answered {len(answered)}"]


def _items(expected: list[Any], answered: list[Any], path: str) -> list[str]:
    """Compare entry by entry; a shifted list would differ everywhere, so it stops at some."""
    found: list[str] = []
    for nth, (one, other) in enumerate(zip(expected, answered, strict=False)):
        if len(found) >= MOST:
            break
        found += same(one, other, f"{path}[{nth}]")
    return found
