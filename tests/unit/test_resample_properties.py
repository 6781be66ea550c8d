"""The kernel against the slow model, and the laws of the semantics, as properties."""

from collections.abc import Sequence
from fractions import Fraction
from math import fsum

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DataObject

from quarterhour.energy.lookback import LOOKAHEAD_MS, LOOKBACK_MS
from tests.models.comparison import (
    answered,
    assert_close,
    kernel,
    kernel_of_channel,
    magnitudes,
    power_seen_at,
)
from tests.models.slow_resample import (
    BUCKET,
    DMAX,
    MAX_HOLD,
    Kind,
    Posted,
    changed,
    slow_amounts,
    slow_buckets,
    slow_gauges,
)
from tests.models.strategies import (
    HOUR,
    MIDNIGHT,
    MINUTE,
    Write,
    all_of,
    channels,
    gaps,
    ranges,
    series,
    values,
    writes,
)
from tests.profiles import Bucket

quick = settings(max_examples=40, deadline=None, database=None)
thorough = settings(max_examples=100, deadline=None, database=None)
each_kind = pytest.mark.parametrize("kind", [Kind.POWER, Kind.AMOUNT])
data = st.data()


def bucket_of(ms: int) -> int:
    return ms // BUCKET * BUCKET


def neighbours(readings: Sequence[Posted], start: int, end: int) -> list[Posted]:
    """Return the readings in (start - LOOKBACK, end + LOOKAHEAD), edges excluded."""
    return [r for r in readings if start - LOOKBACK_MS < r.at_ms < end + LOOKAHEAD_MS]


# Against the model.


@each_kind
@thorough
@given(data=data)
def test_kernel_and_slow_model_agree_on_any_range(kind: Kind, data: DataObject) -> None:
    readings = data.draw(series(kind))
    start, end = data.draw(ranges(readings))

    assert_close(
        kernel(readings, kind, start, end),
        slow_amounts(readings, kind, start, end),
        magnitudes(readings, kind, start, end),
    )


@each_kind
@quick
@given(data=data)
def test_kernel_and_slow_model_agree_on_ranges_off_the_grid(kind: Kind, data: DataObject) -> None:
    readings = data.draw(series(kind, max_size=5))
    near = st.sampled_from(readings).map(lambda r: r.at_ms)
    start, end = (data.draw(near) + data.draw(st.integers(-HOUR, HOUR)) for _ in range(2))

    found = kernel(readings, kind, start, end)

    scale = magnitudes(readings, kind, start, end)
    assert_close(found, slow_amounts(readings, kind, start, end), scale)


@quick
@given(data=data)
def test_a_channel_of_both_quantities_answers_energy_first_and_never_their_sum(
    data: DataObject,
) -> None:
    readings = data.draw(channels())
    start, end = data.draw(ranges(readings))

    scale = magnitudes(readings, Kind.POWER, start, end) | magnitudes(
        readings, Kind.AMOUNT, start, end
    )
    assert_close(kernel_of_channel(readings, start, end), slow_buckets(readings, start, end), scale)


# Conservation.


@quick
@given(readings=series(Kind.AMOUNT))
def test_energy_is_conserved_whatever_the_spacing(readings: list[Posted]) -> None:
    found = kernel(readings, Kind.AMOUNT, *all_of(readings))

    size = sum(abs(r.value) for r in readings)
    assert abs(fsum(b.value for b in found.values()) - fsum(r.value for r in readings)) <= (
        1e-12 * size
    )


@quick
@given(
    amounts=st.lists(st.integers(0, 10**9).map(float), min_size=2, max_size=12),
    minutes=st.sampled_from((1, 3, 5, 15, 30, 60)),
    length=st.sampled_from((0, 1)),
    start=st.integers(0, 200),
)
def test_energy_of_a_fully_covered_span_on_the_grid_is_conserved_to_the_last_bit(
    amounts: list[float],
    minutes: int,
    length: int,
    start: int,
) -> None:
    step = minutes * MINUTE
    readings = [
        Posted(Kind.AMOUNT, MIDNIGHT + start * HOUR + n * step, amount, length * step)
        for n, amount in enumerate(amounts)
    ]

    found = kernel(readings, Kind.AMOUNT, *all_of(readings))

    assert fsum(b.value for b in found.values()) == fsum(amounts)
    assert sum(b.covered_ms for b in found.values()) == len(amounts) * step


