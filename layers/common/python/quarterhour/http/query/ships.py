"""The parameters of questions about ships: one model a question, in the order of its faults."""

from pydantic import BaseModel

from quarterhour.energy.aggregate import QUARTER_HOURS
from quarterhour.http.query.parameters import (
    AfterId,
    Count,
    Form,
    Instant,
    IntervalName,
    OptionalInstant,
    ShipId,
    ShipLimit,
)

DEFAULT_SHIPS = 100


class FleetParameters(BaseModel):
    """A range, the interval of its rows and the form of the answer."""

    start: Instant
    end: Instant
    interval: IntervalName = QUARTER_HOURS
    form: Form = "json"


class _Ship(BaseModel):
    spaceship_id: ShipId


class ShipParameters(FleetParameters, _Ship):
    """A ship, and what is asked of the fleet: pydantic has the fields of the last base first."""


class ShipListParameters(BaseModel):
    """A page of the list of ships: those of ids above `after`."""

    after: AfterId = None
    limit: ShipLimit = DEFAULT_SHIPS


class TopParameters(BaseModel):
    """How many ships of which window."""

    count: Count = 3
    start: OptionalInstant = None
    end: OptionalInstant = None
    form: Form = "json"
