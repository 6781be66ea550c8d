"""The project's pages as tests read them: fenced blocks, tables, links, named constants."""

import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
PAGES = sorted([README, *(ROOT / "docs").rglob("*.md")])

_FENCE = re.compile(r"^```(.*)\n((?:(?!```).*\n)*)```$", re.MULTILINE)
_SPAN = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\[[^]]*\]\(([^)\s]+)\)")
_CONSTANT = re.compile(r"`([a-z_.]+\.[A-Z][A-Z_]+)(?:\[(\w+)\])?`")
_VALUED = re.compile(_CONSTANT.pattern + r"\s\(([\d,.e-]+)")

Row = dict[str, str]


class Fence(NamedTuple):
    """A fenced block: what stands after the backquotes, the text in it, and where it begins."""

    info: str
    text: str
    line: int


def fences(page: Path) -> list[Fence]:
    """Return a page's fenced blocks in order."""
    text = page.read_text(encoding="utf-8")
    return [
        Fence(found[1], found[2], text.count("\n", 0, found.start()) + 1)
        for found in _FENCE.finditer(text)
    ]


def headings(page: Path) -> list[str]:
    """Return a page's headings below its title."""
    return re.findall(r"^##+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)


def section(page: Path, heading: str) -> str:
    """Return the text under a heading, down to the next one of any level."""
    _, found, rest = page.read_text(encoding="utf-8").partition(f"# {heading}\n")
    assert found, f"{page.name} has no heading {heading!r}"
    return _FENCE.sub("", rest).partition("\n#")[0]


def table(page: Path, heading: str) -> list[Row]:
    """Return the rows of the first table under a heading, by column."""
    return rows_of(section(page, heading))


def rows_of(text: str) -> list[Row]:
    """Return the rows of the first table in a text, by column."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    columns, _, *rows = (re.split(r"(?<!\\)\|", line.strip().strip("|")) for line in lines)
    names = [name.strip() for name in columns]
    return [dict(zip(names, (_cell(cell) for cell in row), strict=True)) for row in rows]


def prose(page: Path) -> str:
    """Return a page without its fenced blocks."""
    return _FENCE.sub("", page.read_text(encoding="utf-8"))


def spans(text: str) -> Iterator[str]:
    """Yield what stands between backquotes."""
    yield from _SPAN.findall(text)


def links(page: Path) -> Iterator[str]:
    """Yield the targets of a page's links."""
    yield from _LINK.findall(prose(page))


def constants(text: str) -> list[tuple[str, str]]:
    """Return the constants named as `module.NAME` or `module.NAME[key]`: name and key."""
    return _CONSTANT.findall(text)


def constants_with_values(text: str) -> list[tuple[str, str, str]]:
    """Return the constants whose value is given behind the name, in brackets: name, key, value."""
    return _VALUED.findall(text)


def constant(name: str, key: str) -> Any:
    """Return the package's constant of that name, or what it has under the key."""
    module, _, attribute = name.rpartition(".")
    value = getattr(importlib.import_module(f"quarterhour.{module}"), attribute)
    return value[key] if key else value


def plain(number: str) -> float:
    """Return a number as the pages write it: 20,000."""
    return float(number.rstrip(".,").replace(",", ""))


def _cell(text: str) -> str:
    return text.strip().replace("\\|", "|")
