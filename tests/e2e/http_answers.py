"""What is answered about what the tests over HTTP write, operation by operation."""

import json
from typing import Any
from unittest.mock import ANY

from local.commands.openapi import PATH
from tests.catalogues import circuit
from tests.e2e.http_requests import (
    AT,
    BUDGETS,
    CATALOGUE,
    DOWNSTAIRS,
    HOUSE,
    OTHER_SHIP,
    OUTDOORS,
    PANEL,
    SHIP,
    TANK,
)

RANGE = "start=2017-03-01T02:00:00Z&end=2017-03-01T03:00:00Z"
HOURS = "start=2017-03-01T14:00:00Z&end=2017-03-01T17:00:00Z"
DAY = "interval=day&start=2017-03-01&duration=1day"
MONTH = "interval=month&start=2017-03&duration=1month"
CHILDREN = ("devices", "circuits", "views")
LISTED = ("default", "summary", "generation", "usage", "hdd", "water", "heatmap", "chart")

DOCUMENT = json.loads(PATH.read_text("utf-8"))
OPERATIONS = {
    f"{method.upper()} {path}" for path, methods in DOCUMENT["paths"].items() for method in methods
}

Read = tuple[str, Any]


def quarter(clock: str, total: float, mean: float, ships: int, **more: float) -> dict[str, Any]:
    """Return a quarter hour of the fleet."""
    said = {"datetime": f"2017-03-01T{clock}:00Z", "sum": total, "avg": mean, "ships": ships}
    return said | more


def two_hours(*names: str) -> dict[str, dict[str, float]]:
    """Return the coverage of a day with two hours of data."""
    return {"coverage": dict.fromkeys(names, 0.083333)}


def shown(device: int, location: str, degf: tuple[float, ...], humid: tuple[float, ...]) -> Any:
    """Return what a sensor showed: least, most and mean."""
    figures = ("min", "max", "avg")
    return {
        "device": device,
        "location": location,
        "date": "2017-03-01",
        **{f"{name}_temperature": one for name, one in zip(figures, degf, strict=True)},
        **{f"{name}_humidity": one for name, one in zip(figures, humid, strict=True)},
        **two_hours("temperature", "humidity"),
    }


def house(url: str) -> dict[str, Any]:
    """Return what is said of the house; its links lead to the service that was asked."""
    names = {"id": HOUSE, "name": CATALOGUE["name"], "sname": CATALOGUE["sname"]}
    return names | {child: f"{url}{AT}/{child}/" for child in CHILDREN}


def item(**figures: Any) -> dict[str, Any]:
    """Return figures of the one day."""
    return {"date": "2017-03-01", **figures}


def hour(clock: str, inside: float, outside: float, hdd: float, **wh: float) -> dict[str, Any]:
    """Return an hour of the chart."""
    shown_there = {"first_floor_temp": inside, "outdoor_temp": outside, "hdd": hdd}
    return {"date": f"2017-03-01 {clock}:00:00", **shown_there, **wh}


def gap(start: str, end: str, hours: float, share: float, **more: str) -> dict[str, Any]:
    """Return a gap of 1 March 2017."""
    times = {name: f"2017-03-01T{at}:00Z" for name, at in {"start": start, "end": end}.items()}
    return {**more, **times, "hours": hours, "coverage": share}


