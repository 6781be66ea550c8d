"""What each run checks of its shard: a day of one site, both drawn by chance.

It is bounded, whatever is drawn: in calls, in readings, and in measures. What would take more is
not checked.
"""

from collections.abc import Callable, Iterable
from random import Random
from typing import Any

from quarterhour.errors import Busy
from quarterhour.sites.sources import Source, is_of_house
from quarterhour.sites.virtual_meters import Meter
from quarterhour.store.read.allowance import Allowance
from quarterhour.store.read.rows import Reader
from quarterhour.store.rollup.check import Difference, SiteCheck, confirmed
from quarterhour.store.rollup.drawing import closed, days_with_readings
from quarterhour.store.rollup.fleet_check import FleetCheck
from quarterhour.store.rollup.rollup import of_house
from quarterhour.store.table import keys
from quarterhour.store.table.calls import Calls
from quarterhour.store.table.house_entries import HouseEntries
from quarterhour.store.table.keys import SiteKind
from quarterhour.store.table.registry import Registry
from quarterhour.store.table.retries import RetryBudget
from quarterhour.store.table.wire import Wire

MOST_CALLS = 40
MOST_READINGS = 200_000  # at a look: those of a source that posts every second
MOST_MEASURES = 20

Look = Callable[[], Iterable[Difference]]


class RationedCalls(Calls):
    """Calls of which there are MOST_CALLS and no more, none tried again; then it is Busy."""

    def __init__(self, client: Wire, table: str, **more: Any) -> None:
        super().__init__(client, table, **more, budget=RetryBudget(0))
        self._left = MOST_CALLS

    def _send(self, call: Callable[..., Any], **request: Any) -> dict[str, Any]:
        if not self._left:
            raise Busy(f"It takes more than {MOST_CALLS} calls.")
        self._left -= 1
        return super()._send(call, **request)


class Sample:
    """Checks a day of a site of a shard; Busy or TooMuchUnsettled where that takes too much."""

    def __init__(self, calls: RationedCalls, shards: int, random: Random | None = None) -> None:
        self._calls = calls
        self._shards = shards
        self._random = random or Random()

    def of_shard(self, shard: int) -> list[Difference] | None:
        """Return what differs; None where nothing was drawn that can be checked."""
        sites = [
            Source(item["sk"]["S"])
            for kind in (keys.SHIPS, keys.HOUSES)
            for item in self._calls.query(kind.registry_partition(shard), strong=False)
        ]
        if not sites:
            return None
        site = self._random.choice(sites)
        look = self._of_house(shard, site) if is_of_house(site) else self._of_ship(shard, site)
        return confirmed(look, self._calls.clock.sleep) if look else None

    def _of_ship(self, shard: int, ship: Source) -> Look | None:
        day = self._day(keys.SHIPS, shard, ship)
        if day is None:
            return None
        ships = Registry(self._calls, keys.SHIPS, self._shards)

        def look() -> Iterable[Difference]:
            reader = Reader(self._calls)
            return FleetCheck(self._calls, ships, reader, Allowance(MOST_READINGS)).of_ship(
                ship, day
            )

        return look

    def _of_house(self, shard: int, site: Source) -> Look | None:
        zone, meters = of_house(HouseEntries(self._calls, self._shards).of_owner(site.owner))
        if not meters:
            return None
        meter = self._few(self._random.choice(meters))
        day = self._day(keys.HOUSES, shard, self._random.choice(meter.devices).source)
        if day is None:
            return None

        def look() -> Iterable[Difference]:
            reader = Reader(self._calls, allowance=Allowance(MOST_READINGS))
            return SiteCheck(reader).differences(zone, [meter], day)

        return look

    def _few(self, meter: Meter) -> Meter:
        """Return a meter with a few of its measures: they are derived each by itself."""
        most = min(len(meter.measures), MOST_MEASURES)
        return meter._replace(measures=tuple(self._random.sample(meter.measures, most)))

    def _day(self, kind: SiteKind, shard: int, source: Source) -> int | None:
        """Return a closed day between a source's first reading and its last."""
        until_ms = closed(self._calls).get(kind.watermark(shard))
        days = days_with_readings(self._calls, source, until_ms) if until_ms is not None else ()
        return self._random.choice(days) if days else None
