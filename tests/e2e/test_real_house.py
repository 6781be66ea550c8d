"""A home in Illinois through the running server: its views are arithmetic on the files.

The files are hourly kWh and outdoor degF. All sums here are made of their rows, without the
project's code. The house's one meter tells its kWh as `used` and, as there are no circuits in the
files, as its heat pump's.
"""

import csv
import gzip
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from math import fsum
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from local.template import ROOT
from tests.e2e.over_http import call

DATA = Path(os.environ.get("QH_DATA", ROOT.parent / "shared" / "data"))
CHICAGO = ZoneInfo("America/Chicago")
HOUSE = "/api/houses/60/"
BASE = 60

pytestmark = [
    pytest.mark.real_data,
    pytest.mark.e2e,
    pytest.mark.skipif(not DATA.exists(), reason=f"{DATA} is not there"),
]

ENERGY = {"quantity": "energy"}
ENTRY = {
    "name": "A home in Illinois",
    "sname": "Illinois",
    "timezone": CHICAGO.key,
    "areas": {"iga": 2000},
    "devices": [
        {"id": 1, "name": "Meter", "channels": {"used": ENERGY, "ashp": ENERGY}},
        {
            "id": 2,
            "name": "Outdoors",
            "channels": {"temperature": {"quantity": "temperature"}},
            "location": "outdoor",
        },
    ],
    "circuits": [{"circuit_id": "ashp", "name": "Heat pump", "description": "All there is"}],
}

Rows = Mapping[datetime, float]
FORMS = {"year": "%Y", "month": "%Y-%m", "day": "%Y-%m-%d"}


def rows(name: str, start: str, value: str) -> dict[datetime, float]:
    """Return a file's values by local time.

    Its offsets are fixed ones: times of one zone are compared by their clocks alone.
    """
    with gzip.open(DATA / name, "rt", newline="") as file:
        return {
            datetime.fromisoformat(
                datetime.fromisoformat(row[start]).astimezone(CHICAGO).isoformat()
            ): float(row[value])
            for row in csv.DictReader(file)
            if row[value]
        }


@pytest.fixture(scope="module")
def kwh() -> Rows:
    return rows("il-electricity-cdd-hdd-hourly.csv.gz", "start", "value")


@pytest.fixture(scope="module")
def outdoor() -> Rows:
    return rows("il-tempF.csv.gz", "dt", "tempF")


@pytest.fixture(scope="module")
def home(server: str, kwh: Rows, outdoor: Rows) -> str:
    """Return the address of the house in which all of it is posted."""
    assert call(server, "PUT", HOUSE, ENTRY).status == 201
    for part in parts([{"used": one, "ashp": one} for one in kwh.values()], kwh):
        post(server, 1, "kWh", part)
    for part in parts([{"temperature": one} for one in outdoor.values()], outdoor):
        post(server, 2, "degF", part)
    return server + HOUSE


def parts(values: list[dict[str, float]], times: Iterable[datetime]) -> Iterator[list[Any]]:
    """Yield readings in batches of a season, which a busy machine can store within 20 s, too."""
    data = [
        {"datetime": at.isoformat(), "values": one} for at, one in zip(times, values, strict=True)
    ]
    for first in range(0, len(data), 2_190):
        yield data[first : first + 2_190]


def post(server: str, device: int, units: str, data: list[Any]) -> None:
    body = {"interval": "PT1H", "units": units, "data": data}
    answer = call(server, "POST", f"{HOUSE}devices/{device}/readings/", body)
    assert answer.status == 200, answer.body
    assert answer.json["accepted"] == len(data)


def view(home: str, name: str, **params: str) -> Any:
    """Return a view's body."""
    server = home.removesuffix(HOUSE)
    query = "&".join(f"{key}={value}" for key, value in params.items())
    answer = call(server, "GET", f"{HOUSE}views/{name}/?{query}")
    assert answer.status == 200, answer.body
    return answer.json


def by(interval: str, found: Rows, told: Callable[[list[float]], float] = fsum) -> dict[str, float]:
    """Return what is told of the values of each local period, rounded as answers are."""
    groups: dict[str, list[float]] = {}
    for at in sorted(found, key=datetime.timestamp):
        groups.setdefault(at.strftime(FORMS[interval]), []).append(found[at])
    return {period: round(told(values), 6) for period, values in groups.items()}


