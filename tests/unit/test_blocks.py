"""Blocks and the fleet's items: what is packed comes out as it was, bit by bit."""

import struct
from math import fsum
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from quarterhour.energy.profile import Profile, profile
from quarterhour.energy.quantities import Quantity
from quarterhour.fleets import fleet
from quarterhour.store.table import blocks, fleet_blocks
from quarterhour.store.table.codec import number
from quarterhour.time.calendar import BUCKET_MS, DAY_MS, UTC
from quarterhour.time.instants import parse
from tests.profiles import Bucket, of_buckets

DAY, AUGUST = parse("2018-08-24T00:00:00Z"), parse("2018-08-01T00:00:00Z")
KWH = st.floats(0, 1e9)
BUCKET = st.builds(Bucket, KWH, st.integers(1, BUCKET_MS), least=st.just(0.0), most=st.just(0.0))


def of_day(found: dict[int, Bucket], quantity: Quantity = Quantity.ENERGY) -> Profile:
    """Return a day's buckets, of those by their places in it."""
    return of_buckets({DAY + place * BUCKET_MS: found[place] for place in found}, quantity)


BUCKETS = st.dictionaries(st.integers(0, 95), BUCKET).map(of_day)
SHIPS = st.dictionaries(st.integers(0, 2**53 - 1), BUCKETS, max_size=4)


def size(item: dict[str, Any]) -> int:
    """Return the bytes of an item's names and binary values, as DynamoDB counts them."""
    return sum(len(name) + len(value.get("B", b"12345")) for name, value in item.items())


@given(BUCKETS)
def test_a_day_s_buckets_come_out_as_they_went_in(buckets: Profile) -> None:
    assert blocks.day_buckets(DAY, blocks.day_block(DAY, buckets, 3)) == buckets


def test_a_day_without_data_is_a_block_without_buckets() -> None:
    block = blocks.day_block(DAY, profile(), 0)
    assert blocks.day_buckets(DAY, block) == profile()
    assert blocks.is_current(block, 0)


def test_a_block_is_current_only_at_its_counter_and_rule() -> None:
    block = blocks.day_block(DAY, profile(), 3)
    assert blocks.is_current(block, 3)
    assert not blocks.is_current(block, 2)
    assert not blocks.is_current(block, 4)
    assert not blocks.is_current({**block, "v": number(blocks.RULE + 1)}, 3)


def test_a_day_block_is_below_a_kilobyte_when_everything_is_covered() -> None:
    buckets = of_day({nth: Bucket(1 / 3, BUCKET_MS) for nth in range(96)})
    assert size(blocks.day_block(DAY, buckets, 0)) < 800


# --- Gauges ---------------------------------------------------------------------------------------

GAUGES = st.builds(
    lambda low, spread, mean, ms: Bucket(low + spread * mean, ms, low, low + spread),
    st.floats(-100, 200),
    st.sampled_from((0.0, 0.0, 7.5)),
    st.floats(0, 1),
    st.integers(1, BUCKET_MS),
)


@given(st.dictionaries(st.integers(0, 95), GAUGES))
def test_a_day_of_a_gauge_comes_out_as_it_went_in(found: dict[int, Bucket]) -> None:
    buckets = of_day(found, Quantity.TEMPERATURE)
    block = blocks.day_block(DAY, buckets, 3, Quantity.TEMPERATURE)
    assert blocks.day_buckets(DAY, block) == buckets
    assert blocks.is_current(block, 3, Quantity.TEMPERATURE)
    assert not blocks.is_current(block, 3, Quantity.HUMIDITY)


def test_a_channel_that_was_a_gauge_is_read_as_what_it_is_now() -> None:
    warm = of_day({0: Bucket(20.0, 1, 15.0, 25.0)}, Quantity.TEMPERATURE)
    used = of_day({0: Bucket(7.0, BUCKET_MS)})
    gauge = blocks.day_block(DAY, warm, 3, Quantity.TEMPERATURE)
    energy = blocks.day_block(DAY, used, 4)
    # An update sets what is new and leaves the rest of the item.
    assert blocks.day_buckets(DAY, gauge | energy) == used


# --- The fleet ------------------------------------------------------------------------------------


@given(SHIPS)
def test_a_shard_s_and_the_fleet_s_day_come_out_as_they_went_in(
    ships: dict[int, Profile],
) -> None:
    shard = fleet.shard_day(DAY, ships)
    stored = fleet_blocks.shard_day_item(DAY, shard)
    assert fleet_blocks.shard_day(DAY, stored) == shard
    assert fleet_blocks.ship_kwh(stored) == {ship: one.kwh for ship, one in shard.ships.items()}

    day = fleet.fleet_day([shard])
    found = fleet_blocks.fleet_day(DAY, fleet_blocks.fleet_day_item(DAY, day))
    assert found.kwh == day.kwh
    assert (list(found.counts), list(found.hours)) == (list(day.counts), list(day.hours))
    assert found.ships == day.ships


@given(SHIPS)
def test_months_and_years_of_a_shard_come_out_as_they_went_in(
    ships: dict[int, Profile],
) -> None:
    month = fleet.shard_month(AUGUST, {DAY: fleet.shard_day(DAY, ships)})
    assert fleet_blocks.shard_month(fleet_blocks.shard_month_item(month)) == month
    year = fleet.shard_year([month])
    assert fleet_blocks.ship_kwh(fleet_blocks.shard_year_item(year)) == year


def test_a_fleet_s_month_keeps_only_days_with_data() -> None:
    days = range(AUGUST, UTC.next_month(AUGUST), DAY_MS)
    month = fleet.FleetMonth({DAY: fleet.FleetTotal(0.0, 2), AUGUST: fleet.FleetTotal(1.5, 1)}, 3)
    item = fleet_blocks.fleet_month_item(days, month)
    assert fleet_blocks.fleet_month(AUGUST, item) == month


def test_two_hundred_and_fifty_ships_of_a_day_fit_six_kilobytes() -> None:
    """1.5 read units; ships that lack a part of the day take 16 bytes more each.

    And so many a bucket of which less than all of its ships' time is covered take 9.
    """
    full = of_day({nth: Bucket(1.0, BUCKET_MS) for nth in range(96)})
    shard = fleet.shard_day(DAY, dict.fromkeys(range(250), full))
    assert size(fleet_blocks.shard_day_item(DAY, shard)) <= 6 * 1024
    part = fleet.shard_day(DAY, dict.fromkeys(range(250), of_day({0: Bucket(1.0, 1)})))
    added = size(fleet_blocks.shard_day_item(DAY, part)) - size(
        fleet_blocks.shard_day_item(DAY, shard)
    )
    assert added == 16 * 250 + 9


def test_floats_are_packed_as_they_are() -> None:
    values = [0.1, fsum([0.1, 0.2]), 1e-320, 1e9]
    assert blocks.floats(blocks.pack_floats(values)) == tuple(values)
    assert blocks.pack_floats([0.1])["B"] == struct.pack("<d", 0.1)
    for most, size in ((2**16 - 1, 4), (2**16, 8), (2**32 - 1, 8)):
        packed = blocks.pack_counts([0, most])
        assert len(packed["B"]) == size
        assert blocks.counts(packed, 2) == (0, most)
