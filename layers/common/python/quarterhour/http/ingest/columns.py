"""What a batch has of each channel: readings, and totals of periods, in any order."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from quarterhour.energy.quantities import Unit, unit
from quarterhour.energy.readings import MAX_VALUE, Posted, Series
from quarterhour.http.ingest.readings import NUMBERS, Faults, SaidOfAll
from quarterhour.http.query.parameters import text
from quarterhour.sites.site import Channel
from quarterhour.time.calendar import Zone
from quarterhour.time.declared import Declared, Interval
from quarterhour.time.instants import FIRST_MS

# A value with the index of its reading and how long it lasts.
_Kept = tuple[int, float, Interval]

# A tuple's own way, as a batch has thousands.
_posted = partial(tuple.__new__, Posted)


class Column:
    """What a batch has of one channel, in the unit that it is posted in once that is known.

    `declared` is how long its readings last that have no `end` of their own.
    """

    def __init__(self, channel: Channel, declared: Declared, zone: Zone) -> None:
        self.channel = channel
        self.declared = declared
        self.unit: Unit | None = None
        self.is_used = False
        self.too_early: list[int] = []  # places of readings that begin before all time
        self.lacks_interval = False  # though times are where readings end
        self._least = channel.least
        self._same_ms = declared.same_ms
        self._zone = zone
        self._values: dict[int, _Kept] = {}  # by instant
        self._totals: dict[int, _Kept] = {}

    def unit_of(self, name: Any) -> Unit:
        """Return the unit of this name; ValueError if it is none of the channel's."""
        return unit(text(name), self.channel.quantities)

    def fault(self, value: Any) -> str | None:
        """Return what is wrong with a value."""
        if type(value) not in NUMBERS:
            return "must be a number"
        if value < self._least:
            return f"must be greater than or equal to {self._least:.0f}"
        if value > MAX_VALUE:
            return f"must be less than or equal to {MAX_VALUE:.0f}"
        return None

    def keep(self, index: int, at_ms: int, value: float, own: Interval | None) -> str | None:
        """Keep a good value, unless there is another for its instant: return that this is wrong.

        `own` is how long it lasts by its own `end`.
        """
        lasts = self._same_ms if own is None else own
        if lasts is None:
            self.lacks_interval |= not self.declared.interval
            at_ms, lasts = self.declared.laid(at_ms, self._zone)
            if at_ms < FIRST_MS:
                self.too_early.append(index)
        kept = self._totals if isinstance(lasts, str) else self._values
        new = (index, value, lasts)
        first = kept.setdefault(at_ms, new)
        if first is new:
            return None
        place, earlier, lasted = first
        if lasted != lasts:
            return f"the reading at index {place} has another interval from this instant on"
        if earlier == value or (self.unit and self._are_one(earlier, value, self.unit)):
            return None
        return f"the reading at index {place} has another value for this instant"

    def keep_share(self, index: int, at_ms: int, value: float, share: float | None) -> str | None:
        """Keep likewise a value that lasts a share of what its body declares, from its begin on."""
        if share is None:
            return self.keep(index, at_ms, value, None)
        begin_ms, lasts = self.declared.laid(at_ms, self._zone)
        if begin_ms < FIRST_MS:
            self.too_early.append(index)
        own = lasts if isinstance(lasts, str) else max(1, round(lasts * share))
        return self.keep(index, begin_ms, value, own)

    @property
    def totals(self) -> list[int]:
        """The places of the values that are totals of periods."""
        return [index for index, _, _ in self._totals.values()]

    def posted(self, unit: Unit) -> list[Posted]:
        """Return the readings in the stored unit, by instant; -0 is 0."""
        return self._in_order(self._values, unit)

    def posted_totals(self, unit: Unit) -> list[Posted]:
        """Return the totals of periods, likewise."""
        return self._in_order(self._totals, unit)

    def _in_order(self, kept: Mapping[int, _Kept], unit: Unit) -> list[Posted]:
        stored, factor = unit.stored, self.channel.factor
        return [
            _posted((index, at_ms, stored(value * factor) + 0.0, lasts))
            for at_ms, (index, value, lasts) in sorted(kept.items())
        ]

    def _are_one(self, value: float, other: float, unit: Unit) -> bool:
        """Return whether what is stored of two values is the same."""
        factor = self.channel.factor
        return unit.stored(value * factor) == unit.stored(other * factor)


def check_begins(columns: Sequence[Column], said: SaidOfAll, faults: Faults) -> None:
    """Refuse readings of which it is not known where they begin, or that it was before all time."""
    lacking = [column.channel.name for column in columns if column.lacks_interval]
    if lacking and said.is_end:
        faults.add("needs an interval: times are where readings end", "label")
    elif lacking:
        names = ", ".join(lacking)
        faults.add(f"is required: times of {names} are where readings end", "interval")
    for index in sorted({index for column in columns for index in column.too_early}):
        faults.add("begins before the year 2000", "datetime", index)


def series(columns: Iterable[Column]) -> dict[Series, list[Posted]]:
    """Return the readings of the columns that have any, by series."""
    return _of_units(columns, Column.posted)


def periods(columns: Iterable[Column]) -> dict[Series, list[Posted]]:
    """Return the totals of periods of the columns that have any, by series."""
    return _of_units(columns, Column.posted_totals)


def _of_units(
    columns: Iterable[Column], posted_of: Callable[[Column, Unit], list[Posted]]
) -> dict[Series, list[Posted]]:
    return {
        Series(column.channel.name, column.unit.quantity): posted
        for column in columns
        if column.unit and (posted := posted_of(column, column.unit))
    }