def answered(items: list[dict[str, Any]], interval: str, name: str) -> dict[str, float]:
    """Return a figure of items by their period."""
    length = len("2016-01-01"[: {"year": 4, "month": 7, "day": 10}[interval]])
    return {one["date"][:length]: one[name] for one in items if name in one}


def degree_days(outdoor: Rows, base: float) -> dict[datetime, float]:
    return {at: max(0.0, (base - degf) / 24) for at, degf in outdoor.items()}


@pytest.mark.parametrize("interval", FORMS)
def test_what_was_used_is_the_sum_of_the_files_hours(home: str, kwh: Rows, interval: str) -> None:
    found = view(home, "usage", circuit="all", interval=interval)
    assert answered(found["items"], interval, "actual") == pytest.approx(
        by(interval, kwh), abs=2e-6
    )
    assert found["totals"]["actual"] == pytest.approx(fsum(kwh.values()), abs=2e-6)
    assert found["items"][0]["date"] == ("2015-11-01" if interval != "day" else "2015-11-22")


@pytest.mark.parametrize("interval", FORMS)
def test_temperatures_are_those_of_the_files_hours(home: str, outdoor: Rows, interval: str) -> None:
    items = view(home, "temperature", location="2", interval=interval)["items"]
    for name, told in (
        ("min_temperature", min),
        ("max_temperature", max),
        ("avg_temperature", lambda values: fsum(values) / len(values)),
    ):
        right = by(interval, outdoor, told)
        assert answered(items, interval, name) == pytest.approx(right, abs=2e-6)
    right = by(interval, degree_days(outdoor, 65))
    assert answered(items, interval, "sum_hdd") == pytest.approx(right, abs=2e-6)


@pytest.mark.parametrize("interval", FORMS)
def test_degree_days_are_the_hours_below_65_degrees(
    home: str, outdoor: Rows, interval: str
) -> None:
    found = view(home, "hdd", interval=interval)
    right = by(interval, degree_days(outdoor, 65))
    assert answered(found["items"], interval, "actual") == pytest.approx(right, abs=2e-6)
    coldest = min(outdoor, key=lambda at: (outdoor[at], at.timestamp()))
    assert found["coldest_hour"] == {
        "date": f"{coldest:%Y-%m-%d %H}:00:00",
        "temperature": outdoor[coldest],
    }
    days = by("day", degree_days(outdoor, 65))
    assert found["coldest_day"]["hdd"] == pytest.approx(max(days.values()), abs=2e-6)
    assert days[found["coldest_day"]["date"][:10]] == max(days.values())


@pytest.mark.parametrize("interval", FORMS)
def test_the_fit_is_that_of_the_files_hours(
    home: str, kwh: Rows, outdoor: Rows, interval: str
) -> None:
    found = view(home, "basetemp", base=str(BASE), interval=interval)
    heating = {at: one for at, one in kwh.items() if one > 0.05 and outdoor.get(at, 99) <= BASE}
    cold = degree_days({at: outdoor[at] for at in heating}, BASE)
    ashp, hdd = by(interval, heating), by(interval, cold)
    assert answered(found["points"], interval, "ashp") == pytest.approx(ashp, abs=2e-6)
    assert answered(found["points"], interval, "hdd") == pytest.approx(hdd, abs=2e-6)
    x, y = [hdd[one] for one in ashp], [*ashp.values()]
    n, mean_x, mean_y = len(x), fsum(x) / len(x), fsum(y) / len(y)
    both = fsum((a - mean_x) * (b - mean_y) for a, b in zip(x, y, strict=True))
    of_x, of_y = fsum((a - mean_x) ** 2 for a in x), fsum((b - mean_y) ** 2 for b in y)
    assert found["fit"]["n"] == n
    assert found["fit"]["slope"] == pytest.approx(both / of_x, abs=1e-5)
    assert found["fit"]["intercept"] == pytest.approx(mean_y - both / of_x * mean_x, abs=1e-5)
    assert found["fit"]["r2"] == pytest.approx(both**2 / (of_x * of_y), abs=1e-5)
