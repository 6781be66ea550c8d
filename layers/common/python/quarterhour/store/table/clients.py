"""The clients of AWS, all of them made here."""

import os
from collections.abc import Mapping
from importlib import import_module
from typing import Any

import boto3
from botocore.config import Config

_CREDENTIALS = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token")


def client(
    service: str, config: Config | None = None, environ: Mapping[str, str] = os.environ
) -> Any:
    """Return a client of a service, for the region and the credentials of `environ`.

    An endpoint that AWS_ENDPOINT_URL_<SERVICE> names is used before all else, then LocalStack where
    LOCALSTACK_HOST is set, which gets no credentials of ours.
    """
    endpoint = environ.get(f"AWS_ENDPOINT_URL_{service.upper()}")
    region = environ.get("AWS_DEFAULT_REGION")
    if not endpoint and (host := environ.get("LOCALSTACK_HOST")):
        # No part of the layer: nobody sets LOCALSTACK_HOST on Lambda.
        localstack = import_module("localstack_client.session")
        where = localstack.Session(localstack_host=host, region_name=region or "us-east-1")
        return where.client(service, config=config)
    own: dict[str, Any] = {name: environ.get(name.upper()) for name in _CREDENTIALS}
    session: Any = boto3.Session(region_name=region, **own)
    return session.client(service, endpoint_url=endpoint or None, config=config)
