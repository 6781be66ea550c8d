"""Two homes' meters through the running server: what is read back is what the files say.

The sums of the files are plain arithmetic on their rows, here, without the project's code.
"""

import csv
import gzip
import json
import os
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import fsum
from pathlib import Path
from time import perf_counter
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from local.template import ROOT
from tests.builders import batch, in_range, iso
from tests.e2e.over_http import call

DATA = Path(os.environ.get("QH_DATA", ROOT.parent / "shared" / "data"))
QUARTER_HOURS = DATA / "tinetz-15min-2023.csv.gz"
HOURS = DATA / "il-electricity-cdd-hdd-hourly.csv.gz"
VIENNA = ZoneInfo("Europe/Vienna")

pytestmark = [
    pytest.mark.real_data,
    pytest.mark.e2e,
    pytest.mark.skipif(not DATA.exists(), reason=f"{DATA} is not there"),
]

# A fifth of what a POST may have: one has to be stored within 20 s, also by a busy machine.
MOST_IN_A_POST = 4_000
LONGEST_POST = timedelta(days=400)
LONGEST_AT_15MIN = timedelta(days=366)
QUARTER = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Meter:
    """A ship's number, its readings (kWh from a time on) and how long each of them lasts."""

    ship: int
    kwh: Mapping[datetime, float]
    interval: str
    length: timedelta

    @property
    def start(self) -> datetime:
        return min(self.kwh)

    @property
    def end(self) -> datetime:
        return max(self.kwh) + self.length

    def by(self, form: str, zone: Any = UTC) -> dict[str, float]:
        """Return the file's sums by a period of a time zone, written as `form`."""
        parts = defaultdict(list)
        for at, kwh in self.kwh.items():
            parts[at.astimezone(zone).strftime(form)].append(kwh)
        return {period: round(fsum(kwhs), 6) for period, kwhs in parts.items()}


# --- The files ------------------------------------------------------------------------------------


def decimal(text: str) -> float:
    """Return a number that is written with a decimal comma."""
    return float(text.replace(",", "."))


def vienna(labels: Sequence[str]) -> Iterator[datetime]:
    """Yield times in order; an hour that comes a second time is the one after the clock change.

    Their offsets are fixed ones: times of one zone are compared by their clocks alone.
    """
    seen: set[str] = set()
    for label in labels:
        clock = datetime.strptime(label, "%d.%m.%Y %H:%M:%S")  # noqa: DTZ007  its zone is below
        local = clock.replace(tzinfo=VIENNA, fold=int(label in seen))
        yield datetime.fromisoformat(local.isoformat())
        seen.add(label)


def tinetz_rows() -> list[list[str]]:
    """Return the rows of both tables: days at the left, quarter hours at the right."""
    with gzip.open(QUARTER_HOURS, "rt", encoding="latin-1", newline="") as file:
        return list(csv.reader(file, delimiter=";"))[5:]


@pytest.fixture(scope="module")
def tinetz() -> Meter:
    rows = [(start, decimal(kwh)) for _, _, _, start, _, kwh in tinetz_rows() if kwh]
    starts, kwh = zip(*rows, strict=True)
    return Meter(15_2023, dict(zip(vienna(starts), kwh, strict=True)), "PT15M", QUARTER)


@pytest.fixture(scope="module")
def illinois() -> Meter:
    with gzip.open(HOURS, "rt", newline="") as file:
        rows = {datetime.fromisoformat(r["start"]): float(r["value"]) for r in csv.DictReader(file)}
    return Meter(60_2015, rows, "PT1H", timedelta(hours=1))


# --- To the server and back -----------------------------------------------------------------------


def posts(meter: Meter) -> Iterator[list[tuple[datetime, float]]]:
    """Yield the readings in parts of at most 4,000 and at most 400 days."""
    part: list[tuple[datetime, float]] = []
    for at, kwh in meter.kwh.items():
        if len(part) == MOST_IN_A_POST or (part and at - part[0][0] > LONGEST_POST):
            yield part
            part = []
        part.append((at, kwh))
    yield part


def post(server: str, meter: Meter) -> None:
    """Post everything, packed, with the offsets of the file's own clock."""
    for part in posts(meter):
        data = [{"datetime": at.isoformat(), "value": kwh} for at, kwh in part]
        body = json.dumps(batch(data, ship=meter.ship, interval=meter.interval)).encode()
        answer = call(server, "POST", "/data", gzip.compress(body), content_encoding="gzip")
        assert answer.status == 200, answer.body
        assert (answer.json["accepted"], answer.json["warnings"]) == (len(part), [])
        assert answer.json["start"] == iso(part[0][0])
        assert answer.json["end"] == iso(part[-1][0])


