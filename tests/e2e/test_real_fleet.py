"""Six homes as six ships through the running server: the fleet's year is what the files say.

The sums of the files are plain arithmetic on their rows, here, without the project's code.
"""

import csv
import gzip
import json
import os
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from math import fsum
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest

from local import template
from local.engine.dynamodb import Engine
from local.runtime import functions
from quarterhour.store.environment import environment
from tests.builders import batch, iso
from tests.e2e.conftest import StartLocal
from tests.e2e.over_http import call
from tests.fleets import Window, settle

DATA = Path(os.environ.get("QH_DATA", template.ROOT.parent / "shared" / "data"))
HOMES = range(1, 7)
MOST_IN_A_POST = 2_190
# The files have no dates. Their first row is hour 24 of 31 July; from the second on, the hours of
# a year from 1 August 2021.
FIRST = datetime(2021, 8, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
SIX_DECIMALS = 1e-6

pytestmark = [
    pytest.mark.real_data,
    pytest.mark.e2e,
    pytest.mark.skipif(not DATA.exists(), reason=f"{DATA} is not there"),
]

Months = dict[str, dict[int, float]]


def hours(home: int) -> dict[datetime, float]:
    """Return a home's kWh by the hour."""
    with gzip.open(DATA / f"citylearn-2022-building-{home}.csv.gz", "rt", newline="") as file:
        _, *rows = csv.DictReader(file)
    return {FIRST + nth * HOUR: float(row["non_shiftable_load"]) for nth, row in enumerate(rows)}


@pytest.fixture(scope="module")
def homes() -> dict[int, dict[datetime, float]]:
    return {home: hours(home) for home in HOMES}


def by_month(homes: Mapping[int, Mapping[datetime, float]]) -> Months:
    """Return the homes' sums by month, `2021-08`."""
    parts: dict[str, dict[int, list[float]]] = defaultdict(lambda: defaultdict(list))
    for home, kwh in homes.items():
        for at, one in kwh.items():
            parts[f"{at:%Y-%m}"][home].append(one)
    return {
        month: {home: fsum(kwhs) for home, kwhs in of_home.items()}
        for month, of_home in parts.items()
    }


@pytest.fixture(scope="module")
def shared_server(
    start_local: StartLocal, engine: Engine, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """A server whose table is in the tests' own engine, where a rollup can be run beside it."""
    folder = tmp_path_factory.mktemp("fleet")
    variables = functions.environment(template.load(), engine.url)
    with (
        pytest.MonkeyPatch.context() as patched,
        start_local(folder, AWS_ENDPOINT_URL_DYNAMODB=engine.url) as started,
    ):
        patched.setenv("AWS_ENDPOINT_URL_DYNAMODB", engine.url)
        patched.setenv("TABLE_NAME", variables["TABLE_NAME"])
        environment.cache_clear()
        yield started.url
        environment().client.close()
        environment.cache_clear()


def post(server: str, home: int, kwh: Mapping[datetime, float]) -> None:
    """Post a year, in parts that a busy machine can store within 20 s, too."""
    data = [{"datetime": iso(at), "value": one} for at, one in kwh.items()]
    for first in range(0, len(data), MOST_IN_A_POST):
        part = data[first : first + MOST_IN_A_POST]
        body = json.dumps(batch(part, ship=home, interval="PT1H")).encode()
        answer = call(server, "POST", "/data", gzip.compress(body), content_encoding="gzip")
        assert (answer.status, answer.json["accepted"]) == (200, len(part)), answer.body


def get(server: str, target: str) -> Any:
    answer = call(server, "GET", target)
    assert answer.status == 200, answer.body
    return answer.json


def next_month(month: datetime) -> datetime:
    return (month + timedelta(days=31)).replace(day=1)


def check(server: str, months: Months) -> list[Any]:
    """Compare the fleet's months and the top 3 of each with the files; return the answers."""
    end = FIRST + 8759 * HOUR
    fleet = get(server, Window(FIRST, end, "month").fleet())
    assert [row["datetime"][:7] for row in fleet["data"]] == list(months)
    answers = [fleet]
    for row in fleet["data"]:
        of_home = months[row["datetime"][:7]]
        total = fsum(of_home.values())
        assert row["ships"] == len(HOMES)
        assert row["sum"] == pytest.approx(total, abs=SIX_DECIMALS, rel=0)
        assert row["avg"] == pytest.approx(total / len(HOMES), abs=SIX_DECIMALS, rel=0)

        begin = datetime.fromisoformat(row["datetime"])
        top = get(server, Window(begin, next_month(begin), "month").top())
        first = sorted(of_home, key=lambda home: (-round(of_home[home], 6), home))[:3]
        assert [one["spaceship_id"] for one in top["ships"]] == first
        for one in top["ships"]:
            near = pytest.approx(of_home[one["spaceship_id"]], abs=SIX_DECIMALS, rel=0)
            assert one["consumption"] == near
        answers.append(top)
    ever = get(server, "/topusers?count=6")
    assert (ever["datetime"], ever["end"]) == (iso(FIRST), iso(end))
    for one in ever["ships"]:
        of_year = fsum(of_home[one["spaceship_id"]] for of_home in months.values())
        assert one["consumption"] == pytest.approx(of_year, abs=SIX_DECIMALS, rel=0)
    return [*answers, ever]


def test_the_fleet_s_months_and_their_top_3_are_what_the_files_say(
    shared_server: str,
    homes: dict[int, dict[datetime, float]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert {len(kwh) for kwh in homes.values()} == {8759}
    months = by_month(homes)
    for home, kwh in homes.items():
        post(shared_server, home, kwh)
    steps = [perf_counter()]
    unsettled = check(shared_server, months)
    steps.append(perf_counter())
    settle()
    steps.append(perf_counter())
    assert check(shared_server, months) == unsettled
    steps.append(perf_counter())
    live, rolled_up, settled = (later - sooner for sooner, later in pairwise(steps))
    with capsys.disabled():
        print(  # noqa: T201
            f"\nsix homes: 14 reads live {live:.1f} s, rollup {rolled_up:.1f} s, "
            f"14 reads settled {settled:.2f} s"
        )
        for row in unsettled[0]["data"]:
            total = fsum(months[row["datetime"][:7]].values())
            said = f"file {total:.3f} kWh, answered {row['sum']:.3f} kWh"
            print(f"  {row['datetime'][:7]}: {said}")  # noqa: T201
