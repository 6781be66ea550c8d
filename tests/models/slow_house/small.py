"""Small houses, of which figures can be computed by hand."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from tests.models.slow_house.answers import Request, expected
from tests.models.slow_house.figures import Body
from tests.models.slow_house.house import House
from tests.models.slow_house.posted import Body as Post

NEW_YORK = "America/New_York"
CIRCUITS = "used solar ashp dryer"
BUDGETS = [
    {"month": f"2013-{month:02}", "used": month, "solar": -month, "hdd": 10 * month}
    for month in range(1, 13)
]
Known = tuple[Mapping[str, Any], Sequence[Post]]
Values = Sequence[float | None]


def device(device_id: int, *posts: Post, channels: Mapping[str, str], **more: Any) -> Known:
    """Return a device: its channels are name -> quantity; `more` is location, role, priority."""
    said = {name: {"quantity": quantity} for name, quantity in channels.items()}
    return {"id": device_id, "name": f"Device {device_id}", "channels": said, **more}, posts


def meter(device_id: int, *posts: Post, channels: str = "used solar", **more: Any) -> Known:
    """Return a device of energy channels."""
    energies = dict.fromkeys(channels.split(), "energy")
    return device(device_id, *posts, channels=energies, **more)


def sensor(device_id: int, *posts: Post, **more: Any) -> Known:
    """Return a device with temperature and humidity."""
    both = {"temperature": "temperature", "humidity": "humidity"}
    return device(device_id, *posts, channels=both, **more)


def post(
    begin: str,
    units: Any = "kWh",
    interval: str | None = "PT1H",
    *,
    minutes: int = 60,
    **of: Values,
) -> Post:
    """Return a body with a value of each channel every hour, from a local time of January on."""
    first = datetime.fromisoformat(begin if len(begin) > 10 else f"{begin}T00:00:00-05:00")
    rows = [
        {
            "datetime": (first + nth * timedelta(minutes=minutes)).isoformat(),
            "values": {name: values[nth] for name, values in of.items()},
        }
        for nth in range(len(next(iter(of.values()))))
    ]
    declared = {"interval": interval} if interval else {}
    return {"units": units, **declared, "data": rows}


def outdoor(*degrees: float | None, begin: str = "2013-01-05", device_id: int = 4) -> Known:
    """Return an outdoor sensor that was so warm, hour by hour."""
    readings = post(begin, "degF", temperature=[*degrees])
    return sensor(device_id, readings, location="outdoor")


def house(*known: Known, budgets: Sequence[Mapping[str, Any]] = (), **more: Any) -> House:
    """Return a house of these devices in New York."""
    about = {"name": "The House", "sname": "house", "timezone": NEW_YORK, "circuits": [], **more}
    entry = {**about, "devices": [said for said, _ in known]}
    return House(1, entry, budgets, {said["id"]: posts for said, posts in known})


def ask(of: House, path: str, **params: str) -> Body:
    """Return the expected body; a refusal is raised."""
    answer = expected(of, Request(path, params))
    if isinstance(answer, Exception):
        raise answer
    return answer
