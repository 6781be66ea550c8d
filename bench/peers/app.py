"""What one would write instead: Flask, and pandas with SQLite or SQL in PostgreSQL.

Decent, not perfect: readings are kept as posted in one indexed table, a batch is one transaction,
and quarter hours are made when they are asked for, exactly, by the rules for power readings that
declare no interval. BASELINE is what connects to the database: sqlite or postgresql.
"""

import os
from collections.abc import Callable, Sequence
from functools import lru_cache
from importlib import import_module
from typing import Any, NamedTuple, Protocol

import pandas as pd
from flask import Flask, Response, jsonify, request

FORM = "%Y-%m-%dT%H:%M:%SZ"
TO_KW = {"kw": 1.0, "w": 0.001}
MAX_VALUE = 1e9


class QuarterHour(NamedTuple):
    """A ship's energy from `datetime` on, and which share of the 15 minutes readings cover."""

    datetime: str
    kwh: float
    coverage: float


class OfFleet(NamedTuple):
    """The energy of all ships that have data from `datetime` on, and how many these are."""

    datetime: str
    kwh: float
    ships: int


class Database(Protocol):
    """The readings of all ships: instants are whole seconds since 1970, powers are in kW."""

    def put(self, ship: int, seconds: Sequence[int], kw: Sequence[float]) -> None:
        """Store a batch, all of it or nothing; what is at its instants already is replaced."""

    def of_ship(self, ship: int, start: int, end: int) -> Sequence[QuarterHour]:
        """Return the quarter hours of [start, end) that have data, ascending."""

    def of_fleet(self, start: int, end: int) -> Sequence[OfFleet]:
        """Return the quarter hours of [start, end) in which any ship has data, ascending."""

    def top_users(self, start: int, end: int, count: int) -> Sequence[tuple[int, float]]:
        """Return the ships that used most in [start, end) and their kWh; ties by number."""


app = Flask(__name__)


@lru_cache(maxsize=1)
def database() -> Database:
    """Return this worker's connection."""
    connect: Callable[[str], Database]
    connect = import_module(f"bench.peers.{os.environ['BASELINE']}").connect
    return connect(os.environ["BASELINE_DB"])


@app.get("/health")
def health() -> Response:
    """Return 200 while the server is up."""
    return jsonify(status="ok")


@app.post("/data")
def post_data() -> tuple[Response, int] | Response:
    """Store a batch, all of it or nothing."""
    body = request.get_json()
    factor = TO_KW.get(str(body.get("units")).lower())
    frame = pd.DataFrame(body["data"])
    try:
        at = pd.to_datetime(frame["datetime"], utc=True, format="ISO8601")
        kw = pd.to_numeric(frame["value"])
    except (KeyError, ValueError) as error:
        return jsonify(error=str(error)), 400
    if factor is None or frame.empty or not kw.between(0, MAX_VALUE).all():
        return jsonify(error="bad units or values"), 400
    ship = int(body["spaceship_id"])
    seconds = at.astype("datetime64[s, UTC]").astype("int64")
    database().put(ship, seconds.tolist(), (kw * factor).tolist())
    return jsonify(
        message=f"Data saved successfully for ship {ship}",
        spaceship_id=ship,
        accepted=len(frame),
        start=at.min().strftime(FORM),
        end=at.max().strftime(FORM),
        warnings=[],
    )


@app.get("/data")
def get_data() -> Response:
    """Return a ship's energy by quarter hour."""
    ship = int(request.args["spaceship_id"])
    points: list[dict[str, Any]] = []
    for row in database().of_ship(ship, *asked()):
        point = {"datetime": row.datetime, "value": round(row.kwh, 6)}
        if row.coverage < 1:
            point["coverage"] = round(row.coverage, 6)
        points.append(point)
    return jsonify(spaceship_id=ship, units="kWh", data=points)


@app.get("/data/fleet")
def get_fleet() -> Response:
    """Return all ships' energy by quarter hour."""
    start, end = asked()
    data = [
        {
            "datetime": row.datetime,
            "sum": round(row.kwh, 6),
            "avg": round(row.kwh / row.ships, 6),
            "ships": row.ships,
        }
        for row in database().of_fleet(start, end)
    ]
    return jsonify(units="kWh", complete_until=request.args["end"], data=data)


@app.get("/topusers")
def get_top_users() -> Response:
    """Return the ships that used most in a window."""
    start, end = asked()
    first = database().top_users(start, end, int(request.args["count"]))
    ships = [{"spaceship_id": ship, "consumption": round(kwh, 6)} for ship, kwh in first]
    return jsonify(
        datetime=request.args["start"], end=request.args["end"], units="kWh", ships=ships
    )


def asked() -> tuple[int, int]:
    """Return the window of the query, in seconds since 1970."""
    start, end = (pd.Timestamp(request.args[name]) for name in ("start", "end"))
    return int(start.timestamp()), int(end.timestamp())
