"""The service's table on the engine: made when it is missing."""

from collections.abc import Mapping
from typing import Any

import boto3


def ensure(endpoint: str, environment: Mapping[str, str], definition: Mapping[str, Any]) -> bool:
    """Create the table of `definition` (CreateTable's arguments) unless it is there.

    `environment` is the functions' and has the region and credentials. True when it was made now.
    """
    session = boto3.Session(
        aws_access_key_id=environment.get("AWS_ACCESS_KEY_ID"),
        aws_secret_access_key=environment.get("AWS_SECRET_ACCESS_KEY"),
        aws_session_token=environment.get("AWS_SESSION_TOKEN"),
        region_name=environment["AWS_REGION"],
    )
    client = session.client("dynamodb", endpoint_url=endpoint)
    try:
        client.create_table(**definition)
    except client.exceptions.ResourceInUseException:
        return False
    finally:
        client.close()
    return True
