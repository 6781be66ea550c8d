"""What is posted: ships and houses over some days of 2024, in which New York's clocks go back.

OPENING comes before the first rollup, LATER two days after it: readings at their own time, others
that come late to days that are settled, and catalogue entries that have changed.
"""

import gzip
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.builders import batch, channel_batch, reading, values
from tests.recorded.running import Request

OPENED_AT = "2024-11-05T10:20:00Z"
READ_AT = "2024-11-07T09:40:00Z"

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
QUARTER = 15 * MINUTE

_JSON = ("content-type", "application/json")


def utc(*at: int) -> datetime:
    """Return a time of UTC."""
    return datetime(*at, tzinfo=UTC)  # type: ignore[misc,arg-type]


START, OPENED, READ = utc(2024, 10, 29), utc(2024, 11, 5, 10), utc(2024, 11, 7, 9, 30)


def times(start: datetime, end: datetime, step: timedelta, *, gaps: int = 0) -> list[datetime]:
    """Return the times of [start, end); of every `gaps` of them seven in a row are left out."""
    count = (end - start) // step
    return [start + n * step for n in range(count) if not gaps or n % gaps < gaps - 7]


def wave(at: datetime, least: float, most: float, salt: int = 1) -> float:
    """Return a number between two that seems to have no rule, the same on every machine."""
    place = (int(at.timestamp()) // 60 * (7919 + 2 * salt) + 31 * salt) % 1009
    return round(least + (most - least) * place / 1009, 3)


def sunny(at: datetime) -> float:
    """Return what solar panels make, in Wh: negative, and nothing at night."""
    return -wave(at, 50, 2600, 5) if 13 <= at.hour < 21 else 0


# --- Requests -------------------------------------------------------------------------------------


def post(target: str, body: Any, *headers: tuple[str, str], method: str = "POST") -> Request:
    """Return a request with a body: bytes or text as they are, anything else as JSON."""
    sent = body if isinstance(body, bytes) else _text(body).encode()
    return Request(method, target, sent, headers or (_JSON,))


def _text(body: Any) -> str:
    return body if isinstance(body, str) else json.dumps(body, separators=(",", ":"))


def ship(number: Any, data: Any, units: Any = "kWh", **more: Any) -> Request:
    """Return a POST of a ship's readings."""
    return post("/data", batch(data, ship=number, units=units, **more))


def device(house: int, number: int, data: Iterable[Any], units: Any, **more: Any) -> Request:
    """Return a POST of a device's readings."""
    return post(
        f"/api/houses/{house}/devices/{number}/readings/",
        channel_batch(*data, units=units, **more),
    )


def put(target: str, body: Any) -> Request:
    """Return a PUT of JSON."""
    return post(target, body, method="PUT")


def measured(at: Iterable[datetime], salt: int = 1, **spans: tuple[float, float]) -> Iterator[Any]:
    """Yield readings of channels that go up and down between two numbers each."""
    for time in at:
        found = {
            name: wave(time, *span, salt=salt + nth)
            for nth, (name, span) in enumerate(spans.items())
        }
        yield values(time, **found)


# --- Ships ----------------------------------------------------------------------------------------


def ships() -> Iterator[Request]:
    """Yield ships with power and energy, gaps, declared intervals, and readings in any order."""
    every_10 = times(START, OPENED, 10 * MINUTE, gaps=300)
    for first in range(0, len(every_10), 400):
        part = every_10[first : first + 400]
        yield ship(1, [reading(at, wave(at, 0, 40)) for at in part], "kW")
    quarters = times(utc(2024, 10, 31), OPENED, QUARTER, gaps=90)
    energies = [reading(at, wave(at, 0, 12, 2)) for at in quarters]
    yield ship(2, energies[::-1])
    hours = times(utc(2024, 10, 27), OPENED, HOUR, gaps=80)
    packed = gzip.compress(
        json.dumps(
            batch(
                [reading(at, wave(at, 900, 41_000, 3)) for at in hours],
                ship=3,
                units="Wh",
                interval="PT1H",
            )
        ).encode(),
        mtime=0,
    )
    yield post("/data", packed, _JSON, ("content-encoding", "gzip"))
    uneven = [
        START + n * 61 * MINUTE + n * n % 977 * timedelta(milliseconds=731) for n in range(90)
    ]
    yield ship(34, [reading(at, wave(at, 0, 90_000, 4)) for at in uneven], "w")
    days = times(utc(2023, 12, 28), utc(2024, 1, 5), DAY)
    yield ship(2**53 - 1, [reading(at, wave(at, 10, 300, 5)) for at in days], interval="P1D")
    yield from mixed()


def mixed() -> Iterator[Request]:
    """Yield ship 5: power under declared energy, overlaps, jumps, one instant twice, offsets."""
    day = utc(2024, 11, 1)
    yield ship(5, [reading(at, 3) for at in times(day, day + DAY, 5 * MINUTE)], "kW")
    yield ship(5, [reading(day + n * 50 * MINUTE, n) for n in range(6)], interval="PT1H")
    yield ship(5, [reading(day + n * 50 * MINUTE, n) for n in range(6)], interval="PT1H")
    yield ship(5, [reading(day + 40 * QUARTER, 2.5), reading(day + 41 * QUARTER, 0.1 + 0.2)])
    odd = [
        reading("2024-11-01T20:00:00+02:00", 0),
        reading("2024-11-01t18:07:30.125z", 1e-7),
        reading("2024-11-01 18:20Z", 7_000),
        reading("2024-11-01T18:20:00Z", 7_000.0),
        reading("2024-11-01T18:29:59,999-0130", -0.0),
    ]
    yield ship(5, odd, "KWH")
    yield ship(5, [reading(day + 3 * HOUR, 1e9)], "kWh", ignored={"a": [1]}, interval="PT90S")
    yield ship(5, [reading(utc(2000, 1, 1), 1), reading(utc(2000, 1, 1, 1), 2)])
    yield ship(6, [reading(utc(2024, 11, 5, 10, 5), 4)], "kW")


# --- Houses ---------------------------------------------------------------------------------------

ENERGY = {"quantity": "energy"}
POWER = {"quantity": "power"}
SIGNED = {"quantity": "energy", "signed": True}
VOLUME = {"quantity": "volume"}
SENSOR = {"temperature": {"quantity": "temperature"}, "humidity": {"quantity": "humidity"}}


def _device(number: int, name: str, channels: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    return {"id": number, "name": name, "channels": channels, **more}


def home() -> dict[str, Any]:
    """Return the entry of house 5, in New York: two meters, two monitors, sensors, water."""
    circuits = dict.fromkeys(("ashp", "water_heater", "water_pump", "dryer"), ENERGY)
    monitor = {"used": ENERGY, "solar": SIGNED, "adjusted_load": SIGNED, **circuits}
    newer = {"barn": ENERGY, **monitor, "dryer": POWER}
    return {
        "name": "A house by the river, à côté",
        "sname": "River",
        "timezone": "America/New_York",
        "areas": {"iga": 1500, "ciga": 1200.5, "ega": 1800},
        "devices": [
            _device(1, "Old meter", {"used": ENERGY, "solar": SIGNED}, priority=20),
            _device(2, "Meter", {"used": POWER, "solar": SIGNED}, priority=21),
            _device(3, "Old monitor", monitor),
            _device(4, "Monitor", newer),
            _device(0, "First floor", SENSOR, location="first_floor"),
            _device(10, "Outdoors", SENSOR, location="outdoor"),
            _device(
                12, "Cellar", {"temperature": {"quantity": "temperature"}}, location="basement"
            ),
            _device(20, "Water", {"gallons": VOLUME}, role="main_water"),
            _device(21, "Hot water", {"gallons": VOLUME}, role="hot_water"),
        ],
        "circuits": [
            {"circuit_id": "dryer", "name": "Dryer", "description": "Clothes dryer"},
            {"circuit_id": "ashp", "name": "Heat pump", "description": "Heats and cools"},
            {"circuit_id": "barn", "name": "Barn", "description": ""},
        ],
    }


def changed_home() -> dict[str, Any]:
    """Return house 5 with the old meter in front, a new device, the cellar's sensor left out."""
    entry = home()
    devices = [one for one in entry["devices"] if one["id"] != 12]
    devices[0] = {**devices[0], "priority": 30}
    attic = _device(30, "Attic", SENSOR, location="second_floor", priority=None)
    return {**entry, "sname": "Brook", "devices": [*devices, attic]}


def flat() -> dict[str, Any]:
    """Return the entry of house 7, in UTC: one meter with circuits, and a weather station."""
    meter = {"used": ENERGY, "solar": SIGNED, "stove": ENERGY, "ashp": POWER}
    return {
        "name": "A flat",
        "sname": "Flat",
        "timezone": "UTC",
        "devices": [
            _device(1, "Meter", meter, priority=-3),
            _device(2, "Station", {"hdd": {"quantity": "degree_days"}}, role="hdd_station"),
            _device(3, "Window", SENSOR, location="outdoor"),
        ],
    }


def far() -> dict[str, Any]:
    """Return the entry of house 9, in a zone of half an hour: a meter of power, and two sensors."""
    return {
        "name": "Far away",
        "sname": "Far",
        "timezone": "Australia/Adelaide",
        "areas": {},
        "devices": [
            _device(1, "Meter", {"used": POWER, "solar": {**POWER, "signed": True}}),
            _device(2, "Outside", SENSOR, location="outdoor"),
            _device(3, "Inside", SENSOR, location="first_floor"),
        ],
        "circuits": [],
    }


def empty() -> dict[str, Any]:
    """Return the entry of house 11, which has nothing."""
    return {"name": "Nothing yet", "sname": "Nil", "timezone": "Europe/Vienna", "devices": []}


def houses() -> Iterator[Request]:
    """Yield the houses, and what their devices measured until OPENED."""
    for number, entry in {5: home(), 7: flat(), 9: far(), 11: empty()}.items():
        yield put(f"/api/houses/{number}/", entry)
    yield put("/api/houses/11", empty())
    yield put("/api/houses/5/budgets/", {"budgets": [*budgets()]})
    partial = [{"month": "2024-10", "solar": -80.5}, {"month": "2024-11", "used": 300, "hdd": None}]
    yield put("/api/houses/7/budgets", {"budgets": partial})
    yield from meters(START, OPENED)
    yield from monitors()
    yield from sensors(START, OPENED)
    yield from water(START, OPENED)
    yield from of_flat(START, OPENED)
    yield from of_far(utc(2024, 11, 1), OPENED)
    yield from periods()


def budgets() -> Iterator[dict[str, Any]]:
    """Yield a budget of every month of 2024."""
    for month in range(1, 13):
        yield {
            "month": f"2024-{month:02}",
            "solar": -430 - 11.5 * month,
            "used": 820 - 13 * month,
            "hdd": 1300 - 90 * month,
            "water": 1900,
        }


def meters(start: datetime, end: datetime) -> Iterator[Request]:
    """Yield house 5's meters: the old one until the change and some hours on, then the new one."""
    change = utc(2024, 10, 30, 18)
    old = times(start, change + 5 * HOUR, HOUR, gaps=25)
    if old:
        found = (values(at, used=wave(at, 100, 3000), solar=sunny(at)) for at in old)
        yield device(5, 1, found, "Wh", interval="PT1H")
    new = times(max(start, change), end, QUARTER, gaps=170)
    yield device(5, 2, measured(new, 2, used=(0.1, 6)), "kW")
    found = (values(at, solar=sunny(at) / 4 or None) for at in new)
    yield device(5, 2, found, {"solar": "Wh"}, interval="PT15M")


def monitors() -> Iterator[Request]:
    """Yield house 5's circuit monitors: nulls, overlap, the dryer's energy that becomes power."""
    change = utc(2024, 11, 2, 15)
    spans = {
        "used": (300.0, 3100.0),
        "ashp": (0.0, 1400.0),
        "water_heater": (0.0, 700.0),
        "water_pump": (0.0, 90.0),
        "dryer": (0.0, 0.0),
    }
    old = []
    for row in measured(times(START + 9 * HOUR, change + 3 * HOUR, HOUR, gaps=130), 3, **spans):
        at = datetime.fromisoformat(row["datetime"])
        found = {**row["values"], "solar": sunny(at), "adjusted_load": sunny(at) + 500}
        if at.hour == 4:
            found["water_pump"] = None
        old.append({**row, "values": found})
    yield device(5, 3, old, "Wh", interval="PT1H")
    new = times(change, OPENED, HOUR, gaps=60)
    spans = {"used": (0.3, 3.1), "barn": (0.0, 0.2), "ashp": (0.0, 1.4), "water_heater": (0.0, 0.7)}
    yield device(5, 4, measured(new, 4, **spans), "kWh", interval="PT1H")
    yield device(5, 4, measured(new, 6, dryer=(0, 2000)), {"dryer": "W"})


def sensors(start: datetime, end: datetime) -> Iterator[Request]:
    """Yield house 5's sensors: hours, then quarter hours; degF and degC; one with a gap."""
    outdoor = times(start, end, HOUR, gaps=110)
    cold = {"temperature": (-6.0, 14.0), "humidity": (30.0, 99.0)}
    units = {"temperature": "degC", "humidity": "%"}
    yield device(5, 10, measured(outdoor, 7, **cold), units, interval="PT1H")
    fine = times(end - 20 * HOUR, end, QUARTER)
    yield device(5, 10, measured(fine, 8, **cold), units)
    warm = {"temperature": (62.0, 71.0), "humidity": (35.0, 50.0)}
    units = {"temperature": "degF", "humidity": "%"}
    yield device(5, 0, measured(times(start, end, HOUR, gaps=90), 9, **warm), units)
    cellar = times(start, start + 4 * DAY, 3 * HOUR)
    yield device(5, 12, measured(cellar, 10, temperature=(50, 60)), "degF", interval="PT3H")


def water(start: datetime, end: datetime) -> Iterator[Request]:
    """Yield house 5's water: every hour, in gallons and litres."""
    hours = times(start, end, HOUR, gaps=140)
    yield device(5, 20, measured(hours, 11, gallons=(0, 12)), "gal", interval="PT1H")
    yield device(5, 21, measured(hours[::2], 12, gallons=(0, 20)), "L", interval="PT2H")


def of_flat(start: datetime, end: datetime) -> Iterator[Request]:
    """Yield what house 7's devices measured."""
    hours = times(start, end, HOUR, gaps=160)
    spans = {"used": (0.1, 2.0), "solar": (-1.5, 0.2), "stove": (0.0, 0.9)}
    yield device(7, 1, measured(hours, 13, **spans), "kWh", interval="PT1H")
    half_hours = times(start + 2 * DAY, start + 6 * DAY, 30 * MINUTE)
    yield device(7, 1, measured(half_hours, 14, ashp=(0, 1.8)), {"ashp": "kW"})
    yield device(7, 2, measured(hours, 15, hdd=(0, 1.5)), "hdd", interval="PT1H")
    yield device(7, 3, measured(hours[:100], 16, temperature=(28, 66)), {"temperature": "degF"})


def of_far(start: datetime, end: datetime) -> Iterator[Request]:
    """Yield what house 9's devices measured."""
    found = times(start, end, 20 * MINUTE, gaps=120)
    yield device(9, 1, measured(found, 17, used=(0.0, 4.0), solar=(-3.0, 0.5)), "kW")
    spans = {"temperature": (40.0, 90.0), "humidity": (0.0, 100.0)}
    units = {"temperature": "degF", "humidity": "%"}
    yield device(9, 2, measured(found[::2], 18, **spans), units)
    yield device(9, 3, measured(found[::3], 19, **spans), units)


def periods() -> Iterator[Request]:
    """Yield totals of months and of a year, and some days at the other change of clocks."""
    bills = [
        values(f"2024-{month:02}-01T0{5 if month in (1, 2, 3) else 4}:00:00Z", gallons=1500 + month)
        for month in range(1, 10)
    ]
    yield device(5, 20, bills, "gal", interval="P1M")
    yield device(5, 21, [values("2023-01-01T05:00:00Z", gallons=30.5)], "m3", interval="P1Y")
    months = [values(f"2024-{n:02}-01T00:00:00Z", used=200 + n, solar=-50 - n) for n in range(5, 9)]
    yield device(7, 1, months, {"used": "kWh", "solar": "kWh"}, interval="P1M")
    spring = times(utc(2024, 3, 9, 20), utc(2024, 3, 11, 8), HOUR)
    yield device(5, 1, measured(spring, 20, used=(0.2, 2.2)), {"used": "kWh"}, interval="PT1H")


# --- What is refused ------------------------------------------------------------------------------

_AT = "2024-11-01T00:00:00Z"
# What is accepted since it was recorded stands here as what is refused for the same reason.
_BAD_VALUES = ("-1", "1e10", "1e999", "NaN", "Infinity", '"1"', "true", "false", "[]", "{}", "")
_BAD_NUMBERS: tuple[Any, ...] = (-1, 1e10, "1", True, [], {}, float("nan"), float("inf"))
_BAD_TIMES = (
    '"2024-11-01"',
    '"2024-11-01T00:00:00"',
    '"2024-11-31T00:00:00Z"',
    '"2024-11-01T25:00:00Z"',
    '"1999-12-31T23:59:59Z"',
    '"2100-01-01T00:00:00Z"',
    '"now"',
    "true",
    "null",
)
_BAD_INTERVALS = ("PT0S", "PT0.9S", "P401D", "PT27H", "P1M", "1h", "", 3600, None)
_BAD_DATA: tuple[Any, ...] = (
    [],
    None,
    {},
    "x",
    [1],
    [None],
    [{}],
    [{"value": 1}],
    [{"datetime": _AT}],
)
_BAD_SHIPS = ("1", -1, 2**53, 1.5, True, None, [1])


def refused_ships() -> Iterator[Request]:
    """Yield batches of ships that are refused."""
    for value in _BAD_VALUES:
        bad = f'{{"datetime":"2024-11-01T01:00:00Z","value":{value}}}'
        data = f'[{{"datetime":"{_AT}","value":1}},{bad}]'
        yield post("/data", f'{{"spaceship_id":1,"units":"kWh","data":{data}}}')
    for at in _BAD_TIMES:
        data = f'[{{"datetime":{at},"value":1}}]'
        yield post("/data", f'{{"spaceship_id":1,"units":"kWh","data":{data}}}')
    for interval in _BAD_INTERVALS:
        yield ship(1, [reading(_AT)], interval=interval)
    for number in _BAD_SHIPS:
        yield ship(number, [reading(_AT)])
    for units in ("gal", "mWh ", "", None, 1):
        yield ship(1, [reading(_AT)], units)
    for posted in _BAD_DATA:
        yield ship(1, posted)
    yield ship(1, [reading(_AT, 1), reading("2024-11-01T01:00:00+01:00", 2)])
    yield ship(1, [reading("2023-01-01T00:00:00Z"), reading("2024-11-01T00:00:00Z")])
    yield ship(1, [reading(_AT, 1)] * 20_001)
    yield from refused_bodies()


def refused_bodies() -> Iterator[Request]:
    """Yield bodies that are not what they should be."""
    good = batch([reading(_AT)])
    for body in ("", "[]", "1", '"a"', "{", "{}", "null", '{"a":1,"a":2}', "[" * 5000, b"\xff{}"):
        yield post("/data", body)
    for media_type in ("text/plain", "text/csv", "application/x-www-form-urlencoded", "x"):
        yield post("/data", good, ("content-type", media_type))
    yield post("/data", good, ("content-type", "application/json; charset=latin-1"))
    yield post(
        "/data", f"\ufeff{_text(good)}", ("content-type", 'Application/LD+json;charset="UTF-8"')
    )
    yield Request("POST", "/data", _text(good).encode())
    for encoding in ("br", "gzip", "identity"):
        yield post("/data", good, _JSON, ("content-encoding", encoding))
    yield post("/data", good, _JSON, ("origin", "https://example.org"))
    yield post("/data", good, _JSON, ("sec-fetch-site", "cross-site"))
    yield post("/data/?a=1&a=2", good)
    yield post("/data/", {**good, "spaceship_id": 6})
    for method in ("PUT", "DELETE", "PATCH"):
        yield post("/data", good, method=method)
    for path in ("/", "/nothing", "/data/fleet", "/topusers", "/api/houses", "/health"):
        yield post(path, good)


def refused_houses() -> Iterator[Request]:
    """Yield batches of devices, catalogue entries and budgets that are refused."""
    one = values(_AT, used=1)
    for house, number in ((6, 1), (5, 99), (11, 1)):
        yield device(house, number, [one], "kWh")
    for path in ("x/devices/1", "5/devices/x", "5/devices/-1", "05/devices/01", "5/devices/"):
        yield post(f"/api/houses/{path}/readings", channel_batch(one))
    for value in _BAD_NUMBERS:
        yield device(5, 1, [one, values(_AT, used=value)], "kWh")
    bad_channels: tuple[Any, ...] = (
        {"unknown": 1},
        {"used": None},
        {},
        {"solar": -1e10},
        {"used": -0.5, "solar": -0.5, "third": "x"},
    )
    for channels in bad_channels:
        yield device(5, 1, [values(_AT, **channels)], "kWh")
    for units in (None, "gal", "degF", "x", 1, {}, {"used": "gal"}, {"used": 1}, {"other": "kWh"}):
        yield device(5, 1, [one], units)
    for interval in (*_BAD_INTERVALS, "P1Y"):
        yield device(5, 2, [one], {"used": "kW"}, interval=interval)
    yield device(5, 1, [values(_AT, used=1)], "kWh", interval="P1M")
    yield device(5, 1, [values("2024-11-01T04:00:00Z", used=1)] * 2, "kWh", interval="P1Y")
    yield device(5, 10, [values(_AT, temperature=1)], "degF", interval="P1M")
    yield from refused_readings()
    yield from refused_entries()


def refused_readings() -> Iterator[Request]:
    """Yield readings of devices that are refused, or just not."""
    one = values(_AT, used=1)
    for temperature in (-500, -459.67, -459.68, 1e9, 1e10):
        yield device(9, 2, [values("2024-10-01T00:00:00Z", temperature=temperature)], "degF")
    for humidity in (-1, 101, 1e9):
        yield device(9, 2, [values("2024-10-01T00:00:00Z", humidity=humidity)], "%")
    for at in (*(json.loads(at) for at in _BAD_TIMES), [1]):
        yield device(5, 1, [{"datetime": at, "values": {"used": 1}}], "kWh")
    for data in (*_BAD_DATA, [{"datetime": _AT, "values": 1}]):
        yield post("/api/houses/5/devices/1/readings", {"units": "kWh", "data": data})
    yield post("/api/houses/5/devices/1/readings", {})
    yield post("/api/houses/5/devices/1/readings", channel_batch(one), ("content-type", "text/csv"))
    clash = [values(_AT, used=1), values("2024-11-01T02:00:00+02:00", used=2)]
    yield device(5, 1, clash, "kWh")
    yield device(5, 1, [one, values("2020-01-01T00:00:00Z", used=1)], "kWh")


def refused_entries() -> Iterator[Request]:
    """Yield catalogue entries and budgets that are refused."""
    good = empty()
    a_meter = _device(1, "Meter", {"used": ENERGY})
    changes: tuple[dict[str, Any], ...] = (
        {"name": ""},
        {"name": 1},
        {"sname": "x" * 201},
        {"timezone": "Mars/Olympus"},
        {"timezone": ""},
        {"areas": {"iga": -1, "ega": "x"}},
        {"devices": None},
        {"devices": [1]},
        {"devices": [{}]},
        {"devices": [a_meter, a_meter]},
        {"devices": [{**a_meter, "id": -1}]},
        {"devices": [{**a_meter, "role": "Main Water", "location": 1, "priority": 1.5}]},
        {"devices": [{**a_meter, "channels": {"Used": ENERGY, "x": {"quantity": "money"}}}]},
        {"devices": [{**a_meter, "channels": {"used": {"quantity": "volume"}}}]},
        {"devices": [{**a_meter, "channels": {"t": {"quantity": "volume", "signed": True}}}]},
        {"devices": [{**a_meter, "channels": {"all": ENERGY, "net": ENERGY, "all_other": ENERGY}}]},
        {
            "devices": [
                {**a_meter, "role": "main_water"},
                {**a_meter, "id": 2, "role": "main_water"},
            ]
        },
        {
            "devices": [
                _device(
                    1, "S", {"a": {"quantity": "temperature"}, "b": {"quantity": "temperature"}}
                )
            ]
        },
        {"circuits": [{"circuit_id": "ashp", "name": "a"}, {"circuit_id": "ashp", "name": "b"}]},
        {"circuits": [{"circuit_id": "A b", "name": ""}]},
    )
    for change in changes:
        yield put("/api/houses/12/", {**good, **change})
    for path in ("x", "-1", "012", "9007199254740992"):
        yield put(f"/api/houses/{path}/", good)
    yield put("/api/houses/12/budgets/", {"budgets": [{"month": "2024-10"}]})
    bad_budgets: tuple[Any, ...] = (
        None,
        [],
        [{}],
        [{"month": "2024-13"}],
        [{"month": "1999-01", "used": "x", "solar": 1e10}],
        [{"month": "2024-10", "used": 1}, {"month": "2024-10", "used": 2}],
    )
    for said in bad_budgets:
        yield put("/api/houses/5/budgets/", {"budgets": said})


# --- In their order -------------------------------------------------------------------------------


def opening() -> Iterator[Request]:
    """Yield what is posted until OPENED_AT."""
    yield from ships()
    yield from houses()
    yield from refused_ships()
    yield from refused_houses()


def later() -> Iterator[Request]:
    """Yield what is posted at READ_AT: two more days, changed entries, and what comes late."""
    at = times(OPENED, READ, 10 * MINUTE, gaps=100)
    yield ship(1, [reading(one, wave(one, 0, 40)) for one in at], "kW")
    at = times(OPENED, READ, QUARTER)
    yield ship(2, [reading(one, wave(one, 0, 12, 2)) for one in at])
    yield ship(6, [reading(READ, 4.25)], "kW")
    yield ship(6, [reading(READ + 5 * MINUTE, 4_250)], "kW")
    yield ship(6, [reading(READ + 8 * HOUR, 2)], "kW")
    yield from meters(OPENED, READ)
    yield from sensors(OPENED, READ)
    yield from water(OPENED, READ)
    yield from of_flat(OPENED, READ)
    yield from of_far(OPENED, READ)
    late = utc(2024, 10, 31, 22)
    yield ship(3, [reading(late + n * HOUR, 77 + n) for n in range(6)], interval="PT1H")
    yield ship(77, [reading(utc(2024, 9, 30, 23, 50), 6)], "kW")
    yield ship(2**53 - 1, [reading(utc(2023, 12, 31), 0)], interval="P1D")
    yield device(5, 3, measured([late], 30, ashp=(0, 900)), "Wh", interval="PT1H")
    yield device(5, 20, [values("2024-09-01T04:00:00Z", gallons=77)], "gal", interval="P1M")
    yield device(7, 3, measured([utc(2024, 10, 30)], 31, temperature=(10, 20)), "degF")
    yield put("/api/houses/5/", changed_home())
    yield put("/api/houses/5/budgets/", {"budgets": [{"month": "2024-11", "used": 1.5}]})
    only_meter = {**flat(), "devices": flat()["devices"][:2]}
    yield put("/api/houses/7/", only_meter)
    attic = measured(times(OPENED, READ, 2 * HOUR), 32, temperature=(50, 80), humidity=(10, 30))
    yield device(5, 30, attic, {"temperature": "degF", "humidity": "%"})
    yield device(7, 3, measured([READ], 33, temperature=(10, 20)), "degF")


OPENING, LATER = [*opening()], [*later()]
