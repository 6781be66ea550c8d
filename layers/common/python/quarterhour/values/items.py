"""Items of values: one for each device or circuit and each period in which it has any figure."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from quarterhour.energy.aggregate import HOUR, QUARTER_HOURS
from quarterhour.energy.readings import Series
from quarterhour.errors import BadRequest, Detail
from quarterhour.query.intervals import LONG
from quarterhour.query.periods import grouped, period_of, with_data
from quarterhour.query.rows import Figures, Found, Grain, Plan, RowQuery
from quarterhour.sites.virtual_meters import Meter
from quarterhour.time.calendar import Zone
from quarterhour.values.coverage import Coverage

GRAINS = {QUARTER_HOURS: Grain.QUARTER, HOUR: Grain.HOUR}
_LONGEST_FIELD = 100

Id = int | str
# What is told of rows, by their beginnings; figures without data left out.
FiguresFrom = Callable[[Figures, Sequence[int]], Mapping[str, float]]


class Covering(NamedTuple):
    """What the coverage of a figure is called, and the measures that it is the coverage of."""

    name: str
    measures: Sequence[Series]


class Item(NamedTuple):
    """What was measured in the period that begins at `at_ms`, and how much of it is covered."""

    at_ms: int
    id: Id
    figures: Mapping[str, float]
    coverage: Mapping[str, float]


class Section(NamedTuple):
    """A meter, and what is told of its rows, by the ids that are asked for, in their order.

    `covering` says the same of each figure that they may have.
    """

    meter: Meter
    figures_of: Mapping[Id, FiguresFrom]
    covering: Mapping[Id, Mapping[str, Covering]]


def check_fields(fields: Iterable[str], known_fields: Iterable[str]) -> None:
    """Refuse fields that there are not; BadRequest says which there are."""
    names = dict.fromkeys(known_fields)
    unknown = [name for name in fields if name not in names]
    if unknown:
        reason = f"{unknown[0][:_LONGEST_FIELD]!r} is not one of {', '.join(names)}"
        raise BadRequest("There is no such field here.", [Detail(reason, "fields")])


def grain(interval: str) -> Grain:
    """Return the rows that items are made of: days of the range for all but hours and quarters."""
    return GRAINS.get(interval, Grain.DAY)


def plan(sections: Sequence[Section], interval: str, start_ms: int, end_ms: int) -> Plan:
    """Want the rows of all sections; a name is a section's place."""
    return {
        str(place): RowQuery(section.meter, grain(interval), start_ms, end_ms)
        for place, section in enumerate(sections)
    }


def items(sections: Sequence[Section], results: Found, interval: str, zone: Zone) -> list[Item]:
    """Return the items of what was found, by date; those of one date in the order of the ids."""
    unsorted = (
        item
        for place, section in enumerate(sections)
        for item in _of_section(section, results[str(place)], interval, zone)
    )
    return sorted(unsorted, key=lambda item: item.at_ms)


def _of_section(section: Section, found: Figures, interval: str, zone: Zone) -> Iterator[Item]:
    coverage = Coverage(found, grain(interval), zone)
    for rows in _periods(with_data(found), interval, zone):
        period = period_of(rows[0], interval, zone)
        for item_id, figures_of in section.figures_of.items():
            if figures := figures_of(found, rows):
                covering = dict(section.covering[item_id][name] for name in figures)
                shares = {
                    name: coverage.share(measures, rows, period)
                    for name, measures in covering.items()
                }
                yield Item(period[0], item_id, figures, shares)


def _periods(rows: Iterable[int], interval: str, zone: Zone) -> list[list[int]]:
    return grouped(rows, interval, zone) if interval in LONG else [[at] for at in sorted(rows)]
