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
from quarterhour.store.rollup.check import SiteCheck
from quarterhour.store.rollup.failures import Failures
from quarterhour.store.rollup.fleet import FleetSettler
from quarterhour.store.rollup.fleet_check import FleetCheck
from quarterhour.store.rollup.rollup import of_ship
from quarterhour.store.rollup.settler import Settler
from quarterhour.store.table import keys
from quarterhour.store.table.registry import Registry
from quarterhour.time import calendar
from tests.builders import MIDNIGHT, batch, reading, readings
from tests.conftest import Call
from tests.counting import Counted, forget_blocks
from tests.fleets import DAY, MINUTE, Window, ms, settle
from tests.patience import PatientCalls

pytestmark = pytest.mark.integration


class Cost(NamedTuple):
    """The calls of a request, their read and their write units."""

    calls: str
    read_units: float
    write_units: float = 0


def cost(counted: Counted, work: Callable[[], Any]) -> Cost:
    """Return what a piece of work costs where nothing is kept; an answer has to be a good one."""
    forget_blocks()
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
    return Settler(calls), fleet


def post_five_minutes(call: Call, ship_: int = 1, days: int = 3) -> None:
    data = readings([12.3] * 288 * days, minutes=5)
    call("POST", "/data", batch(data, ship=ship_, units="kW"))


def test_settling_a_day_of_a_source_is_3_calls(
    call: Call, counted: Counted, settlers: tuple[Settler, FleetSettler]
) -> None:
    """The year's heads, its readings, its block; and one call more for each channel more."""
    post_five_minutes(call)
    day = [ms(MIDNIGHT + DAY)]
    used = Meter(ship(1), (ENERGY_USED,))
    both = Meter(ship(1), (ENERGY_USED, Series("solar")))

    def settle_day(meter: Meter) -> None:
        heads = settlers[0].heads(meter.source.owner, calendar.UTC, day)
        settlers[0].settle_days({meter: day}, heads)

    assert cost(counted, lambda: settle_day(used)) == Cost("2 Query, 1 UpdateItem", 1 + 3, 1)
    assert cost(counted, lambda: settle_day(both)) == Cost("2 Query, 2 UpdateItem", 1 + 3, 2)


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


def test_rollups_with_nothing_to_do_are_10_reads(call: Call, counted: Counted) -> None:
    """The shard's: its todo, the old one, and the watermark, of both kinds; the fleet's: 3."""
    post_five_minutes(call)
    settle()
    assert cost(counted, settle) == Cost("3 GetItem, 7 Query", 10)


# --- Checking -------------------------------------------------------------------------------------


def test_checking_a_day_of_a_source_is_6_calls(call: Call, counted: Counted) -> None:
    """Its day's, its month's and its year's block, its heads, its readings, its heads once more."""
    post_five_minutes(call)
    settle()
    check = SiteCheck(Reader(PatientCalls(environment().client, environment().table)))

    def checked() -> None:
        assert not [*check.differences(*of_ship("S1"), ms(MIDNIGHT + DAY))]

    assert cost(counted, checked) == Cost("6 Query", 3 * 0.5 + 1 + 3 + 1)


