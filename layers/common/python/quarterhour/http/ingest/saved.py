"""What is answered when a batch is stored, or when it would be."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, NotRequired

from typing_extensions import TypedDict

from quarterhour.energy.readings import Reading, Series
from quarterhour.energy.warnings import BatchWarning
from quarterhour.http.answers.forms import Answer, Time, answer, number
from quarterhour.http.answers.range import coverage
from quarterhour.http.refusals import RefusedDetail, refused_detail
from quarterhour.sites.batch import Batch
from quarterhour.sites.preview import Preview
from quarterhour.time.calendar import BUCKET_MS
from quarterhour.time.instants import iso

Before = Mapping[Series, Sequence[Reading]]


class Warned(TypedDict):
    """Something accepted that looks wrong; docs/semantics.md, "Warnings", has the codes."""

    code: str
    message: str
    index: int


class MadeBucket(TypedDict):
    """A quarter hour that a batch alone makes: its energy, and its coverage where below 1."""

    datetime: Time
    value: float
    coverage: NotRequired[float]


class MadeValues(TypedDict):
    """The same of a device's channels; of a gauge the mean."""

    datetime: Time
    values: dict[str, float]
    coverage: NotRequired[dict[str, float]]


class _Taken(TypedDict):
    message: str
    accepted: int
    start: Time
    end: Time
    warnings: list[Warned]
    rejected: NotRequired[list[RefusedDetail]]
    rejected_count: NotRequired[int]
    dry_run: NotRequired[bool]


class Saved(_Taken):
    """What was stored: how many distinct instants, the first and the last of them, and doubts.

    Of a partial batch and a dry run also what is not valid (at most 100 are named); of a dry run
    the first 200 quarter hours that the batch alone makes.
    """

    spaceship_id: int
    buckets: NotRequired[list[MadeBucket]]


class HouseSaved(_Taken):
    """The same of the batch of a house's device: distinct instants that have values."""

    house_id: int
    device: int
    buckets: NotRequired[list[MadeValues]]


class How(NamedTuple):
    """How a batch was taken; `preview` is what it makes, in a dry run."""

    partial: bool = False
    preview: Preview | None = None


def saved(spaceship_id: int, batch: Batch, before: Before, how: How) -> Answer:
    """Return the answer to a ship's batch; `before` is what its bucket held, where known."""
    found = how.preview
    buckets = {} if found is None else {"buckets": [*_of_ship(found)]}
    whose = f"ship {spaceship_id}"
    ship = {"spaceship_id": spaceship_id}
    return answer(_taken(batch, before, how, whose, ship) | buckets)


def saved_of_house(house_id: int, batch: Batch, before: Before, how: How) -> Answer:
    """Return the answer to the batch of a house's device, whose warnings name the channel."""
    found, device_id = how.preview, batch.device.id
    buckets = {} if found is None else {"buckets": [*map(_of_device, found, found.values())]}
    whose = f"device {device_id} of house {house_id}"
    device = {"house_id": house_id, "device": device_id}
    return answer(_taken(batch, before, how, whose, device, names_channels=True) | buckets)


def _taken(  # noqa: PLR0913  what was posted, how, and of whom
    batch: Batch,
    before: Before,
    how: How,
    whose: str,
    ids: Mapping[str, int],
    *,
    names_channels: bool = False,
) -> dict[str, Any]:
    """Return what both answers have in common, with the ids of whose it is."""
    is_dry = how.preview is not None
    rejected = {
        "rejected": [*map(refused_detail, batch.rejected.details)],
        "rejected_count": batch.rejected.readings,
    }
    return {
        "message": f"Nothing was stored for {whose}: this is a dry run"
        if is_dry
        else f"Data saved successfully for {whose}",
        **ids,
        "accepted": batch.instants,
        "start": iso(batch.start_ms),
        "end": iso(batch.end_ms),
        "warnings": [
            _warned(warning, f"{channel}: " if names_channels and channel else "")
            for channel, warning in batch.warnings(before)
        ],
        **(rejected if how.partial or is_dry else {}),
        **({"dry_run": True} if is_dry else {}),
    }


def _warned(warning: BatchWarning, prefix: str) -> Warned:
    return Warned(code=warning.code, message=prefix + warning.message, index=warning.index)


def _of_ship(preview: Preview) -> Iterator[MadeBucket]:
    for begin, rows in preview.items():
        for row in rows.values():
            bucket = MadeBucket(datetime=iso(begin), value=number(row.total))
            share = coverage(row.covered, BUCKET_MS)
            yield bucket if share == 1 else {**bucket, "coverage": share}


def _of_device(begin: int, rows: Mapping[str, Any]) -> MadeValues:
    values = {channel: number(row.total) for channel, row in rows.items()}
    shares = {channel: coverage(row.covered, BUCKET_MS) for channel, row in rows.items()}
    partly = {channel: share for channel, share in shares.items() if share < 1}
    made = MadeValues(datetime=iso(begin), values=values)
    return {**made, "coverage": partly} if partly else made
