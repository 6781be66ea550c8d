"""What a client takes: gzip, CSV (RFC 9110, 12.5); and answers packed for those who do."""

import zlib
from base64 import b64encode
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from quarterhour.errors import BadRequest, Detail

# Shorter answers are hardly smaller when packed.
LEAST_PACKED_BYTES = 1024
# Lambda takes answers of 6 MB.
MAX_PACKED_BYTES = 5_800_000
# The fastest: level 9 takes ten times as long for a sixth less.
_LEVEL = 1
_CSV, _JSON = "text/csv", "application/json"
_GZIP_CONTAINER = 31


def takes_gzip(event: Mapping[str, Any]) -> bool:
    """Return whether a client takes gzip, and does not like better what is not packed."""
    weights = _weights(event["headers"].get("accept-encoding", ""))
    gzip = weights.get("gzip", weights.get("x-gzip", weights.get("*", 0.0)))
    return gzip > 0 and gzip >= weights.get("identity", 0.0)


def with_form(event: dict[str, Any]) -> dict[str, Any]:
    """Return the event of a client that likes CSV best with `format=csv`; what it says, counts."""
    query = event.get("rawQueryString", "")
    names = {name for name, _ in parse_qsl(query, keep_blank_values=True)}
    if "format" in names or not _likes_csv(event["headers"].get("accept", "")):
        return event
    parameters = {**(event.get("queryStringParameters") or {}), "format": "csv"}
    return {
        **event,
        "rawQueryString": f"{query}&format=csv" if query else "format=csv",
        "queryStringParameters": parameters,
    }


def _likes_csv(accept: str) -> bool:
    weights = _weights(accept)
    others = max(weights.get(kind, 0.0) for kind in ("text/*", "application/*", "*/*"))
    csv = weights.get(_CSV, 0.0)
    return csv > weights.get(_JSON, 0.0) and csv >= others


def _weights(header: str) -> dict[str, float]:
    """Return how much a client likes what it names; what has no weight that can be read has 0."""
    weights = dict[str, float]()
    for part in header.lower().split(","):
        name, *parameters = (text.strip() for text in part.split(";"))
        weight = next((text[2:] for text in parameters if text.startswith("q=")), "1")
        try:
            weights[name] = float(weight) if len(weight) <= len("0.000") else 0.0
        except ValueError:
            weights[name] = 0.0
    return weights


def packed(event: Mapping[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
    """Return an answer as the client takes it; BadRequest where it is too long even so."""
    body = answer.get("body") or ""
    if len(body) <= LEAST_PACKED_BYTES:
        return answer
    headers = {**answer["headers"], "Vary": "Accept, Accept-Encoding"}
    if not takes_gzip(event):
        return {**answer, "headers": headers}
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP_CONTAINER)
    text = b64encode(packer.compress(body.encode()) + packer.flush()).decode()
    if len(text) > MAX_PACKED_BYTES:
        reason = f"an earlier one: an answer has at most {MAX_PACKED_BYTES:,} bytes"
        raise BadRequest("The answer would be too long, packed too.", [Detail(reason, "end")])
    return {
        **answer,
        "headers": {**headers, "Content-Encoding": "gzip"},
        "body": text,
        "isBase64Encoded": True,
    }
