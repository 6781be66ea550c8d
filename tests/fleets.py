"""Fleets of random readings: posted, rolled up, and their answers summed anew by plain loops.

The plain answers start from each ship's buckets, computed in memory from what was posted; no
table is asked.
"""

import json
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from math import fsum
from random import Random
from typing import Any, NamedTuple
from unittest.mock import patch
from urllib.parse import urlencode

from quarterhour.energy import quantities, resample
from quarterhour.energy.readings import USED, Reading, Series
from quarterhour.store.environment import environment
from quarterhour.store.rollup import closing
from quarterhour.store.rollups import roll_up, roll_up_fleet
from quarterhour.store.table.calls import Calls
from quarterhour.time.instants import parse
from tests.builders import batch, iso, reading
from tests.profiles import Bucket, buckets_of

MINUTE = timedelta(minutes=1)
QUARTER = 15 * MINUTE
DAY = timedelta(days=1)
SECONDS = {"15min": 900, "hour": 3600, "day": 86_400}
LABELS = {
    "15min": "%Y-%m-%dT%H:%M:00Z",
    "hour": "%Y-%m-%dT%H:00:00Z",
    "day": "%Y-%m-%dT00:00:00Z",
    "month": "%Y-%m-01T00:00:00Z",
}
LIMIT_S = 3600.0

Call = Callable[..., Any]
Buckets = dict[int, dict[datetime, Bucket]]


class Window(NamedTuple):
    """[start, end) by an interval."""

    start: datetime
    end: datetime
    interval: str

    def query(self, **more: Any) -> str:
        return urlencode({"start": iso(self.start), "end": iso(self.end), **more})

    def fleet(self, **more: Any) -> str:
        return f"/data/fleet?{self.query(interval=self.interval, **more)}"

    def ship(self, ship: int) -> str:
        return f"/data?{self.query(interval=self.interval, spaceship_id=ship)}"

    def top(self, count: int = 3) -> str:
        return f"/topusers?{self.query(count=count)}"


def utc(*date: int) -> datetime:
    """Return a time of UTC."""
    return datetime(*date, tzinfo=UTC)  # type: ignore[misc,arg-type]


def ms(at: datetime) -> int:
    """Return a time as the package has it."""
    return int(at.timestamp()) * 1000 + at.microsecond // 1000


