"""Period totals in the rows of days and months that a view wants (semantics, rule 2)."""

from collections.abc import Iterable, Iterator, Sequence

from quarterhour.energy.aggregate import Profiles, folded
from quarterhour.energy.period_totals import LONGEST_MS, Total, shares, span, with_totals
from quarterhour.energy.profile import profile
from quarterhour.energy.readings import Series
from quarterhour.query.rows import Grain, RowQuery
from quarterhour.sites.house import House
from quarterhour.sites.virtual_meters import Meter
from quarterhour.store.table import period_totals
from quarterhour.store.table.calls import Calls
from quarterhour.time import cuts
from quarterhour.time.instants import LAST_MS


class SpreadTotals:
    """The totals of a house as one request sees them, and what is read for the rows they are in.

    Those of the range that is asked for are read, in one query.
    """

    def __init__(self, calls: Calls, house: House) -> None:
        self._calls = calls
        self._house = house
        self._early: list[Total] | None = None
        self._range = 0, 0
        self._totals: list[Total] = []

    def read(self, queries: Iterable[RowQuery]) -> None:
        """Read the totals that rows of queries may have."""
        edges = [
            edge for _, grain, *interval in queries if not grain.is_within_days for edge in interval
        ]
        if not edges:
            return
        start_ms, end_ms = min(edges), max(edges)
        begin, end = self._range
        if not begin <= start_ms <= end_ms <= end:
            self._range = start_ms, end_ms
            self._totals = [*self._within(start_ms, end_ms)]

    def _within(self, start_ms: int, end_ms: int) -> Iterator[Total]:
        """Yield the totals that may have days in [start_ms, end_ms), by instant."""
        dated: Iterable[Total] = ()
        if self._house.has_totals:
            dated = period_totals.within(self._calls, self._house.owner, start_ms, end_ms)
        if not self._house.has_early_totals:
            return iter(dated)
        # One that was posted again replaces what an earlier release stored.
        by_key = {_key(total): total for total in (*self._early_totals(), *dated)}
        return iter([by_key[key] for key in sorted(by_key)])

    def _early_totals(self) -> Sequence[Total]:
        """Return all totals that earlier releases stored, by instant; read once."""
        if self._early is None:
            is_some = self._house.has_early_totals
            totals = period_totals.early(self._calls, self._house.owner) if is_some else ()
            self._early = sorted(totals, key=_key)
        return self._early

    def needed(self, query: RowQuery) -> list[RowQuery]:
        """Return what is read: the rows themselves, or where totals belong to them, their days.

        After the days of a meter made of several devices come those of each device: a total counts
        for no day in which any of them has interval data.
        """
        if not self._of(query):
            return [query]
        meters = query.meter, *query.meter.parts
        return [query._replace(meter=meter, grain=Grain.DAY) for meter in meters]

    def put_to(self, query: RowQuery, parts: Sequence[Profiles]) -> Profiles:
        """Return the rows with the totals, from what was read of what was needed."""
        meter, grain, *interval = query
        found, *of_devices = parts
        totals = self._of(query)
        if not totals:
            return found
        sums = {
            measure
            for device in meter.devices
            for measure in device.measures
            if not measure.quantity.is_gauge
        }
        measured = {
            measure: {
                day for device in of_devices if measure in device for day in device[measure].starts
            }
            for measure in sums
        }
        devices = [device.source.device for device in meter.devices]
        days = {measure: found.get(measure, profile()) for measure in sums}
        zone = self._house.zone
        # A share is of a whole day: one that the range cuts has none.
        whole_days = interval[0], zone.day_of(interval[1])
        counted = with_totals(days, shares(totals, zone, *whole_days), devices, measured)
        completed = {measure: counted.get(measure, rows) for measure, rows in found.items()}
        if grain is Grain.DAY:
            return completed
        return {
            measure: folded(days, cuts.months(days.starts, zone))
            for measure, days in completed.items()
        }

    def next_day(self, meters: Iterable[Meter], at_ms: int) -> int | None:
        """Return the first instant from `at_ms` on in the days of a total; None without any."""
        measured = _measured(*meters)
        for total in self._within(at_ms, LAST_MS):
            begin, end = span(total.start_ms, total.period, self._house.zone)
            if end > at_ms and (total.device, total.measure) in measured:
                return max(begin, at_ms)
        return None

    def end(self, meters: Iterable[Meter]) -> int | None:
        """Return an instant from which on no total has days; None without any total."""
        measured, owner = _measured(*meters), self._house.owner
        dated = period_totals.newest_first(self._calls, owner) if self._house.has_totals else ()
        newest = (
            next((total for total in totals if (total.device, total.measure) in measured), None)
            for totals in (dated, reversed(self._early_totals()))
        )
        return max((total.start_ms + LONGEST_MS for total in newest if total), default=None)

    def _of(self, query: RowQuery) -> list[Total]:
        """Return the totals that were read of what a query's meter measures."""
        if query.grain.is_within_days:
            return []
        measured = _measured(query.meter)
        return [total for total in self._totals if (total.device, total.measure) in measured]


def _key(total: Total) -> tuple[int, str, str]:
    return total.start_ms, total.device, total.measure.channel


def _measured(*meters: Meter) -> set[tuple[str, Series]]:
    """Return what each device of meters measures."""
    return {
        (device.source.device, measure)
        for meter in meters
        for device in meter.devices
        for measure in device.measures
    }
