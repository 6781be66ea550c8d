"""Readings in PostgreSQL, which makes energy of them itself."""

from collections.abc import Sequence

import psycopg
from psycopg.sql import SQL

from bench.peers.app import OfFleet, QuarterHour

SCHEMA = """
CREATE TABLE IF NOT EXISTS reading (
    ship bigint, at bigint, kw double precision, PRIMARY KEY (ship, at));
CREATE INDEX IF NOT EXISTS reading_at ON reading (at);
"""
PUT = """
INSERT INTO reading SELECT %s, * FROM unnest(%s::bigint[], %s::double precision[])
ON CONFLICT (ship, at) DO UPDATE SET kw = excluded.kw
"""
# A reading lasts until the next one, if that follows within 65 minutes; else as long as the gap
# before it, likewise; else 15 minutes. Its energy falls to the quarter hours that it touches.
QUARTER_HOURS = SQL("""
WITH reading_and_gaps AS (
    SELECT ship, at, kw,
        lead(at) OVER by_ship - at AS following, at - lag(at) OVER by_ship AS before
    FROM reading WHERE {of_ships} AND at > %(start)s - 7800 AND at < %(end)s + 3900
    WINDOW by_ship AS (PARTITION BY ship ORDER BY at)),
lasting AS (
    SELECT ship, at, kw, at + CASE WHEN following <= 3900 THEN following
        WHEN before <= 3900 THEN before ELSE 900 END AS until
    FROM reading_and_gaps),
piece AS (
    SELECT ship, bucket, kw, least(until, bucket + 900) - greatest(at, bucket) AS s
    FROM lasting, generate_series(at / 900 * 900, until - 1, 900) AS bucket),
quarter_hour AS (
    SELECT ship, bucket, sum(kw * s) / 3600 AS kwh, sum(s) / 900.0::double precision AS coverage
    FROM piece WHERE bucket >= %(start)s AND bucket < %(end)s GROUP BY ship, bucket)
""")
LABEL = SQL("""to_char(to_timestamp(bucket) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')""")
OF_ONE = QUARTER_HOURS.format(of_ships=SQL("ship = %(ship)s"))
OF_ALL = QUARTER_HOURS.format(of_ships=SQL("true"))
OF_SHIP = OF_ONE + SQL("SELECT {}, kwh, coverage FROM quarter_hour ORDER BY bucket").format(LABEL)
OF_FLEET = OF_ALL + SQL(
    "SELECT {}, sum(kwh), count(*) FROM quarter_hour GROUP BY bucket ORDER BY bucket"
).format(LABEL)
TOP_USERS = OF_ALL + SQL(
    "SELECT ship, sum(kwh) AS used FROM quarter_hour GROUP BY ship "
    "ORDER BY used DESC, ship LIMIT %(count)s"
)


class PostgreSQL:
    """A connection that commits each statement."""

    def __init__(self, url: str) -> None:
        """Connect, and make the table where it is not there."""
        self._connection = psycopg.connect(url, autocommit=True)
        self._connection.execute(SCHEMA)

    def put(self, ship: int, seconds: Sequence[int], kw: Sequence[float]) -> None:
        """Store a batch in a statement."""
        self._connection.execute(PUT, (ship, list(seconds), list(kw)))

    def of_ship(self, ship: int, start: int, end: int) -> list[QuarterHour]:
        """Return a ship's quarter hours."""
        rows = self._connection.execute(OF_SHIP, {"ship": ship, "start": start, "end": end})
        return [QuarterHour(*row) for row in rows.fetchall()]

    def of_fleet(self, start: int, end: int) -> list[OfFleet]:
        """Return all ships' quarter hours."""
        rows = self._connection.execute(OF_FLEET, {"start": start, "end": end})
        return [OfFleet(*row) for row in rows.fetchall()]

    def top_users(self, start: int, end: int, count: int) -> list[tuple[int, float]]:
        """Return the ships that used most."""
        rows = self._connection.execute(TOP_USERS, {"start": start, "end": end, "count": count})
        return rows.fetchall()


connect = PostgreSQL