@quick
@given(
    levels=st.lists(values(), min_size=2, max_size=9),
    begin=st.integers(MIDNIGHT, MIDNIGHT + HOUR),
    steps=st.lists(st.integers(1, MAX_HOLD), min_size=9, max_size=9),
)
def test_power_that_never_pauses_is_level_times_time(
    levels: list[float], begin: int, steps: list[int]
) -> None:
    instants = [begin + sum(steps[:n]) for n in range(len(levels))]
    readings = [Posted(Kind.POWER, at, kw) for at, kw in zip(instants, levels, strict=True)]
    held = [*steps[: len(levels) - 1], steps[len(levels) - 2]]

    found = kernel(readings, Kind.POWER, *all_of(readings))

    assert sum(b.covered_ms for b in found.values()) == sum(held)
    exact = sum(Fraction(kw) * ms for kw, ms in zip(levels, held, strict=True)) / HOUR
    size = sum(abs(kw) * ms for kw, ms in zip(levels, held, strict=True)) / HOUR
    assert abs(fsum(b.value for b in found.values()) - float(exact)) <= 1e-12 * size


# The shape of an answer.


@quick
@given(data=data)
def test_ranges_that_meet_add_up_to_the_whole_in_identical_floats(data: DataObject) -> None:
    readings = data.draw(channels())
    a, b, c = data.draw(ranges(readings, count=3))

    parts = answered(readings, a, b) | answered(readings, b, c)

    assert list(parts.items()) == list(answered(readings, a, c).items())


@quick
@given(data=data)
def test_the_answer_of_a_source_is_its_two_quantities_merged_and_ascends(data: DataObject) -> None:
    readings = data.draw(channels())
    where = data.draw(ranges(readings))

    found = answered(readings, *where)

    assert found == kernel_of_channel(readings, *where)
    assert list(found) == sorted(found)


@each_kind
@quick
@given(data=data)
def test_buckets_lie_in_the_range_and_are_covered_more_than_nothing_and_at_most_whole(
    kind: Kind, data: DataObject
) -> None:
    readings = data.draw(series(kind))
    start, end = data.draw(ranges(readings))

    found = kernel(readings, kind, start, end)

    assert all(start <= at < end and at % BUCKET == 0 for at in found)
    assert all(0 < bucket.covered_ms <= BUCKET for bucket in found.values())
    assert all(type(b.value) is float and type(b.covered_ms) is int for b in found.values())


@quick
@given(readings=channels(), number=st.integers(-100_000, 100_000))
def test_shifting_all_times_by_whole_buckets_shifts_the_answer(
    readings: list[Posted], number: int
) -> None:
    shift = number * BUCKET
    start, end = all_of(readings)

    later = kernel_of_channel(
        [r._replace(at_ms=r.at_ms + shift) for r in readings], start + shift, end + shift
    )

    here = kernel_of_channel(readings, start, end)
    assert {at - shift: bucket for at, bucket in later.items()} == here


@quick
@given(data=data)
def test_any_order_of_the_readings_gives_the_same_buckets(data: DataObject) -> None:
    readings = data.draw(channels())
    shuffled = data.draw(st.permutations(readings))

    where = all_of(readings)
    assert kernel_of_channel(shuffled, *where) == kernel_of_channel(readings, *where)
    assert slow_buckets(shuffled, *where) == slow_buckets(readings, *where)


@quick
@given(readings=series(Kind.POWER), gap=gaps())
def test_zero_power_covers_as_any_other_power_does(readings: list[Posted], gap: int) -> None:
    everything = [*readings, Posted(Kind.POWER, readings[-1].at_ms + gap, 1.0)]
    silent = [r._replace(value=0.0) for r in everything]
    where = all_of(everything)

    found = kernel(silent, Kind.POWER, *where)

    loud = kernel(everything, Kind.POWER, *where)
    assert found == {at: Bucket(0.0, bucket.covered_ms) for at, bucket in loud.items()}