def reads(url: str) -> dict[str, Read]:
    """Return for each operation that reads a target and its answer, the service being at `url`."""
    return {
        "GET /health": ("/health", {"status": "ok", "version": ANY}),
        "GET /openapi.json": ("/openapi.json", DOCUMENT),
        "GET /data": (
            f"/data?spaceship_id={SHIP}&{RANGE}",
            {
                "spaceship_id": SHIP,
                "units": "kWh",
                "data": [
                    {"datetime": "2017-03-01T02:00:00Z", "value": 5.75},
                    {"datetime": "2017-03-01T02:15:00Z", "value": 3.333333, "coverage": 0.666667},
                ],
            },
        ),
        "GET /data/readings": (
            f"/data/readings?spaceship_id={SHIP}&{RANGE}",
            {
                "spaceship_id": SHIP,
                "data": [
                    {"datetime": f"2017-03-01T02:{5 * nth:02}:00Z", "value": kw, "units": "kW"}
                    for nth, kw in enumerate((22, 24, 23, 18, 22))
                ],
            },
        ),
        "GET /data/gaps": (
            f"/data/gaps?spaceship_id={SHIP}&{RANGE}",
            {
                "spaceship_id": SHIP,
                "coverage": 0.416667,
                "data": [gap("02:15", "02:30", 0.25, 0.666667), gap("02:30", "03:00", 0.5, 0)],
            },
        ),
        "GET /audit": ("/audit?since=2099-01-01T00:00:00Z", {"corrections": []}),
        "GET /data/fleet": (
            f"/data/fleet?{RANGE}",
            {
                "units": "kWh",
                "complete_until": "2017-03-01T03:00:00Z",
                "data": [
                    quarter("02:00", 8.75, 4.375, 2),
                    quarter("02:15", 6.333333, 3.166667, 2, coverage=0.833333),
                    quarter("02:30", 3, 3, 1),
                    quarter("02:45", 3, 3, 1),
                ],
            },
        ),
        "GET /topusers": (
            f"/topusers?count=2&{RANGE}",
            {
                "datetime": "2017-03-01T02:00:00Z",
                "end": "2017-03-01T03:00:00Z",
                "units": "kWh",
                "complete_until": "2017-03-01T03:00:00Z",
                "ships": [
                    {"spaceship_id": OTHER_SHIP, "consumption": 12},
                    {"spaceship_id": SHIP, "consumption": 9.083333},
                ],
            },
        ),
        "GET /ships": (f"/ships?after={SHIP - 1}&limit=1", {"ships": [ANY], "next": ANY}),
        "GET /ships/{ship}": (
            f"/ships/{SHIP}",
            {
                "spaceship_id": SHIP,
                **dict.fromkeys(("created", "oldest", "newest", "newest_value", "units"), ANY),
                **dict.fromkeys(("today_kwh", "yesterday_kwh", "month_kwh"), 0),
                "total_kwh": ANY,
            },
        ),
        **{f"GET /api/houses{path}": read for path, read in _reads_of_houses(url).items()},
    }


def _reads_of_houses(url: str) -> dict[str, Read]:
    return {
        "": ("/api/houses", {"houses": ANY}),
        "/{house}": (AT, {"house": house(url)}),
        "/{house}/catalogue": (f"{AT}/catalogue", CATALOGUE),
        "/{house}/budgets": (f"{AT}/budgets", BUDGETS),
        "/{house}/now": (
            f"{AT}/now",
            {
                "house_id": HOUSE,
                **dict.fromkeys(("created", "oldest", "newest", "newest_value", "units"), ANY),
                "today_kwh": 0,
                "yesterday_kwh": 0,
                "month_kwh": 0,
                "total_kwh": 2,
                "solar_newest_value": ANY,
                "solar_units": ANY,
                "solar_today_kwh": 0,
                "solar_yesterday_kwh": 0,
                "solar_month_kwh": 0,
                "solar_total_kwh": -0.75,
            },
        ),
        "/{house}/devices": (
            f"{AT}/devices",
            {"devices": [{"id": n, "name": f"device {n}"} for n in range(PANEL, TANK + 1)]},
        ),
        "/{house}/circuits": (
            f"{AT}/circuits",
            {"circuits": [circuit("ashp", description="Heat pump")]},
        ),
        "/{house}/views": (
            f"{AT}/views",
            {"views": [f"{url}{AT}/views/{name}/" for name in LISTED]},
        ),
        "/{house}/devices/{devices}": (
            f"{AT}/devices/{PANEL}?{DAY}",
            {
                "house_id": HOUSE,
                "devices": [PANEL],
                "interval": "day",
                "items": [
                    item(device=PANEL, used=2, solar=-0.75, ashp=0.75, net=1.25)
                    | two_hours("used", "solar", "ashp", "net")
                ],
            },
        ),
        "/{house}/devices/{device}/readings": (
            f"{AT}/devices/{PANEL}/readings?{HOURS}",
            {
                "house_id": HOUSE,
                "device": PANEL,
                "data": [
                    {
                        "datetime": f"2017-03-01T{clock}:00:00Z",
                        "channel": channel,
                        "value": kwh,
                        "units": "kWh",
                        "interval": "PT1H",
                    }
                    for clock, row in (("15", (0.5, -0.25, 1.25)), ("16", (0.25, -0.5, 0.75)))
                    for channel, kwh in zip(("ashp", "solar", "used"), row, strict=True)
                ],
            },
        ),
        "/{house}/devices/{device}/gaps": (
            f"{AT}/devices/{PANEL}/gaps?{HOURS}",
            {
                "house_id": HOUSE,
                "device": PANEL,
                "coverage": dict.fromkeys(("used", "solar", "ashp"), 0.666667),
                "data": [
                    gap("14:00", "15:00", 1, 0, channel=channel)
                    for channel in ("ashp", "solar", "used")
                ],
            },
        ),
        "/{house}/circuits/{circuits}": (
            f"{AT}/circuits/ashp?{DAY}",
            {
                "house_id": HOUSE,
                "circuits": ["ashp"],
                "interval": "day",
                "items": [item(circuit="ashp", actual=0.75) | two_hours("actual")],
            },
        ),
        "/{house}/temperatures": (
            f"{AT}/temperatures?{DAY}",
            {
                "house_id": HOUSE,
                "interval": "day",
                "items": [
                    shown(OUTDOORS, "outdoor", (41, 53, 47), (50, 60, 55)),
                    shown(DOWNSTAIRS, "first_floor", (68, 70, 69), (40, 40, 40)),
                ],
            },
        ),
        "/{house}/views/default": (
            f"{AT}/views/default",
            {"years": ["2017"], "asof": "2017-03-01", "house": house(url)},
        ),
        "/{house}/views/defaults": (
            f"{AT}/views/defaults?interval=days",
            {
                "limits": {
                    "used_max": 1250,
                    "solar_min": -500,
                    "outdoor_deg_min": 41,
                    "outdoor_deg_max": 53,
                    "hdd_max": 1,
                    "start_date": "2017-03-01 10:00:00",
                    "end_date": "2017-03-01 11:00:00",
                }
            },
        ),
        "/{house}/views/{view}": (f"{AT}/views/summary?{DAY}", VIEWS["summary"][1]),
    }


