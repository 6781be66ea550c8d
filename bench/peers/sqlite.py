"""Readings in a file of SQLite's, which pandas turns into energy."""

import sqlite3
from collections.abc import Sequence

import numpy as np
import pandas as pd

from bench.peers.app import FORM, OfFleet, QuarterHour

SCHEMA = """
CREATE TABLE IF NOT EXISTS reading (
    ship INTEGER, at INTEGER, kw REAL, PRIMARY KEY (ship, at)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS reading_at ON reading (at);
"""
HOUR_S, BUCKET_S = 3600, 900
MAX_HOLD_S = 3900
READING = np.dtype([("ship", "i8"), ("at", "i8"), ("kw", "f8")])


class SQLite:
    """A connection in WAL mode."""

    def __init__(self, path: str) -> None:
        """Connect, and make the table where it is not there."""
        self._connection = sqlite3.connect(path)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.executescript(SCHEMA)

    def put(self, ship: int, seconds: Sequence[int], kw: Sequence[float]) -> None:
        """Store a batch in a transaction."""
        rows = zip([ship] * len(kw), seconds, kw, strict=True)
        with self._connection as transaction:
            transaction.executemany("INSERT OR REPLACE INTO reading VALUES (?, ?, ?)", rows)

    def of_ship(self, ship: int, start: int, end: int) -> list[QuarterHour]:
        """Return a ship's quarter hours."""
        found = self._quarter_hours(start, end, ship)
        columns = found["kwh"].tolist(), (found["s"] / BUCKET_S).tolist()
        return list(map(QuarterHour, _texts(found["bucket"]), *columns))

    def of_fleet(self, start: int, end: int) -> list[OfFleet]:
        """Return all ships' quarter hours."""
        found = self._quarter_hours(start, end).groupby("bucket")["kwh"].agg(["sum", "count"])
        columns = found["sum"].tolist(), found["count"].tolist()
        return list(map(OfFleet, _texts(found.index), *columns))

    def top_users(self, start: int, end: int, count: int) -> list[tuple[int, float]]:
        """Return the ships that used most."""
        used = self._quarter_hours(start, end).groupby("ship")["kwh"].sum()
        return list(used.sort_values(ascending=False, kind="stable").head(count).items())

    def _quarter_hours(self, start: int, end: int, ship: int | None = None) -> pd.DataFrame:
        where, more = ("", ()) if ship is None else ("ship = ? AND ", (ship,))
        sql = f"SELECT ship, at, kw FROM reading WHERE {where}at > ? AND at < ? ORDER BY ship, at"  # noqa: S608
        rows = self._connection.execute(sql, (*more, start - 2 * MAX_HOLD_S, end + MAX_HOLD_S))
        found = quarter_hours(np.fromiter(rows, READING))
        return found[(found["bucket"] >= start) & (found["bucket"] < end)]


connect = SQLite


def quarter_hours(readings: np.ndarray) -> pd.DataFrame:
    """Return ship, bucket, kWh and covered seconds of readings, which are sorted."""
    ship, at, kw = (readings[name] for name in ("ship", "at", "kw"))
    gap = np.where(np.diff(ship) == 0, np.diff(at), np.inf)
    following, before = np.append(gap, np.inf), np.insert(gap, 0, np.inf)
    otherwise = np.where(before <= MAX_HOLD_S, before, BUCKET_S)
    until = at + np.where(following <= MAX_HOLD_S, following, otherwise).astype(int)
    # Each reading is cut into pieces, one for each quarter hour that it touches.
    first = at // BUCKET_S
    pieces = (until - 1) // BUCKET_S - first + 1
    cut = np.repeat(np.arange(len(at)), pieces)
    nth = np.arange(len(cut)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    bucket = (first[cut] + nth) * BUCKET_S
    seconds = np.minimum(until[cut], bucket + BUCKET_S) - np.maximum(at[cut], bucket)
    # They are sorted by ship and quarter hour, so the pieces of a sum stand side by side.
    ships = ship[cut]
    begins = np.flatnonzero(np.diff(bucket, prepend=-1) | np.diff(ships, prepend=-1))
    found = {"ship": ships[begins], "bucket": bucket[begins]}
    sums = {"kwh": kw[cut] * seconds / HOUR_S, "s": seconds}
    return pd.DataFrame(
        found | {name: np.add.reduceat(column, begins) for name, column in sums.items()}
    )


def _texts(buckets: "pd.Series[int] | pd.Index[int]") -> list[str]:
    return list(pd.DatetimeIndex(pd.to_datetime(buckets, unit="s")).strftime(FORM))
