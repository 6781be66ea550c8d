"""Profiles as tests say them: buckets by their beginnings, and rows one by one."""

from collections.abc import Mapping
from typing import NamedTuple

from quarterhour.energy.profile import Profile, Row, of_rows
from quarterhour.energy.quantities import Quantity
from quarterhour.energy.readings import Series
from quarterhour.store.table.sums import Told
from quarterhour.time.intervals import Interval


class Bucket(NamedTuple):
    """A quarter hour: what it amounts to, or a gauge's mean in it, and its milliseconds covered."""

    value: float
    covered_ms: int
    least: float = 0.0
    most: float = 0.0


Buckets = dict[int, Bucket]


def of_buckets(buckets: Mapping[int, Bucket], quantity: Quantity = Quantity.ENERGY) -> Profile:
    """Return the profile of buckets of a quantity, in any order."""
    rows = (Row(at, *buckets[at]) for at in sorted(buckets))
    of_gauge = quantity.is_gauge or quantity is Quantity.HEATING
    return of_rows(rows, of_gauge=of_gauge)


def buckets_of(found: Profile) -> Buckets:
    """Return the buckets of a profile."""
    assert [*found.starts] == sorted({*found.starts}), "not ascending"
    return {row.start_ms: Bucket(*row[1:]) for row in found.rows()}


def by_part(told: Told) -> dict[Interval, dict[Series, Row]]:
    """Return what a block tells part by part; measures without data are left out."""
    rows = {one: {row.start_ms: row for row in found.rows()} for one, found in told.rows.items()}
    return {
        part: {one: of[part[0]] for one, of in rows.items() if part[0] in of} for part in told.parts
    }


def rows_of(found: Profile) -> list[Row]:
    """Return the periods of a profile."""
    return [*found.rows()]
