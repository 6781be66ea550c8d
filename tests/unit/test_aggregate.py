"""Sums against exact arithmetic, gauges by the hour, and sources made of several devices."""

from collections import defaultdict
from datetime import UTC as UTC_TIME
from datetime import datetime, timedelta
from fractions import Fraction
from math import fsum
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DataObject

from quarterhour.energy import aggregate
from quarterhour.energy.aggregate import lengths_ms
from quarterhour.energy.profile import Profile, Row, of_rows, profile
from quarterhour.energy.quantities import Quantity
from quarterhour.energy.readings import Reading, Series
from quarterhour.time import cuts
from quarterhour.time.calendar import BUCKET_MS, DAY_MS, HOUR_MS, UTC
from quarterhour.time.instants import parse
from tests.models.slow_resample import BUCKET
from tests.profiles import Bucket, Buckets, buckets_of, of_buckets, rows_of

quick = settings(max_examples=40, deadline=None, database=None)
INTERVALS = ("hour", "day", "month")
each_interval = pytest.mark.parametrize("interval", INTERVALS)
Period = tuple[int, int]


class Answered(NamedTuple):
    start_ms: int
    kwh: float
    coverage: float


def rows(buckets: Buckets, interval: str) -> list[Answered]:
    """Return the UTC periods of energy buckets, with the share that is covered."""
    if interval == "month":
        days = aggregate.days(of_buckets(buckets), Quantity.ENERGY, UTC)
        found = aggregate.folded(days, cuts.months(days.starts, UTC))
    else:
        found = ROWS[interval](of_buckets(buckets), Quantity.ENERGY, UTC)
    rows = zip(found.rows(), lengths_ms(found.starts, interval), strict=True)
    return [Answered(*row[:2], row.covered / ms) for row, ms in rows]


ROWS = {"15min": aggregate.quarter_hours, "hour": aggregate.hours, "day": aggregate.days}