_ENERGY = {"net": 1.25, "solar": -0.75, "used": 2}
_SHOWN = {
    "min_temperature": 41,
    "max_temperature": 53,
    "avg_temperature": 47,
    "min_humidity": 50,
    "max_humidity": 60,
    "sum_hdd": 1.5,
}
_WATER = {"cold": 10, "hot": 5, "main": 15}

# The query of each view, and its answer.
VIEWS: dict[str, Read] = {
    "summary": (
        DAY,
        {
            "view": "summary",
            "interval": "day",
            "totals": {**_ENERGY, "hdd": 1.5},
            "items": [item(**_ENERGY, hdd=1.5)],
        },
    ),
    "generation": (
        DAY,
        {
            "view": "generation",
            "interval": "day",
            "max_solar_hour": {"date": "2017-03-01 11:00:00", "solar": -500},
            "max_solar_day": item(solar=-0.75),
            "totals": {"actual": -0.75},
            "items": [item(actual=-0.75)],
        },
    ),
    "usage": (
        f"{MONTH}&circuit=all",
        {
            "view": "usage.all",
            "interval": "month",
            "circuit": {"circuit_id": "all", "name": "all"},
            "totals": {"actual": 2, "budget": 820},
            "items": [item(actual=2, budget=820)],
        },
    ),
    "hdd": (
        DAY,
        {
            "view": "hdd",
            "interval": "day",
            "coldest_hour": {"date": "2017-03-01 10:00:00", "temperature": 41},
            "coldest_day": item(temperature=1.5, hdd=1.5),
            "iga": 1500,
            "totals": {"actual": 1.5, "ashp_heating_season": 0.75, "hdd_heating_season": 1.5},
            "items": [item(actual=1.5)],
        },
    ),
    "temperature": (
        f"{DAY}&location={OUTDOORS}",
        {
            "view": "temperature",
            "interval": "day",
            "location": str(OUTDOORS),
            "totals": _SHOWN,
            "items": [item(**_SHOWN)],
        },
    ),
    "water": (
        MONTH,
        {"view": "water", "interval": "month", "totals": _WATER, "items": [item(**_WATER)]},
    ),
    "basetemp": (  # of the hours with less than 500 Wh of sun
        DAY,
        {
            "view": "heat",
            "base": "65",
            "interval": "day",
            "points": [item(ashp=0.5, hdd=1, temperature=41, solar=-0.25)],
            "fit": {"n": 1},
        },
    ),
    "heatmap": (
        DAY,
        {
            "view": "heatmap",
            "interval": "day",
            "days": [
                item(
                    **_ENERGY,
                    outdoor_deg_min=41,
                    outdoor_deg_max=53,
                    hdd=1.5,
                    ashp=0.75,
                    all_other=1.25,
                )
            ],
        },
    ),
    "chart": (
        DAY,
        {
            "view": "chart",
            "interval": "day",
            "hours": [
                hour("10", 68, 41, 1, net=1000, solar=-250, used=1250, ashp=500, all_other=750),
                hour("11", 70, 53, 0.5, net=250, solar=-500, used=750, ashp=250, all_other=500),
            ],
        },
    ),
}
