"""How many readings a request may read: it is to end before its time and its memory do."""

import threading
from collections.abc import Iterable, Iterator

from quarterhour.energy.lookback import LOOKAHEAD_MS, LOOKBACK_MS
from quarterhour.errors import Detail, TooMuchUnsettled
from quarterhour.store.table import keys
from quarterhour.store.table.calls import Item
from quarterhour.time.calendar import UTC
from quarterhour.time.instants import iso

# Some 15 MB of the table, and 5 s of the time of a function.
MOST_UNSETTLED = 500_000

_KEYS = 2  # attributes of a bucket item that are no readings


class Allowance:
    """The readings that one request may still read because no block has what they make.

    They may be read side by side.
    """

    def __init__(self, most: int = MOST_UNSETTLED) -> None:
        self._most = most
        self._left = most
        self._one_at_a_time = threading.Lock()

    def counted(self, buckets: Iterable[Item]) -> Iterator[Item]:
        """Yield bucket items, ascending; TooMuchUnsettled where they have more than is left."""
        for item in buckets:
            with self._one_at_a_time:
                self._left -= len(item) - _KEYS
            if self._left < 0:
                raise self._refusal(keys.bucket_ms(item["sk"]["S"]))
            yield item

    def _refusal(self, reached_ms: int) -> TooMuchUnsettled:
        """Return the refusal of a range, which names one whose readings can be read.

        It ends with a day, and a day early: the neighbourhood of a cut day is read twice.
        """
        end = iso(UTC.day_of(reached_ms - LOOKAHEAD_MS - LOOKBACK_MS))
        reason = f"ask for a smaller range, such as one that ends by {end}"
        return TooMuchUnsettled(
            f"More than {self._most:,} readings of this range are not settled yet: {reason}.",
            [Detail(reason, "end")],
        )
