"""What is read: every path at every interval, with ranges of every form, and what is refused."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from urllib.parse import urlencode

from tests.recorded.running import Request

Parameters = Mapping[str, str | int]

INTERVALS = ("hour", "day", "month", "year")
# Local days: the change of clocks, an open day, an edge of months, before and after all data.
SHORT: tuple[Parameters, ...] = (
    {"start": "2024-11-03", "duration": "1day"},
    {"start": "2024-11-02", "duration": "30hours"},
    {"start": "2024-10-30", "end": "2024-11-02"},
    {"start": "2024-11-06"},
)
LONG: tuple[Parameters, ...] = (
    {},
    {"start": "2024-10", "duration": "1month"},
    {"start": "2024", "duration": "1year"},
    {"start": "2024-10-15", "end": "2024-11-05", "house": "1", "date": "false"},
    {"end": "2024-11-04"},
    {"start": "2030"},
)
# Spellings of intervals, each with one view.
SPELLED = (
    *("hours", "days", "months", "years"),
    *("hourly", "daily", "monthly", "yearly"),
    *("15min", "week", "Day", ""),
)
BAD_RANGES: tuple[Parameters, ...] = (
    {"interval": "day", "start": "x"},
    {"interval": "day", "start": "2024-02-30"},
    {"interval": "day", "start": "1999"},
    {"interval": "day", "start": "2024-11-02T05:00", "end": "2024-11-03T00:00:00Z"},
    {"interval": "day", "start": "2024-11-02", "end": "2024-11-01"},
    {"interval": "day", "start": "2024-11-02", "end": "2024-11-02"},
    {"interval": "day", "start": "2024-11-02", "duration": "1week"},
    {"interval": "day", "start": "2024-11-02", "duration": "0days", "end": "x"},
    {"interval": "hour", "duration": "3days", "end": "2024-10-31"},
    {"start": "2024-11-02"},
    {"colour": "blue"},
)


def get(path: str, parameters: Parameters | None = None, **more: str | int) -> Request:
    """Return a GET."""
    said = {**(parameters or {}), **more}
    return Request("GET", f"{path}?{urlencode(said)}" if said else path)


# --- Ships and the fleet --------------------------------------------------------------------------

# UTC: days that are open and settled, within a quarter hour, across months and years.
SPANS: tuple[Parameters, ...] = (
    {"start": "2024-11-01T00:00:00Z", "end": "2024-11-02T00:00:00Z"},
    {"start": "2024-10-30T22:00:00+02:00", "end": "2024-11-01T03:07:30.5Z"},
    {"start": "2024-11-05T20-00-00Z", "end": "2024-11-07T12-00-00Z"},
    {"start": "2024-11-01T18:07:00Z", "end": "2024-11-01T18:08:00Z"},
    {"start": "2024-11-03T00:00:00Z", "end": "2024-11-03T00:00:00Z"},
)
LONGER: tuple[Parameters, ...] = (
    {"start": "2024-10-01T00:00:00Z", "end": "2024-11-08T00:00:00Z"},
    {"start": "2023-12-15T00:00:00Z", "end": "2024-11-06T05:00:00Z"},
    {"start": "2000-01-01T00:00:00Z", "end": "2099-12-31T23:59:59.999Z"},
)
SHIPS = (1, 2, 3, 5, 6, 34, 77, 2**53 - 1)


def ship_targets() -> Iterator[Request]:
    """Yield ranges of ships."""
    for ship, span in product(SHIPS, SPANS):
        yield get("/data", span, spaceship_id=ship, interval="15min")
    for ship, span in product((1, 5), SPANS):
        yield get("/data", span, spaceship_id=ship, interval="hour")
    for ship, span, interval in product(SHIPS, LONGER[1:], ("day", "month")):
        yield get("/data/", span, spaceship_id=ship, interval=interval)
    for ship, interval in product((3, 5), ("15min", "hour", "day", "month")):
        yield get("/data", SPANS[1], spaceship_id=ship, interval=interval, format="csv")
    yield get("/data", LONGER[0], spaceship_id=2)
    yield get("/data", LONGER[0], spaceship_id=3, interval="hour")
    yield get("/data", LONGER[1], spaceship_id=1, interval="15min")


def refused_ranges() -> Iterator[Request]:
    """Yield ranges of ships and of the fleet that are refused."""
    good = {"spaceship_id": 1, **SPANS[0]}
    for ship in ("", "x", "-1", "01", "1.0", "9007199254740992", "4", "999"):
        yield get("/data", good, spaceship_id=ship)
    for path, name in product(("/data", "/data/fleet", "/topusers"), ("start", "end")):
        for at in ("", "x", "2024-11-01", "2024-11-01T00:00:00", "2024-13-01T00:00:00Z"):
            yield get(path, good, **{name: at})
        yield get(path, good, **{name: "2024-11-01T00:00:00+01:00"})
        yield get(path, {key: value for key, value in good.items() if key != name})
    for path, interval in product(("/data", "/data/fleet"), ("", "year", "Hour", "1h")):
        yield get(path, good, interval=interval)
    for path, form in product(("/data", "/data/fleet", "/topusers"), ("", "xml", "CSV")):
        yield get(path, good, format=form)
    yield get("/data")
    yield get("/data", LONGER[2], spaceship_id=1)
    yield get("/data", LONGER[2], spaceship_id=1, interval="hour")
    yield Request("GET", "/data?spaceship_id=1&spaceship_id=2")
    yield Request("GET", "/data?spaceship_id=1&start=2024-11-01T00:00:00+01:00&end=x")


def fleet_targets() -> Iterator[Request]:
    """Yield ranges of the fleet, and the top users."""
    for span, interval in product(SPANS[1:], ("15min", "hour")):
        yield get("/data/fleet", span, interval=interval)
    for span, interval in product(LONGER, ("day", "month")):
        yield get("/data/fleet", span, interval=interval)
    for interval in ("15min", "day"):
        yield get("/data/fleet/", SPANS[1], interval=interval, format="csv")
    yield get("/data/fleet", LONGER[2])
    yield get("/data/fleet")
    yield get("/topusers")
    yield get("/topusers/", count=2, format="csv")
    for span in (*SPANS, LONGER[1]):
        yield get("/topusers", span, count=4)
    yield get("/topusers", SPANS[1], count=1000, format="csv")
    yield get("/topusers", start="2024-11-01T00:00:00Z")
    yield get("/topusers", end="2024-10-01T00:00:00Z")
    yield get("/topusers", start="2024-11-02T00:00:00Z", end="2024-11-01T00:00:00Z")
    for count in ("0", "1001", "-1", "x", "", "1.5", "٣"):
        yield get("/topusers", count=count)


# --- Houses ---------------------------------------------------------------------------------------

CIRCUITS = {
    5: ("summary", "all", "ashp", "all_other", "dryer", "barn", "used", "adjusted_load"),
    7: ("summary", "all", "ashp", "all_other", "stove", "solar"),
    9: ("summary", "all", "all_other"),
    11: ("summary", "all"),
}
LOCATIONS = {5: (0, 10, 30), 7: (3,), 9: (2, 3), 11: ()}
PLAIN = ("summary", "generation", "hdd", "water", "basetemp", "heatmap")
HOUSES = (5, 7, 9, 11)


def catalogue_targets() -> Iterator[Request]:
    """Yield what houses have."""
    yield get("/api/houses")
    yield get("/api/houses/")
    for house in (*HOUSES, 6, 12):
        for path in ("", "catalogue", "budgets", "devices", "circuits", "views"):
            yield get(f"/api/houses/{house}/{path}")
    for path in ("x", "-1", "05", "5x", "5/nothing", "5/devices/", "5/views/", "9007199254740992"):
        yield get(f"/api/houses/{path}")


def view_targets() -> Iterator[Request]:
    """Yield every view of every house at every interval."""
    for house in HOUSES:
        for view, parameters in views(house):
            for interval, span in spans(few=house != 5):
                said = {**parameters, "interval": interval, **span}
                yield get(f"/api/houses/{house}/views/{view}", said)
        for interval in INTERVALS:
            for start in ("2024-11-03", "2024-10-31", "2024-11-07"):
                said = {"interval": interval, "start": start, "end": "x", "duration": "3days"}
                yield get(f"/api/houses/{house}/views/chart/", said)
        for path, interval in product(("default", "defaults/"), ("", "months", "days")):
            yield get(
                f"/api/houses/{house}/views/{path}", {"interval": interval} if interval else {}
            )


def views(house: int) -> Iterator[tuple[str, Parameters]]:
    """Yield the views of a house except the chart of a day, with their parameters."""
    for view in PLAIN:
        yield view, {}
    for circuit in CIRCUITS[house]:
        yield "usage", {"circuit": circuit}
    for location in LOCATIONS[house]:
        yield "temperature", {"location": location}


def spans(*, few: bool) -> Iterator[tuple[str, Parameters]]:
    """Yield intervals with ranges of their size."""
    yield "hour", SHORT[0]
    yield "year", LONG[0]
    if few:
        yield from product(("day", "month"), LONG[:1])
        return
    yield from product(("hour",), SHORT[1:])
    yield from product(("day",), (SHORT[1], SHORT[3], LONG[3]))
    yield from product(("month",), (LONG[1], LONG[4], LONG[5]))
    yield "year", LONG[2]


def odd_views() -> Iterator[Request]:
    """Yield other spellings, other bases, and what is refused."""
    yield get("/api/houses/5/views/summary", interval="month", start="", end="", duration="")
    yield get("/api/houses/5/views/heatmap", interval="day")
    for nth, interval in enumerate(SPELLED):
        view = (*PLAIN, "usage", "temperature")[nth % 8]
        yield get(
            f"/api/houses/5/views/{view}/", interval=interval, start="2024-11-01", end="2024-11"
        )
        yield get(f"/api/houses/5/views/{view}/", interval=interval, start="2024-11-01", end="")
    for base in ("60", "55.5", "-5", "1e1", ".5", "", "x", "nan", "1e10", "6 5"):
        for view in ("basetemp", "usage"):
            said = {"interval": "day", "base": base, "circuit": "ashp", "start": "2024-10-28"}
            yield get(f"/api/houses/5/views/{view}", said)
    for view, bad in product(("summary", "usage", "water", "chart"), BAD_RANGES):
        yield get(f"/api/houses/7/views/{view}", bad)
    for circuit in ("nothing", "solar", "water_heater", "ASHP", "", "net"):
        yield get("/api/houses/5/views/usage", interval="month", circuit=circuit)
    for location in ("", "x", "1", "12", "99", "010"):
        yield get("/api/houses/5/views/temperature", interval="month", location=location)
    for interval in ("years", "hours", "x", "month", "day", ""):
        yield get("/api/houses/5/views/default", interval=interval)
    yield get("/api/houses/5/views/nothing", interval="day")
    yield get("/api/houses/6/views/summary")
    yield get("/api/houses/5/views/summary/more", interval="day")
    yield Request("GET", "/api/houses/5/views/summary?interval=day&interval=day")


# --- Values ---------------------------------------------------------------------------------------

VALUES = {
    5: ("devices/1", "devices/2,4", "devices/10,0", "devices/20", "circuits/ashp,dryer"),
    7: ("devices/1", "devices/2", "circuits/all_other,stove", "circuits/used,solar,adjusted_load"),
    9: ("devices/1", "devices/3,2", "temperatures"),
}


def value_targets() -> Iterator[Request]:
    """Yield values of devices, circuits and sensors, by pages."""
    for house, paths in VALUES.items():
        for path in paths:
            for interval, span in product(("15min", "hour"), (SHORT[0], SHORT[3])):
                yield get(f"/api/houses/{house}/{path}/", span, interval=interval)
            for interval, span in zip(("day", "month", "year"), LONG[3::-1], strict=False):
                yield get(f"/api/houses/{house}/{path}", span, interval=interval)
    for interval, span in product(("hour", "day", "month"), (SHORT[0],)):
        yield get("/api/houses/5/temperatures", span, interval=interval)
    yield get("/api/houses/5/devices/3", interval="hour", fields="used,net", start="2024-10-30")
    yield get("/api/houses/5/circuits/ashp,all_other,barn", interval="hour", start="2024-10-28")
    yield get("/api/houses/5/devices/2,1", interval="15min", start="2024-10-30", duration="2days")
    yield get("/api/houses/9/temperatures", interval="15min", fields="avg_humidity,min_temperature")


def odd_values() -> Iterator[Request]:
    """Yield other parameters of values, and what is refused."""
    paths = ("devices/1", "circuits/ashp", "temperatures")
    for path, bad in product(paths, BAD_RANGES):
        yield get(f"/api/houses/5/{path}", bad)
    fields = ("used", "solar,used,solar", "net", "nothing", "used,nothing", "actual", ",", "Used")
    for path, said in product(paths, (*fields, "max_temperature", "avg_humidity,avg_temperature")):
        parameters = {"interval": "day", "start": "2024-10-28", "end": "2024-11-02", "fields": said}
        yield get(f"/api/houses/5/{path}", parameters)
    afters = (
        "1730505600000.1",
        "1730505600000.ashp",
        "1730505600000.",
        "x",
        "1.1",
        "99999999999999.1",
    )
    for path, after in product(paths, afters):
        parameters = {"interval": "day", "start": "2024-10-28", "end": "2024-11-06", "after": after}
        yield get(f"/api/houses/5/{path}", parameters)
    for devices in ("x", "1,x", "1,", "99", "1,99", "1,1,2", "-1", "01", "12", "30"):
        yield get(f"/api/houses/5/devices/{devices}", interval="day", start="2024-11-01")
    for circuits in ("x", "ashp,x", ",", "used,used", "net", "summary", "ASHP", "solar,barn"):
        yield get(f"/api/houses/5/circuits/{circuits}", interval="day", start="2024-11-01")
    for path in ("devices/1", "circuits/used", "temperatures"):
        for house in (6, 11):
            yield get(f"/api/houses/{house}/{path}", interval="month")


# --- Methods and headers --------------------------------------------------------------------------

PATHS = (
    "/data?spaceship_id=1&start=2024-11-01T00:00:00Z&end=2024-11-01T06:00:00Z",
    "/data/fleet?start=2024-11-01T00:00:00Z&end=2024-11-01T06:00:00Z",
    "/topusers?count=1&start=2024-11-01T00:00:00Z&end=2024-11-01T06:00:00Z",
    "/api/houses",
    "/api/houses/5",
    "/api/houses/5/devices/1?interval=month",
    "/api/houses/5/devices/1/readings",
    "/api/houses/5/budgets/",
    "/api/houses/5/views/summary?interval=month",
    "/data?spaceship_id=999&start=2024-11-01T00:00:00Z&end=2024-11-01T06:00:00Z",
    "/nothing",
)
HEADERS: tuple[tuple[tuple[str, str], ...], ...] = (
    (("origin", "https://example.org"),),
    (("accept", "text/csv"), ("accept-encoding", "gzip")),
    (("sec-fetch-site", "cross-site"), ("origin", "null")),
    (("x-forwarded-proto", "https"), ("x-forwarded-host", "example.org")),
)


def methods() -> Iterator[Request]:
    """Yield requests that are not plain GETs."""
    for method, path in product(("HEAD", "OPTIONS", "DELETE", "PATCH"), PATHS):
        yield Request(method, path)
    for headers, path in product(HEADERS, PATHS):
        yield Request("GET", path, headers=headers)
    preflight = (
        ("origin", "https://example.org"),
        ("access-control-request-method", "POST"),
        ("access-control-request-headers", "content-type"),
    )
    for path in PATHS:
        yield Request("OPTIONS", path, headers=preflight)
    yield from map(get, ("/", "/health/x", "/data/x", "/topusers/x", "/api", "/api/house", "/Data"))


def _distinct(requests: Iterable[Request]) -> list[Request]:
    return [*dict.fromkeys(requests)]


TARGETS = _distinct(
    request
    for of_kind in (
        *(ship_targets, refused_ranges, fleet_targets),
        *(catalogue_targets, view_targets, odd_views),
        *(value_targets, odd_values, methods),
    )
    for request in of_kind()
)