def read(server: str, meter: Meter, interval: str) -> list[dict[str, Any]]:
    """Return all points of a ship, in as many ranges as it takes."""
    points: list[dict[str, Any]] = []
    start = meter.start
    while start < meter.end:
        end = min(start + LONGEST_AT_15MIN, meter.end) if interval == "15min" else meter.end
        target = in_range(start, end, ship=meter.ship, interval=interval)
        answer = call(server, "GET", target)
        assert answer.status == 200, answer.body
        points += answer.json["data"]
        start = end
    return points


def by_period(points: Sequence[Mapping[str, Any]], length: int) -> dict[str, float]:
    """Return sums of points by as much of their time as is given: 4 the year, 7 the month."""
    parts = defaultdict(list)
    for point in points:
        parts[point["datetime"][:length]].append(point["value"])
    return {period: round(fsum(values), 6) for period, values in parts.items()}


def check(server: str, meter: Meter) -> dict[str, list[dict[str, Any]]]:
    """Compare every grain with the file's rows; return the points read by interval."""
    found = {each: read(server, meter, each) for each in ("15min", "hour", "day", "month")}
    sums = {each: {point["datetime"]: point["value"] for point in found[each]} for each in found}
    assert sums["hour"] == meter.by("%Y-%m-%dT%H:00:00Z")
    assert sums["day"] == meter.by("%Y-%m-%dT00:00:00Z")
    assert sums["month"] == meter.by("%Y-%m-01T00:00:00Z")
    quarters = int((meter.end - meter.start) / QUARTER)
    assert len(found["15min"]) == quarters
    assert not [point for point in found["15min"] if "coverage" in point]
    for points in found.values():
        assert by_period(points, 4) == meter.by("%Y")
        assert by_period(points, 7) == meter.by("%Y-%m")
    return found


def posted_and_checked(
    server: str, meter: Meter, capsys: pytest.CaptureFixture[str]
) -> dict[str, list[dict[str, Any]]]:
    """Post, read back, compare; say how many, how long, and the totals both ways."""
    began = perf_counter()
    post(server, meter)
    posted = perf_counter()
    found = check(server, meter)
    read_back = perf_counter()
    with capsys.disabled():
        print(  # noqa: T201
            f"\n{len(meter.kwh)} readings posted in {posted - began:.1f} s, "
            f"{sum(map(len, found.values()))} points read in {read_back - posted:.1f} s"
        )
        for year, kwh in meter.by("%Y").items():
            answered = by_period(found["month"], 4)[year]
            print(f"  {year} (UTC): file {kwh:.3f} kWh, answered {answered:.3f} kWh")  # noqa: T201
    return found


def test_quarter_hours_of_a_local_year_with_its_longest_day(
    server: str, tinetz: Meter, capsys: pytest.CaptureFixture[str]
) -> None:
    assert len(tinetz.kwh) == 234 * 96 + 4
    points = posted_and_checked(server, tinetz, capsys)["15min"]
    answered = {point["datetime"]: point["value"] for point in points}
    assert answered == {iso(at): kwh for at, kwh in tinetz.kwh.items()}

    local_days = defaultdict(list)
    for at, kwh in answered.items():
        local_days[f"{datetime.fromisoformat(at).astimezone(VIENNA):%d.%m.%Y}"].append(kwh)
    assert len(local_days["29.10.2023"]) == 100
    of_the_day = {start[:10]: decimal(kwh) for start, _, kwh, *_ in tinetz_rows() if kwh}
    for day, kwhs in local_days.items():
        # The meter's own daily figures, rounded to Wh for themselves.
        assert fsum(kwhs) == pytest.approx(of_the_day[day], abs=0.0011)


def test_hours_of_two_years(
    server: str, illinois: Meter, capsys: pytest.CaptureFixture[str]
) -> None:
    assert len(illinois.kwh) == 19_417
    points = posted_and_checked(server, illinois, capsys)["15min"]
    quarters = (iso(at + nth * QUARTER) for at in illinois.kwh for nth in range(4))
    assert [point["datetime"] for point in points] == list(quarters)


def test_the_same_again_changes_nothing(server: str, tinetz: Meter) -> None:
    post(server, tinetz)
    before = read(server, tinetz, "15min")
    post(server, tinetz)
    assert read(server, tinetz, "15min") == before
