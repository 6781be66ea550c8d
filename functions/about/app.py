"""What the API says of itself; and the end of every path that leads nowhere."""

from typing_extensions import TypedDict

from quarterhour import __version__
from quarterhour.http.answers import Answer, answer
from quarterhour.http.api import Api
from quarterhour.http.document import document

api = Api()


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
    return answer(document())


handler = api.handler()