@quick
@given(data=data)
def test_a_gauge_stays_between_its_extremes_and_is_covered_as_power_is(data: DataObject) -> None:
    readings = data.draw(series(Kind.GAUGE))
    where = data.draw(ranges(readings))

    found = slow_gauges(readings, *where)

    assert all(g.lowest <= g.mean <= g.highest for g in found.values())
    as_power = slow_amounts([r._replace(kind=Kind.POWER) for r in readings], Kind.POWER, *where)
    assert {at: g.covered_ms for at, g in found.items()} == {
        at: b.covered_ms for at, b in as_power.items()
    }


# The neighbourhood of a range: the readings that decide its buckets.


@each_kind
@thorough
@given(data=data)
def test_the_readings_in_reach_give_the_same_buckets_as_all_readings(
    kind: Kind, data: DataObject
) -> None:
    readings = data.draw(series(kind))
    start, end = data.draw(ranges(readings))

    near = neighbours(readings, start, end)

    assert kernel(near, kind, start, end) == kernel(readings, kind, start, end)
    assert slow_amounts(near, kind, start, end) == slow_amounts(readings, kind, start, end)


A, B = MIDNIGHT, MIDNIGHT + HOUR


@each_kind
def test_the_reach_back_is_tight(kind: Kind) -> None:
    outermost = Posted(kind, A - LOOKBACK_MS + 1, 4.0, DMAX)
    beyond = outermost._replace(at_ms=A - LOOKBACK_MS)

    assert neighbours([beyond, outermost], A, B) == [outermost]
    assert kernel([outermost], kind, A, B)[A].covered_ms == 1
    assert kernel([beyond], kind, A, B) == {}


def test_the_reach_ahead_is_tight() -> None:
    last = Posted(Kind.AMOUNT, B - 1, 4.0)
    outermost = Posted(Kind.AMOUNT, B + LOOKAHEAD_MS - 1, 1.0)
    beyond = outermost._replace(at_ms=B + LOOKAHEAD_MS)

    alone = kernel([last], Kind.AMOUNT, A, B)
    assert neighbours([last, outermost, beyond], A, B) == [last, outermost]
    assert kernel([last, outermost], Kind.AMOUNT, A, B) != alone
    assert kernel([last, beyond], Kind.AMOUNT, A, B) == alone


def test_a_power_just_inside_the_reach_ahead_changes_the_last_bucket() -> None:
    pair = [Posted(Kind.POWER, B - 3, 4.0), Posted(Kind.POWER, B - 2, 4.0)]
    following = Posted(Kind.POWER, B + LOOKAHEAD_MS - 2, 1.0)

    assert kernel(pair, Kind.POWER, A, B)[B - BUCKET].covered_ms == 2
    assert kernel([*pair, following], Kind.POWER, A, B)[B - BUCKET].covered_ms == 3


@each_kind
def test_the_gap_before_needs_readings_two_holds_back(kind: Kind) -> None:
    last = Posted(kind, A - MAX_HOLD + BUCKET, 4.0)
    before = last._replace(at_ms=last.at_ms - MAX_HOLD)

    assert list(kernel([before, last], kind, A, B)) == [A]
    assert kernel([last], kind, A, B) == {}


# The reach of a write: storage.md's table of who changes.


def buckets_changed(write: Write, kind: Kind) -> list[int]:
    where = all_of([*write.before, *write.after])
    before, after = kernel(write.before, kind, *where), kernel(write.after, kind, *where)
    return sorted(at for at in before | after if before.get(at) != after.get(at))


@each_kind
@thorough
@given(data=data)
def test_a_write_changes_nothing_out_of_its_reach(kind: Kind, data: DataObject) -> None:
    write = data.draw(writes(kind))
    first, end = write.at_ms - MAX_HOLD, write.at_ms + max(2 * MAX_HOLD, DMAX)

    assert all(
        first <= left and right <= end for left, right in changed(write.before, write.after, kind)
    )
    assert all(bucket_of(first) <= at < end for at in buckets_changed(write, kind))