def settle(ahead: timedelta = timedelta()) -> None:
    """Run all rollups, and the fleet's, as if so much time had passed: until nothing is left."""
    now_ms = int(time.time() * 1000) + ahead // timedelta(milliseconds=1)
    with at_once():
        for _ in range(max(1, 1 + ahead // DAY)):
            for shard in range(environment().shards):
                roll_up(shard, now_ms, LIMIT_S)
            roll_up_fleet(LIMIT_S)


@contextmanager
def at_once() -> Iterator[None]:
    """Let a day be closed as soon as it is announced, whatever DynamoDB's clock says."""
    nothing = property(lambda _: None)
    with patch.object(closing, "WAIT_S", 0.0), patch.object(Calls, "table_ms", nothing):
        yield


# --- Random readings ------------------------------------------------------------------------------


@dataclass(slots=True)
class Fleet:
    """Ships with what was posted for each of them."""

    call: Call
    posted: dict[int, dict[Series, dict[int, Reading]]] = field(default_factory=dict)

    def post(
        self, ship: int, data: Sequence[Mapping[str, Any]], unit: str, interval: str | None = None
    ) -> None:
        """Post the readings, and remember them as the table has to."""
        more = {"interval": interval} if interval else {}
        answer = self.call("POST", "/data", batch(data, ship=ship, units=unit, **more))
        assert answer.status == 200, answer.text
        known = quantities.unit(unit)
        series = self.posted.setdefault(ship, {}).setdefault(Series(USED, known.quantity), {})
        length = {None: 0, "PT1H": 3_600_000, "P1D": 86_400_000}[interval]
        for one in data:
            at = parse(one["datetime"])
            series[at] = Reading(at, known.stored(one["value"]), length)

    def buckets(self, ship: int) -> dict[datetime, Bucket]:
        """Return a ship's buckets, computed from all that was posted."""
        readings = {series: sorted(by.values()) for series, by in self.posted[ship].items()}
        found = resample.buckets(readings, USED, ms(utc(2000, 1, 1)), ms(utc(2100, 1, 1)))
        by_start = buckets_of(found)
        return {datetime.fromtimestamp(at / 1000, UTC): one for at, one in by_start.items()}

    def all_buckets(self) -> Buckets:
        return {ship: self.buckets(ship) for ship in sorted(self.posted)}


def post_stretch(fleet: Fleet, random: Random, ship: int, start: datetime, days: int) -> None:
    """Post readings of one kind over some days, with outages."""
    unit, minutes, interval = random.choice(
        [("kW", 5, None), ("W", 17, None), ("kWh", 60, "PT1H"), ("kWh", 15, None),
         ("kW", 61, None), ("kWh", 1440, "P1D")]
    )  # fmt: skip
    at = start + random.randrange(240) * MINUTE
    end = start + days * DAY
    data = []
    while at < end:
        data.append(reading(at, random.uniform(0, 50)))
        outage = random.random() < 0.02
        at += minutes * MINUTE + (random.randrange(1500) * MINUTE if outage else timedelta())
    fleet.post(ship, data, unit, interval)


def random_windows(random: Random, edges: Iterable[datetime], number: int) -> list[Window]:
    """Return windows that begin and end near these times, most at a quarter hour."""
    near = [*edges]
    found: list[Window] = []
    while len(found) < number:
        start, end = sorted(_edge(random, random.choice(near)) for _ in range(2))
        interval = random.choice([*LABELS])
        longest = {"15min": 366, "hour": 1826}.get(interval, 40_000)
        if start < end <= start + longest * DAY:
            found.append(Window(start, end, interval))
    return found


def _edge(random: Random, near: datetime) -> datetime:
    at = near + random.randrange(-150, 150) * QUARTER
    return random.choice([
        at, at, at.replace(hour=0, minute=0), at.replace(day=1, hour=0, minute=0),
        at + random.randrange(900_000) * timedelta(milliseconds=1),
    ])  # fmt: skip


# --- Plain answers --------------------------------------------------------------------------------


def number(value: float) -> float | int:
    """Return a number as it is answered."""
    rounded = round(value, 6)
    return int(rounded) if rounded.is_integer() else rounded


def compact(body: Any) -> str:
    return json.dumps(body, separators=(",", ":"))


def ship_text(ships: Buckets, window: Window, ship: int) -> str:
    """Return the answer of GET /data of a ship that has posted."""
    asked = _asked(ships[ship], window)
    covered = _covered(asked, window)
    data = [
        {"datetime": at, "value": number(total), **_coverage(covered[at], at, window.interval)}
        for at, total in _rows(_kwh(asked), window.interval).items()
    ]
    return compact({"spaceship_id": ship, "units": "kWh", "data": data})


def _covered(buckets: dict[datetime, Bucket], window: Window) -> dict[str, int]:
    covered: dict[str, int] = defaultdict(int)
    for begin, bucket in buckets.items():
        covered[label(begin, window.interval)] += bucket.covered_ms
    return covered


def _coverage(covered_ms: int, at: str, interval: str, ships: int = 1) -> dict[str, float]:
    """Return the share of some ships' time in a period, where that is below 1."""
    coverage = number(covered_ms / (ships * _length_ms(at, interval)))
    return {"coverage": max(coverage, 0.000001)} if coverage < 1 else {}


def fleet_text(ships: Buckets, window: Window, complete_until: datetime) -> str:
    """Return the answer of GET /data/fleet."""
    by_bucket: dict[datetime, list[float]] = defaultdict(list)
    present: dict[str, set[int]] = defaultdict(set)
    covered: dict[str, int] = defaultdict(int)
    for ship, buckets in ships.items():
        asked = _asked(buckets, window)
        for at, kwh in _kwh(asked).items():
            by_bucket[at].append(kwh)
            present[label(at, window.interval)].add(ship)
        for period, covered_ms in _covered(asked, window).items():
            covered[period] += covered_ms
    sums = {at: fsum(by_bucket[at]) for at in sorted(by_bucket)}
    data = [
        {
            "datetime": at,
            "sum": number(total),
            "avg": number(total / len(present[at])),
            "ships": len(present[at]),
            **_coverage(covered[at], at, window.interval, len(present[at])),
        }
        for at, total in _rows(sums, window.interval).items()
    ]
    return compact({"units": "kWh", "complete_until": iso(complete_until), "data": data})


def top_ships(ships: Buckets, window: Window, count: int) -> list[dict[str, Any]]:
    """Return the ships of an answer of GET /topusers."""
    totals = {}
    for ship, buckets in ships.items():
        if asked := _asked(buckets, window):
            years: dict[str, list[float]] = defaultdict(list)
            for month, kwh in _rows(_kwh(asked), "month").items():
                years[month[:4]].append(kwh)
            totals[ship] = number(fsum(fsum(months) for months in years.values()))
    order = sorted(totals, key=lambda ship: (-totals[ship], ship))
    return [{"spaceship_id": ship, "consumption": totals[ship]} for ship in order[:count]]


def top_text(ships: Buckets, window: Window, count: int) -> str:
    """Return the answer of GET /topusers for a window that is complete."""
    start, end = iso(window.start), iso(window.end)
    times = {"datetime": start, "end": end, "units": "kWh", "complete_until": end}
    return compact({**times, "ships": top_ships(ships, window, count)})


def label(at: datetime, interval: str) -> str:
    """Return the beginning of the period an instant lies in, as answered."""
    return f"{at:{LABELS[interval]}}"


def _length_ms(at: str, interval: str) -> int:
    if interval != "month":
        return SECONDS[interval] * 1000
    begin = datetime.fromisoformat(at)
    return ((begin + 31 * DAY).replace(day=1) - begin) // timedelta(milliseconds=1)


def _asked(buckets: Mapping[datetime, Bucket], window: Window) -> dict[datetime, Bucket]:
    return {at: bucket for at, bucket in buckets.items() if window.start <= at < window.end}


def _kwh(buckets: Mapping[datetime, Bucket]) -> dict[datetime, float]:
    return {at: bucket.value for at, bucket in buckets.items()}


def _rows(kwh: Mapping[datetime, float], interval: str) -> dict[str, float]:
    """Return sums by label; a month is the sum of its days' sums."""
    if interval == "month":
        return _by(_rows(kwh, "day").items(), lambda day: f"{day[:7]}-01T00:00:00Z")
    return _by(kwh.items(), lambda at: label(at, interval))


def _by(parts: Iterable[tuple[Any, float]], period: Callable[[Any], str]) -> dict[str, float]:
    found: dict[str, list[float]] = defaultdict(list)
    for at, kwh in parts:
        found[period(at)].append(kwh)
    return {at: fsum(each) for at, each in found.items()}
