"""What is posted: the same days of one ship for both servers."""

import json
from datetime import UTC, datetime, timedelta

FORM = "%Y-%m-%dT%H:%M:%SZ"
DAY = timedelta(days=1)


def today() -> datetime:
    """Return the beginning of the UTC day that is going on."""
    return datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def body(ship: int, start: datetime, end: datetime, minutes: int) -> bytes:
    """Return a batch of kW readings, one every so many minutes of [start, end)."""
    step = timedelta(minutes=minutes)
    share = 1 + ship * 7 % 100 / 100  # ships differ, as ships do: by up to twice
    data = [
        {
            "datetime": f"{start + place * step:{FORM}}",
            "value": round(share * (10 + place * 7919 % 1000 / 100), 2),
        }
        for place in range((end - start) // step)
    ]
    return json.dumps({"spaceship_id": ship, "units": "kW", "data": data}).encode()


def days(ship: int, first: datetime, count: int, minutes: int) -> list[bytes]:
    """Return a batch for each of so many days."""
    return [body(ship, first + n * DAY, first + (n + 1) * DAY, minutes) for n in range(count)]


def window(start: datetime, end: datetime) -> str:
    """Return [start, end) as the parameters of a query."""
    return f"start={start:{FORM}}&end={end:{FORM}}"
