"""The one place that turns errors into the error body: `{"error": sentence, "details": [...]}`."""

import random
import re
from collections.abc import Mapping
from typing import Any, NotRequired

from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError
from typing_extensions import TypedDict

from quarterhour.errors import BadRequest, Busy, Detail, QuarterhourError, invalid
from quarterhour.http.answers.forms import Answer, answer


class RefusedDetail(TypedDict):
    """One thing that is wrong: which reading (`index`), which field or parameter, and why.

    In a house's catalogue entry and budgets, `field` is the whole way, as `devices[3].role`.
    """

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
    "dict_type": "must be an object",
    "string_type": "must be a string",
    "string_unicode": "must be a string of Unicode characters",
    "bool_type": "must be true or false",
}
# Those who were refused at once are not to come again at once: each up to so much later.
SPREAD_S = 4
_SHOULD = re.compile("^(Input|String|List|Dictionary) should")
_LONGEST_FIELD = 200


def refusal(error: QuarterhourError) -> Answer:
    """Return the answer an error stands for, with its status and headers."""
    body = Refused(error=error.message)
    if error.details:
        body["details"] = [*map(refused_detail, error.details)]
    headers = dict(error.headers)
    if isinstance(error, Busy):
        headers["Retry-After"] = str(error.after_s + random.randint(0, SPREAD_S))
    return answer(body, error.status, headers)


def bad_shape(error: RequestValidationError) -> BadRequest:
    """Return what the models found wrong, each with its place."""
    return invalid([_detail(fault) for fault in error.errors()])


def _detail(fault: Mapping[str, Any]) -> Detail:
    """Return pydantic's place as index and field."""
    # The place is ("query", "parameters", "start") or ("body", "devices", 3, "role").
    depth = 2 if fault["loc"][0] == "query" else 1
    place = [part for part in fault["loc"][depth:] if part != "[key]"]
    index = next((part for part in place if isinstance(part, int)), None)
    steps = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place)
    return Detail(_reason(fault), steps.removeprefix(".")[:_LONGEST_FIELD] or None, index)


def refused_detail(detail: Detail) -> RefusedDetail:
    """Return one thing that is wrong, as answers say it."""
    refused = RefusedDetail(reason=detail.reason)
    if detail.field is not None:
        refused = {"field": detail.field, **refused}
    return refused if detail.index is None else {"index": detail.index, **refused}


def _reason(fault: Mapping[str, Any]) -> str:
    """Return pydantic's message as part of a sentence."""
    if fault["type"] in _REASONS:
        return _REASONS[fault["type"]]
    return _SHOULD.sub("must", str(fault["msg"]).removeprefix("Value error, "))
