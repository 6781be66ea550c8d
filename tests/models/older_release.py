"""What an older release does to a table: its todo is one list of all shards, `T` or `TH`."""

from quarterhour.sites.sources import Source
from quarterhour.store.table import keys
from quarterhour.store.table.calls import Calls, set_values
from quarterhour.store.table.codec import number
from quarterhour.store.write.writer import Writer
from quarterhour.time.calendar import DAY_MS, UTC


class OldWriter(Writer):
    """Writes as the release before the todo was kept by shard."""

    def _todo_partition(self, source: Source) -> str:
        return "TH" if source.device else "T"


def begin_fleet(calls: Calls, now_ms: int) -> None:
    """Begin the fleet's watermark as that release did, unless it has begun."""
    until = {"until": number(UTC.day_of(now_ms) - 3 * DAY_MS)}
    calls.update(set_values(keys.WATERMARKS, keys.FLEET_MARK, until, keep=True))
