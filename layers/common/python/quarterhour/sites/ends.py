"""Where a site's readings begin and end."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from quarterhour.energy.quantities import Quantity
from quarterhour.energy.readings import Reading


class ListedShip(NamedTuple):
    """A ship, when it was registered, and the instant of its newest reading, if it has any."""

    id: int
    created_ms: int
    newest_ms: int | None


class Newest(NamedTuple):
    """A newest reading and its quantity: energy where there is power at the same instant."""

    reading: Reading
    quantity: Quantity


@dataclass(frozen=True, slots=True)
class Ends:
    """The instant of the oldest reading, and by channel the newest ones; without any, None."""

    oldest_ms: int | None = None
    newest: Mapping[str, Newest] = field(default_factory=dict)

    @property
    def newest_ms(self) -> int | None:
        """The instant of the newest reading of all."""
        return max((newest.reading.at_ms for newest in self.newest.values()), default=None)
