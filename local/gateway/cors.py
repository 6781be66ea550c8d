"""CORS as an HTTP API does it: its own headers on answers, and not those of the functions.

An answer to OPTIONS is left as the function gave it. On AWS, `$default` takes OPTIONS, and what
the API then adds is not promised: so here nothing is.
"""

from collections.abc import Mapping

from local.gateway.answer import Answer, Headers
from local.template import Cors


def decorate(cors: Cors, headers: Mapping[str, str], answer: Answer) -> Answer:
    """Replace the function's CORS headers by the configured ones where the origin is allowed."""
    others = [
        header for header in answer.headers if not header[0].lower().startswith("access-control-")
    ]
    return answer._replace(headers=(*others, *_for_answer(cors, headers)))


def _for_answer(cors: Cors, headers: Mapping[str, str]) -> Headers:
    origin = _allowed_origin(cors, headers)
    if origin is None:
        return ()
    values = {
        "access-control-allow-origin": origin,
        "access-control-expose-headers": ",".join(cors.expose_headers),
        "access-control-allow-credentials": "true" if cors.allow_credentials else "",
    }
    return tuple((name, value) for name, value in values.items() if value)


def _allowed_origin(cors: Cors, headers: Mapping[str, str]) -> str | None:
    """Return the value of Access-Control-Allow-Origin, None where there is none to give."""
    origin = headers.get("origin")
    if origin is None:
        return None
    if "*" in cors.allow_origins:
        return "*"
    any_host = {f"{scheme}://*" for scheme in ("http", "https") if origin.startswith(f"{scheme}:")}
    return origin if {origin, *any_host} & set(cors.allow_origins) else None
