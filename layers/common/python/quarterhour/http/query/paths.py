"""The ids in paths: what is none is an unknown house or device, so 404."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Path
from pydantic import BeforeValidator, WithJsonSchema

from quarterhour.errors import NotFound

MAX_ID = 2**53 - 1


def path_id(given: Any, what: str) -> int:
    """Return an id written in ASCII digits; NotFound names `what` there is not.

    >>> path_id("12", "house")
    12
    """
    is_id = given.isascii() and given.isdigit() and len(given) <= len(str(MAX_ID))
    if not is_id or int(given) > MAX_ID:
        raise NotFound(f"There is no {what} {given[:40]}.")
    return int(given)


_AN_ID = WithJsonSchema({"type": "integer", "minimum": 0, "maximum": MAX_ID})

HouseId = Annotated[
    int,
    Path(description="The house."),
    BeforeValidator(lambda given: path_id(given, "house")),
    _AN_ID,
]
DeviceId = Annotated[
    int,
    Path(description="The device."),
    BeforeValidator(lambda given: path_id(given, "device")),
    _AN_ID,
]
