"""What a view asks for and what it is given: rows of figures by quarter hour up to month."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from quarterhour.energy.aggregate import DAY, HOUR, MONTH, QUARTER_HOURS
from quarterhour.energy.profile import Profile, Row
from quarterhour.energy.readings import Series
from quarterhour.sites.virtual_meters import Meter


class Grain(StrEnum):
    """The rows that are asked for."""

    QUARTER = QUARTER_HOURS
    HOUR = HOUR
    DAY = DAY
    MONTH = MONTH

    @property
    def is_within_days(self) -> bool:
        """Whether rows are shorter than days; period totals are in none of these."""
        return self in {Grain.QUARTER, Grain.HOUR}


class RowQuery(NamedTuple):
    """Rows of a meter in [start_ms, end_ms); days and months are the house's own.

    Hours and days may be cut by any instant; `end_ms` and `start_ms` are the beginnings of local
    months for months.
    """

    meter: Meter
    grain: Grain
    start_ms: int
    end_ms: int


# What a view needs, each under a name of its own.
Plan = Mapping[str, RowQuery]


@dataclass(frozen=True, slots=True)
class Figures:
    """The rows of a query: by measure, by the beginning of the period, ascending.

    Sums are kWh, gallons or degree days; a period without data has no row. `profiles` are the same
    rows, for those who ask how much of them is covered.
    """

    sums: Mapping[Series, Mapping[int, float]] = field(default_factory=dict)
    gauges: Mapping[Series, Mapping[int, Row]] = field(default_factory=dict)
    profiles: Mapping[Series, Profile] = field(default_factory=dict)

    @property
    def only_sum(self) -> Mapping[int, float]:
        """The rows of the only measure; none where there is no such meter."""
        return next(iter(self.sums.values()), {})

    @property
    def only_gauge(self) -> Mapping[int, Row]:
        """The rows of the only gauge; none where there is no such meter."""
        return next(iter(self.gauges.values()), {})


Found = Mapping[str, Figures]
