"""A table in which wrong clocks left blocks that are wrong for good, and how it came to be.

`wrong-clocks.jsonl.gz` has its items as commit a5e44e9 left them, the last release without a fence.
It played this story at two shards: each step at a time, by a clock that is off, as all clocks of
a laptop are that are one. Today's release cannot be led to write such a table.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from tests.builders import batch, channel_batch, reading, values
from tests.catalogues import entry, meter

TABLE = Path(__file__).parent / "wrong-clocks.jsonl.gz"

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
TODAY = datetime(2025, 3, 14, tzinfo=UTC)
TOMORROW = TODAY + DAY
# Of the days of ships in kWh: what was posted.
POSTED = {(1, TODAY): 6.0, (2, TODAY): 2.0, (2, TOMORROW): 3.0, (3, TOMORROW): 6.0}
HOUSES = {5: TODAY, 6: TOMORROW}  # of each 6 kWh on the day
ROLL_UP = "roll up"


class Step(NamedTuple):
    """What is done at a time by a clock that is off: a request, or a rollup of all shards."""

    at: datetime
    off: timedelta
    what: str
    body: Any = None


def story() -> Iterator[Step]:
    """Yield the steps in their order."""
    right = timedelta()
    for house in HOUSES:
        yield Step(TODAY, right, f"PUT /api/houses/{house}/", entry(meter(1, "used")))
    # A rollup whose clock is ten hours ahead closes a day that is open.
    yield _of_ship(TODAY + HOUR, right, 1, TODAY, 1)
    yield _of_ship(TODAY + HOUR, right, 2, TODAY, 2)
    yield _of_house(TODAY + 6 * HOUR, right, 5, TODAY + 5 * HOUR, 1)
    yield Step(TODAY + 16.5 * HOUR, 10 * HOUR, ROLL_UP)
    yield _of_ship(TODAY + 16.6 * HOUR, right, 1, TODAY + 10 * HOUR, 5)
    yield _of_house(TODAY + 16.6 * HOUR, right, 5, TODAY + 10 * HOUR, 5)
    # Posts whose clock is three days behind change a day that is closed, without a mark.
    yield _of_ship(TOMORROW + HOUR, right, 2, TOMORROW, 3)
    yield _of_ship(TOMORROW + HOUR, right, 3, TOMORROW, 1)
    yield _of_house(TOMORROW + 6 * HOUR, right, 6, TOMORROW + 5 * HOUR, 1)
    yield Step(TOMORROW + 30 * HOUR, right, ROLL_UP)
    yield _of_ship(TOMORROW + 31 * HOUR, -3 * DAY, 3, TOMORROW + 10 * HOUR, 5)
    yield _of_house(TOMORROW + 31 * HOUR, -3 * DAY, 6, TOMORROW + 10 * HOUR, 5)
    yield Step(TOMORROW + 54 * HOUR, right, ROLL_UP)


def _of_ship(at: datetime, off: timedelta, ship: int, hour: datetime, kwh: float) -> Step:
    body = batch([reading(hour, kwh)], ship=ship, interval="PT1H")
    return Step(at, off, "POST /data", body)


def _of_house(at: datetime, off: timedelta, house: int, hour: datetime, kwh: float) -> Step:
    body = channel_batch(values(hour, used=kwh), interval="PT1H")
    return Step(at, off, f"POST /api/houses/{house}/devices/1/readings/", body)
