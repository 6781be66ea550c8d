"""Where a request came to: the beginning of the absolute URLs in its answer."""

from collections.abc import Mapping
from typing import Any


def origin(event: Mapping[str, Any]) -> str:
    """Return scheme and host as the client used them; header names are lower-case.

    >>> context = {"domainName": "abc.execute-api.eu-central-1.amazonaws.com"}
    >>> origin({"headers": {"x-forwarded-proto": "https"}, "requestContext": context})
    'https://abc.execute-api.eu-central-1.amazonaws.com'
    >>> there = {"host": "127.0.0.1:3000", "x-forwarded-proto": "http"}
    >>> origin({"headers": there, "requestContext": {"domainName": "127.0.0.1"}})
    'http://127.0.0.1:3000'
    """
    return f"{event['headers'].get('x-forwarded-proto', 'https')}://{host(event)}"


def host(event: Mapping[str, Any]) -> str:
    """Return the host, and its port where it is not the scheme's, as the client used them."""
    name: str = event["headers"].get("host", event["requestContext"]["domainName"])
    return name
