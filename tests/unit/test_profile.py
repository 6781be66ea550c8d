"""Profiles against what is put together bucket by bucket, row by row: figures to their last bit."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quarterhour.energy import aggregate
from quarterhour.energy.profile import Profile, Row, filled, joined, of_rows, profile
from quarterhour.energy.quantities import Quantity
from quarterhour.energy.readings import Series
from quarterhour.time import cuts
from quarterhour.time.calendar import BUCKET_MS, DAY_MS, UTC, Zone, zone
from quarterhour.time.instants import FIRST_MS, LAST_MS, parse
from tests.models import rows_by_hand
from tests.profiles import Bucket, Buckets, buckets_of, of_buckets, rows_of

quick = settings(max_examples=60, deadline=None)
# Clocks that change by an hour, by half of one, at midnight, never; dates that were left out.
ZONES = [
    UTC,
    *map(
        zone,
        (
            "America/New_York",
            "Europe/Berlin",
            "Australia/Lord_Howe",
            "America/Sao_Paulo",
            "Asia/Kathmandu",
            "Pacific/Apia",
            "Pacific/Chatham",
            "America/Caracas",
            "Asia/Pyongyang",
        ),
    ),
]
each_zone = pytest.mark.parametrize("here", ZONES, ids=[one.name for one in ZONES])
QUANTITIES = (Quantity.ENERGY, Quantity.TEMPERATURE, Quantity.HEATING)
each_quantity = pytest.mark.parametrize("quantity", QUANTITIES)

# Days around which clocks change somewhere, and any others.
CHANGES = [
    parse(f"{day}T00:00:00Z")
    for day in (
        *("2018-03-11", "2018-11-04", "2018-04-01", "2018-10-07", "2018-03-25", "2018-10-28"),
        *("2018-02-18", "2011-12-30", "2007-12-09", "2016-05-01", "2015-08-15", "2018-05-05"),
    )
]
DAYS = st.sampled_from(CHANGES) | st.integers(FIRST_MS // DAY_MS + 2, LAST_MS // DAY_MS - 2).map(
    lambda number: number * DAY_MS
)
KWH = st.floats(-1e9, 1e9) | st.sampled_from((0.0, 0.1, 1e-9, 1.5))
AMOUNT = st.builds(
    Bucket, KWH, st.just(BUCKET_MS) | st.integers(1, BUCKET_MS), st.just(0.0), st.just(0.0)
)
WARMTH = st.builds(
    lambda low, spread, mean, ms: Bucket(low + spread * mean, ms, low, low + spread),
    st.floats(-100, 200) | st.just(72.5),
    st.sampled_from((0.0, 0.0, 7.5)),
    st.floats(0, 1),
    st.integers(1, BUCKET_MS),
)


@st.composite
def some_buckets(draw: st.DrawFn, quantity: Quantity) -> Buckets:
    """Whole days, with gaps, and single buckets near them."""
    one = AMOUNT if quantity is Quantity.ENERGY else WARMTH
    begin = draw(DAYS)
    figures = draw(st.lists(one, min_size=1, max_size=5))
    places = [*range(draw(st.integers(-96, 0)), draw(st.sampled_from((0, 96, 200))))]
    gaps = draw(st.sets(st.integers(-96, 200), max_size=6))
    places += draw(st.lists(st.integers(-200, 3_000), max_size=8))
    return {
        begin + place * BUCKET_MS: figures[place % len(figures)]
        for place in sorted({*places} - gaps)
    }


@each_zone
@each_quantity
@quick
@given(data=st.data())
def test_hours_and_days_are_those_made_bucket_by_bucket(
    quantity: Quantity, here: Zone, data: st.DataObject
) -> None:
    buckets = data.draw(some_buckets(quantity))
    found = of_buckets(buckets, quantity)
    for mine, by_hand in (
        (aggregate.hours, rows_by_hand.hours),
        (aggregate.days, rows_by_hand.days),
    ):
        assert rows_of(mine(found, quantity, here)) == by_hand(buckets, quantity, here)


@each_zone
@each_quantity
@quick
@given(data=st.data())
def test_months_and_years_are_those_made_row_by_row(
    quantity: Quantity, here: Zone, data: st.DataObject
) -> None:
    buckets = data.draw(some_buckets(quantity))
    days = aggregate.days(of_buckets(buckets, quantity), quantity, here)
    months = aggregate.folded(days, cuts.months(days.starts, here))
    years = aggregate.folded(months, cuts.years(months.starts, here))
    assert rows_of(months) == rows_by_hand.folded(days.rows(), here.month_of)
    assert rows_of(years) == rows_by_hand.folded(months.rows(), here.year_of)


@pytest.mark.parametrize("quantity", [Quantity.ENERGY, Quantity.HUMIDITY])
@quick
@given(data=st.data())
def test_quarter_hours_are_those_made_bucket_by_bucket(
    quantity: Quantity, data: st.DataObject
) -> None:
    buckets = data.draw(some_buckets(quantity))
    found = aggregate.quarter_hours(of_buckets(buckets, quantity), quantity, UTC)
    assert rows_of(found) == rows_by_hand.quarter_hours(buckets, quantity)


# --- Cuts -----------------------------------------------------------------------------------------


@each_zone
@quick
@given(begin=DAYS, places=st.sets(st.integers(-200, 400), max_size=200))
def test_every_instant_is_in_the_cut_of_its_own_period(
    here: Zone, begin: int, places: set[int]
) -> None:
    starts = [begin + place * BUCKET_MS for place in sorted(places)]
    for cut, period_of in (
        (cuts.hours, here.hour_of),
        (cuts.days, here.day_of),
        (cuts.months, here.month_of),
        (cuts.years, here.year_of),
    ):
        cut_to = [*cut(starts, here)]
        assert [at for _, first, last in cut_to for at in starts[first:last]] == starts
        for period, first, last in cut_to:
            assert first < last
            assert {period} == {*map(period_of, starts[first:last])}
        assert len({period for period, *_ in cut_to}) == len(cut_to)


@each_zone
@quick
@given(begin=DAYS, first=st.integers(0, 400), length=st.integers(1, 200))
def test_hours_between_two_instants_are_those_of_their_quarter_hours(
    here: Zone, begin: int, first: int, length: int
) -> None:
    start_ms = begin + first * BUCKET_MS
    end_ms = start_ms + length * BUCKET_MS
    every = [here.hour_of(at) for at in range(start_ms, end_ms, BUCKET_MS)]
    assert [*here.hours_between(start_ms, end_ms)] == [*dict.fromkeys(every)]


# --- Parts of profiles ----------------------------------------------------------------------------

PROFILES = st.one_of(
    some_buckets(Quantity.ENERGY).map(of_buckets),
    some_buckets(Quantity.TEMPERATURE).map(lambda some: of_buckets(some, Quantity.TEMPERATURE)),
)


@quick
@given(PROFILES, st.data())
def test_a_part_is_the_rows_that_begin_in_it(whole: Profile, data: st.DataObject) -> None:
    edges = st.sampled_from([*whole.starts[:2], *whole.starts[-2:], *whole.starts, 0, LAST_MS])
    start_ms, end_ms = (data.draw(edges) + data.draw(st.integers(0, 1)) for _ in range(2))
    part = whole.within(start_ms, end_ms)
    assert rows_of(part) == [row for row in whole.rows() if start_ms <= row.start_ms < end_ms]
    assert len(part) == len(rows_of(part))


@quick
@given(PROFILES, st.data())
def test_parts_in_any_order_are_joined_to_the_whole(whole: Profile, data: st.DataObject) -> None:
    edges = sorted(data.draw(st.sets(st.integers(0, len(whole)), max_size=4)))
    pairs = zip([0, *edges], [*edges, len(whole)], strict=True)
    parts = [whole.part(first, last) for first, last in pairs]
    assert joined(data.draw(st.permutations(parts))) == whole
    assert joined([]) == profile()


@quick
@given(PROFILES, st.data())
def test_parts_that_lie_between_each_other_are_joined_to_the_whole(
    whole: Profile, data: st.DataObject
) -> None:
    parts = data.draw(st.lists(st.integers(0, 2), min_size=len(whole), max_size=len(whole)))
    cut = [whole.where([part == nth for part in parts]) for nth in range(3)]
    assert joined(data.draw(st.permutations(cut))) == whole


@quick
@given(PROFILES, st.data())
def test_what_is_kept_is_kept_with_all_its_figures(whole: Profile, data: st.DataObject) -> None:
    kept = data.draw(st.lists(st.booleans(), min_size=len(whole), max_size=len(whole)))
    rows = [row for row, is_kept in zip(whole.rows(), kept, strict=True) if is_kept]
    assert rows_of(whole.where(kept)) == rows


@quick
@given(some_buckets(Quantity.ENERGY), some_buckets(Quantity.ENERGY), st.integers(-100, 100))
def test_the_second_fills_what_the_first_leaves(
    first: Buckets, second: Buckets, later: int
) -> None:
    apart = min(first, default=0) - min(second, default=0) + later * BUCKET_MS
    second = {at + apart: bucket for at, bucket in second.items()}
    found = filled(of_buckets(first), of_buckets(second))
    assert buckets_of(found) == {**second, **first}


def test_rows_come_out_as_they_went_in() -> None:
    sums, shown = [Row(0, 1.5, 7), Row(5, 0.1, 2)], [Row(0, 1.5, 7, -1.0, 4.0)]
    assert rows_of(of_rows(sums)) == sums
    assert rows_of(of_rows(shown, of_gauge=True)) == shown
    assert of_rows([]) == profile()
    assert of_rows(sums).by_start() == {0: 1.5, 5: 0.1}
    assert not profile()


# --- Sources made of several devices --------------------------------------------------------------

USED, WARM = Series("used"), Series("warm", Quantity.TEMPERATURE)
MEMBERS = st.fixed_dictionaries(
    {
        measure: st.dictionaries(
            st.integers(0, 8).map(lambda nth: nth * BUCKET_MS), buckets, max_size=5
        )
        for measure, buckets in ((USED, AMOUNT), (WARM, WARMTH))
    }
)


@quick
@given(st.lists(MEMBERS, min_size=1, max_size=3))
def test_the_members_that_count_are_those_chosen_bucket_by_bucket(
    members: list[dict[Series, Buckets]],
) -> None:
    profiles = [
        {measure: of_buckets(of, measure.quantity) for measure, of in member.items()}
        for member in members
    ]
    found = {measure: buckets_of(of) for measure, of in aggregate.chosen(profiles).items()}
    assert found == rows_by_hand.chosen(members)
