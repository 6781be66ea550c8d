"""The API's own OpenAPI document (`make openapi` writes it), and what it knows of paths."""

import json
import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

from quarterhour.errors import MethodNotAllowed, NotFound

PATH = Path(__file__).with_name("openapi.json")

# What can stand for a `{name}` of a path: anything but a slash and control characters.
_SEGMENT = r"[^/\x00-\x1f\x7f]+"


@lru_cache(maxsize=1)
def document() -> dict[str, Any]:
    """Return the document of the whole API."""
    openapi: dict[str, Any] = json.loads(PATH.read_text(encoding="utf-8"))
    return openapi


def check_routed(method: str, path: str) -> None:
    """Refuse what is no operation of the document: `$default` and greedy routes take any path.

    NotFound for an unknown path, MethodNotAllowed for one that takes other methods. What takes GET
    takes HEAD.
    """
    allowed = next((methods for pattern, methods in _operations() if pattern.fullmatch(path)), None)
    if allowed is None:
        raise NotFound("There is nothing at this path.")
    if method not in allowed:
        raise MethodNotAllowed(f"{method} is not possible here.", allowed)


@lru_cache(maxsize=1)
def _operations() -> list[tuple[re.Pattern[str], list[str]]]:
    """Return what each path of the document looks like, and the methods it takes."""
    return [
        (
            re.compile(re.sub(r"\\{[^}]*}", lambda _: _SEGMENT, re.escape(path))),
            _methods(operations),
        )
        for path, operations in document()["paths"].items()
    ]


def _methods(operations: Iterable[str]) -> list[str]:
    methods = {name.upper() for name in operations}
    return sorted(methods | {"HEAD"} if "GET" in methods else methods)
