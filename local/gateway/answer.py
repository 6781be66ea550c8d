"""What a function returned, as the answer an HTTP API makes of it (payload format 2.0)."""

import base64
import http.client
import json
from collections.abc import Mapping
from typing import Any, NamedTuple

RESPONSE_LIMIT = 6_291_556  # bytes of the function's JSON; what Lambda really allows above 6 MiB

Headers = tuple[tuple[str, str], ...]


class Answer(NamedTuple):
    """An HTTP answer; `headers` without content-length."""

    status: int
    headers: Headers
    body: bytes

    @property
    def reason(self) -> str:
        """The words of the status line."""
        return http.client.responses.get(self.status, "Unknown")


class MalformedResponseError(Exception):
    """The function returned what API Gateway cannot turn into an answer."""


def message(status: int, text: str) -> Answer:
    """Return one of the gateway's own answers: `{"message": "Not Found"}`."""
    body = json.dumps({"message": text}, separators=(",", ":")).encode()
    return Answer(status, (("content-type", "application/json"),), body)


def error(status: int, sentence: str) -> Answer:
    """Return an answer of the local server, in the form that the API's refusals have."""
    body = json.dumps({"error": sentence}).encode()
    return Answer(status, (("content-type", "application/json"),), body)


def interpret(result: Any) -> Answer:
    """Turn a function's return value into an answer.

    Without `statusCode` the value itself is the JSON body of a 200. MalformedResponseError where
    the real gateway answers 500: not JSON, above Lambda's limit, or fields of the wrong type.
    """
    try:
        text = json.dumps(result, ensure_ascii=False)
    except (TypeError, ValueError) as error:
        raise MalformedResponseError(f"the response is not JSON: {error}") from error
    # A character is at least a byte and at most four: most answers need no second look.
    if len(text) * 4 > RESPONSE_LIMIT and len(text.encode()) > RESPONSE_LIMIT:
        raise MalformedResponseError(f"the response is above {RESPONSE_LIMIT} bytes")
    if not isinstance(result, dict) or "statusCode" not in result:
        body = result if isinstance(result, str) else text
        return Answer(200, (("content-type", "application/json"),), body.encode())
    return Answer(_status(result), _headers(result), _body(result))


def _status(result: Mapping[str, Any]) -> int:
    text = str(result["statusCode"])
    if not (text.isascii() and text.isdigit() and 100 <= int(text) <= 599):  # noqa: PLR2004
        raise MalformedResponseError(f"statusCode is {text}")
    return int(text)


def _headers(result: Mapping[str, Any]) -> Headers:
    headers = result.get("headers") or {}
    if not isinstance(headers, dict):
        raise MalformedResponseError("headers are not an object")
    pairs = [(name, _text(value)) for name, value in headers.items() if not _is_ours(name)]
    if result.get("body") and not any(name.lower() == "content-type" for name in headers):
        pairs.append(("content-type", "text/plain;charset=UTF-8"))
    return (*pairs, *(("set-cookie", cookie) for cookie in result.get("cookies") or ()))


def _is_ours(name: str) -> bool:
    return name.lower() in {"content-length", "connection", "transfer-encoding"}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _body(result: Mapping[str, Any]) -> bytes:
    body = result.get("body") or ""
    if not isinstance(body, str):
        raise MalformedResponseError("body is not a string")
    if not result.get("isBase64Encoded"):
        return body.encode()
    try:
        return base64.b64decode(body, validate=True)
    except ValueError as error:
        raise MalformedResponseError(f"body is not base64: {error}") from error
