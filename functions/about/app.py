"""What the API says of itself: its health, its document, and what is not there."""

import json
import re
from pathlib import Path

from typing_extensions import TypedDict

from quarterhour import __version__
from quarterhour.errors import MethodNotAllowed, NotFound
from quarterhour.http.answers import Answer, answer
from quarterhour.http.api import Api

_DOCUMENT = Path(__file__).with_name("openapi.json")


def unrouted(method: str, path: str) -> Answer:
    """Refuse a request that has no route: the path is unknown, or takes other methods."""
    for known, operations in json.loads(_DOCUMENT.read_text())["paths"].items():
        if re.fullmatch(re.sub(r"\\{[^}]*}", "[^/]+", re.escape(known)), path):
            allowed = sorted(name.upper() for name in operations)
            raise MethodNotAllowed(f"{method} is not possible here.", allowed)
    raise NotFound("There is nothing at this path.")


api = Api(unrouted)


class Health(TypedDict):
    """That the API answers, and its version."""

    status: str
    version: str


@api.get("/health", summary="Whether the API answers", responses=api.documented(Health))
def get_health() -> Answer:
    """Answer 200 while the API is up; the table is not asked."""
    return answer(Health(status="ok", version=__version__))


@api.get("/openapi.json", summary="This document", responses=api.documented(dict))
def get_document() -> Answer:
    """Return the OpenAPI 3.1 document of the whole API."""
    return answer(json.loads(_DOCUMENT.read_text()))


handler = api.handler()
