"""Watermarks: the last day that is closed, of a shard of ships or of houses, or of the fleet."""

from quarterhour.store.table import keys
from quarterhour.store.table.calls import Calls, only_if, set_values
from quarterhour.store.table.codec import number
from quarterhour.store.table.registry import Registry
from quarterhour.time.calendar import DAY_MS, day_of

# The first day to be closed is the one before the first source was registered: what was posted
# before its day was closed could not reach further back without a mark.
FIRST_CLOSED_DAYS = 2


def first_ms(created_ms: int) -> int:
    """Return the day before which a source registered then has readings only with marks."""
    return day_of(created_ms) - FIRST_CLOSED_DAYS * DAY_MS


class Watermarks:
    """Watermarks that begin with what was registered first."""

    def __init__(self, calls: Calls, registry: Registry) -> None:
        self._calls = calls
        self._registry = registry

    def until(self, mark: str) -> int | None:
        """Return the last closed day; None before there is anything."""
        item = self._calls.get(keys.WATERMARKS, mark, strong=True)
        if item:
            return int(item["until"]["N"])
        created = self._registry.created()
        if not created:
            return None
        begin = {"until": number(first_ms(min(created)))}
        self._calls.update(set_values(keys.WATERMARKS, mark, begin, keep=True))
        return self.until(mark)

    def move(self, mark: str, from_day: int, to_day: int) -> None:
        """Move a watermark a day on; where another run already did, it stays."""
        update = set_values(keys.WATERMARKS, mark, {"until": number(to_day)})
        self._calls.update_if(only_if(update, "#until = :from", **{"from": number(from_day)}))
