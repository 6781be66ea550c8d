"""The shapes of what is put about a house: its catalogue entry, its budgets."""

from http import HTTPStatus
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from quarterhour.errors import BadRequest, Detail
from quarterhour.http.answers.forms import Answer, answer
from quarterhour.http.ingest.catalogue_fields import (
    Area,
    Description,
    Factor,
    Figure,
    Id,
    Interval,
    Label,
    Month,
    Name,
    Priority,
    Quantity,
    TimeZone,
    Word,
)

MAX_DEVICES = 100
MAX_CHANNELS = 100
MAX_CIRCUITS = 200


class ChannelEntry(BaseModel):
    """A channel: what it measures; `signed` values (energy and power) may be negative.

    `interval` and `label` are those of its readings where a POST says nothing; what is posted is
    multiplied by `factor`. A change of these three is for what is posted later.
    """

    model_config = ConfigDict(strict=True)

    quantity: Quantity
    signed: bool = False
    interval: Interval | None = None
    label: Label | None = None
    factor: Factor | None = None


class DeviceEntry(BaseModel):
    """A meter or sensor, with its channels in the order in which circuits are shown.

    Where several give one figure, the one of the highest `priority` (by default its id) counts.
    """

    model_config = ConfigDict(strict=True)

    id: Id
    name: Name
    channels: Annotated[dict[Word, ChannelEntry], Field(max_length=MAX_CHANNELS)]
    location: Word | None = None
    role: Word | None = None
    priority: Priority | None = None


class CircuitEntry(BaseModel):
    """A name for a circuit."""

    model_config = ConfigDict(strict=True)

    circuit_id: Word
    name: Name
    description: Description = ""


class Areas(BaseModel):
    """Areas in square feet."""

    model_config = ConfigDict(strict=True)

    iga: Area | None = None
    ciga: Area | None = None
    ega: Area | None = None


class CatalogueEntry(BaseModel):
    """A house, its devices and its circuits."""

    model_config = ConfigDict(strict=True)

    name: Name
    sname: Name
    timezone: TimeZone
    areas: Areas = Field(default_factory=Areas)
    devices: Annotated[list[DeviceEntry], Field(max_length=MAX_DEVICES, repr=False)]
    circuits: Annotated[list[CircuitEntry], Field(max_length=MAX_CIRCUITS, repr=False)] = Field(
        default_factory=list
    )

    def entry(self) -> dict[str, Any]:
        """Return what was put, less what is not known here."""
        return self.model_dump(mode="json", exclude_unset=True)


class MonthBudget(BaseModel):
    """What a month shall come to: kWh (solar negative), degree days, gallons."""

    model_config = ConfigDict(strict=True)

    month: Month
    solar: Figure | None = None
    used: Figure | None = None
    hdd: Figure | None = None
    water: Figure | None = None


class Budgets(BaseModel):
    """Budgets of months; each of them replaces the one that there is for its month."""

    model_config = ConfigDict(strict=True)

    budgets: Annotated[list[MonthBudget], Field(min_length=1, repr=False)]

    def by_month(self) -> dict[str, dict[str, Any]]:
        """Return each month's budget; BadRequest where a month has two that differ."""
        months: dict[str, dict[str, Any]] = {}
        clashes = []
        for index, budget in enumerate(self.budgets):
            figures = budget.model_dump(mode="json", exclude_unset=True, exclude={"month"})
            if months.setdefault(budget.month, figures) != figures:
                reason = f"there is another budget for {budget.month}"
                clashes.append(Detail(reason, f"budgets[{index}].month", index))
        if clashes:
            raise BadRequest("A month has two budgets that differ.", clashes)
        return months


class KeptBudgets(TypedDict):
    """All budgets of a house, by month."""

    budgets: list[MonthBudget]


class Version(TypedDict):
    """What was stored, and how often it was: version 1 is new."""

    house_id: int
    version: int


def stored(house_id: int, version: int) -> Answer:
    """Return the answer to something put: 201 where it is new."""
    status = HTTPStatus.CREATED if version == 1 else HTTPStatus.OK
    return answer(Version(house_id=house_id, version=version), status)
