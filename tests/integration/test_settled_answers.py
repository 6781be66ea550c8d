"""Settled, unsettled or half of it: every answer has the bytes of the plain one."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from quarterhour.store.environment import environment
from tests.builders import reading
from tests.conftest import Call
from tests.counting import Counted
from tests.fleets import (
    DAY,
    LABELS,
    MINUTE,
    Fleet,
    Window,
    fleet_text,
    post_stretch,
    random_windows,
    settle,
    ship_text,
    top_text,
    utc,
)

pytestmark = pytest.mark.integration

# Around a year's and a month's edge, a leap day, and one year without a neighbour.
STRETCHES = [
    (utc(2017, 12, 30), 4), (utc(2018, 2, 27), 3), (utc(2018, 8, 24), 2), (utc(2020, 2, 28), 3),
    (utc(2022, 7, 1), 2),
]  # fmt: skip
EDGES = [start for start, _ in STRETCHES]
SHIPS = (0, 7, 12, 300, 2**53 - 1)
TWO_SHARDS = pytest.param(2, marks=pytest.mark.slow)


@pytest.fixture(params=[1, TWO_SHARDS], ids=["one shard", "two shards"])
def fleet(
    request: pytest.FixtureRequest, call: Call, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Fleet]:
    """Five ships, each with data in about half of the stretches."""
    monkeypatch.setenv("SHARDS", str(request.param))
    environment.cache_clear()
    random = Random(request.param)
    made = Fleet(call)
    for ship in SHIPS:
        for start, days in random.sample(STRETCHES, 3):
            post_stretch(made, random, ship, start, days)
    yield made
    environment().client.close()


def answers(fleet: Fleet, windows: list[Window]) -> list[str]:
    """Return the fleet, the top users and two ships in all windows, as answered."""
    asked = [
        target
        for window in windows
        for target in (window.fleet(), window.top(), *map(window.ship, SHIPS[:2]))
    ]
    return [fleet.call("GET", target).text for target in asked]


def plain_answers(fleet: Fleet, windows: list[Window]) -> list[str]:
    """Return all of these as they follow from what was posted."""
    ships = fleet.all_buckets()
    return [
        text
        for window in windows
        for text in (
            fleet_text(ships, window, window.end),
            top_text(ships, window, 3),
            *(ship_text(ships, window, ship) for ship in SHIPS[:2]),
        )
    ]


@pytest.mark.slow
def test_every_answer_is_the_plain_one_before_settling_after_it_and_half_settled(
    fleet: Fleet,
) -> None:
    random = Random(3)
    windows = random_windows(random, EDGES, 8)
    plain = plain_answers(fleet, windows)
    assert answers(fleet, windows) == plain
    settle()
    assert answers(fleet, windows) == plain
    for ship in SHIPS[1:4]:
        start, days = random.choice(STRETCHES)
        post_stretch(fleet, random, ship, start, days)
    late = plain_answers(fleet, windows)
    assert late != plain
    assert answers(fleet, windows) == late
    settle()
    assert answers(fleet, windows) == late


@pytest.mark.parametrize("fleet", [1], indirect=True)
def test_all_time_is_the_same_settled_and_unsettled(fleet: Fleet) -> None:
    asked = [f"/topusers?count={count}" for count in (1, 2, 1000)]
    asked += ["/topusers?start=2018-01-01T00:00:00Z", "/topusers?end=2018-08-24T13:07:00Z"]
    unsettled = [fleet.call("GET", each).text for each in asked]
    ships = fleet.all_buckets()
    buckets = [at for of_ship in ships.values() for at in of_ship]
    extent = Window(min(buckets), max(buckets) + 15 * MINUTE, "day")
    assert unsettled[2] == top_text(ships, extent, 1000)
    settle()
    assert [fleet.call("GET", each).text for each in asked] == unsettled


@pytest.mark.parametrize("fleet", [TWO_SHARDS], indirect=True)
def test_days_closed_by_the_clock_are_the_same_as_before(fleet: Fleet) -> None:
    """In-order readings mark nothing: their days are settled by the watermark alone."""
    # Up to now, beyond which nothing holds.
    now = datetime.now(UTC).replace(second=0, microsecond=0) - 5 * MINUTE
    for ship in SHIPS[:3]:
        data = [reading(now - nth * 5 * MINUTE, 10 + ship % 5 + nth / 7) for nth in range(11)]
        fleet.post(ship, data, "kW")
    windows = [
        Window(now + since, now + until, interval)
        for interval in LABELS
        for since, until in [(-30 * MINUTE, 30 * MINUTE), (-40 * DAY, 40 * DAY)]
    ]
    plain = plain_answers(fleet, windows)
    assert answers(fleet, windows) == plain
    settle(ahead=timedelta(days=3))
    assert answers(fleet, windows) == plain


# --- One ship -------------------------------------------------------------------------------------


@pytest.fixture
def ship(call: Call) -> Fleet:
    """A ship with data in some of six years."""
    made = Fleet(call)
    for seed, (start, days) in enumerate(STRETCHES):
        post_stretch(made, Random(seed), 1, start, days)
    return made


@pytest.mark.slow
def test_a_ship_s_answers_over_many_years_have_the_same_bytes_from_blocks(ship: Fleet) -> None:
    windows = [
        *random_windows(Random(1), EDGES, 20),
        Window(utc(2017, 1, 1), utc(2023, 1, 1), "month"),
        Window(utc(2000, 1, 1), utc(2099, 12, 31), "month"),
        Window(utc(2017, 12, 30, 7, 13), utc(2022, 7, 2, 1, 1), "month"),
        Window(utc(2000, 1, 1), utc(2099, 12, 31), "day"),
    ]
    asked = [window.ship(1) for window in windows]
    unsettled = [ship.call("GET", each).text for each in asked]
    settle()
    assert [ship.call("GET", each).text for each in asked] == unsettled
    post_stretch(ship, Random(9), 1, utc(2018, 2, 28), 1)
    half = [ship.call("GET", each).text for each in asked]
    assert half != unsettled
    settle()
    assert [ship.call("GET", each).text for each in asked] == half


def test_six_years_by_months_are_one_page_of_year_blocks(ship: Fleet, counted: Counted) -> None:
    for year in range(2017, 2023):
        ship.post(1, [reading(utc(year, 5, 5), 1)], "kWh")
    settle()
    counted.clear()
    ship.call("GET", Window(utc(2017, 1, 1), utc(2023, 1, 1), "month").ship(1))
    assert (counted.calls, counted.read_units) == (["Query"] * 2, 1.5)
