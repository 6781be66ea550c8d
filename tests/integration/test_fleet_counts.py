"""What settling and the reads of what is settled cost: every call and every unit is counted."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from time import perf_counter
from typing import Any, NamedTuple

import pytest

from local.gateway.http_api import Gateway
from quarterhour.energy.readings import ENERGY_USED, Series
from quarterhour.sites.sources import ship
from quarterhour.sites.virtual_meters import Meter
from quarterhour.store.environment import environment
from quarterhour.store.read.rows import Reader
from quarterhour.store.rollup.fleet import FleetSettler
from quarterhour.store.rollup.settler import Settler
from quarterhour.store.table import keys
from quarterhour.store.table.registry import Registry
from tests.builders import MIDNIGHT, batch, reading, readings
from tests.conftest import Call
from tests.counting import Counted
from tests.fleets import DAY, MINUTE, Window, ms, settle
from tests.patience import PatientCalls

pytestmark = pytest.mark.integration


class Cost(NamedTuple):
    """The calls of a request, their read and their write units."""

    calls: str
    read_units: float
    write_units: float = 0


def cost(counted: Counted, work: Callable[[], Any]) -> Cost:
    """Return what a piece of work costs; an answer has to be a good one."""
    counted.clear()
    answer = work()
    assert answer is None or answer.status == 200, answer.text
    return made(counted)


def made(counted: Counted) -> Cost:
    calls = ", ".join(f"{number} {name}" for name, number in sorted(Counter(counted.calls).items()))
    return Cost(calls, counted.read_units, counted.write_units)


# --- A settled year -------------------------------------------------------------------------------

TODAY = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
YEAR = Window(TODAY - 366 * DAY, TODAY - DAY, "15min")
QUARTERS = 365 * 96
MONTH = Window(YEAR.start + 30 * DAY, YEAR.start + 60 * DAY, "15min")
LAST_DAYS = YEAR._replace(start=YEAR.end - 10 * DAY)
LAST_DAY = YEAR._replace(start=YEAR.end - DAY)
TO_NOW = YEAR._replace(start=YEAR.start + 2 * DAY, end=TODAY + DAY)

ONE_PAGE = "1 GetItem, 2 Query"  # watermark; todo, blocks

# Every fleet read has 1 unit of the watermark and 1 of the todo list in it.
SETTLED = {
    YEAR.ship(1): Cost("2 Query", 36 + 1),
    YEAR._replace(interval="hour").ship(1): Cost("2 Query", 36 + 1),
    TO_NOW.ship(1): Cost("3 Query", 36 + 1 + 1),
    YEAR._replace(interval="day").ship(1): Cost("2 Query", 1 + 1),
    YEAR._replace(interval="month").ship(1): Cost("2 Query", 1 + 1),
    MONTH.ship(1): Cost("2 Query", 3 + 1),
    LAST_DAY.fleet(): Cost(ONE_PAGE, 2 + 1),
    LAST_DAYS.fleet(): Cost(ONE_PAGE, 2 + 3),
    MONTH.fleet(): Cost(ONE_PAGE, 2 + 8),
    YEAR.fleet(): Cost(ONE_PAGE, 2 + 94),
    YEAR._replace(interval="day").fleet(): Cost(ONE_PAGE, 2 + 2),
    LAST_DAY.top(): Cost(ONE_PAGE, 2 + 1),
}


def post_year(call: Call, minutes: int = 15, **more: Any) -> None:
    """Post a year's quarter hours, in the two parts it takes at least."""
    for first in (0, QUARTERS // 2):
        start = YEAR.start + first * 15 * MINUTE
        data = readings([1.234] * (QUARTERS // 2), minutes=minutes, start=start)
        assert call("POST", "/data", batch(data, **more)).status == 200


@pytest.mark.slow
def test_a_year_costs_400_calls_to_post_and_a_page_to_read(call: Call, counted: Counted) -> None:
    """One year for all of it: posting and settling it takes longer than all the rest."""
    call("POST", "/data", batch([reading(YEAR.start - 90 * DAY)]))
    posted = cost(counted, lambda: post_year(call))
    assert posted.calls in {f"{calls} TransactWriteItems" for calls in range(365, 400)}
    assert posted.write_units == pytest.approx(71_600, abs=100)
    settle()
    call("POST", "/data", batch([reading(datetime.now(UTC))]))
    found = {target: cost(counted, partial(call, "GET", target)) for target in SETTLED}
    assert found == SETTLED


@pytest.mark.slow
def test_a_settled_year_with_every_bucket_partly_covered_is_54_units(
    call: Call, counted: Counted
) -> None:
    post_year(call, interval="PT5M", units="kW")
    settle()
    assert cost(counted, lambda: call("GET", YEAR.ship(1))) == Cost("2 Query", 53 + 1)


# --- Settling -------------------------------------------------------------------------------------


@pytest.fixture
def settlers(counted: Counted) -> tuple[Settler, FleetSettler]:
    """What a rollup settles sources and shards with."""
    del counted
    calls = PatientCalls(environment().client, environment().table)
    registry = Registry(calls, keys.SHIPS, environment().shards)
    fleet = FleetSettler(calls, Reader(calls), registry)
    return Settler(calls, Reader(calls)), fleet


def post_five_minutes(call: Call, ship_: int = 1, days: int = 3) -> None:
    data = readings([12.3] * 288 * days, minutes=5)
    call("POST", "/data", batch(data, ship=ship_, units="kW"))


def test_settling_a_day_of_a_source_is_3_calls(
    call: Call, counted: Counted, settlers: tuple[Settler, FleetSettler]
) -> None:
    """Its head, its readings, its block; and one call more for each channel more."""
    post_five_minutes(call)
    day = [ms(MIDNIGHT + DAY)]
    used = Meter(ship(1), (ENERGY_USED,))
    both = Meter(ship(1), (ENERGY_USED, Series("solar")))
    settling = cost(counted, lambda: settlers[0].settle_days({used: day}))
    assert settling == Cost("1 GetItem, 1 Query, 1 UpdateItem", 1 + 3, 1)
    settling = cost(counted, lambda: settlers[0].settle_days({both: day}))
    assert settling == Cost("1 GetItem, 1 Query, 2 UpdateItem", 1 + 3, 2)


def test_a_shard_s_day_is_1_and_a_half_units_a_ship(
    call: Call, counted: Counted, settlers: tuple[Settler, FleetSettler]
) -> None:
    """Its block and its head; besides, once a shard, the item's `gen`, the registry, the item."""
    for one in range(1, 11):
        post_five_minutes(call, one, days=1)
    settle()
    found = cost(counted, lambda: settlers[1].shard_day(0, ms(MIDNIGHT)))
    assert found.read_units == 1.5 * 10 + 2
    assert found.write_units == 1


def test_a_rollup_with_nothing_to_do_is_7_reads(call: Call, counted: Counted) -> None:
    post_five_minutes(call)
    settle()
    assert cost(counted, settle) == Cost("4 GetItem, 3 Query", 7)


# --- Ten ships and two thousand -------------------------------------------------------------------

SHIPS_OF_A_SHARD = 250


@pytest.mark.parametrize("ships", [10, pytest.param(2000, marks=pytest.mark.slow)])
def test_a_settled_fleet_costs_the_same_for_any_number_of_ships(
    gateway: Gateway,
    table: str,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
    ships: int,
) -> None:
    """Only the ranking grows, by 1.5 units for each 250 ships."""
    del gateway, table
    shards = -(-ships // SHIPS_OF_A_SHARD)
    monkeypatch.setenv("SHARDS", str(shards))
    environment.cache_clear()
    call: Call = request.getfixturevalue("call")
    counted: Counted = request.getfixturevalue("counted")
    for one in range(ships):
        data = [reading(MIDNIGHT, 1 + one)]
        call("POST", "/data", batch(data, ship=one, interval="P1D"))
    began = perf_counter()
    settle()
    print(f"{ships} ships, 3 days each, settled in {perf_counter() - began:.1f} s")  # noqa: T201
    day = Window(MIDNIGHT, MIDNIGHT + DAY, "15min")
    total = ships * (ships + 1) / 2
    two_days = Window(MIDNIGHT, MIDNIGHT + 2 * DAY, "month")
    ((row),) = call("GET", two_days.fleet()).json["data"]
    assert (row["sum"], row["ships"]) == (pytest.approx(total), ships)
    assert cost(counted, lambda: call("GET", day.fleet())) == Cost(ONE_PAGE, 3)
    hours = day._replace(interval="hour")
    assert cost(counted, lambda: call("GET", hours.fleet())) == Cost(ONE_PAGE, 3)
    by_day = Window(MIDNIGHT, MIDNIGHT + 2 * DAY, "day")
    assert cost(counted, lambda: call("GET", by_day.fleet())) == Cost(ONE_PAGE, 3)
    top = cost(counted, lambda: call("GET", day.top()))
    assert top.calls == ONE_PAGE
    assert top.read_units <= 2 + 1.5 * max(1, ships / SHIPS_OF_A_SHARD)
    environment().client.close()
