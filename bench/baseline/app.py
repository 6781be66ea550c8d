"""What one would write instead: Flask, pandas and SQLite. Readings in, 15-minute energy out.

Decent, not perfect: readings are kept as posted in one indexed table (WAL, one transaction a
batch) and resampled when they are asked for, to the minute. A power reading holds until the next,
at most 65 minutes; units kW and W.
"""

import os
import sqlite3
from functools import lru_cache
from typing import Any

import pandas as pd
from flask import Flask, Response, jsonify, request

SCHEMA = """
CREATE TABLE IF NOT EXISTS reading (
    ship INTEGER, at INTEGER, kw REAL, PRIMARY KEY (ship, at)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS reading_at ON reading (at);
"""
FORM = "%Y-%m-%dT%H:%M:%SZ"
TO_KW = {"kw": 1.0, "w": 0.001}
MAX_HOLD_MIN = 65
BUCKET_MIN = 15
MAX_VALUE = 1e9

app = Flask(__name__)


@lru_cache(maxsize=1)
def database() -> sqlite3.Connection:
    """Return this worker's connection."""
    connection = sqlite3.connect(os.environ["BASELINE_DB"])
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.executescript(SCHEMA)
    return connection


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
    rows = zip([ship] * len(frame), seconds.tolist(), (kw * factor).tolist(), strict=True)
    with database() as transaction:
        transaction.executemany("INSERT OR REPLACE INTO reading VALUES (?, ?, ?)", rows)
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
    start, end = asked()
    energy = by_quarter_hour(readings(start, end, ship), start, end)
    points: list[dict[str, Any]] = [
        {"datetime": at, "value": kwh}
        for at, kwh in zip(energy.index.strftime(FORM), energy["kwh"].round(6), strict=True)
    ]
    for point, coverage in zip(points, energy["coverage"].round(6), strict=True):
        if coverage < 1:
            point["coverage"] = coverage
    return jsonify(spaceship_id=ship, units="kWh", data=points)


@app.get("/data/fleet")
def get_fleet() -> Response:
    """Return all ships' energy by quarter hour."""
    start, end = asked()
    parts = by_ship(start, end)
    found = pd.concat(parts.values()).groupby(level=0)["kwh"].agg(["sum", "mean", "count"])
    rows = zip(found.index.strftime(FORM), *found.round(6).to_dict("list").values(), strict=True)
    data = [{"datetime": at, "sum": kwh, "avg": avg, "ships": n} for at, kwh, avg, n in rows]
    return jsonify(units="kWh", complete_until=end.strftime(FORM), data=data)


@app.get("/topusers")
def get_top_users() -> Response:
    """Return the ships that used most in a window."""
    start, end = asked()
    totals = pd.Series({ship: part["kwh"].sum() for ship, part in by_ship(start, end).items()})
    first = totals.sort_values(ascending=False, kind="stable").head(int(request.args["count"]))
    ships = [{"spaceship_id": ship, "consumption": kwh} for ship, kwh in first.round(6).items()]
    return jsonify(datetime=start.strftime(FORM), end=end.strftime(FORM), units="kWh", ships=ships)


def asked() -> tuple[pd.Timestamp, pd.Timestamp]:
    """Return the window of the query."""
    return pd.Timestamp(request.args["start"]), pd.Timestamp(request.args["end"])


def by_ship(start: pd.Timestamp, end: pd.Timestamp) -> dict[Any, pd.DataFrame]:
    """Return each ship's quarter hours."""
    groups = readings(start, end).groupby("ship")
    return {ship: by_quarter_hour(group, start, end) for ship, group in groups}


def readings(start: pd.Timestamp, end: pd.Timestamp, ship: int | None = None) -> pd.DataFrame:
    """Return the readings that decide the window, sorted."""
    window = (int(start.timestamp()) - 60 * MAX_HOLD_MIN, int(end.timestamp()))
    where, more = ("", ()) if ship is None else ("ship = ? AND ", (ship,))
    sql = f"SELECT ship, at, kw FROM reading WHERE {where}at >= ? AND at < ? ORDER BY ship, at"  # noqa: S608
    frame = pd.DataFrame(
        database().execute(sql, (*more, *window)).fetchall(), columns=["ship", "at", "kw"]
    )
    return frame.set_index(pd.to_datetime(frame.pop("at"), unit="s", utc=True))


def by_quarter_hour(frame: pd.DataFrame, start: pd.Timestamp, end: pd.Timestamp) -> pd.DataFrame:
    """Return kWh and coverage of the quarter hours of a ship in the window."""
    if frame.empty:
        return pd.DataFrame({"kwh": [], "coverage": []}, index=pd.DatetimeIndex([], tz="UTC"))
    last = frame.index[-1] + (frame.index[-1] - frame.index[-2] if len(frame) > 1 else QUARTER)
    minutes = pd.date_range(frame.index[0].floor("min"), last, freq="min", inclusive="left")
    kw = frame["kw"].resample("min").last().reindex(minutes).ffill(limit=MAX_HOLD_MIN - 1)
    buckets = kw.resample("15min")
    found = pd.DataFrame({"kwh": buckets.sum() / 60, "coverage": buckets.count() / BUCKET_MIN})
    return found[(found["coverage"] > 0) & (found.index >= start) & (found.index < end)]


QUARTER = pd.Timedelta(minutes=BUCKET_MIN)
