"""Which hosts the laptop's server answers for.

A page of another site can have its own name resolve to 127.0.0.1 once it is loaded (DNS rebinding).
For the browser the server then is that page's own site, and CORS keeps nothing from it; only the
name in the request tells.
"""

import re
from collections.abc import Mapping
from http import HTTPStatus

from local.gateway.answer import Answer, error

OWN = frozenset({"127.0.0.1", "localhost", "[::1]"})

_NAME = re.compile(r"\[[0-9a-f:.]+\]|[a-z0-9]([a-z0-9._-]*[a-z0-9])?")
_WITH_PORT = re.compile(r"(\[[^]]*\]|[^:]*)(:[0-9]*)?")
_MOST_SHOWN = 100


def named(text: str) -> frozenset[str]:
    """Return the hosts of `name[,name]` and our own; ValueError where one is no name."""
    names = frozenset(name.strip().lower() for name in text.split(",") if name.strip())
    if not all(_NAME.fullmatch(name) for name in names):
        raise ValueError(text)
    return OWN | names


def refusal(answered: frozenset[str], target: str, headers: Mapping[str, str]) -> Answer | None:
    """Return the refusal of a request for a host that is not answered; None where it is.

    `target` may name a host, too: then both have to be among those that are `answered`.
    """
    if "host" not in headers:
        return error(HTTPStatus.BAD_REQUEST, "The request has no Host header.")
    for host in (headers["host"], *_authority(target)):
        parts = _WITH_PORT.fullmatch(host.lower())
        if parts is None or parts[1] not in answered:
            return error(HTTPStatus.FORBIDDEN, _sentence(parts[1] if parts else ""))
    return None


def _sentence(name: str) -> str:
    # It goes into a command: only what is a name may be copied from there.
    known = _NAME.fullmatch(name) and len(name) <= _MOST_SHOWN
    shown = name if known else "<name>"
    return f"This host is not answered here: `make start HOST={shown}` allows it."


def _authority(target: str) -> list[str]:
    scheme, _, rest = target.partition("://")
    return [] if scheme.startswith("/") or not rest else [rest.partition("/")[0]]
