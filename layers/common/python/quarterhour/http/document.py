"""The API's own OpenAPI document (`make openapi` writes it), and what it knows of paths."""

import json
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

from quarterhour.errors import MethodNotAllowed, NotFound

PATH = Path(__file__).with_name("openapi.json")


@lru_cache(maxsize=1)
def document() -> dict[str, Any]:
    """Return the document of the whole API."""
    found: dict[str, Any] = json.loads(PATH.read_text(encoding="utf-8"))
    return found


def check_routed(route_key: str, method: str, path: str) -> None:
    """Refuse what came by `$default` or a greedy route and is no operation of the document.

    NotFound for an unknown path, MethodNotAllowed for one that takes other methods.
    """
    if route_key == f"{method} {path}":
        return
    for known, operations in document()["paths"].items():
        if re.fullmatch(re.sub(r"\\{[^}]*}", "[^/]+", re.escape(known)), path):
            allowed = sorted(name.upper() for name in operations)
            if method in allowed:
                return
            raise MethodNotAllowed(f"{method} is not possible here.", allowed)
    raise NotFound("There is nothing at this path.")
