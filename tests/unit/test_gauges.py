"""Temperatures and humidities by the quarter hour, against the slow model; and up their ladder."""

from fractions import Fraction
from math import fsum

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DataObject

from quarterhour.energy import rungs
from quarterhour.energy.gauges import GaugeBucket, gauge_buckets
from quarterhour.energy.ladder import Gauge, Sum
from quarterhour.energy.measures import Kind, Measure
from quarterhour.energy.quantities import Quantity
from quarterhour.energy.reach import neighbourhood
from quarterhour.energy.readings import Reading, Series
from quarterhour.energy.resample import Bucket
from quarterhour.time.calendar import BUCKET_MS, DAY_MS, HOUR_MS
from quarterhour.time.instants import parse
from quarterhour.time.zones import zone
from tests.models.slow_resample import Kind as Slow
from tests.models.slow_resample import Posted, slow_gauges
from tests.models.strategies import ranges, series

MIDNIGHT = parse("2018-08-24T00:00:00Z")
UTC = zone("UTC")
WARM = Measure("temperature", Kind.TEMPERATURE)


def readings(posted: list[Posted]) -> list[Reading]:
    return [Reading(one.at_ms, one.value, one.interval_ms) for one in posted]


@settings(max_examples=150)
@given(st.data())
def test_a_gauge_is_what_the_slow_model_says(data: DataObject) -> None:
    posted = data.draw(series(Slow.GAUGE))
    start, end = data.draw(ranges(posted))
    right = slow_gauges(posted, start, end)
    found = gauge_buckets(readings(posted), start, end)
    assert [*found] == sorted(right)
    for at, bucket in found.items():
        assert bucket.covered_ms == right[at].covered_ms
        low, high = right[at].lowest, right[at].highest
        assert (Fraction(bucket.least), Fraction(bucket.most)) == (low, high)
        nearest = max(Fraction(1), abs(low), abs(high)) / 10**12
        assert abs(Fraction(bucket.mean) - right[at].mean) <= nearest


@settings(max_examples=80)
@given(st.data())
def test_readings_out_of_reach_change_no_bucket_not_even_its_last_digit(data: DataObject) -> None:
    posted = readings(data.draw(series(Slow.GAUGE)))
    start, end = data.draw(ranges([Posted(Slow.GAUGE, *one) for one in posted]))
    first, last = neighbourhood(start, end)
    near = [one for one in posted if first < one.at_ms < last]
    assert gauge_buckets(near, start, end) == gauge_buckets(posted, start, end)


def test_a_value_that_began_before_the_bucket_holds_in_it() -> None:
    found = gauge_buckets(
        [Reading(MIDNIGHT, 60.0), Reading(MIDNIGHT + 20 * 60_000, 72.0)],
        MIDNIGHT,
        MIDNIGHT + DAY_MS,
    )
    second = found[MIDNIGHT + BUCKET_MS]
    assert (second.least, second.most) == (60, 72)
    assert second.mean == 60 * 5 / 15 + 72 * 10 / 15


# --- Up the ladder --------------------------------------------------------------------------------


def quarter(nth: int) -> int:
    return MIDNIGHT + nth * BUCKET_MS


def test_an_hour_is_weighed_by_the_time_its_buckets_cover() -> None:
    buckets = {
        quarter(0): GaugeBucket(60.0, BUCKET_MS, 58.0, 61.0),
        quarter(3): GaugeBucket(30.0, BUCKET_MS // 3, 30.0, 30.0),
    }
    assert rungs.hours(buckets, Kind.TEMPERATURE, UTC) == [Gauge(MIDNIGHT, 52.5, 1, 30, 61)]


def test_longer_periods_are_the_plain_mean_of_their_hours() -> None:
    buckets = {
        quarter(0): GaugeBucket(60.0, BUCKET_MS, 58.0, 61.0),
        quarter(4): GaugeBucket(30.0, 1, 30.0, 30.0),
    }
    (day,) = rungs.days(buckets, Kind.HUMIDITY, UTC)
    assert day == Gauge(MIDNIGHT, 90, 2, 30, 61)
    assert day.mean == 45
    later = Gauge(MIDNIGHT + DAY_MS, 60, 1, 60, 60)
    assert rungs.folded([day, later], UTC.month_of) == [
        Gauge(UTC.month_of(MIDNIGHT), 150, 3, 30, 61)
    ]


def test_degree_days_are_what_each_hour_is_below_65_degrees() -> None:
    hot, cold = (GaugeBucket(mean, BUCKET_MS, mean, mean) for mean in (70.0, 41.0))
    buckets = {quarter(0): hot, quarter(4): cold, quarter(5): cold, quarter(8): hot}
    found = rungs.hours(buckets, Kind.HEATING, UTC)
    assert [(row[0], row[1]) for row in found] == [
        (MIDNIGHT, 0),
        (MIDNIGHT + HOUR_MS, 1),
        (MIDNIGHT + 2 * HOUR_MS, 0),
    ]
    assert rungs.days(buckets, Kind.HEATING, UTC) == [Sum(MIDNIGHT, 1.0, 0)]


def test_a_volume_is_spread_as_an_energy_is() -> None:
    gallons = Series("main", Quantity.VOLUME)
    posted = {gallons: [Reading(MIDNIGHT, 12.0, HOUR_MS)]}
    found = rungs.buckets(posted, Measure("main", Kind.VOLUME), MIDNIGHT, MIDNIGHT + DAY_MS)
    assert found == {quarter(nth): Bucket(3.0, BUCKET_MS) for nth in range(4)}
    assert rungs.buckets(posted, Measure("main"), MIDNIGHT, MIDNIGHT + DAY_MS) == {}


# --- Sources made of several devices --------------------------------------------------------------

USED, SOLAR = Measure("used"), Measure("solar")
KWH = st.builds(Bucket, st.floats(-5, 5), st.integers(1, BUCKET_MS))
MEMBER = st.fixed_dictionaries(
    {one: st.dictionaries(st.integers(0, 8).map(quarter), KWH) for one in (USED, SOLAR)}
)


@given(st.lists(MEMBER, min_size=1, max_size=3))
def test_the_first_member_with_any_measure_in_a_bucket_gives_all_of_them(
    members: list[dict[Measure, dict[int, Bucket]]],
) -> None:
    found = rungs.chosen(members)
    for at in map(quarter, range(9)):
        first = next((one for one in members if any(at in own for own in one.values())), {})
        for measure in (USED, SOLAR):
            assert found[measure].get(at) == first.get(measure, {}).get(at)
    assert all([*own] == sorted(own) for own in found.values())


def test_two_meters_of_the_same_hour_are_never_added() -> None:
    kwh = Bucket(3.0, BUCKET_MS)
    found = rungs.chosen([{USED: {MIDNIGHT: kwh}}, {USED: {MIDNIGHT: kwh}}])
    assert found == {USED: {MIDNIGHT: kwh}}
    assert fsum(row[1] for row in rungs.days(found[USED], Kind.ENERGY, UTC)) == 3
