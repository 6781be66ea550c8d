"""One scheduled run: the rollup of ships and that of houses."""

from quarterhour.store.rollup.houses import HouseRollup
from quarterhour.store.rollup.ships import Rollup
from quarterhour.time.calendar import BUCKET_MS


class Rollups:
    """Both rollups of one moment; each is first every other time, so that none waits for ever."""

    def __init__(self, ships: Rollup, houses: HouseRollup, now_ms: int) -> None:
        turn = now_ms // BUCKET_MS % 2
        self._in_turn: tuple[Rollup | HouseRollup, ...] = (
            (ships, houses) if turn else (houses, ships)
        )

    def run_shard(self, shard: int) -> None:
        """Settle what is marked in a shard, and close the days that are due."""
        for one in self._in_turn:
            one.run_shard(shard)