@each_kind
@quick
@given(data=data)
def test_a_write_among_undeclared_readings_reaches_two_holds_ahead(
    kind: Kind, data: DataObject
) -> None:
    write = data.draw(writes(kind, declared=False))
    first, end = write.at_ms - MAX_HOLD, write.at_ms + 2 * MAX_HOLD

    assert all(
        first <= left and right <= end for left, right in changed(write.before, write.after, kind)
    )


def put(kind: Kind, before: Sequence[Posted], at_ms: int, interval_ms: int = 0) -> Write:
    after = sorted([*before, Posted(kind, at_ms, 9.0, interval_ms)], key=lambda r: r.at_ms)
    return Write(list(before), after, at_ms)


def test_a_write_reaches_a_hold_back_inclusive() -> None:
    # The bucket that ends 1 ms after the earlier reading's begin changes: its rate does.
    early = Posted(Kind.AMOUNT, MIDNIGHT - 1, 4.0)

    inside = put(Kind.AMOUNT, [early], early.at_ms + MAX_HOLD)
    outside = put(Kind.AMOUNT, [early], early.at_ms + MAX_HOLD + 1)

    assert buckets_changed(inside, Kind.AMOUNT)[0] == MIDNIGHT - BUCKET
    assert buckets_changed(outside, Kind.AMOUNT)[0] == bucket_of(outside.at_ms)


def test_a_write_reaches_almost_a_hold_back_in_power() -> None:
    pair = [Posted(Kind.POWER, MIDNIGHT - 3, 4.0), Posted(Kind.POWER, MIDNIGHT - 2, 4.0)]
    write = put(Kind.POWER, pair, pair[-1].at_ms + MAX_HOLD)

    assert buckets_changed(write, Kind.POWER)[0] == MIDNIGHT - BUCKET
    assert changed(write.before, write.after, Kind.POWER)[0] == (
        write.at_ms - MAX_HOLD + 1,
        write.at_ms,
    )


@each_kind
def test_the_undeclared_reading_before_changes_up_to_a_hold_ahead_exclusive(kind: Kind) -> None:
    # Before t it held as long as the gap before it, a whole hold; with t it ends at t.
    pair = [Posted(kind, MIDNIGHT - MAX_HOLD, 4.0), Posted(kind, MIDNIGHT, 4.0)]
    write = put(kind, pair, MIDNIGHT + 1)

    last = changed(write.before, write.after, kind)[-1]
    assert last[1] == MIDNIGHT + MAX_HOLD == write.at_ms + MAX_HOLD - 1


@each_kind
@pytest.mark.parametrize(("interval", "reach"), [(0, MAX_HOLD), (DMAX, DMAX)])
def test_the_reading_itself_reaches_its_whole_length_ahead_exclusive(
    kind: Kind, interval: int, reach: int
) -> None:
    # Its last millisecond is the first one of a bucket.
    at = MIDNIGHT - reach + 1
    before = [Posted(kind, at - MAX_HOLD, 4.0, MINUTE)]

    write = put(kind, before, at, interval)

    assert buckets_changed(write, kind)[-1] == MIDNIGHT
    assert changed(write.before, write.after, kind)[-1][1] == at + reach


@each_kind
def test_a_changed_interval_reaches_as_far_as_the_longer_of_the_two(kind: Kind) -> None:
    long, short = Posted(kind, MIDNIGHT, 4.0, DMAX), Posted(kind, MIDNIGHT, 4.0, MINUTE)

    for write in (Write([long], [short], MIDNIGHT), Write([short], [long], MIDNIGHT)):
        assert changed(write.before, write.after, kind)[-1][1] == MIDNIGHT + DMAX
        assert buckets_changed(write, kind)[-1] == MIDNIGHT + DMAX - BUCKET


def test_the_declared_power_before_is_cut_at_t_and_runs_on_without_it_for_almost_a_day() -> None:
    long = Posted(Kind.POWER, MIDNIGHT, 4.0, DMAX)
    write = put(Kind.POWER, [long], MIDNIGHT + 1, MINUTE)

    stretches = changed(write.before, write.after, Kind.POWER)
    assert stretches[0][0] == write.at_ms
    assert stretches[-1][1] == write.at_ms + DMAX - 1
    assert buckets_changed(write, Kind.POWER)[-1] == MIDNIGHT + DMAX - BUCKET


