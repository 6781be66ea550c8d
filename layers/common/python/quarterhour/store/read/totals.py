"""Period totals in the rows of days and months that a view wants (semantics, rule 2)."""

from collections.abc import Sequence

from quarterhour.energy.aggregate import folded
from quarterhour.energy.period_totals import Total, shares, with_totals
from quarterhour.query.rows import Grain, RowQuery
from quarterhour.sites.virtual_meters import Meter
from quarterhour.store.read.rows import RowsOfMeter
from quarterhour.time.calendar import Zone


class SpreadTotals:
    """The totals of a house, and what is read for the rows that they belong to."""

    def __init__(self, zone: Zone, totals: Sequence[Total]) -> None:
        self._zone = zone
        self._totals = totals

    def needed(self, query: RowQuery) -> list[RowQuery]:
        """Return what is read: the rows themselves, or where totals belong to them, their days.

        After the days of a meter made of several devices come those of each device: a total counts
        for no day in which any of them has interval data.
        """
        meter, grain, *asked = query
        if grain.is_within_days or not self._of(meter):
            return [query]
        return [RowQuery(one, Grain.DAY, *asked) for one in (meter, *meter.parts)]

    def put_to(self, query: RowQuery, read: Sequence[RowsOfMeter]) -> RowsOfMeter:
        """Return the rows with the totals, from what was read of what was needed."""
        meter, grain, *asked = query
        rows, *of_devices = read
        totals = self._of(meter)
        if grain.is_within_days or not totals:
            return rows
        sums = {one for part in meter.devices for one in part.measures if not one.quantity.is_gauge}
        measured = {
            one: {row.start_ms for of in of_devices for row in of.get(one, ())} for one in sums
        }
        devices = [one.source.device for one in meter.devices]
        by_day = {one: {row.start_ms: row for row in rows.get(one, ())} for one in sums}
        found = with_totals(by_day, shares(totals, self._zone, *asked), devices, measured)
        counted = {one: [*found[one].values()] for one in rows if one in found}
        days: RowsOfMeter = {**rows, **counted}
        if grain is Grain.DAY:
            return days
        return {one: folded(of, self._zone.month_of) for one, of in days.items()}

    def _of(self, meter: Meter) -> list[Total]:
        own = {(part.source.device, one) for part in meter.devices for one in part.measures}
        return [one for one in self._totals if (one.device, one.measure) in own]
