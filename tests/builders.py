"""What requests are made of: readings, batches, queries."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

MIDNIGHT = datetime(2018, 8, 24, tzinfo=UTC)
NEXT_MIDNIGHT = MIDNIGHT + timedelta(days=1)

Reading = dict[str, Any]
Batch = dict[str, Any]


def iso(at: datetime) -> str:
    """Return an aware time as the API writes it: UTC with Z, milliseconds where there are any."""
    text = at.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00")
    return f"{text.removesuffix('.000')}Z"


def reading(at: Any = MIDNIGHT, value: Any = 1, **more: Any) -> Reading:
    """Return a reading; `at` is a time, or whatever shall stand in its place."""
    return {"datetime": iso(at) if isinstance(at, datetime) else at, "value": value, **more}


def readings(
    values: Iterable[Any], *, minutes: float = 60, start: datetime = MIDNIGHT
) -> list[Reading]:
    """Return one reading of each value, `minutes` apart."""
    step = timedelta(minutes=minutes)
    return [reading(start + nth * step, value) for nth, value in enumerate(values)]


def batch(data: Any, *, ship: Any = 1, units: Any = "kWh", **more: Any) -> Batch:
    """Return the body of a POST /data."""
    return {"spaceship_id": ship, "units": units, "data": data, **more}


def values(at: Any = MIDNIGHT, **of_channels: Any) -> Reading:
    """Return a reading of channels: `values(used=1, solar=-2)`."""
    time = iso(at) if isinstance(at, datetime) else at
    return {"datetime": time, "values": of_channels}


def channel_batch(*data: Any, units: Any = "kWh", **more: Any) -> Batch:
    """Return the body of a POST to a house's device."""
    return {"units": units, "data": [*data], **more}


def at_clock(values: Mapping[str, Any], day: str = "2018-08-24") -> list[Reading]:
    """Return readings by their time of day in UTC, as `{"00:05": 6}`."""
    return [reading(f"{day}T{clock}:00Z", value) for clock, value in values.items()]


def in_range(start: Any = MIDNIGHT, end: Any = NEXT_MIDNIGHT, *, ship: Any = 1, **more: Any) -> str:
    """Return the target of a GET /data, percent-encoded."""
    times = {
        name: iso(at) if isinstance(at, datetime) else at
        for name, at in {"start": start, "end": end}.items()
    }
    return f"/data?{urlencode({'spaceship_id': ship, **times, **more})}"
