"""The parameters of deletes, of readings as they are kept, of gaps and of the audit."""

import re
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, Field, WithJsonSchema

from quarterhour.energy.quantities import POWER_AND_ENERGY, Quantity, stored_unit
from quarterhour.http.query.parameters import (
    Channels,
    DryRun,
    Form,
    Instant,
    ShipId,
    text,
)
from quarterhour.query.asked import check_days
from quarterhour.sites.corrections import Correction
from quarterhour.sites.kept import KeptPlace
from quarterhour.sites.sources import Source, ship
from quarterhour.time import instants

MAX_AUDITED = 100  # of a page
BY_TIME, BY_LENGTH = "start", "length"

_AUDIT_ID = re.compile(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:.]{12}Z#[0-9a-f]{8}")
_QUANTITIES = {stored_unit(quantity): quantity for quantity in POWER_AND_ENERGY}
_BY_ANY_CASE = {name.lower(): quantity for name, quantity in _QUANTITIES.items()}


def _quantity(value: Any) -> Quantity:
    if text(value).lower() not in _BY_ANY_CASE:
        raise ValueError(f"must be {' or '.join(_QUANTITIES)}")
    return _BY_ANY_CASE[value.lower()]


def _order(value: Any) -> str:
    if value not in {BY_TIME, BY_LENGTH}:
        raise ValueError(f"must be '{BY_TIME}' or '{BY_LENGTH}'")
    return text(value)


def _place(value: Any) -> str:
    return KeptPlace.read(text(value)).text


def _audit_id(value: Any) -> str:
    if not _AUDIT_ID.fullmatch(text(value)):
        raise ValueError("must be as the `next` of a page has it")
    return str(value)


Units = Annotated[
    Quantity | None,
    Field(description="Only power or only energy; when left out, both."),
    BeforeValidator(_quantity),
    WithJsonSchema({"type": "string", "enum": [*_QUANTITIES]}),
]
AfterPlace = Annotated[
    str | None,
    Field(description="Where the page before ended: `next` has it."),
    BeforeValidator(_place),
    WithJsonSchema({"type": "string"}),
]
Order = Annotated[
    str,
    Field(description="By time, or the longest first."),
    BeforeValidator(_order),
    WithJsonSchema({"type": "string", "enum": [BY_TIME, BY_LENGTH]}),
]


def names(channels: str | None) -> tuple[str, ...]:
    """Return the names of channels that a parameter has; none: all."""
    return tuple(channels.split(",")) if channels else ()


class _Between(BaseModel):
    start: Instant
    end: Instant

    @property
    def interval(self) -> tuple[int, int]:
        """The range; BadRequest where it runs backwards or is too long."""
        check_days(self.start, self.end)
        return self.start, self.end


class _OfShip(BaseModel):
    spaceship_id: ShipId


class _Kept(_Between):
    after: AfterPlace = None
    form: Form = "json"

    @property
    def place(self) -> KeptPlace | None:
        """Where the page before ended."""
        return KeptPlace.read(self.after) if self.after else None


class _Gaps(_Between):
    order: Order = BY_TIME
    form: Form = "json"


class ShipDeletion(_Between, _OfShip):
    """What is to be deleted of a ship; or only to be counted."""

    units: Units = None
    dry_run: DryRun = False

    @property
    def correction(self) -> Correction:
        """What is to be deleted; BadRequest where the range is none, or too long."""
        return Correction(ship(self.spaceship_id), *self.interval, self.units)


class DeviceDeletion(_Between):
    """What is to be deleted of a device; or only to be counted."""

    channels: Channels = None
    dry_run: DryRun = False

    def correction(self, source: Source) -> Correction:
        """Return what is to be deleted; BadRequest where the range is none, or too long."""
        return Correction(source, *self.interval, channels=names(self.channels))


class KeptOfShip(_Kept, _OfShip):
    """A page of a ship's readings as they are kept."""


class KeptOfDevice(_Kept):
    """A page of a device's readings as they are kept."""


class GapsOfShip(_Gaps, _OfShip):
    """The gaps of a ship in a range."""


class GapsOfDevice(_Gaps):
    """The gaps of a device in a range, of some channels or all."""

    channels: Channels = None

    @property
    def names(self) -> tuple[str, ...]:
        """The channels that are named; none: all."""
        return names(self.channels)


class AuditParameters(BaseModel):
    """Which corrections: those that began at an instant or later, and after where a page ended."""

    since: Annotated[
        int | None,
        Field(description="As any time; absent: as long as corrections are kept, 400 days."),
        BeforeValidator(lambda value: instants.parse_query(text(value))),
        WithJsonSchema({"type": "string", "format": "date-time"}),
    ] = None
    after: Annotated[
        str | None,
        Field(description="Where the page before ended: `next` has it."),
        BeforeValidator(_audit_id),
        WithJsonSchema({"type": "string"}),
    ] = None
