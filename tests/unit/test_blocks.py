"""Blocks and the fleet's items: what is packed comes out as it was, bit by bit."""

import struct
from math import fsum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quarterhour.energy.aggregate import Row
from quarterhour.energy.quantities import Quantity
from quarterhour.energy.readings import ENERGY_USED, Series
from quarterhour.energy.resample import Bucket
from quarterhour.fleets import fleet
from quarterhour.store.table import blocks, fleet_blocks
from quarterhour.store.table.blocks import MONTHS, YEARS
from quarterhour.store.table.codec import number
from quarterhour.time.calendar import BUCKET_MS, DAY_MS, UTC, zone
from quarterhour.time.instants import parse

DAY = parse("2018-08-24T00:00:00Z")
AUGUST, YEAR_2018 = parse("2018-08-01T00:00:00Z"), parse("2018-01-01T00:00:00Z")
KWH = st.floats(0, 1e9)
BUCKET = st.builds(Bucket, KWH, st.integers(1, BUCKET_MS), least=st.just(0.0), most=st.just(0.0))
BUCKETS = st.dictionaries(st.integers(0, 95), BUCKET).map(
    lambda found: {DAY + place * BUCKET_MS: found[place] for place in sorted(found)}
)
SHIPS = st.dictionaries(st.integers(0, 2**53 - 1), BUCKETS, max_size=4)


def size(item: dict[str, Any]) -> int:
    """Return the bytes of an item's names and binary values, as DynamoDB counts them."""
    return sum(len(name) + len(value.get("B", b"12345")) for name, value in item.items())


@given(BUCKETS)
def test_a_day_s_buckets_come_out_as_they_went_in(buckets: dict[int, Bucket]) -> None:
    found = blocks.day_buckets(DAY, blocks.day_block(DAY, buckets, 3))
    assert found == buckets
    assert list(found) == list(buckets)


def test_a_day_without_data_is_a_block_without_buckets() -> None:
    block = blocks.day_block(DAY, {}, 0)
    assert blocks.day_buckets(DAY, block) == {}
    assert blocks.is_current(block, 0)


def test_a_block_is_current_only_at_its_counter_and_rule() -> None:
    block = blocks.day_block(DAY, {}, 3)
    assert blocks.is_current(block, 3)
    assert not blocks.is_current(block, 2)
    assert not blocks.is_current(block, 4)
    assert not blocks.is_current({**block, "v": number(blocks.RULE + 1)}, 3)


def test_a_day_block_is_below_a_kilobyte_when_everything_is_covered() -> None:
    buckets = {DAY + nth * BUCKET_MS: Bucket(1 / 3, BUCKET_MS) for nth in range(96)}
    assert size(blocks.day_block(DAY, buckets, 0)) < 800


# --- Months and years -----------------------------------------------------------------------------


def sums(days: int = 31) -> dict[int, Row]:
    starts = [AUGUST + nth * DAY_MS for nth in range(days) if nth != 4]
    return {at: Row(at, (at % 977) / 7, DAY_MS) for at in starts}


def august(marks: int, upto_ms: int | None = None) -> dict[str, Any]:
    upto_ms = UTC.next_month(AUGUST) if upto_ms is None else upto_ms
    rows = {ENERGY_USED: [*sums().values()]}
    return blocks.sums_block(MONTHS.parts(UTC, AUGUST), rows, marks, upto_ms, UTC)


def kept(block: dict[str, Any], marks: int, *measures: Series) -> Any:
    return blocks.kept_rows(MONTHS.parts(UTC, AUGUST), block, marks, measures or [ENERGY_USED], UTC)


def test_the_parts_of_a_month_are_its_days_and_of_a_year_its_months() -> None:
    assert len(MONTHS.parts(UTC, AUGUST)) == 31
    assert MONTHS.parts(UTC, AUGUST)[0] == (AUGUST, AUGUST + DAY_MS)
    assert len(YEARS.parts(UTC, YEAR_2018)) == 12
    assert YEARS.parts(UTC, YEAR_2018)[7] == (AUGUST, UTC.next_month(AUGUST))


def test_a_month_keeps_its_days_and_says_which_have_no_data() -> None:
    found = kept(august(5), 5)
    assert len(found) == 31
    assert {part[0]: one[ENERGY_USED] for part, one in found.items() if one} == sums()
    assert found[(AUGUST + 4 * DAY_MS, AUGUST + 5 * DAY_MS)] == {}


def test_a_month_says_nothing_of_days_that_were_not_closed() -> None:
    assert len(kept(august(0, AUGUST + 7 * DAY_MS), 0)) == 7
    assert kept(august(0, AUGUST), 0) == {}


