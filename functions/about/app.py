"""What the API says of itself; and the end of every path that leads nowhere."""

from typing import Any

from typing_extensions import TypedDict

from quarterhour import __version__
from quarterhour.http.answers.forms import Answer, answer
from quarterhour.http.api import Api
from quarterhour.http.document import document

api = Api(has_table=False)


class Health(TypedDict):
    """That the API answers, and its version."""

    status: str
    version: str


class OpenApi(TypedDict):
    """An OpenAPI 3.1 document."""

    openapi: str
    info: dict[str, Any]
    servers: list[dict[str, Any]]
    tags: list[dict[str, Any]]
    paths: dict[str, Any]
    components: dict[str, Any]


@api.route(
    "GET /health",
    Health,
    name="getHealth",
    tag="Service",
    summary="Whether the API answers",
)
def get_health() -> Answer:
    """Return 200 while the API is up; the table is not asked."""
    return answer(Health(status="ok", version=__version__))


@api.route(
    "GET /openapi.json",
    OpenApi,
    name="getOpenApi",
    tag="Service",
    summary="This document",
)
def get_document() -> Answer:
    """Return the OpenAPI 3.1 document of the whole API."""
    return answer(document())


handler = api.handler()