def test_the_declared_energy_before_does_not_change() -> None:
    long = Posted(Kind.AMOUNT, MIDNIGHT, 4.0, DMAX)
    write = put(Kind.AMOUNT, [long], MIDNIGHT + HOUR, MINUTE)

    assert changed(write.before, write.after, Kind.AMOUNT) == [
        (MIDNIGHT + HOUR, MIDNIGHT + HOUR + MINUTE)
    ]


@each_kind
@pytest.mark.parametrize(("extra", "reach"), [(0, 2 * MAX_HOLD), (1, BUCKET)])
def test_the_reading_after_changes_up_to_two_holds_ahead_exclusive(
    kind: Kind, extra: int, reach: int
) -> None:
    # With t its gap before is a whole hold; without, it covers a quarter hour.
    following = Posted(kind, MIDNIGHT + 1 - MAX_HOLD, 4.0)
    write = put(kind, [following], following.at_ms - MAX_HOLD - extra, MINUTE)

    stretches = changed(write.before, write.after, kind)
    if extra:
        assert stretches == [(write.at_ms, write.at_ms + MINUTE)]
    else:
        assert stretches[-1][1] == write.at_ms + reach
        assert buckets_changed(write, kind)[-1] == MIDNIGHT


# Nothing ahead of now.


def instants_near(readings: Sequence[Posted]) -> st.SearchStrategy[int]:
    """Draw instants at readings, beside them, and before and after them all."""
    steps = st.sampled_from((-DMAX, -BUCKET, -1, 0, 1, BUCKET, MAX_HOLD)) | st.integers(-HOUR, HOUR)
    return st.builds(lambda r, step: r.at_ms + step, st.sampled_from(readings), steps)


@thorough
@given(data=data)
def test_power_seen_at_an_instant_is_what_the_slow_model_says(data: DataObject) -> None:
    readings = data.draw(series(Kind.POWER))
    now = data.draw(instants_near(readings))
    start, end = data.draw(ranges(readings))

    assert_close(
        power_seen_at(readings, now, start, end),
        slow_amounts(readings, Kind.POWER, start, end, now),
        magnitudes(readings, Kind.POWER, start, end),
    )


@quick
@given(data=data)
def test_what_is_past_is_seen_as_it_is_for_ever(data: DataObject) -> None:
    readings = data.draw(series(Kind.POWER))
    now = data.draw(instants_near(readings))
    start, end = all_of(readings)

    whole = kernel(readings, Kind.POWER, start, end)
    seen = power_seen_at(readings, now, start, end)
    assert {at: seen[at] for at in seen if at + BUCKET <= now} == {
        at: whole[at] for at in whole if at + BUCKET <= now
    }
    assert all(at < now and at + b.covered_ms <= now for at, b in seen.items())


@thorough
@given(data=data)
def test_a_reading_that_arrives_at_its_own_time_only_adds(data: DataObject) -> None:
    """Also a 0: no total is ever lowered by it."""
    drawn = data.draw(series(Kind.POWER))
    readings = [r._replace(value=abs(r.value)) for r in drawn]
    now = data.draw(instants_near(readings).filter(lambda at: at > readings[0].at_ms))
    past = [r for r in readings if r.at_ms < now]
    later = now + data.draw(st.integers(0, DMAX))
    arriving = Posted(Kind.POWER, now, data.draw(st.sampled_from((0.0, 3.0))))
    start, end = all_of(readings)

    before = power_seen_at(past, now, start, end)
    for at_ms in (now, later):
        seen = power_seen_at([*past, arriving], at_ms, start, end)
        assert before.keys() <= seen.keys()
        assert all(seen[at].covered_ms >= b.covered_ms for at, b in before.items())
        nearly = 1 - 1e-12
        assert all(seen[at].value >= b.value * nearly for at, b in before.items())
