"""Temperatures and humidities by the quarter hour, against the slow model."""

from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DataObject

from quarterhour.energy.gauges import gauge_buckets
from quarterhour.energy.lookback import neighbourhood
from quarterhour.energy.readings import Reading
from quarterhour.time.calendar import BUCKET_MS, DAY_MS
from quarterhour.time.instants import parse
from tests.models.slow_resample import Kind as Slow
from tests.models.slow_resample import Posted, slow_gauges
from tests.models.strategies import ranges, series
from tests.profiles import buckets_of

MIDNIGHT = parse("2018-08-24T00:00:00Z")


def readings(posted: list[Posted]) -> list[Reading]:
    return [Reading(one.at_ms, one.value, one.interval_ms) for one in posted]


@settings(max_examples=150)
@given(st.data())
def test_a_gauge_is_what_the_slow_model_says(data: DataObject) -> None:
    posted = data.draw(series(Slow.GAUGE))
    start, end = data.draw(ranges(posted))
    near = st.sampled_from(posted).map(lambda one: one.at_ms)
    now = data.draw(st.none() | st.builds(int.__add__, near, st.integers(-BUCKET_MS, BUCKET_MS)))
    right = slow_gauges(posted, start, end, now)
    found = buckets_of(gauge_buckets(readings(posted), start, end, now))
    assert [*found] == sorted(right)
    for at, bucket in found.items():
        assert bucket.covered_ms == right[at].covered_ms
        low, high = right[at].lowest, right[at].highest
        assert (Fraction(bucket.least), Fraction(bucket.most)) == (low, high)
        nearest = max(Fraction(1), abs(low), abs(high)) / 10**12
        assert abs(Fraction(bucket.value) - right[at].mean) <= nearest


@settings(max_examples=80)
@given(st.data())
def test_readings_out_of_reach_change_no_bucket_not_even_its_last_digit(data: DataObject) -> None:
    posted = readings(data.draw(series(Slow.GAUGE)))
    start, end = data.draw(ranges([Posted(Slow.GAUGE, *one) for one in posted]))
    first, last = neighbourhood(start, end)
    near = [one for one in posted if first < one.at_ms < last]
    assert gauge_buckets(near, start, end) == gauge_buckets(posted, start, end)


def test_a_value_that_began_before_the_bucket_holds_in_it() -> None:
    posted = [Reading(MIDNIGHT, 60.0), Reading(MIDNIGHT + 20 * 60_000, 72.0)]
    found = buckets_of(gauge_buckets(posted, MIDNIGHT, MIDNIGHT + DAY_MS))
    second = found[MIDNIGHT + BUCKET_MS]
    assert (second.least, second.most) == (60, 72)
    assert second.value == 60 * 5 / 15 + 72 * 10 / 15
