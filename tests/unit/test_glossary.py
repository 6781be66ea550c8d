"""The glossary names every module and public class of the package, and no name means two things.

Classes that only give the shape of a request's or an answer's JSON need no row of their own: the
row that names their module is theirs.
"""

import importlib
import inspect
from collections import Counter
from collections.abc import Iterator

import pytest
from pydantic import BaseModel
from typing_extensions import is_typeddict

from tests.pages import ROOT, headings, spans, table

GLOSSARY = ROOT / "docs" / "glossary.md"
PACKAGE = ROOT / "layers" / "common" / "python" / "quarterhour"
HEADINGS = headings(GLOSSARY)
ROWS = [row for heading in HEADINGS for row in table(GLOSSARY, heading)]
Name = tuple[str, str]  # of a class: its module's path, and its own


def modules() -> Iterator[str]:
    """Yield the paths of the modules with code of their own, which a bare `__init__` has not."""
    for path in PACKAGE.rglob("*.py"):
        if path.name != "__init__.py" or "\ndef " in path.read_text("utf-8"):
            yield str(path.relative_to(PACKAGE))


def classes(module: str) -> Iterator[type]:
    """Yield the public classes that a module defines."""
    name = module.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    content = importlib.import_module(f"quarterhour.{name}")
    for _, found in inspect.getmembers(content, inspect.isclass):
        if found.__module__ == content.__name__ and not found.__name__.startswith("_"):
            yield found


def is_shape(found: type) -> bool:
    """Return whether a class only gives the shape of some JSON."""
    return is_typeddict(found) or issubclass(found, BaseModel)


def named(row: dict[str, str]) -> Iterator[Name]:
    """Yield what a row names: modules, with "" for the class, and classes with their modules."""
    module = ""
    for span in spans(row["in the code"]):
        if span.endswith(".py"):
            module = span
            yield module, ""
        else:
            yield module, span


NAMED = Counter(name for row in ROWS for name in named(row))
CLASSES = {
    (module, found.__name__): is_shape(found) for module in modules() for found in classes(module)
}


@pytest.mark.parametrize("heading", HEADINGS)
def test_a_table_is_sorted(heading: str) -> None:
    words = [row["word"].casefold() for row in table(GLOSSARY, heading)]
    assert words == sorted(words)


def test_a_word_has_one_row() -> None:
    assert [word for word, rows in Counter(row["word"] for row in ROWS).items() if rows > 1] == []


def test_every_module_is_named() -> None:
    assert {module for module, _ in NAMED} == set(modules())


def test_every_public_class_is_named_in_one_row() -> None:
    rows = {name: count for name, count in NAMED.items() if name[1]}
    assert rows == {name: 1 for name, shape in CLASSES.items() if not shape or name in rows}


def test_a_public_name_is_of_one_class() -> None:
    names = Counter(name for _, name in CLASSES)
    assert [name for name, count in names.items() if count > 1] == []
