"""The API's OpenAPI document: the functions' own ones, merged into the layer's openapi.json.

`python -m local.commands.openapi` writes it, `--check` only says whether it is up to date
(exit code 1).
"""

import json
import sys
from collections.abc import Iterable, Mapping
from typing import Any

from local import template
from local.runtime.functions import LAYER, module

PATH = LAYER / "quarterhour" / "http" / "openapi.json"


class ConflictError(Exception):
    """Two functions describe one thing differently; the text names it."""


def merged(documents: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Merge OpenAPI documents of one title and version.

    A path's methods may be spread over functions. ConflictError where two documents differ about
    the same operation, component or heading.
    """
    result: dict[str, Any] = {}
    for document in documents:
        _into(result, document, ())
    return result


def _into(result: dict[str, Any], more: Mapping[str, Any], where: tuple[str, ...]) -> None:
    for key, value in more.items():
        place = (*where, key)
        if _is_whole(place) or not isinstance(value, dict):
            if result.setdefault(key, value) != value:
                raise ConflictError(f"functions disagree about {' '.join(place)}")
        else:
            _into(result.setdefault(key, {}), value, place)


def _is_whole(where: tuple[str, ...]) -> bool:
    """Return whether this is described by one function: an operation, a component."""
    return len(where) > 2 and where[0] in {"paths", "components"}  # noqa: PLR2004


def document() -> str:
    """Make the text of openapi.json from the functions of template.yaml."""
    loaded = template.load()
    folder = template.ROOT / "functions"
    routed = sorted({route.function for route in loaded.routes})
    documents = [module(folder, name).api.openapi() for name in routed]
    return json.dumps(merged(documents), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def main(arguments: list[str]) -> int:
    """Write the document, or with `--check` compare it; 1 when it differs."""
    text = document()
    if "--check" not in arguments:
        PATH.write_text(text, encoding="utf-8")
        return 0
    if PATH.exists() and PATH.read_text(encoding="utf-8") == text:
        return 0
    print(f"{PATH.name} is not what the functions say: run make openapi", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
