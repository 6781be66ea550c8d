"""What all ships used: sums up to months, and ships counted by what of a period they have."""

from math import fsum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quarterhour.energy.profile import Profile, profile
from quarterhour.fleets import fleet
from quarterhour.fleets.fleet import ALL_DAY, BUCKETS, FleetTotal, ShipDay
from quarterhour.time.calendar import BUCKET_MS, DAY_MS, HOUR_MS

DAY = 17_767 * DAY_MS
KWH = st.floats(0, 1e9)
OF_SHIP = st.dictionaries(st.integers(0, BUCKETS - 1), KWH)
OF_SHIPS = st.dictionaries(st.integers(0, 2**53 - 1), OF_SHIP, max_size=5)


def buckets(kwh: dict[int, float]) -> Profile:
    """Return a ship's buckets by their number in the day."""
    starts = [DAY + place * BUCKET_MS for place in sorted(kwh)]
    return profile(starts, [kwh[place] for place in sorted(kwh)], [BUCKET_MS] * len(kwh))


def shard(ships: dict[int, dict[int, float]]) -> fleet.ShardDay:
    return fleet.shard_day(DAY, {ship: buckets(kwh) for ship, kwh in ships.items()})


def test_a_shard_s_day_has_its_sums_and_what_each_ship_has() -> None:
    day = shard({7: {0: 1.0, 95: 2.0}, 1: {95: 4.0}, 2: {}})
    assert day.kwh == {DAY: 1, DAY + 95 * BUCKET_MS: 6}
    assert day.ships == {1: ShipDay(4, 1 << 95), 7: ShipDay(3, 1 << 95 | 1)}
    assert list(day.ships) == [1, 7]


@given(OF_SHIPS, OF_SHIPS)
def test_a_fleet_s_day_counts_ships_by_bucket_hour_and_day(
    one: dict[int, dict[int, float]], two: dict[int, dict[int, float]]
) -> None:
    two = {ship: kwh for ship, kwh in two.items() if ship not in one}
    day = fleet.fleet_day([shard(one), shard(two)])
    ships = [kwh for kwh in [*one.values(), *two.values()] if kwh]
    assert day.ships == len(ships)
    assert list(day.counts) == [sum(place in kwh for kwh in ships) for place in range(BUCKETS)]
    assert list(day.hours) == [
        sum(any(place // 4 == hour for place in kwh) for kwh in ships) for hour in range(24)
    ]
    assert set(day.kwh) == {DAY + place * BUCKET_MS for kwh in ships for place in kwh}
    assert list(day.kwh) == sorted(day.kwh)
    for at, total in day.kwh.items():
        place = (at - DAY) // BUCKET_MS
        parts = (fsum(kwh[place] for kwh in of.values() if place in kwh) for of in (one, two))
        assert total == fsum(parts)
    assert fleet.day_total(day) == FleetTotal(
        fsum(day.kwh.values()), len(ships), sum(len(kwh) for kwh in ships) * BUCKET_MS
    )


@pytest.mark.parametrize("left_out", [0, 5, 95])
def test_a_day_without_one_bucket_is_no_full_day(left_out: int) -> None:
    day = shard({1: {place: 1.0 for place in range(BUCKETS) if place != left_out}})
    assert day.ships == {1: ShipDay(95, ALL_DAY & ~(1 << left_out))}


def test_a_full_day_is_counted_everywhere() -> None:
    day = fleet.fleet_day([shard({1: dict.fromkeys(range(BUCKETS), 1.0), 2: {5: 1.0}})])
    assert [day.counts[5], day.counts[6], day.hours[1], day.hours[2]] == [2, 1, 2, 1]


def test_a_shard_s_month_has_each_ship_s_sum_and_its_days() -> None:
    month = DAY - 23 * DAY_MS
    days = {DAY: shard({2: {0: 0.1}, 1: {0: 1.0}}), DAY + DAY_MS: shard({2: {0: 0.2}})}
    found = fleet.shard_month(month, days)
    assert found.kwh == {1: 1, 2: fsum([0.1, 0.2])}
    assert found.present == {1: 1 << 23, 2: 0b11 << 23}
    assert list(found.kwh) == [1, 2]


def test_a_shard_s_year_is_the_sum_of_its_months() -> None:
    months = [fleet.ShardMonth({1: 0.1, 3: 1.0}, {}), fleet.ShardMonth({1: 0.2}, {})]
    assert fleet.shard_year(months) == {1: fsum([0.1, 0.2]), 3: 1}
    assert fleet.shard_year([]) == {}


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (0, DAY_MS, ALL_DAY),
        (-DAY_MS, 2 * DAY_MS, ALL_DAY),
        (0, BUCKET_MS, 1),
        (0, 1, 1),
        (1, BUCKET_MS, 0),
        (1, BUCKET_MS + 1, 0b10),
        (HOUR_MS, 2 * HOUR_MS, 0b1111 << 4),
        (DAY_MS - BUCKET_MS, DAY_MS, 1 << 95),
        (5, 5, 0),
        (DAY_MS, 2 * DAY_MS, 0),
        (-DAY_MS, 0, 0),
    ],
)
def test_the_bits_of_a_part_are_the_buckets_that_begin_in_it(
    start: int, end: int, expected: int
) -> None:
    assert fleet.bits(DAY, DAY + start, DAY + end) == expected


def test_ships_are_present_where_they_have_any_of_what_is_asked() -> None:
    shards = [shard({1: {0: 1.0}, 2: {1: 1.0}}), shard({3: {1: 0.0, 9: 1.0}})]
    assert fleet.present(shards, 0b10) == {2, 3}
    assert fleet.present(shards, 0) == set()