def test_a_block_says_nothing_of_a_measure_it_does_not_name() -> None:
    """What stands there of it was left by a catalogue that named it."""
    left = {**august(0), "solar.e": august(0)["used.e"]}
    assert kept(left, 0)
    assert kept(left, 0, Series("solar")) == {}
    assert kept(left, 0, ENERGY_USED, Series("solar")) == {}
    assert kept(left, 0, Series("used", Quantity.VOLUME)) == {}


@pytest.mark.parametrize(
    ("block", "marks"),
    [
        ({}, 0),
        (august(4), 5),
        (august(6), 5),
        ({**august(0), "v": number(blocks.RULE + 1)}, 0),
        ({**august(0), "tz": {"S": "Europe/Vienna"}}, 0),
    ],
)
def test_a_block_that_is_not_valid_says_nothing(block: dict[str, Any], marks: int) -> None:
    assert kept(block, marks) == {}


GAUGES = st.builds(
    lambda low, spread, mean, ms: Bucket(low + spread * mean, ms, low, low + spread),
    st.floats(-100, 200),
    st.sampled_from((0.0, 0.0, 7.5)),
    st.floats(0, 1),
    st.integers(1, BUCKET_MS),
)


@given(st.dictionaries(st.integers(0, 95), GAUGES))
def test_a_day_of_a_gauge_comes_out_as_it_went_in(found: dict[int, Bucket]) -> None:
    buckets = {DAY + place * BUCKET_MS: found[place] for place in sorted(found)}
    block = blocks.day_block(DAY, buckets, 3, Quantity.TEMPERATURE)
    assert blocks.day_buckets(DAY, block) == buckets
    assert blocks.is_current(block, 3, Quantity.TEMPERATURE)
    assert not blocks.is_current(block, 3, Quantity.HUMIDITY)


def test_a_channel_that_was_a_gauge_is_read_as_what_it_is_now() -> None:
    gauge = blocks.day_block(DAY, {DAY: Bucket(20.0, 1, 15.0, 25.0)}, 3, Quantity.TEMPERATURE)
    energy = blocks.day_block(DAY, {DAY: Bucket(7.0, BUCKET_MS)}, 4)
    # An update sets what is new and leaves the rest of the item.
    assert blocks.day_buckets(DAY, gauge | energy) == {DAY: Bucket(7.0, BUCKET_MS)}


def test_a_local_month_of_a_gauge_keeps_its_days() -> None:
    here = zone("America/New_York")
    march = here.month_of(parse("2014-03-15T00:00:00Z"))
    parts = MONTHS.parts(here, march)
    assert [(end - begin) // BUCKET_MS for begin, end in parts] == [96] * 8 + [92] + [96] * 22
    warm = Series("temperature", Quantity.TEMPERATURE)
    rows = [Row(begin, begin % 97 / 7, 24, -1.5, 40.25) for begin, _ in parts[:5]]
    block = blocks.sums_block(parts, {warm: rows}, 0, parts[6][1], here)
    found = blocks.kept_rows(parts, block, 0, [warm], here)
    assert [*found] == parts[:7]
    assert [row[warm] for row in found.values() if row] == rows
    assert MONTHS.sort(zone("Europe/Berlin"), "2", march) == "m#2#2014-03"


# --- The fleet ------------------------------------------------------------------------------------


@given(SHIPS)
def test_a_shard_s_and_the_fleet_s_day_come_out_as_they_went_in(
    ships: dict[int, dict[int, Bucket]],
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
    ships: dict[int, dict[int, Bucket]],
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
    """1.5 read units; ships that lack a part of the day take 16 bytes more each."""
    full = {DAY + nth * BUCKET_MS: Bucket(1.0, BUCKET_MS) for nth in range(96)}
    shard = fleet.shard_day(DAY, dict.fromkeys(range(250), full))
    assert size(fleet_blocks.shard_day_item(DAY, shard)) <= 6 * 1024
    part = fleet.shard_day(DAY, {ship: {DAY: Bucket(1.0, 1)} for ship in range(250)})
    added = size(fleet_blocks.shard_day_item(DAY, part)) - size(
        fleet_blocks.shard_day_item(DAY, shard)
    )
    assert added == 16 * 250


def test_floats_are_packed_as_they_are() -> None:
    values = [0.1, fsum([0.1, 0.2]), 1e-320, 1e9]
    assert blocks.floats(blocks.pack_floats(values)) == tuple(values)
    assert blocks.pack_floats([0.1])["B"] == struct.pack("<d", 0.1)
    for most, size in ((2**16 - 1, 4), (2**16, 8), (2**32 - 1, 8)):
        packed = blocks.pack_counts([0, most])
        assert len(packed["B"]) == size
        assert blocks.counts(packed, 2) == (0, most)
