"""What is answered when a batch is stored."""

from collections.abc import Mapping, Sequence

from typing_extensions import TypedDict

from quarterhour.energy.readings import Reading, Series
from quarterhour.energy.warnings import BatchWarning
from quarterhour.http.answers.forms import Answer, Time, answer
from quarterhour.sites.batch import Batch
from quarterhour.time.instants import iso

Before = Mapping[Series, Sequence[Reading]]


class Warned(TypedDict):
    """Something accepted that looks wrong; docs/semantics.md, "Warnings", has the codes."""

    code: str
    message: str
    index: int


class Saved(TypedDict):
    """What was stored: how many distinct instants, the first and the last of them, and doubts."""

    message: str
    spaceship_id: int
    accepted: int
    start: Time
    end: Time
    warnings: list[Warned]


class HouseSaved(TypedDict):
    """What was stored: how many distinct instants have values, the first and last, and doubts."""

    message: str
    house_id: int
    device: int
    accepted: int
    start: Time
    end: Time
    warnings: list[Warned]


def saved(spaceship_id: int, batch: Batch, before: Before) -> Answer:
    """Return the answer to a ship's batch; `before` is what its bucket held, where known."""
    return answer(
        Saved(
            message=f"Data saved successfully for ship {spaceship_id}",
            spaceship_id=spaceship_id,
            accepted=batch.instants,
            start=iso(batch.start_ms),
            end=iso(batch.end_ms),
            warnings=[_warned(warning) for _, warning in batch.warnings(before)],
        )
    )


def saved_of_house(house_id: int, batch: Batch, before: Before) -> Answer:
    """Return the answer to the batch of a house's device, whose warnings name the channel."""
    device_id = batch.device.id
    return answer(
        HouseSaved(
            message=f"Data saved successfully for device {device_id} of house {house_id}",
            house_id=house_id,
            device=device_id,
            accepted=batch.instants,
            start=iso(batch.start_ms),
            end=iso(batch.end_ms),
            warnings=[
                _warned(warning, f"{channel}: " if channel else "")
                for channel, warning in batch.warnings(before)
            ],
        )
    )


def _warned(warning: BatchWarning, prefix: str = "") -> Warned:
    return Warned(code=warning.code, message=prefix + warning.message, index=warning.index)
