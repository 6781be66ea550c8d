"""No test fails because the machine is busy: how long tests wait is one number, and a large one."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
WAITS = {"communicate", "wait", "join"}
CLOCKS = {"monotonic", "perf_counter", "time"}
SHORT = [
    "process.communicate(timeout=30)",
    "process.wait(30)",
    "HTTPConnection(host, timeout=1.5)",
    "deadline = time.monotonic() + 10",
    "assert perf_counter() - began < 2",
    "assert 2 > time.time() - began",
    "gone(children, within_s=1)",
]
PATIENT = [
    "process.communicate(timeout=PATIENCE_S)",
    "deadline = time.monotonic() + PATIENCE_S",
    "', '.join(names)",
    "now_ms = int(time.time() * 1000)",
    "took_s = perf_counter() - began",
    "Function(name, timeout_s=30)",
]


def is_number(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, int | float)


def name(call: ast.AST) -> str:
    """Return what is called, without what it belongs to."""
    function = call.func if isinstance(call, ast.Call) else call
    return getattr(function, "attr", getattr(function, "id", ""))


def is_clock(node: ast.AST) -> bool:
    """Return whether this is a clock's time, or the time since another."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub):
        return is_clock(node.left)
    return isinstance(node, ast.Call) and name(node) in CLOCKS


def is_short(node: ast.AST) -> bool:
    """Return whether this gives a wait, or a clock, a number of its own."""
    match node:
        case ast.Call():
            waits = node.args[:1] if name(node) in WAITS else []
            named = [each.value for each in node.keywords if each.arg in {"timeout", "within_s"}]
            return any(is_number(each) for each in [*waits, *named])
        case ast.BinOp(op=ast.Add()):
            return is_clock(node.left) and is_number(node.right)
        case ast.Compare():
            sides = [node.left, *node.comparators]
            return any(map(is_clock, sides)) and any(map(is_number, sides))
    return False


def short_waits(text: str) -> Iterator[int]:
    """Yield the lines of a source that give a wait a number of its own."""
    yield from (node.lineno for node in ast.walk(ast.parse(text)) if is_short(node))  # type: ignore[attr-defined]


@pytest.mark.parametrize("line", SHORT)
def test_a_short_wait_is_seen(line: str) -> None:
    assert [*short_waits(line)] == [1]


@pytest.mark.parametrize("line", PATIENT)
def test_a_patient_wait_is_none(line: str) -> None:
    assert [*short_waits(line)] == []


def test_no_test_has_a_patience_of_its_own() -> None:
    lines = [
        f"{path.relative_to(TESTS)}:{line}"
        for path in sorted(TESTS.rglob("*.py"))
        for line in short_waits(path.read_text(encoding="utf-8"))
    ]
    assert lines == []
