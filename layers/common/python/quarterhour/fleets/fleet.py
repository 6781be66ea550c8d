"""A fleet's energy: what all ships together used, and how many of them have data.

Figures are aggregated in one way: a shard's bucket is the fsum of its ships', the fleet's that of
its shards', a day that of its buckets, a month that of its days; so stored and live ones are the
same.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from math import fsum
from typing import NamedTuple

from quarterhour.energy.profile import Profile
from quarterhour.time.calendar import BUCKET_MS, DAY_MS

BUCKETS = DAY_MS // BUCKET_MS
BUCKETS_OF_HOUR = 4
ALL_DAY = (1 << BUCKETS) - 1

Ships = Mapping[int, Profile]


class ShipDay(NamedTuple):
    """A ship's day: its energy, and in which of the day's buckets it has data (a bit each)."""

    kwh: float
    present: int


class ShardDay(NamedTuple):
    """The energy of a shard's ships by bucket, and each ship's day; only what has data.

    `covered` is the time by bucket, in milliseconds, that the ships' readings cover, all together;
    None where an earlier release made it, which did not count that. So many ships `lack` in it that
    could not be read: nothing may be answered from it.
    """

    kwh: Mapping[int, float]
    ships: Mapping[int, ShipDay]
    lack: int = 0
    covered: Mapping[int, int] | None = None

    @property
    def counts(self) -> list[int]:
        """How many ships have data in each of the day's buckets."""
        return _counts([ship.present for ship in self.ships.values()], 1)


class FleetDay(NamedTuple):
    """All ships' energy by bucket, and how many have data by bucket, by hour and at all.

    `covered` is as a ShardDay's.
    """

    kwh: Mapping[int, float]
    counts: Sequence[int]
    hours: Sequence[int]
    ships: int
    lack: int = 0
    covered: Mapping[int, int] | None = None

    def covered_ms(self, starts: Iterable[int]) -> int | None:
        """Return the time that is covered in some of its buckets; None where it is unknown."""
        return None if self.covered is None else sum(self.covered.get(at, 0) for at in starts)


class FleetTotal(NamedTuple):
    """The energy of a period, the number of ships that have data in it, and the time covered.

    That is of all its ships together, in milliseconds; None where it is unknown.
    """

    kwh: float
    ships: int
    covered_ms: int | None = None


class ShardMonth(NamedTuple):
    """Each ship's energy in a month, and on which of its days it has data (a bit each).

    On the days of the bits `lack` a ship lacks, as in a ShardDay.
    """

    kwh: Mapping[int, float]
    present: Mapping[int, int]
    lack: int = 0


class FleetMonth(NamedTuple):
    """The fleet's days of a month that have data, and the ships that have data in it."""

    days: Mapping[int, FleetTotal]
    ships: int
    lack: int = 0  # as a ShardMonth's


class FleetRow(NamedTuple):
    """A period's beginning, the energy of all ships in it, how many have data, the time covered."""

    start_ms: int
    kwh: float
    ships: int
    covered_ms: int | None = None


def shard_day(day_ms: int, ships: Ships, lack: int = 0) -> ShardDay:
    """Return a shard's day from its ships' buckets; so many other ships could not be read."""
    return ShardDay(
        _by_bucket(buckets.by_start() for buckets in ships.values()),
        {ship: _ship_day(day_ms, buckets) for ship, buckets in sorted(ships.items()) if buckets},
        lack,
        _covered(day_ms, ships.values()),
    )


def _covered(day_ms: int, ships: Iterable[Profile]) -> dict[int, int]:
    """Return the time that ships' buckets cover together, by bucket."""
    whole, covered = 0, Counter[int]()
    for buckets in ships:
        if len(buckets) == BUCKETS and min(buckets.covered) == BUCKET_MS:
            whole += BUCKET_MS
        else:
            covered.update(dict(zip(buckets.starts, buckets.covered, strict=True)))
    everywhere = range(day_ms, day_ms + DAY_MS, BUCKET_MS) if whole else covered
    return {at: whole + covered[at] for at in sorted(everywhere)}


