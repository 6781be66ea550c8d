"""What the tests over HTTP write: two ships and a house, with readings of March and April 2017.

Sent again it changes nothing, and its numbers are like no other's: so a service that is in use can
have it, and keeps it.
"""

from datetime import UTC, datetime
from typing import Any, NamedTuple

from tests.builders import batch, channel_batch, reading, values
from tests.catalogues import budgets, circuit, entry, meter, sensor

SHIP, OTHER_SHIP, HOUSE = 990_001, 990_002, 990_001
PANEL, OUTDOORS, DOWNSTAIRS, MAIN, HOT, TANK = range(1, 7)
AT = f"/api/houses/{HOUSE}"

Json = Any


def local(hour: int) -> datetime:
    """Return the beginning of an hour of 1 March 2017 in New York."""
    return datetime(2017, 3, 1, hour + 5, tzinfo=UTC)


def hourly(units: Any, **channels: tuple[float, float]) -> Json:
    """Return a device's readings of the hours 10 and 11."""
    hours = zip((local(10), local(11)), zip(*channels.values(), strict=True), strict=True)
    data = [values(at, **dict(zip(channels, row, strict=True))) for at, row in hours]
    return channel_batch(*data, units=units, interval="PT1H")


def at_minutes(*kw: float) -> list[Json]:
    """Return a ship's readings, five minutes apart."""
    return [reading(f"2017-03-01T02:{5 * nth:02}:00Z", each) for nth, each in enumerate(kw)]


def volume(device: int, **more: Any) -> Json:
    """Return a meter of water."""
    return meter(device, channels={"gallons": {"quantity": "volume"}}, **more)


CATALOGUE = entry(
    meter(PANEL, "used", "solar", "ashp"),
    sensor(OUTDOORS, "outdoor"),
    sensor(DOWNSTAIRS, "first_floor"),
    volume(MAIN, role="main_water"),
    volume(HOT, role="hot_water"),
    volume(TANK),
    circuits=[circuit("ashp", description="Heat pump")],
    name="The house of the tests",
    sname="Tests",
)
BUDGETS = budgets(m2017_03={"solar": -430, "used": 820, "hdd": 1300, "water": 1900})
SHOWN = {"temperature": "degF", "humidity": "%"}

_READINGS = {
    PANEL: hourly("kWh", used=(1.25, 0.75), solar=(-0.25, -0.5), ashp=(0.5, 0.25)),
    OUTDOORS: hourly(SHOWN, temperature=(41, 53), humidity=(50, 60)),
    DOWNSTAIRS: hourly(SHOWN, temperature=(68, 70), humidity=(40, 40)),
    MAIN: hourly("gal", gallons=(10, 5)),
    HOT: hourly("gal", gallons=(4, 1)),
    TANK: channel_batch(
        *(values(f"2017-04-0{day}T04:00:00Z", gallons=96 * day) for day in range(1, 7)),
        units="gal",
        interval="P1D",
    ),
}


class Write(NamedTuple):
    """A request that writes, and what its answer has besides words and versions."""

    operation: str
    target: str
    body: Json
    answer: Json

    @property
    def method(self) -> str:
        return self.operation.partition(" ")[0]


def _of_ship(ship: int, body: Json) -> Write:
    return Write("POST /data", "/data", body, {"spaceship_id": ship, **_accepted(body)})


def _of_device(device: int, body: Json) -> Write:
    return Write(
        "POST /api/houses/{house}/devices/{device}/readings",
        f"{AT}/devices/{device}/readings",
        body,
        {"house_id": HOUSE, "device": device, **_accepted(body)},
    )


def _accepted(body: Json) -> Json:
    times = [one["datetime"] for one in body["data"]]
    return {"accepted": len(times), "start": times[0], "end": times[-1], "warnings": []}


def _of_nothing(operation: str, target: str) -> Write:
    """Return a DELETE of a month of which there are no readings."""
    may = "start=2017-05-01T00:00:00Z&end=2017-06-01T00:00:00Z"
    return Write(operation, f"{target}{may}", None, {"deleted": 0, "dry_run": False})


# In the order in which a service that has none of it takes them.
WRITES = [
    _of_ship(SHIP, batch(at_minutes(22, 24, 23, 18, 22), ship=SHIP, units="kW")),
    _of_ship(OTHER_SHIP, batch(at_minutes(12), ship=OTHER_SHIP, interval="PT1H")),
    Write("PUT /api/houses/{house}", AT, CATALOGUE, {"house_id": HOUSE}),
    Write("PUT /api/houses/{house}/budgets", f"{AT}/budgets", BUDGETS, {"house_id": HOUSE}),
    *(_of_device(device, body) for device, body in _READINGS.items()),
    _of_nothing("DELETE /data", f"/data?spaceship_id={SHIP}&"),
    _of_nothing(
        "DELETE /api/houses/{house}/devices/{device}/readings", f"{AT}/devices/{PANEL}/readings?"
    ),
]
