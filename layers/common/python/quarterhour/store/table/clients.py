"""boto3's clients and sessions, all of them made here.

boto3 is imported with the first of them: what only posts and reads needs none (wire.py).
"""

import os
from collections.abc import Mapping
from importlib import import_module
from typing import Any

_CREDENTIALS = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token")


def client(service: str, environ: Mapping[str, str] = os.environ, **config: Any) -> Any:
    """Return a client of a service, for the region and the credentials of `environ`.

    An endpoint that AWS_ENDPOINT_URL_<SERVICE> names is used before all else, then LocalStack where
    LOCALSTACK_HOST is set, which gets no credentials of ours. `config` is botocore's.
    """
    from botocore.config import Config  # noqa: PLC0415  see above

    named = {} if localstack_host(service, environ) else {"endpoint_url": _named(service, environ)}
    return session(service, environ).client(service, config=Config(**config), **named)


def session(service: str, environ: Mapping[str, str] = os.environ) -> Any:
    """Return the session whose credentials a client of the service has: boto3's or LocalStack's."""
    region = region_of(environ)
    if host := localstack_host(service, environ):
        # No part of the layer: nobody sets LOCALSTACK_HOST on Lambda.
        localstack = import_module("localstack_client.session")
        return localstack.Session(localstack_host=host, region_name=region or "us-east-1")
    import boto3  # noqa: PLC0415  see above

    own: dict[str, Any] = {name: environ.get(name.upper()) for name in _CREDENTIALS}
    return boto3.Session(region_name=region, **own)


def region_of(environ: Mapping[str, str]) -> str | None:
    """Return the region that `environ` names."""
    return environ.get("AWS_DEFAULT_REGION") or environ.get("AWS_REGION") or None


def localstack_host(service: str, environ: Mapping[str, str]) -> str | None:
    """Return the host of LocalStack where that is to be used for a service."""
    return None if _named(service, environ) else environ.get("LOCALSTACK_HOST") or None


def _named(service: str, environ: Mapping[str, str]) -> str | None:
    return environ.get(f"AWS_ENDPOINT_URL_{service.upper()}") or None