def _ship_day(day_ms: int, buckets: Profile) -> ShipDay:
    is_whole = len(buckets) == BUCKETS
    places = ((at - day_ms) // BUCKET_MS for at in buckets.starts)
    return ShipDay(fsum(buckets.totals), ALL_DAY if is_whole else sum(1 << nth for nth in places))


def fleet_day(shards: Iterable[ShardDay]) -> FleetDay:
    """Return the fleet's day from its shards'."""
    all_shards = [*shards]
    present = [ship.present for shard in all_shards for ship in shard.ships.values()]
    return FleetDay(
        _by_bucket(shard.kwh for shard in all_shards),
        _counts(present, 1),
        _counts(present, BUCKETS_OF_HOUR),
        len(present),
        sum(shard.lack for shard in all_shards),
        _covered_of([shard.covered for shard in all_shards]),
    )


def _covered_of(shards: Sequence[Mapping[int, int] | None]) -> dict[int, int] | None:
    covered = Counter[int]()
    for of_shard in shards:
        if of_shard is None:
            return None
        covered.update(of_shard)
    return dict(sorted(covered.items()))


def together_ms(parts: Iterable[int | None]) -> int | None:
    """Return the covered time of parts; None where that of any is unknown.

    >>> together_ms([1, 2]), together_ms([1, None])
    (3, None)
    """
    total = 0
    for part in parts:
        if part is None:
            return None
        total += part
    return total


def _by_bucket(parts: Iterable[Mapping[int, float]]) -> dict[int, float]:
    figures: dict[int, list[float]] = {}
    for part in parts:
        for at, kwh in part.items():
            figures.setdefault(at, []).append(kwh)
    return {at: fsum(figures[at]) for at in sorted(figures)}


def _counts(present: Sequence[int], width: int) -> list[int]:
    """Return how many have data in each interval of `width` buckets."""
    everywhere = present.count(ALL_DAY)
    others = [mask for mask in present if mask != ALL_DAY]
    windows = [((1 << width) - 1) << first for first in range(0, BUCKETS, width)]
    return [everywhere + sum(1 for mask in others if mask & window) for window in windows]


def day_total(day: FleetDay) -> FleetTotal:
    """Return a whole day's total."""
    return FleetTotal(fsum(day.kwh.values()), day.ships, day.covered_ms(day.kwh))


def shard_month(month_ms: int, days: Mapping[int, ShardDay]) -> ShardMonth:
    """Return a shard's month from its days."""
    kwh: dict[int, list[float]] = {}
    present: dict[int, int] = {}
    for day_ms, day in sorted(days.items()):
        bit = 1 << (day_ms - month_ms) // DAY_MS
        for ship, ship_day in day.ships.items():
            kwh.setdefault(ship, []).append(ship_day.kwh)
            present[ship] = present.get(ship, 0) | bit
    lack = lacking(month_ms, {day_ms: day.lack for day_ms, day in days.items()})
    return ShardMonth({ship: fsum(kwh[ship]) for ship in sorted(kwh)}, present, lack)


def lacking(month_ms: int, lack: Mapping[int, int]) -> int:
    """Return the bits of the days of a month on which any ship lacks."""
    return sum(1 << (day - month_ms) // DAY_MS for day, ships in lack.items() if ships)


def shard_year(months: Iterable[ShardMonth]) -> dict[int, float]:
    """Return each ship's energy in a year from a shard's months."""
    kwh: dict[int, list[float]] = {}
    for month in months:
        for ship, amount in month.kwh.items():
            kwh.setdefault(ship, []).append(amount)
    return {ship: fsum(kwh[ship]) for ship in sorted(kwh)}


def bits(day_ms: int, start_ms: int, end_ms: int) -> int:
    """Return the bits of the day's buckets that begin in [start_ms, end_ms)."""
    first = max(0, -(-(start_ms - day_ms) // BUCKET_MS))
    last = min(BUCKETS, -(-(end_ms - day_ms) // BUCKET_MS))
    return ((1 << max(0, last - first)) - 1) << first if last > first else 0


def present(shards: Iterable[ShardDay], mask: int) -> set[int]:
    """Return the ships that have data in any of the buckets whose bits are set."""
    return {ship for shard in shards for ship, day in shard.ships.items() if day.present & mask}