def test_checking_what_lies_above_ships_is_105_units_of_a_settled_month_and_year(
    call: Call, counted: Counted
) -> None:
    """Of the fleet's day and of each shard's, month and year: twice, before the ships and after."""
    for one in range(1, 11):
        post_five_minutes(call, one)
    settle()
    calls = PatientCalls(environment().client, environment().table)
    fleet = FleetCheck(calls, Registry(calls, keys.SHIPS, 1), Reader(calls))

    def checked() -> None:
        assert not [*fleet.differences(ms(MIDNIGHT + DAY), Failures())]

    found = cost(counted, checked)
    assert found == Cost("4 BatchGetItem, 2 GetItem, 69 Query", 10 * 6.5 + 105)


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
    """Only the ranking grows, by 1.5 units for each 250 ships; and the todo, by one a shard."""
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
    one_page = f"1 GetItem, {shards + 1} Query"  # watermark; the shards' todo, blocks
    day = Window(MIDNIGHT, MIDNIGHT + DAY, "15min")
    total = ships * (ships + 1) / 2
    two_days = Window(MIDNIGHT, MIDNIGHT + 2 * DAY, "month")
    ((row),) = call("GET", two_days.fleet()).json["data"]
    assert (row["sum"], row["ships"]) == (pytest.approx(total), ships)
    assert cost(counted, lambda: call("GET", day.fleet())) == Cost(one_page, 2 + shards)
    hours = day._replace(interval="hour")
    assert cost(counted, lambda: call("GET", hours.fleet())) == Cost(one_page, 2 + shards)
    by_day = Window(MIDNIGHT, MIDNIGHT + 2 * DAY, "day")
    assert cost(counted, lambda: call("GET", by_day.fleet())) == Cost(one_page, 2 + shards)
    top = cost(counted, lambda: call("GET", day.top()))
    assert top.calls == one_page
    assert top.read_units <= 1 + shards + 1.5 * max(1, ships / SHIPS_OF_A_SHARD)
    environment().client.close()


# --- A fleet that is read live --------------------------------------------------------------------


@pytest.mark.parametrize("ships", [1, 8, 20])
def test_a_live_fleet_is_an_eighth_of_its_ships_and_four_calls_in_turn(
    gateway: Gateway,
    table: str,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
    ships: int,
) -> None:
    """In turn: the watermark, the todo, the registry, the ships eight at a time, what is settled.

    Of each shard a todo and a part of the registry: these are read side by side, too.
    """
    del gateway, table
    shards = 4
    monkeypatch.setenv("SHARDS", str(shards))
    environment.cache_clear()
    call: Call = request.getfixturevalue("call")
    counted: Counted = request.getfixturevalue("counted")
    settle()
    for one in range(ships):
        call("POST", "/data", batch([reading(datetime.now(UTC), 1.5)], ship=one))
    for interval in ("15min", "day"):
        live = Window(TODAY, TODAY + 2 * DAY, interval)
        found = cost(counted, partial(call, "GET", live.fleet()))
        assert found.calls == f"1 GetItem, {2 * shards + ships + 1} Query"
        assert counted.in_turn == 4 + -(-ships // 8)
    environment().client.close()


def test_days_that_are_settled_anew_are_read_side_by_side(call: Call, counted: Counted) -> None:
    """Of many ships a day at a time: their blocks, their heads, then what has no valid block."""
    for one in range(12):
        call("POST", "/data", batch(readings([1.5] * 4, minutes=60), ship=one))
        two_days_on = MIDNIGHT + 2 * DAY
        call("POST", "/data", batch(readings([1.5], start=two_days_on), ship=one))
    settle()
    for day in range(2):
        call("POST", "/data", batch([reading(MIDNIGHT + 2 * day * DAY + 5 * MINUTE)], ship=1))
    window = Window(MIDNIGHT, MIDNIGHT + 3 * DAY, "day")
    found = cost(counted, lambda: call("GET", window.fleet()))
    # Watermark, todo, registry; blocks, heads and the readings of the ship; what is settled.
    assert counted.in_turn == 3 + 3 + 1
    assert found.calls == "6 BatchGetItem, 1 GetItem, 6 Query"


@pytest.mark.parametrize("ships", [12, 20])
def test_a_day_that_is_settled_anew_for_all_ships_is_read_side_by_side(
    call: Call, counted: Counted, ships: int
) -> None:
    """As where each ship posts its day on the next: only the readings have all of it."""
    for one in range(ships):
        call("POST", "/data", batch(readings([1.5] * 4, minutes=60), ship=one))
    settle()
    for one in range(ships):
        call("POST", "/data", batch([reading(MIDNIGHT + 5 * MINUTE, 1 + one)], ship=one))
    window = Window(MIDNIGHT, MIDNIGHT + DAY, "day")
    found = cost(counted, lambda: call("GET", window.fleet()))
    # Watermark, todo, registry; blocks, heads; the readings of the ships.
    assert found.calls == f"2 BatchGetItem, 1 GetItem, {2 + ships + 1} Query"
    assert counted.in_turn == 3 + 2 + -(-ships // 8) + 1
