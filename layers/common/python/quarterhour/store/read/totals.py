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
        meter, grain, *stretch = query
        if grain.is_within_days or not self._of(meter):
            return [query]
        return [RowQuery(part, Grain.DAY, *stretch) for part in (meter, *meter.parts)]

    def put_to(self, query: RowQuery, parts: Sequence[RowsOfMeter]) -> RowsOfMeter:
        """Return the rows with the totals, from what was read of what was needed."""
        meter, grain, *stretch = query
        rows, *device_rows = parts
        totals = self._of(meter)
        if grain.is_within_days or not totals:
            return rows
        sums = {
            measure
            for device in meter.devices
            for measure in device.measures
            if not measure.quantity.is_gauge
        }
        measured = {
            measure: {
                row.start_ms for by_measure in device_rows for row in by_measure.get(measure, ())
            }
            for measure in sums
        }
        devices = [device.source.device for device in meter.devices]
        by_day = {measure: {row.start_ms: row for row in rows.get(measure, ())} for measure in sums}
        completed = with_totals(by_day, shares(totals, self._zone, *stretch), devices, measured)
        counted = {
            measure: [*completed[measure].values()] for measure in rows if measure in completed
        }
        days: RowsOfMeter = {**rows, **counted}
        if grain is Grain.DAY:
            return days
        return {
            measure: folded(day_rows, self._zone.month_of) for measure, day_rows in days.items()
        }

    def _of(self, meter: Meter) -> list[Total]:
        own = {
            (device.source.device, measure)
            for device in meter.devices
            for measure in device.measures
        }
        return [total for total in self._totals if (total.device, total.measure) in own]
