"""The one place that turns errors into the error body: `{"error": sentence, "details": [...]}`."""

from collections.abc import Mapping
from typing import Any, NotRequired, cast

from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError
from typing_extensions import TypedDict

from quarterhour.errors import BadRequest, Detail, QuarterhourError
from quarterhour.http.answers import Answer, answer


class RefusedDetail(TypedDict):
    """One thing that is wrong: which reading (`index`), which field or parameter, and why."""

    index: NotRequired[int]
    field: NotRequired[str]
    reason: str


class Refused(TypedDict):
    """The error body."""

    error: str
    details: NotRequired[list[RefusedDetail]]


# Pydantic's own words, where they are about Python and not about JSON.
_REASONS = {
    "missing": "is required",
    "model_attributes_type": "must be an object",
    "model_type": "must be an object",
    "float_type": "must be a number",
    "int_type": "must be a whole number",
    "list_type": "must be a list",
}


def refusal(error: QuarterhourError) -> Answer:
    """Return the answer an error stands for, with its status and headers."""
    body = Refused(error=error.message)
    if error.details:
        body["details"] = [_named(detail) for detail in error.details]
    return answer(body, error.status, error.headers)


def bad_shape(error: RequestValidationError) -> BadRequest:
    """Return what the models found wrong, each with its reading (`index`) and field."""
    details = [_detail(found) for found in error.errors()]
    readings = {detail.index for detail in details if detail.index is not None}
    if not readings:
        fields = ", ".join(dict.fromkeys(detail.field or "body" for detail in details))
        return BadRequest(f"The request is not valid: see {fields}.", details)
    bad = "reading is" if len(readings) == 1 else "readings are"
    return BadRequest(f"Nothing was stored: {len(readings)} {bad} not valid.", details)


def _detail(found: Mapping[str, Any]) -> Detail:
    """Return pydantic's place, as ("body", "data", 3, "value"), as index and field."""
    names = [part for part in found["loc"][1:] if isinstance(part, str)]
    indexes = [part for part in found["loc"][1:] if isinstance(part, int)]
    return Detail(
        _reason(found), names[-1] if names else None, indexes[0] if indexes and names else None
    )


def _named(detail: Detail) -> RefusedDetail:
    known = {"index": detail.index, "field": detail.field, "reason": detail.reason}
    return cast("RefusedDetail", {name: said for name, said in known.items() if said is not None})


def _reason(found: Mapping[str, Any]) -> str:
    """Return pydantic's message as part of a sentence."""
    if found["type"] in _REASONS:
        return _REASONS[found["type"]]
    return str(found["msg"]).removeprefix("Value error, ").replace("Input should", "must")
