"""What the OpenAPI document says beside the routes' own types: answers, tags, what is required."""

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any, get_type_hints

from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import TypeAdapter

from quarterhour.http.answers.forms import FORMS
from quarterhour.http.refusals import Refused

# What can be answered by method; what has no table is never busy.
_WRITE = (
    HTTPStatus.OK,
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
)
STATUSES = {
    "DELETE": (HTTPStatus.OK, HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN),
    "GET": (HTTPStatus.OK, HTTPStatus.BAD_REQUEST),
    "POST": _WRITE,
    "PUT": (*_WRITE, HTTPStatus.CREATED),
}

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
    "Service": "Whether the API answers, this document, and what was deleted.",
}
_MEANINGS = {
    200: "What was asked for, or what was stored or deleted.",
    201: "It is new, and stored.",
    400: "The request is not valid; `details` say where.",
    403: "A page of another site may not write.",
    404: "There is no such ship, house or part of a house.",
    413: "More than one request may carry.",
    415: "The body is neither JSON nor CSV in UTF-8, or packed in another way than by gzip.",
    503: "The table is busy; the request may be sent again.",
}
_RETRY_AFTER = {
    "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}},
}
# Readings may be posted in lines, too; what else is to be said is then in the query.
_CSV = {"text/csv": {"schema": {"type": "string"}}}
_REFERENCE = "#/components/schemas/{model}"
_OF_422 = {"HTTPValidationError", "ResponseValidationError", "ValidationError"}


class Documenting:
    """The answers of one function's routes, and its document with what Powertools cannot be told.

    Shapes and models of parameters are only named to the routes: Powertools would make models of
    the shapes with the first request, and no answer is checked by them; of a model's parameters it
    knows little more than their names.
    """

    def __init__(self) -> None:
        self._shapes: set[type] = {Refused}
        self._handlers: dict[str, Callable[..., Any]] = {}

    def described(
        self, handler: Callable[..., Any], name: str, shape: type, statuses: Iterable[int]
    ) -> dict[int, Any]:
        """Return the answers of a handler, whose operation has that name."""
        self._shapes.add(shape)
        self._handlers[name] = handler
        return {int(status): _answer(status, shape) for status in statuses}

    def finished(self, document: dict[str, Any]) -> dict[str, Any]:
        """Return the document; 422, which Powertools has in it, is never answered."""
        described = document.get("components", {}).get("schemas", {})
        queries = set[str]()
        for methods in document["paths"].values():
            for method, operation in methods.items():
                operation["responses"].pop("422", None)
                if method == "post":
                    operation["requestBody"]["content"] |= _CSV
                if query := _query_model(self._handlers[operation["operationId"]]):
                    _describe_query(operation, described[query])
                    queries.add(query)
        body_schemas = {
            name: schema for name, schema in described.items() if name not in {*_OF_422, *queries}
        }
        return {
            **document,
            "info": {**document["info"], **_ABOUT},
            "tags": [{"name": name, "description": text} for name, text in _TAGS.items()],
            "components": {"schemas": {**self._schemas(), **body_schemas}},
        }

    def _schemas(self) -> dict[str, Any]:
        shapes = [TypeAdapter[Any](shape) for shape in self._shapes]
        _, definitions = TypeAdapter.json_schemas(
            [(nth, "validation", shape) for nth, shape in enumerate(shapes)],
            ref_template=_REFERENCE,
        )
        schemas: dict[str, Any] = definitions["$defs"]
        return schemas


def _query_model(handler: Callable[..., Any]) -> str | None:
    """Return the name of the model that a handler has of its query."""
    hints = get_type_hints(handler, include_extras=True).values()
    models = [hint.__origin__.__name__ for hint in hints if _is_query(hint)]
    return next(iter(models), None)


def _is_query(hint: Any) -> bool:
    return any(isinstance(annotation, Query) for annotation in getattr(hint, "__metadata__", ()))


def _describe_query(operation: dict[str, Any], model: dict[str, Any]) -> None:
    """Say of the parameters what the schema of their model does, and which forms answers have."""
    for parameter in operation["parameters"]:
        if parameter["in"] == "query":
            described = {**model["properties"][parameter["name"]]}
            del described["description"]  # the parameter itself has it
            parameter["schema"] = described
            parameter["required"] = parameter["name"] in model.get("required", ())
    if "format" in model["properties"]:
        content = operation["responses"]["200"]["content"]
        for form in FORMS.values():
            content.setdefault(form.media_type, {"schema": {"type": "string"}})


def _answer(status: int, shape: type) -> dict[str, Any]:
    answered = shape if status < HTTPStatus.BAD_REQUEST else Refused
    headers = {"headers": _RETRY_AFTER} if status == HTTPStatus.SERVICE_UNAVAILABLE else {}
    schema = {"$ref": _REFERENCE.format(model=answered.__name__)}
    return {
        "description": _MEANINGS[status],
        **headers,
        "content": {"application/json": {"schema": schema}},
    }
