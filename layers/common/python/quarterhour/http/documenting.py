"""What the OpenAPI document says beside the routes' own types: answers, tags, what is required."""

from http import HTTPStatus
from typing import Any

from pydantic import TypeAdapter

from quarterhour.http.refusals import Refused

# What can be answered to any request of the table, and to what writes to it besides.
READ = (HTTPStatus.BAD_REQUEST, HTTPStatus.SERVICE_UNAVAILABLE)
WRITE = (
    *READ,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
)

# In the schema of a parameter that is required, though no missing one is refused before an unknown
# house is: so it has a default for Python, and the document must not say so.
REQUIRED = {"x-required": True}

_ABOUT = {
    "description": "Exact 15-minute energy of ships and houses from readings of any spacing.",
    "license": {"name": "Apache License 2.0", "identifier": "Apache-2.0"},
}
_TAGS = {
    "Ships": "Readings of ships, and the energy each of them used.",
    "Fleet": "The energy of all ships, and which of them used most.",
    "Houses": "Houses, their devices, circuits and budgets, and readings of the devices.",
    "Values": "What devices, circuits and sensors of a house measured, page by page.",
    "Views": "The performance of a house: use against budget, generation, water, degree days.",
    "Service": "Whether the API answers, and this document.",
}
_SAID = {
    200: "What was asked for, or what was stored.",
    201: "It is new, and stored.",
    400: "The request is not valid; `details` say where.",
    403: "A page of another site may not write.",
    404: "There is no such ship, house or part of a house.",
    413: "More than one request may carry.",
    415: "The body is not JSON in UTF-8, or packed in another way than by gzip.",
    503: "The table is busy; the request may be sent again.",
}
_RETRY_AFTER = {
    "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}},
}
_REFERENCE = "#/components/schemas/{model}"
_OF_422 = {"HTTPValidationError", "ResponseValidationError", "ValidationError"}


class Documenting:
    """The answers of one function's routes, and its document with what Powertools cannot be told.

    Shapes are only named to the routes: Powertools would make models of them with the first
    request, and no answer is checked by them.
    """

    def __init__(self) -> None:
        self._shapes: set[type] = set()

    def documented(self, shape: type, *statuses: int, csv: bool = False) -> dict[int, Any]:
        """Return the answers of a route for its OpenAPI document: 200, and those named."""
        self._shapes |= {shape, Refused}
        found = {int(status): _answer(status, shape) for status in (HTTPStatus.OK, *statuses)}
        if csv:
            found[HTTPStatus.OK]["content"]["text/csv"] = {"schema": {"type": "string"}}
        return found

    def finished(self, document: dict[str, Any]) -> dict[str, Any]:
        """Return the document; 422, which Powertools has in it, is never answered."""
        for methods in document["paths"].values():
            for operation in methods.values():
                operation["responses"].pop("422", None)
                for parameter in operation.get("parameters", ()):
                    parameter["required"] |= parameter["schema"].pop(*REQUIRED, False)
        described = document.get("components", {}).get("schemas", {})
        of_bodies = {name: one for name, one in described.items() if name not in _OF_422}
        return {
            **document,
            "info": {**document["info"], **_ABOUT},
            "tags": [{"name": name, "description": said} for name, said in _TAGS.items()],
            "components": {"schemas": {**self._schemas(), **of_bodies}},
        }

    def _schemas(self) -> dict[str, Any]:
        shapes = [TypeAdapter[Any](shape) for shape in self._shapes]
        _, found = TypeAdapter.json_schemas(
            [(nth, "validation", shape) for nth, shape in enumerate(shapes)],
            ref_template=_REFERENCE,
        )
        schemas: dict[str, Any] = found["$defs"]
        return schemas


def _answer(status: int, shape: type) -> dict[str, Any]:
    answered = shape if status < HTTPStatus.BAD_REQUEST else Refused
    headers = {"headers": _RETRY_AFTER} if status == HTTPStatus.SERVICE_UNAVAILABLE else {}
    schema = {"$ref": _REFERENCE.format(model=answered.__name__)}
    return {
        "description": _SAID[status],
        **headers,
        "content": {"application/json": {"schema": schema}},
    }
