"""Which ships there are, and where the readings of each begin and end."""

from collections.abc import Iterator

from quarterhour.errors import NotFound
from quarterhour.sites.ends import ListedShip
from quarterhour.sites.sources import Source, ship, ship_id
from quarterhour.store.read import extent
from quarterhour.store.table.calls import Calls
from quarterhour.store.table.parallel import SideBySide, in_turn
from quarterhour.store.table.registry import Registry


class ShipsReader:
    """The list of ships as one request sees it."""

    def __init__(
        self, calls: Calls, registry: Registry, side_by_side: SideBySide = in_turn
    ) -> None:
        self._calls = calls
        self._registry = registry
        self._side_by_side = side_by_side

    def listed(self, after: int | None, limit: int) -> tuple[list[ListedShip], bool]:
        """Return the ships of ids above `after`, by id, at most `limit`; and whether more follow.

        The list is read as a whole; of the ships of the page the newest reading is, a query each.
        """
        created = dict(self._created())
        ids = sorted(number for number in created if after is None or number > after)
        newest: dict[int, int | None] = {}

        def read(number: int) -> None:
            newest[number] = extent.newest_reading(self._calls, ship(number))

        page = ids[:limit]
        self._side_by_side(read, page)
        ships = [ListedShip(number, created[number], newest[number]) for number in page]
        return ships, len(ids) > limit

    def created_ms(self, spaceship_id: int) -> int:
        """Return when a ship was registered; NotFound where it never was."""
        entry = self._calls.get(*self._registry.place(ship(spaceship_id).owner), strong=True)
        if not entry:
            raise NotFound("This ship has never posted.")
        return int(entry["created"]["N"])

    def _created(self) -> Iterator[tuple[int, int]]:
        entries: dict[int, list[tuple[int, int]]] = {}

        def read(shard: int) -> None:
            entries[shard] = [
                (ship_id(Source(entry["sk"]["S"])), int(entry["created"]["N"]))
                for entry in self._registry.entries(shard)
            ]

        self._side_by_side(read, range(self._registry.shards))
        for of_shard in entries.values():
            yield from of_shard
