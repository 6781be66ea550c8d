"""Answers of readings as they are kept."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NotRequired

from typing_extensions import TypedDict

from quarterhour.energy.quantities import stored_unit
from quarterhour.energy.readings import Series
from quarterhour.http.answers.forms import Answer, Table, Time, compact, formed
from quarterhour.http.answers.values import next_url
from quarterhour.sites.kept import KeptPage, KeptReading
from quarterhour.time.instants import iso


class ShipReading(TypedDict):
    """A reading in the unit in which it is kept; `interval` where it was declared to last."""

    datetime: Time
    value: float
    units: str
    interval: NotRequired[str]


class ShipReadings(TypedDict):
    """A page of a ship's readings, by time; `next` is the URL of the page after it."""

    spaceship_id: int
    data: list[ShipReading]
    next: NotRequired[str]


class DeviceReading(TypedDict):
    """A value of a channel, or a period total (its `interval` says of what period)."""

    datetime: Time
    channel: str
    value: float
    units: str
    interval: NotRequired[str]


class DeviceReadings(TypedDict):
    """A page of a device's values and period totals, by time, then channel."""

    house_id: int
    device: int
    data: list[DeviceReading]
    next: NotRequired[str]


_ANY = KeptReading(0, Series(""), 0.0)

# Returns the members of a reading, in their order; `interval` is "" where there is none.
Members = Callable[[KeptReading], dict[str, Any]]


def ship_readings(
    spaceship_id: int, page: KeptPage, page_url: str, query: str, form: str
) -> Answer:
    """Return a page of a ship: JSON as `ShipReadings`, and CSV; `Link` too has the next one."""
    return _page({"spaceship_id": spaceship_id}, page, _of_ship, (page_url, query), form)


def device_readings(
    about: Mapping[str, int], page: KeptPage, page_url: str, query: str, form: str
) -> Answer:
    """Return a page of a device: JSON as `DeviceReadings`, and CSV; `Link` too has the next one."""
    return _page(about, page, _of_device, (page_url, query), form)


def _page(
    about: Mapping[str, int], page: KeptPage, members: Members, asked: Sequence[str], form: str
) -> Answer:
    page_url, query = asked
    following = next_url(page_url, query, page.end.text) if page.end else ""
    rows = [*map(members, page.readings)]
    columns = [*members(_ANY)]

    def text() -> str:
        data = [{name: row[name] for name in columns if row[name] != ""} for row in rows]
        return compact({**about, "data": data, **({"next": following} if following else {})})

    shown = ([_cell(row[name]) for name in columns] for row in rows)
    answer = formed(Table(text, columns, shown), form)
    if following:
        answer.headers["Link"] = f'<{following}>; rel="next"'
    return answer


def _of_ship(reading: KeptReading) -> dict[str, Any]:
    return {
        "datetime": iso(reading.at_ms),
        "value": _exact(reading.value),
        "units": stored_unit(reading.series.quantity),
        "interval": reading.interval,
    }


def _of_device(reading: KeptReading) -> dict[str, Any]:
    of_ship = _of_ship(reading)
    return {"datetime": of_ship.pop("datetime"), "channel": reading.series.channel, **of_ship}


def _exact(value: float) -> float | int:
    """Return the value as it is kept, not rounded; whole numbers without a fraction."""
    return int(value) if value.is_integer() else value


def _cell(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
