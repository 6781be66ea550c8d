"""The service's table on the engine: made when it is missing."""

from collections.abc import Mapping
from typing import Any

from quarterhour.store.table.clients import client


def ensure(endpoint: str, environment: Mapping[str, str], definition: Mapping[str, Any]) -> bool:
    """Create the table of `definition` (CreateTable's arguments) unless it is there.

    `environment` is the functions' and has the region and credentials. True when it was made now.
    """
    dynamodb = client("dynamodb", {**environment, "AWS_ENDPOINT_URL_DYNAMODB": endpoint})
    try:
        dynamodb.create_table(**definition)
    except dynamodb.exceptions.ResourceInUseException:
        return False
    finally:
        dynamodb.close()
    return True
