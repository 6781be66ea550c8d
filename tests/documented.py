"""What the OpenAPI document says: operations, schemas, and whether a value is as one wants it."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from openapi_schema_validator import OAS31Validator

from local.commands.openapi import PATH

METHODS = {"get", "put", "post", "delete", "patch"}

DOCUMENT: dict[str, Any] = json.loads(PATH.read_text(encoding="utf-8"))


class Operation(NamedTuple):
    """An operation: `str` of it reads as `GET /data`."""

    method: str
    path: str
    said: Mapping[str, Any]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def parameters(self) -> list[Mapping[str, Any]]:
        return list(self.said.get("parameters", ()))


def operations() -> list[Operation]:
    """Return all operations."""
    return [
        Operation(method.upper(), path, said)
        for path, item in DOCUMENT["paths"].items()
        for method, said in item.items()
        if method in METHODS
    ]


def operation(method: str, target: str) -> Operation:
    """Return the operation that serves a request; a literal path comes before one of variables."""
    path = target.partition("?")[0].removesuffix("/")
    fitting = [
        one
        for one in operations()
        if one.method == method and re.fullmatch(re.sub(r"{\w+}", "[^/]+", one.path), path)
    ]
    return min(fitting, key=lambda one: one.path.count("{"))


def schemas(said: Any = DOCUMENT) -> Iterator[Mapping[str, Any]]:
    """Yield every object of the document: schemas are some of them."""
    if isinstance(said, dict):
        yield said
    for one in said.values() if isinstance(said, dict) else said if isinstance(said, list) else ():
        yield from schemas(one)


def faults(value: Any, schema: Mapping[str, Any]) -> list[str]:
    """Return how a value is not as a schema of the document wants it."""
    whole = {**schema, "components": DOCUMENT["components"]}
    checked = OAS31Validator(whole, format_checker=OAS31Validator.FORMAT_CHECKER)
    return [f"{one.json_path}: {one.message}" for one in checked.iter_errors(value)]
