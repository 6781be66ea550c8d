"""The lines of a CSV body as the readings of a JSON body, each under the number of its line.

What an answer has beside its figures is understood (`<channel>_coverage`) or left alone (`device`,
`net`): so what a GET gives can be posted.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from quarterhour.energy.readings import MAX_READINGS
from quarterhour.errors import TooLarge
from quarterhour.http.csv_body import TIMES, CsvLine, CsvTable
from quarterhour.http.ingest.columns import Column
from quarterhour.http.ingest.readings import Faults, Row, rows
from quarterhour.time.calendar import Zone, zone
from quarterhour.time.local_times import instants

VALUE = "value"  # a ship's
_LONGEST_NUMBER = 60
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")

# How much of its interval a value lasts, by line and column; of one that lasts all of it nothing.
Shares = Mapping[tuple[int, str], float]
NO_SHARES: Shares = {}


class CsvRows(NamedTuple):
    """The readings of a CSV body, and how much of their interval they last."""

    rows: Iterable[Row]
    shares: Shares


def csv_rows(table: CsvTable, channels: Mapping[str, Column], faults: Faults) -> CsvRows:
    """Return the values of the columns of these names; other columns are left alone.

    An empty cell is no value, and a line without any no reading. TooLarge for too many values.
    """
    places = {name: place for place, name in enumerate(table.columns) if name in channels}
    if not places:
        faults.add(f"the first line must name a column of {', '.join(sorted(channels))}", "data")
    local = None
    if table.timezone is not None:
        local = faults.parsed(zone, table.timezone, "timezone", None)
        if local is None:
            return CsvRows((), NO_SHARES)
    return _Reader(table, places, channels, faults).read(local)


def rows_of(
    data: Sequence[Any] | CsvTable,
    channels: Mapping[str, Column],
    faults: Faults,
    days_of: Zone | None = None,
) -> CsvRows:
    """Return the readings of a body of either kind; those of a zone may be totals of its days."""
    if isinstance(data, CsvTable):
        return csv_rows(data, channels, faults)
    return CsvRows(rows(data, faults, days_of), NO_SHARES)


class _Reader:
    def __init__(
        self,
        table: CsvTable,
        places: Mapping[str, int],
        channels: Mapping[str, Column],
        faults: Faults,
    ) -> None:
        self._table = table
        self._places = places
        self._channels = channels
        self._faults = faults
        self._time = next(at for at, name in enumerate(table.columns) if name in TIMES)
        all_places = {name: place for place, name in enumerate(table.columns)}
        self._coverages = {
            name: (covered, all_places[covered])
            for name in places
            if (covered := "coverage" if name == VALUE else f"{name}_coverage") in all_places
        }
        self._shares: dict[tuple[int, str], float] = {}

    def read(self, local: Zone | None) -> CsvRows:
        lines = [(line, values) for line in self._table.lines if (values := self._values(line))]
        if sum(len(values) for _, values in lines) > MAX_READINGS:
            raise TooLarge(f"More than {MAX_READINGS} values: post them in parts.")
        texts = [line.cells[self._time].strip() for line, _ in lines]
        are_ends = any(self._channels[name].declared.is_end for name in self._places)
        times = instants(texts, local, are_ends=are_ends)
        found: list[Row] = []
        for (line, values), at in zip(lines, times, strict=True):
            at_ms = at if isinstance(at, int) else None
            if isinstance(at, str):
                self._faults.add(at, "datetime", line.number)
            found.append((line.number, {**values, "values": values}, at_ms, None))
        shared = {name for _, name in self._shares}
        if not all(self._channels[name].declared.interval for name in shared):
            reason = "is needed where a coverage is below 1: that is a share of it"
            self._faults.add(reason, "interval")
        return CsvRows(found, self._shares)

    def _values(self, line: CsvLine) -> dict[str, Any]:
        """Return the values of a line; text where it is no number."""
        count = len(self._table.columns)
        if len(line.cells) < count or any(line.cells[count:]):
            reason = f"has {len(line.cells)} cells, and the first line {count}"
            self._faults.add(reason, "data", line.number)
            return {}
        values: dict[str, Any] = {}
        for name, place in self._places.items():
            if text := line.cells[place].strip():
                values[name] = self._number(text)
                if name in self._coverages:
                    self._cover(line, name)
        return values

    def _number(self, text: str) -> float | str:
        plain = text.replace(",", ".", 1) if self._table.has_commas else text
        is_number = len(plain) <= _LONGEST_NUMBER and _NUMBER.fullmatch(plain)
        return float(plain) if is_number else text

    def _cover(self, line: CsvLine, name: str) -> None:
        covered, place = self._coverages[name]
        text = line.cells[place].strip()
        share = self._number(text) if text else 1.0
        if isinstance(share, str) or not 0 < share <= 1:
            self._faults.add("must be above 0 and at most 1", covered, line.number)
        elif share < 1:
            self._shares[line.number, name] = share
