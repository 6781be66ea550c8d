"""What is posted: the same days of one ship for all servers."""

import json
from datetime import UTC, datetime, timedelta

from quarterhour.energy.lookback import GRACE_MS, MARGIN_MS, MAX_HOLD_MS

FORM = "%Y-%m-%dT%H:%M:%SZ"
DAY, FIVE_MINUTES = timedelta(days=1), timedelta(minutes=5)
# How long after its end a day may be closed, and how far before a reading it changes anything.
CLOSED_AFTER = timedelta(milliseconds=GRACE_MS + MARGIN_MS)
REACH = timedelta(milliseconds=MAX_HOLD_MS)
# A prime above the number of ships that are measured.
_SHIPS = 1009
READINGS_A_DAY = DAY // FIVE_MINUTES


def today() -> datetime:
    """Return the beginning of the UTC day that is going on."""
    return datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def live_day(now: datetime) -> tuple[datetime, datetime, timedelta]:
    """Return when readings of a day that is read live begin and end, and how far apart they are.

    They are as many as in a day of 5-minute readings, whatever time it is, and change only days
    that no rollup can have closed.
    """
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    since = (midnight - DAY if now - midnight < CLOSED_AFTER else midnight) + REACH
    every = timedelta(seconds=(now - since) // timedelta(seconds=1) // READINGS_A_DAY)
    return since, since + READINGS_A_DAY * every, every


def body(ship: int, start: datetime, end: datetime, every: timedelta) -> bytes:
    """Return a batch of kW readings, one every so often in [start, end)."""
    share = 1 + ship * 7 % _SHIPS / _SHIPS  # as ships differ: by up to twice, no two alike
    data = [
        {
            "datetime": f"{start + place * every:{FORM}}",
            "value": round(share * (10 + place * 7919 % 1000 / 100), 2),
        }
        for place in range((end - start) // every)
    ]
    return json.dumps({"spaceship_id": ship, "units": "kW", "data": data}).encode()


def days(ship: int, first: datetime, count: int) -> list[bytes]:
    """Return a batch of 5-minute readings for each of so many days."""
    return [body(ship, first + n * DAY, first + (n + 1) * DAY, FIVE_MINUTES) for n in range(count)]


def window(start: datetime, end: datetime) -> str:
    """Return [start, end) as the parameters of a query."""
    return f"start={start:{FORM}}&end={end:{FORM}}"
