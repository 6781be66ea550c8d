"""Checks days drawn by chance, of all sites or of one: those that are closed and have readings."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from random import Random
from typing import NamedTuple

from quarterhour.errors import NotFound
from quarterhour.sites.house import House
from quarterhour.sites.sources import Source, is_of_house
from quarterhour.store.read.rows import Reader
from quarterhour.store.rollup.check import Difference, SiteCheck, confirmed
from quarterhour.store.rollup.drawing import closed, days_with_readings
from quarterhour.store.rollup.failures import Failures
from quarterhour.store.rollup.fleet_check import FleetCheck
from quarterhour.store.rollup.rollup import of_house
from quarterhour.store.table import keys
from quarterhour.store.table.calls import Calls
from quarterhour.store.table.house_entries import HouseEntries
from quarterhour.store.table.keys import SiteKind
from quarterhour.store.table.registry import Registry

# Of a larger fleet so many ships say from when on there are readings.
MOST_ASKED = 500


class Checked(NamedTuple):
    """A day of one or many sites, and what differs of it."""

    day: int
    owners: Sequence[str]
    differences: Sequence[Difference]


class TableCheck:
    """Checks of a table; a site that cannot be read is told of as a failure, once."""

    def __init__(
        self, calls: Calls, shards: int, failures: Failures, random: Random | None = None
    ) -> None:
        self._calls = calls
        self._failures = failures
        self._random = random or Random()
        self._ships = Registry(calls, keys.SHIPS, shards)
        self._houses = Registry(calls, keys.HOUSES, shards)
        self._entries = HouseEntries(calls, shards)
        self._reader = Reader(calls)
        self._fleet = FleetCheck(calls, self._ships, self._reader)

    def all_sites(self, days: int) -> Iterator[Checked]:
        """Check so many days of all ships, of what lies above them, and as many of each house."""
        ships = [Source(owner) for owner in _owners(self._ships)]
        asked = self._random.sample(ships, min(len(ships), MOST_ASKED))
        owners = [ship.owner for ship in ships]
        for day in self._drawn(keys.SHIPS, asked, days):
            look = partial(self._fleet.differences, day, self._failures)
            yield Checked(day, owners, self._confirmed(look))
        for owner in _owners(self._houses):
            yield from self._tried(owner, days)

    def site(self, site: Source, days: int) -> Iterator[Checked]:
        """Check so many days of a ship or house; NotFound where there is none."""
        if is_of_house(site):
            yield from self._house(self._entries.of_owner(site.owner), days)
            return
        if not self._ships.lists(site.owner, strong=True):
            raise NotFound("This ship has never posted.")
        for day in self._drawn(keys.SHIPS, [site], days):
            look = partial(self._fleet.of_ship, site, day)
            yield Checked(day, [site.owner], self._confirmed(look))

    def _house(self, house: House, days: int) -> Iterator[Checked]:
        """Check so many days of a house: its devices, and the meters made of several."""
        zone, meters = of_house(house)
        sources = dict.fromkeys(part.source for meter in meters for part in meter.devices)
        for day in self._drawn(keys.HOUSES, [*sources], days):
            look = partial(SiteCheck(self._reader).differences, zone, meters, day)
            yield Checked(day, [house.owner], self._confirmed(look))

    def _tried(self, owner: str, days: int) -> list[Checked]:
        checked: list[Checked] = []
        self._failures.tried(owner, lambda: checked.extend(self.site(Source(owner), days)))
        return checked

    def _confirmed(self, look: Callable[[], Iterable[Difference]]) -> list[Difference]:
        return confirmed(look, self._calls.clock.sleep)

    def _drawn(self, kind: SiteKind, sources: Iterable[Source], count: int) -> list[int]:
        """Return so many of the closed days on which any of the sources can have readings."""
        marks = closed(self._calls)
        days = set[int]()
        for source in sources:
            mark = kind.watermark(keys.shard_of(source, self._ships.shards))
            if mark in marks:
                days.update(days_with_readings(self._calls, source, marks[mark]))
        return sorted(self._random.sample(sorted(days), min(len(days), count)))


def _owners(registry: Registry) -> list[str]:
    return [owner for shard in range(registry.shards) for owner in registry.owners(shard)]
