"""Answers of deletes, and the audit of what was deleted."""

from collections.abc import Iterable
from typing import NotRequired

from typing_extensions import TypedDict

from quarterhour.energy.quantities import stored_unit
from quarterhour.http.answers.forms import Answer, Time, answer
from quarterhour.http.answers.values import next_url
from quarterhour.sites.corrections import Audited, Correction
from quarterhour.sites.sources import house_id, is_of_house, ship_id
from quarterhour.time.instants import iso


class ShipDeleted(TypedDict):
    """How many readings of a ship were deleted; where `dry_run` is true, would be."""

    spaceship_id: int
    start: Time
    end: Time
    deleted: int
    dry_run: bool


class DeviceDeleted(TypedDict):
    """How many values and period totals of a device were deleted; if `dry_run`, would be."""

    house_id: int
    device: int
    start: Time
    end: Time
    deleted: int
    dry_run: bool


class AuditedCorrection(TypedDict):
    """A delete: who began it when, of what, and how much was planned and `done`.

    `done` is absent while it runs, and where it was cut short: then some of it may be done.
    """

    id: str
    at: Time
    who: str
    spaceship_id: NotRequired[int]
    house_id: NotRequired[int]
    device: NotRequired[int]
    start: Time
    end: Time
    units: NotRequired[str]
    channels: NotRequired[list[str]]
    planned: int
    done: NotRequired[int]


class Corrections(TypedDict):
    """A page of corrections, the oldest first; `next` is the URL of the page after it."""

    corrections: list[AuditedCorrection]
    next: NotRequired[str]


def ship_deleted(correction: Correction, deleted: int, *, dry_run: bool) -> Answer:
    """Return the answer to a delete of a ship's readings."""
    return answer(
        ShipDeleted(
            spaceship_id=ship_id(correction.source),
            start=iso(correction.start_ms),
            end=iso(correction.end_ms),
            deleted=deleted,
            dry_run=dry_run,
        )
    )


def device_deleted(correction: Correction, deleted: int, *, dry_run: bool) -> Answer:
    """Return the answer to a delete of the readings of a house's device."""
    return answer(
        DeviceDeleted(
            house_id=house_id(correction.source.owner),
            device=int(correction.source.device),
            start=iso(correction.start_ms),
            end=iso(correction.end_ms),
            deleted=deleted,
            dry_run=dry_run,
        )
    )


def corrections(page: Iterable[Audited], origin: str, query: str, *, more: bool) -> Answer:
    """Return a page of corrections; with `more` it says where the next one is."""
    listed = [_audited(audited) for audited in page]
    found = Corrections(corrections=listed)
    if more:
        found["next"] = next_url(f"{origin}/audit", query, listed[-1]["id"])
    return answer(found)


def _audited(audited: Audited) -> AuditedCorrection:
    source, start_ms, end_ms, quantity, channels = audited.correction
    found = AuditedCorrection(
        id=audited.id,
        at=iso(audited.at_ms),
        who=audited.who,
        start=iso(start_ms),
        end=iso(end_ms),
        planned=audited.planned,
    )
    if is_of_house(source):
        found |= {"house_id": house_id(source.owner), "device": int(source.device)}
    else:
        found["spaceship_id"] = ship_id(source)
    if quantity:
        found["units"] = stored_unit(quantity)
    if channels:
        found["channels"] = [*channels]
    if audited.done is not None:
        found["done"] = audited.done
    return found
