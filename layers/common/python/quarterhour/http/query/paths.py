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


def device_ids(text: str) -> list[int]:
    """Return the ids of `1,2`, each once; NotFound for what is none."""
    return list(dict.fromkeys(path_id(one, "device") for one in text.split(",")))


def circuit_ids(text: str) -> list[str]:
    """Return the ids of `ashp,stove`, each once."""
    return list(dict.fromkeys(text.split(",")))


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
# Read when the house is known: one that is not is a 404 whatever its devices.
DeviceIds = Annotated[
    str,
    Path(description="Devices: `1` or `1,2`."),
    WithJsonSchema({"type": "string", "pattern": "^[0-9]+(,[0-9]+)*$"}),
]
CircuitIds = Annotated[
    str,
    Path(
        description="Circuits: `ashp` or `ashp,used`; also `used`, `solar`, `adjusted_load`, "
        "`all_other`."
    ),
    WithJsonSchema({"type": "string", "pattern": "^[a-z0-9_]+(,[a-z0-9_]+)*$"}),
]
