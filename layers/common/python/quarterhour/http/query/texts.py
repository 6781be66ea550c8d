"""Parameters of questions about a house: read as text, and checked when house and view are known.

So an unknown house is a 404 whatever else is wrong, and what a view does not have is ignored.
"""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Path, Query
from pydantic import WithJsonSchema

from quarterhour.energy.aggregate import QUARTER_HOURS
from quarterhour.http.documenting import REQUIRED
from quarterhour.query.asked import INTERVALS

_A_DATE = {
    "type": "string",
    "pattern": r"^20[0-9]{2}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?$",
}
_A_DURATION = {"type": "string", "pattern": "^[0-9]{1,3}(hour|day|month|year)s?$"}

IntervalText = Annotated[
    str | None,
    Query(description="The period of an item. Required."),
    WithJsonSchema({"type": "string", "enum": [*INTERVALS], **REQUIRED}),
]
StartText = Annotated[
    str | None,
    Query(description="The first local day: `2013`, `2013-01` or `2013-01-05`. Empty: open."),
    WithJsonSchema(_A_DATE),
]
EndText = Annotated[
    str | None,
    Query(description="The local day after the last. Empty: open."),
    WithJsonSchema(_A_DATE),
]
DurationText = Annotated[
    str | None,
    Query(description="In the place of `end`, from `start` on: `1day`, `12months`."),
    WithJsonSchema(_A_DURATION),
]
CircuitText = Annotated[
    str | None,
    Query(description="Of `usage`: `summary`, `all`, `all_other` or a circuit; default `summary`."),
    WithJsonSchema({"type": "string"}),
]
BaseText = Annotated[
    str | None,
    Query(description="Of `basetemp` and `usage`: base temperature, degF; default 65."),
    WithJsonSchema({"type": "number"}),
]
LocationText = Annotated[
    str | None,
    Query(description="Of `temperature`: the id of a device with a temperature; default 0."),
    WithJsonSchema({"type": "integer", "minimum": 0}),
]
ValueInterval = Annotated[
    str | None,
    Query(description="The period of an item. Required."),
    WithJsonSchema({"type": "string", "enum": [QUARTER_HOURS, *INTERVALS], **REQUIRED}),
]
FieldsText = Annotated[
    str | None,
    Query(description="Those of an item's figures that are wanted, as `used,net`; default all."),
    WithJsonSchema({"type": "string"}),
]
AfterText = Annotated[
    str | None,
    Query(description="Where the page before ended: `next` has it."),
    WithJsonSchema({"type": "string"}),
]
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
DefaultInterval = Annotated[
    str,
    Query(description="`months` (the default) or `days`."),
    WithJsonSchema({"type": "string", "enum": ["months", "days"]}),
]
