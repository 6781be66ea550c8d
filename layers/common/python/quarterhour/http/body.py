"""Request bodies: unpacked within limits; strict JSON (one key once, finite numbers), or CSV."""

import json
import zlib
from base64 import b64decode
from collections import Counter
from collections.abc import Mapping
from typing import Any, NoReturn

from quarterhour.errors import BadRequest, Detail, NotJson, TooLarge
from quarterhour.http.csv_body import CsvBody, members

MAX_SENT_BYTES = 4 * 1024 * 1024
MAX_UNPACKED_BYTES = 8 * 1024 * 1024
# A batch has some 20,000 objects; text of many more objects, lists or keys is only memory.
MAX_BRACKETS = 200_000
MAX_COLONS = 400_000
MAX_GZIP_MEMBERS = 100
_JSON = "application/json"
_BODILESS = frozenset({"DELETE", "GET", "HEAD"})
_LONGEST_INTEGER = 25
_STEP_BYTES = 64 * 1024


def unpacked(event: Mapping[str, Any]) -> dict[str, Any]:
    """Return the event with its body as text; NotJson, TooLarge or BadRequest where it cannot be.

    Bodies of a GET or a DELETE are none of ours and are dropped.
    """
    headers, text = event["headers"], None
    method = event["requestContext"]["http"]["method"]
    if event.get("body") and method not in _BODILESS:
        is_csv = _is_csv(headers.get("content-type", ""), method)
        content = b64decode(event["body"]) if event["isBase64Encoded"] else event["body"].encode()
        text = _text(content, headers.get("content-encoding", "identity").strip().lower())
        if is_csv:
            text = CsvBody(text)
            text.query = event.get("rawQueryString", "")
    json_headers = {**headers, "content-type": _JSON}
    return {**event, "headers": json_headers, "body": text, "isBase64Encoded": False}


def _text(content: bytes, encoding: str) -> str:
    if len(content) > MAX_SENT_BYTES:
        raise TooLarge("The body is larger than 4 MB.")
    try:
        return _decoded(content, encoding).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadRequest("The body is not UTF-8.") from None


def parse(text: str) -> dict[str, Any]:
    """Return the object of a JSON text; BadRequest where it is not strictly JSON, or no object.

    Of a CSV text what is the like.
    """
    if isinstance(text, CsvBody):
        return members(text)
    if text.count("[") + text.count("{") > MAX_BRACKETS or text.count(":") > MAX_COLONS:
        raise TooLarge("The body has more objects, lists or keys than a batch can have.")
    try:
        value = json.loads(
            text,
            object_pairs_hook=_object,
            parse_int=_integer,
            parse_constant=_no_constant,
        )
    except RecursionError:
        raise BadRequest("The body is nested too deeply.") from None
    except json.JSONDecodeError as error:
        raise BadRequest(f"The body is not JSON: {error.msg} at character {error.pos}.") from None
    if not isinstance(value, dict):
        raise BadRequest("The body must be a JSON object.")
    return value


def _is_csv(content_type: str, method: str) -> bool:
    """Return whether a body is CSV, which a POST may have; NotJson where it is not JSON either."""
    media_type, *parameters = (part.strip().lower() for part in content_type.split(";"))
    is_json = media_type == "application/json" or (
        media_type.startswith("application/") and media_type.endswith("+json")
    )
    charsets = [part for part in parameters if part.startswith("charset=")]
    is_csv = method == "POST" and media_type == "text/csv"
    if not (is_json or is_csv) or any(part.strip('"') not in _UTF8 for part in charsets):
        raise NotJson("The body must be JSON in UTF-8: send Content-Type: application/json.")
    return is_csv


_UTF8 = {"charset=utf-8", "charset=utf8", 'charset="utf-8', 'charset="utf8'}


def _decoded(content: bytes, encoding: str) -> bytes:
    if encoding in {"", "identity"}:
        return content
    if encoding not in {"gzip", "x-gzip"}:
        raise NotJson("Content-Encoding may be gzip or none.")
    try:
        return _gunzipped(content)
    except zlib.error:
        raise BadRequest("The body is not valid gzip.") from None


def _gunzipped(content: bytes) -> bytes:
    """Unpack one or more gzip members in small steps, so that a bomb is stopped where it starts."""
    unzipped = bytearray()
    for _ in range(MAX_GZIP_MEMBERS):
        member = zlib.decompressobj(wbits=31)
        while not member.eof:
            step = member.decompress(content, _STEP_BYTES)
            content = member.unconsumed_tail
            if not (step or content or member.eof):
                raise zlib.error("cut short")
            unzipped += step
            if len(unzipped) > MAX_UNPACKED_BYTES:
                raise TooLarge("The body is larger than 8 MB when unpacked.")
        content = member.unused_data
        if not content:
            return bytes(unzipped)
    raise zlib.error("too many members")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        twice, _ = Counter(name for name, _ in pairs).most_common(1)[0]
        raise BadRequest(
            "A key is given twice in one object.",
            [Detail("is given twice in one object", twice[:100])],
        )
    return members


def _integer(digits: str) -> int | float:
    """Return the integer; beyond any limit of ours as a float, as int() would take long."""
    return int(digits) if len(digits) <= _LONGEST_INTEGER else float(digits)


def _no_constant(name: str) -> NoReturn:
    raise BadRequest(f"The body is not JSON: {name} is not a JSON number.")