def period_of(bucket: int, interval: str) -> Period:
    """Return the UTC period that the bucket is in: its begin and its end."""
    begin = datetime.fromtimestamp(bucket // 1000, UTC_TIME).replace(minute=0)
    if interval == "hour":
        return ms_of(begin), ms_of(begin + timedelta(hours=1))
    begin = begin.replace(hour=0)
    if interval == "day":
        return ms_of(begin), ms_of(begin + timedelta(days=1))
    begin = begin.replace(day=1)
    return ms_of(begin), ms_of((begin + timedelta(days=31)).replace(day=1))


def ms_of(time: datetime) -> int:
    return int(time.timestamp()) * 1000


def utc(year: int, month: int, day: int = 1, hour: int = 0) -> int:
    return ms_of(datetime(year, month, day, hour, tzinfo=UTC_TIME))


def in_periods(buckets: dict[int, Bucket], interval: str) -> dict[Period, list[Bucket]]:
    found: dict[Period, list[Bucket]] = defaultdict(list)
    for at in sorted(buckets):
        found[period_of(at, interval)].append(buckets[at])
    return found


def held() -> st.SearchStrategy[Bucket]:
    energies = st.floats(-1e9, 1e9, allow_subnormal=False) | st.sampled_from((0.1, 0.0, 1e9, 1e-9))
    covered_ms = st.just(BUCKET) | st.integers(1, BUCKET)
    return st.builds(Bucket, energies, covered_ms, least=st.just(0.0), most=st.just(0.0))


@st.composite
def some_buckets(draw: st.DrawFn) -> dict[int, Bucket]:
    """Buckets around the ends of days, months, years and of February, and anywhere beside."""
    year = draw(st.sampled_from((2000, 2018, 2019, 2020, 2096, 2099)))
    month = draw(st.integers(1, 12))
    days = st.integers(-2 if (year, month) > (2000, 1) else 0, 27)
    places = st.builds(
        lambda day, n: utc(year, month) + day * DAY_MS + n * BUCKET, days, st.integers(0, 95)
    )
    return {at: draw(held()) for at in sorted(draw(st.sets(places, max_size=30)))}


@each_interval
@quick
@given(buckets=some_buckets())
def test_sums_and_coverage_are_those_of_exact_arithmetic(
    interval: str, buckets: dict[int, Bucket]
) -> None:
    exact = in_periods(buckets, interval)

    found = rows(buckets, interval)

    assert [row.start_ms for row in found] == [begin for begin, _ in sorted(exact)]
    for row, ((begin, end), inside) in zip(found, sorted(exact.items()), strict=True):
        size = sum(Fraction(abs(b.value)) for b in inside)
        error = abs(Fraction(row.kwh) - sum(Fraction(b.value) for b in inside))
        assert error <= size * Fraction(1, 10**9)
        covered = Fraction(sum(b.covered_ms for b in inside), end - begin)
        assert row.coverage == float(covered)
        assert 0 < row.coverage <= 1


@pytest.mark.parametrize("interval", ["hour", "day"])
@quick
@given(buckets=some_buckets())
def test_an_hour_or_day_is_its_exact_sum_rounded_once(
    interval: str, buckets: dict[int, Bucket]
) -> None:
    exact = [
        float(sum(Fraction(b.value) for b in inside))
        for _, inside in sorted(in_periods(buckets, interval).items())
    ]

    assert [row.kwh for row in rows(buckets, interval)] == exact


@quick
@given(buckets=some_buckets())
def test_a_month_is_the_exact_sum_of_its_days_as_answered(buckets: dict[int, Bucket]) -> None:
    months: dict[int, Fraction] = defaultdict(Fraction)
    for day in rows(buckets, "day"):
        months[period_of(day.start_ms, "month")[0]] += Fraction(day.kwh)

    found = {row.start_ms: row.kwh for row in rows(buckets, "month")}

    assert found == {begin: float(total) for begin, total in months.items()}


@pytest.mark.parametrize("interval", ["hour", "day"])
@quick
@given(data=st.data())
def test_the_order_of_what_is_summed_does_not_matter(interval: str, data: DataObject) -> None:
    energies = data.draw(st.lists(held().map(lambda b: b.value), min_size=4, max_size=4))
    first = utc(2018, 8, 24, 7)

    def summed(kwh: list[float]) -> float:
        inside = {first + n * BUCKET: Bucket(e, BUCKET) for n, e in enumerate(kwh)}
        return rows(inside, interval)[0].kwh

    assert summed(data.draw(st.permutations(energies))) == summed(energies)


@each_interval
@quick
@given(data=st.data())
def test_periods_do_not_touch_each_other(interval: str, data: DataObject) -> None:
    buckets = data.draw(some_buckets())
    edge = data.draw(st.sampled_from([begin for begin, _ in in_periods(buckets, interval)] or [0]))

    before = {at: b for at, b in buckets.items() if at < edge}
    after = {at: b for at, b in buckets.items() if at >= edge}

    assert rows(before, interval) + rows(after, interval) == rows(buckets, interval)


@quick
@given(buckets=some_buckets())
def test_quarter_hours_are_the_buckets_themselves(buckets: dict[int, Bucket]) -> None:
    assert rows(buckets, "15min") == [
        (at, bucket.value, bucket.covered_ms / BUCKET) for at, bucket in buckets.items()
    ]


@each_interval
def test_no_buckets_no_rows(interval: str) -> None:
    assert rows({}, interval) == []


@pytest.mark.parametrize(
    ("year", "month", "days"),
    [(2018, 2, 28), (2020, 2, 29), (2000, 2, 29), (2018, 4, 30), (2018, 8, 31), (2099, 12, 31)],
)
def test_a_month_fully_covered_has_coverage_1_whatever_its_length(
    year: int, month: int, days: int
) -> None:
    begin = utc(year, month)
    buckets = {begin + n * BUCKET: Bucket(0.25, BUCKET) for n in range(96 * days)}

    assert rows(buckets, "month") == [(begin, 24.0 * days, 1.0)]
    assert rows(buckets, "day") == [(begin + n * DAY_MS, 24.0, 1.0) for n in range(days)]
    assert len(rows(buckets, "hour")) == 24 * days


@pytest.mark.parametrize(("year", "month", "days"), [(2018, 2, 28), (2020, 2, 29), (2018, 4, 30)])
def test_one_bucket_of_a_month_covers_its_share_of_that_month(
    year: int, month: int, days: int
) -> None:
    last = utc(year, month) + days * DAY_MS - BUCKET

    assert rows({last: Bucket(1.0, BUCKET)}, "month") == [(utc(year, month), 1.0, 1 / (96 * days))]


def test_a_period_is_labelled_with_its_utc_beginning_also_when_that_has_no_data() -> None:
    buckets = {utc(2018, 8, 24, 17) + 2 * BUCKET: Bucket(3.0, BUCKET // 3)}

    assert rows(buckets, "hour") == [(utc(2018, 8, 24, 17), 3.0, 1 / 12)]
    assert rows(buckets, "day") == [(utc(2018, 8, 24), 3.0, 1 / 288)]
    assert rows(buckets, "month") == [(utc(2018, 8), 3.0, 1 / 288 / 31)]


def test_a_sum_that_plain_addition_gets_wrong() -> None:
    begin = utc(2018, 8, 24)
    tenths = {begin + n * BUCKET: Bucket(0.1, BUCKET) for n in range(96)}

    assert rows(tenths, "day")[0].kwh == float(96 * Fraction(0.1)) != sum([0.1] * 96)


def test_a_month_goes_through_its_days_and_is_not_summed_straight_from_the_buckets() -> None:
    # The first day's 2**-53 is lost when that day is rounded; straight from the buckets it counts.
    first = utc(2018, 8, 1)
    buckets = {
        first: Bucket(1.0, BUCKET),
        first + BUCKET: Bucket(2.0**-53, BUCKET),
        first + DAY_MS: Bucket(2.0**-53, BUCKET),
    }

    assert rows(buckets, "month")[0].kwh == 1.0


# --- Gauges, and degree days of a temperature ----------------------------------------------------


MIDNIGHT = parse("2018-08-24T00:00:00Z")


def warm(buckets: Buckets) -> Profile:
    return of_buckets(buckets, Quantity.TEMPERATURE)


def quarter(nth: int) -> int:
    return MIDNIGHT + nth * BUCKET_MS


def test_an_hour_is_weighed_by_the_time_its_buckets_cover() -> None:
    buckets = warm(
        {
            quarter(0): Bucket(60.0, BUCKET_MS, 58.0, 61.0),
            quarter(3): Bucket(30.0, BUCKET_MS // 3, 30.0, 30.0),
        }
    )
    (hour,) = aggregate.hours(buckets, Quantity.TEMPERATURE, UTC).rows()
    assert hour == Row(MIDNIGHT, 52.5, 1, 30, 61)


def test_longer_periods_are_the_plain_mean_of_their_hours() -> None:
    buckets = warm(
        {
            quarter(0): Bucket(60.0, BUCKET_MS, 58.0, 61.0),
            quarter(4): Bucket(30.0, 1, 30.0, 30.0),
        }
    )
    (day,) = aggregate.days(buckets, Quantity.HUMIDITY, UTC).rows()
    assert day == Row(MIDNIGHT, 90, 2, 30, 61)
    assert day.mean == 45
    later = Row(MIDNIGHT + DAY_MS, 60, 1, 60, 60)
    both = of_rows([day, later], of_gauge=True)
    (month,) = aggregate.folded(both, cuts.months(both.starts, UTC)).rows()
    assert month == Row(UTC.month_of(MIDNIGHT), 150, 3, 30, 61)


def test_degree_days_are_what_each_hour_is_below_65_degrees() -> None:
    hot, cold = (Bucket(mean, BUCKET_MS, mean, mean) for mean in (70.0, 41.0))
    buckets = warm({quarter(0): hot, quarter(4): cold, quarter(5): cold, quarter(8): hot})
    found = aggregate.hours(buckets, Quantity.HEATING, UTC)
    assert [*found.by_start().items()] == [
        (MIDNIGHT, 0),
        (MIDNIGHT + HOUR_MS, 1),
        (MIDNIGHT + 2 * HOUR_MS, 0),
    ]
    assert rows_of(aggregate.days(buckets, Quantity.HEATING, UTC)) == [Row(MIDNIGHT, 1.0, 0)]


def test_of_the_hours_of_an_amount_a_day_has_the_least_and_the_most() -> None:
    buckets = profile(
        [MIDNIGHT, MIDNIGHT + BUCKET_MS, MIDNIGHT + HOUR_MS, MIDNIGHT + 3 * HOUR_MS],
        [0.5, 1.25, -4.0, 1.0],
        [BUCKET_MS] * 4,
    )
    hourly = Quantity.HOURLY_ENERGY
    assert rows_of(aggregate.hours(buckets, hourly, UTC)) == [
        Row(MIDNIGHT, 1.75, 1, 1.75, 1.75),
        Row(MIDNIGHT + HOUR_MS, -4.0, 1, -4.0, -4.0),
        Row(MIDNIGHT + 3 * HOUR_MS, 1.0, 1, 1.0, 1.0),
    ]
    assert rows_of(aggregate.days(buckets, hourly, UTC)) == [Row(MIDNIGHT, -1.25, 3, -4.0, 1.75)]


def test_of_the_hours_of_heating_a_day_has_the_least_and_the_most() -> None:
    means = [35.0, 60.0, 70.0]
    buckets = warm(
        {quarter(4 * hour): Bucket(mean, BUCKET_MS, mean, mean) for hour, mean in enumerate(means)}
    )
    (day,) = rows_of(aggregate.days(buckets, Quantity.HOURLY_HEATING, UTC))
    assert (day.covered, day.least, day.most) == (3, 0.0, 30 / 24)


@pytest.mark.parametrize("of", [Quantity.ENERGY, Quantity.DEGREE_DAYS, Quantity.HEATING])
def test_what_is_hourly_is_made_of_the_buckets_of_what_it_is_the_hours_of(of: Quantity) -> None:
    assert of.by_hour.of_hours is of
    of_hours, itself = (aggregate.bucketed(Series("one", one)) for one in (of.by_hour, of))
    assert of_hours == itself


def test_a_volume_is_spread_as_an_energy_is() -> None:
    gallons = Series("main", Quantity.VOLUME)
    posted = {gallons: [Reading(MIDNIGHT, 12.0, HOUR_MS)]}
    found = aggregate.buckets(posted, Series("main", Quantity.VOLUME), MIDNIGHT, MIDNIGHT + DAY_MS)
    assert buckets_of(found) == {quarter(nth): Bucket(3.0, BUCKET_MS) for nth in range(4)}
    assert not aggregate.buckets(posted, Series("main"), MIDNIGHT, MIDNIGHT + DAY_MS)


# --- Sources made of several devices --------------------------------------------------------------

USED, SOLAR = Series("used"), Series("solar")
KWH = st.builds(lambda kwh: Bucket(kwh, BUCKET_MS), st.floats(-5, 5))
MEMBER = st.fixed_dictionaries(
    {one: st.dictionaries(st.integers(0, 8).map(quarter), KWH) for one in (USED, SOLAR)}
)


@given(st.lists(MEMBER, min_size=1, max_size=3))
def test_the_first_member_with_any_measure_in_a_bucket_gives_all_of_them(
    members: list[dict[Series, dict[int, Bucket]]],
) -> None:
    profiles = [{one: of_buckets(own) for one, own in member.items()} for member in members]
    found = {one: buckets_of(own) for one, own in aggregate.chosen(profiles).items()}
    for at in map(quarter, range(9)):
        first = next((one for one in members if any(at in own for own in one.values())), {})
        for measure in (USED, SOLAR):
            assert found[measure].get(at) == first.get(measure, {}).get(at)


def test_two_meters_of_the_same_hour_are_never_added() -> None:
    kwh = of_buckets({MIDNIGHT: Bucket(3.0, BUCKET_MS)})
    found = aggregate.chosen([{USED: kwh}, {USED: kwh}])
    assert found == {USED: kwh}
    assert fsum(aggregate.days(found[USED], Quantity.ENERGY, UTC).totals) == 3
