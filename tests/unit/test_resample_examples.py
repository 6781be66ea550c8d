"""Every example of the semantics, literally, and the edges of each rule: kernel and slow model."""

from collections.abc import Callable, Sequence
from fractions import Fraction

import pytest

from quarterhour.energy.lookback import LOOKAHEAD_MS, LOOKBACK_MS, MAX_HOLD_MS
from quarterhour.time.declared import MAX_DECLARED_MS, interval_ms
from quarterhour.time.instants import parse, parse_query
from tests.models.comparison import assert_close, kernel, kernel_of_channel, magnitudes
from tests.models.slow_resample import (
    BUCKET,
    DMAX,
    MAX_HOLD,
    Gauge,
    Kind,
    Posted,
    slow_amounts,
    slow_buckets,
    slow_gauges,
)
from tests.models.strategies import HOUR, MIDNIGHT, MINUTE, all_of
from tests.profiles import Bucket

FULL = 1.0
Answer = dict[str, tuple[float, float]]


def at(clock: str) -> int:
    """Milliseconds of an hh:mm, hh:mm:ss or hh:mm:ss.mmm of 2018-08-24, UTC; hh may be negative."""
    hours, minutes, seconds = (clock + ":0").split(":")[:3]
    return MIDNIGHT + int(hours) * HOUR + int(minutes) * MINUTE + round(float(seconds) * 1000)


def posted(kind: Kind, *readings: tuple[str, float] | tuple[str, float, int]) -> list[Posted]:
    return [Posted(kind, at(r[0]), float(r[1]), r[2] if len(r) > 2 else 0) for r in readings]


def power(*readings: tuple[str, float] | tuple[str, float, int]) -> list[Posted]:
    return posted(Kind.POWER, *readings)


def energy(*readings: tuple[str, float] | tuple[str, float, int]) -> list[Posted]:
    return posted(Kind.AMOUNT, *readings)


def gauge(*readings: tuple[str, float] | tuple[str, float, int]) -> list[Posted]:
    return posted(Kind.GAUGE, *readings)


def clock_of(ms: int) -> str:
    minutes, rest = divmod(ms - MIDNIGHT, MINUTE)
    assert rest == 0
    return f"{minutes // 60:02}:{minutes % 60:02}"


def answered(readings: Sequence[Posted]) -> Answer:
    """Energy and coverage by bucket, at 6 decimals; the kernel, after the model has agreed."""
    start, end = all_of(readings)
    for kind in (Kind.POWER, Kind.AMOUNT):
        assert_close(
            kernel(readings, kind, start, end),
            slow_amounts(readings, kind, start, end),
            magnitudes(readings, kind, start, end),
        )
    found = kernel_of_channel(readings, start, end)
    exact = slow_buckets(readings, start, end)
    answer = {
        clock_of(ms): (round(b.value, 6), round(b.covered_ms / BUCKET, 6))
        for ms, b in sorted(found.items())
    }
    assert answer == {
        clock_of(ms): (round(float(b.energy), 6), round(b.covered_ms / BUCKET, 6))
        for ms, b in exact.items()
    }
    return answer


def full(**energies: float) -> Answer:
    """Buckets covered whole: t0015=2 is 2 kWh at 00:15."""
    return {f"{name[1:3]}:{name[3:]}": (value, FULL) for name, value in energies.items()}


# The sentence "Examples (kWh)", clause by clause.


def test_example_12_26_18_kwh_hourly() -> None:
    readings = energy(("00:00", 12), ("01:00", 26), ("02:00", 18))

    answer = answered(readings)

    assert [value for value, _ in answer.values()] == [3] * 4 + [6.5] * 4 + [4.5] * 4
    assert {coverage for _, coverage in answer.values()} == {FULL}
    assert next(iter(answer)) == "00:00"
    assert list(answer)[-1] == "02:45"


def test_example_kw_every_5_minutes() -> None:
    values = (22, 24, 23, 18, 22, 23, 8)
    readings = power(*((f"00:{5 * n:02}", value) for n, value in enumerate(values)))

    assert answered(readings) == {
        "00:00": (5.75, FULL),
        "00:15": (5.25, FULL),
        "00:30": (0.666667, 0.333333),
    }


def test_example_6_kw_then_0_kw_five_minutes_later() -> None:
    assert answered(power(("00:00", 6), ("00:05", 0))) == {"00:00": (0.5, 0.666667)}


def test_example_4_kw_alone_at_00_07() -> None:
    assert answered(power(("00:07", 4))) == {
        "00:00": (0.533333, round(8 / 15, 6)),
        "00:15": (0.466667, round(7 / 15, 6)),
    }


def test_example_12_kw_with_an_outage_of_two_hours() -> None:
    times = ("00:00", "00:05", "00:10", "02:10", "02:15")

    assert answered(power(*((time, 12) for time in times))) == {
        "00:00": (3, FULL),
        "02:00": (1, 0.333333),
        "02:15": (1, 0.333333),
    }


def test_example_two_lonely_readings() -> None:
    assert answered(power(("00:00", 4), ("05:00", 8))) == full(t0000=1, t0500=2)


# Rule 1: how long a reading holds.


@pytest.mark.parametrize("kind", [Kind.POWER, Kind.AMOUNT])
@pytest.mark.parametrize(
    ("late_ms", "covered_ms"), [(-1, MAX_HOLD - 1), (0, MAX_HOLD), (1, BUCKET)]
)
def test_a_reading_holds_to_the_next_one_up_to_65_minutes_away_inclusive(
    kind: Kind, late_ms: int, covered_ms: int
) -> None:
    readings = [Posted(kind, MIDNIGHT, 7.0), Posted(kind, MIDNIGHT + MAX_HOLD + late_ms, 0.0)]

    found = kernel(readings, kind, *all_of(readings))

    # The second one covers as much: the gap before it, or a quarter hour as well.
    assert sum(b.covered_ms for b in found.values()) == 2 * covered_ms
    covered_h = Fraction(covered_ms, HOUR) if kind is Kind.POWER else 1
    assert sum(b.value for b in found.values()) == pytest.approx(float(7 * covered_h))


@pytest.mark.parametrize("kind", [Kind.POWER, Kind.AMOUNT])
@pytest.mark.parametrize(("gap", "covered_ms"), [(MAX_HOLD, MAX_HOLD), (MAX_HOLD + 1, BUCKET)])
def test_the_last_reading_holds_as_long_as_the_gap_before_it_up_to_65_minutes(
    kind: Kind, gap: int, covered_ms: int
) -> None:
    last = Posted(kind, MIDNIGHT, 7.0)
    before = Posted(kind, MIDNIGHT - gap, 1.0)

    found = kernel([before, last], kind, MIDNIGHT, MIDNIGHT + DMAX)

    assert sum(b.covered_ms for b in found.values()) == covered_ms


def test_the_gap_before_may_be_shorter_than_a_quarter_hour() -> None:
    assert answered(power(("00:00", 60), ("00:01", 60))) == {"00:00": (2, 0.133333)}


def test_the_gap_before_may_be_a_millisecond() -> None:
    readings = [Posted(Kind.POWER, MIDNIGHT - 1, 3.6e6), Posted(Kind.POWER, MIDNIGHT, 3.6e6)]

    found = kernel(readings, Kind.POWER, *all_of(readings))

    assert found[MIDNIGHT] == Bucket(1.0, 1)
    assert found[MIDNIGHT - BUCKET] == Bucket(1.0, 1)


def test_the_gap_before_counts_ahead_of_an_outage_as_at_the_end() -> None:
    readings = power(("00:00", 4), ("00:30", 4), ("05:00", 4))

    assert answered(readings) == full(t0000=1, t0015=1, t0030=1, t0045=1, t0500=1)


def test_a_next_reading_counts_before_the_gap_before() -> None:
    readings = power(("00:00", 4), ("00:15", 8), ("01:00", 0))

    assert answered(readings) == full(t0000=1, t0015=2, t0030=2, t0045=2, t0100=0, t0115=0, t0130=0)


def test_energy_alone_is_spread_over_a_quarter_hour() -> None:
    assert answered(energy(("00:10", 3))) == {
        "00:00": (1, 0.333333),
        "00:15": (2, 0.666667),
    }


def test_energy_before_an_outage_is_spread_over_the_gap_before_it() -> None:
    readings = energy(("00:00", 6), ("00:30", 8), ("09:00", 1))

    assert answered(readings) == full(t0000=3, t0015=3, t0030=4, t0045=4, t0900=1)


def test_an_outage_is_never_filled() -> None:
    readings = power(("00:00", 4), ("01:06", 4))

    assert list(answered(readings)) == ["00:00", "01:00", "01:15"]


def test_the_limits_are_those_of_the_specification() -> None:
    assert MAX_HOLD_MS == MAX_HOLD
    assert MAX_DECLARED_MS == DMAX
    assert max(2 * MAX_HOLD, DMAX) == LOOKBACK_MS
    assert LOOKAHEAD_MS == MAX_HOLD


# Rule 2: declared intervals.


def test_declared_power_covers_its_interval_and_no_more() -> None:
    assert answered(power(("00:00", 12, 5 * MINUTE), ("00:15", 12, 5 * MINUTE))) == {
        "00:00": (1, 0.333333),
        "00:15": (1, 0.333333),
    }


def test_declared_power_is_cut_by_the_next_reading() -> None:
    assert answered(power(("00:00", 4, HOUR), ("00:15", 8, BUCKET))) == full(t0000=1, t0015=2)


def test_declared_power_is_cut_by_an_undeclared_reading_too() -> None:
    readings = power(("00:00", 4, DMAX), ("00:30", 8))

    assert answered(readings) == full(t0000=1, t0015=1, t0030=2, t0045=2)


def test_declared_power_runs_over_an_outage_longer_than_max_hold() -> None:
    answer = answered(power(("00:00", 4, 3 * HOUR), ("02:00", 0, BUCKET)))

    assert list(answer) == [f"{n // 4:02}:{n % 4 * 15:02}" for n in range(9)]
    assert sum(value for value, _ in answer.values()) == 8


def test_declared_energy_is_not_cut_and_overlaps_add_up_with_coverage_their_union() -> None:
    readings = energy(("00:00", 8, HOUR), ("00:30", 4, HOUR))

    assert answered(readings) == full(t0000=2, t0015=2, t0030=3, t0045=3, t0100=1, t0115=1)


def test_coverage_of_overlapping_parts_of_one_bucket_is_their_union() -> None:
    readings = energy(("00:00", 4, 6 * MINUTE), ("00:03", 4, 6 * MINUTE))

    assert answered(readings) == {"00:00": (8, 0.6)}


def test_three_overlapping_spans_one_inside_another() -> None:
    readings = energy(("00:00", 10, 10 * MINUTE), ("00:02", 1, MINUTE), ("00:09", 2, 2 * MINUTE))

    assert answered(readings) == {"00:00": (13, round(11 / 15, 6))}


def test_an_undeclared_reading_inside_a_declared_energy_adds_to_it() -> None:
    readings = energy(("00:00", 8, HOUR), ("00:30", 2), ("00:45", 2, 15 * MINUTE))

    assert answered(readings) == full(t0000=2, t0015=2, t0030=4, t0045=4)


def test_the_next_of_an_undeclared_energy_may_be_declared() -> None:
    readings = energy(("00:00", 4), ("00:30", 1, 15 * MINUTE))

    assert answered(readings) == full(t0000=2, t0015=2, t0030=1)


def test_the_reading_before_an_undeclared_one_may_be_declared() -> None:
    readings = energy(("00:00", 4, 15 * MINUTE), ("00:30", 4))

    assert answered(readings) == full(t0000=4, t0030=2, t0045=2)


def test_declared_power_makes_no_gap_longer_or_shorter() -> None:
    readings = power(("00:00", 4, MINUTE), ("00:30", 4))

    assert answered(readings) == {"00:00": (0.066667, 0.066667)} | full(t0030=1, t0045=1)


def test_a_declared_day_of_energy_is_96_equal_buckets() -> None:
    answer = answered(energy(("00:00", 96, 24 * HOUR)))

    assert len(answer) == 96
    assert set(answer.values()) == {(1.0, FULL)}


def test_declared_energy_equal_at_the_seam_leaves_no_hole() -> None:
    readings = energy(("00:00", 1, 5 * MINUTE), ("00:05", 1, 5 * MINUTE), ("00:10", 1, 5 * MINUTE))

    assert answered(readings) == full(t0000=3)


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        *[
            ("PT1S", 1000),
            ("PT1M", MINUTE),
            ("PT300S", 5 * MINUTE),
            ("PT5M", 5 * MINUTE),
            ("PT60M", HOUR),
        ],
        *[
            ("PT1H", HOUR),
            ("P1D", 24 * HOUR),
            ("PT26H", DMAX),
            ("PT1560M", DMAX),
            ("P1DT7200S", DMAX),
        ],
    ],
)
def test_an_interval_is_a_duration_in_any_spelling(text: str, ms: int) -> None:
    assert interval_ms(text) == ms


@pytest.mark.parametrize(
    "text", ["", "P", "PT", "PT0.9S", "PT0S", "PT26H1S", "P1DT2H0.001S", "P2D", "P1W", "P1M", "P1Y"]
)
def test_an_interval_under_a_second_over_26_hours_or_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="PT1S to PT26H"):
        interval_ms(text)


# Rule 3 and 4: buckets, absence, coverage.


def test_a_bucket_nothing_covers_is_absent_but_a_covered_zero_is_there() -> None:
    assert answered(power(("00:00", 0), ("05:00", 0))) == full(t0000=0, t0500=0)


def test_no_readings_no_buckets() -> None:
    assert answered([]) == {}


def test_a_reading_that_ends_on_an_edge_touches_no_further_bucket() -> None:
    assert list(answered(power(("00:00", 1), ("00:15", 1)))) == ["00:00", "00:15"]


def test_a_reading_one_millisecond_before_an_edge_covers_one_millisecond_of_that_bucket() -> None:
    readings = [Posted(Kind.AMOUNT, MIDNIGHT - 1, 900_000.0)]

    found = kernel(readings, Kind.AMOUNT, *all_of(readings))

    assert found == {
        MIDNIGHT - BUCKET: Bucket(1.0, 1),
        MIDNIGHT: Bucket(899_999.0, 899_999),
    }


@pytest.mark.parametrize("kind", [Kind.POWER, Kind.AMOUNT])
def test_only_buckets_that_begin_in_the_half_open_range_are_answered(kind: Kind) -> None:
    readings = posted(kind, ("00:00", 4), ("01:00", 4), ("02:00", 4))

    found = kernel(readings, kind, at("00:30"), at("01:15"))

    assert [clock_of(ms) for ms in found] == ["00:30", "00:45", "01:00"]
    assert kernel(readings, kind, at("00:30"), at("00:30")) == {}


@pytest.mark.parametrize("kind", [Kind.POWER, Kind.AMOUNT])
def test_a_range_off_the_grid_answers_whole_buckets_by_their_beginning(kind: Kind) -> None:
    readings = posted(kind, ("00:00", 4), ("01:00", 4))

    found = kernel(readings, kind, at("00:07"), at("00:30:00.001"))

    assert [clock_of(ms) for ms in found] == ["00:15", "00:30"]
    assert {b.covered_ms for b in found.values()} == {BUCKET}


@pytest.mark.parametrize("kind", [Kind.POWER, Kind.AMOUNT])
@pytest.mark.parametrize("interval", [0, HOUR])
def test_buckets_come_in_ascending_order(kind: Kind, interval: int) -> None:
    readings = posted(kind, ("00:07", 4, interval), ("00:30", 4, interval), ("05:00", 1, interval))

    found = list(kernel(readings, kind, *all_of(readings)))

    assert found == sorted(found)


def test_merged_buckets_come_in_ascending_order() -> None:
    readings = energy(("00:20", 1), ("03:00", 1, HOUR)) + power(("00:00", 4, HOUR))

    found = list(kernel_of_channel(readings, *all_of(readings)))

    assert found == sorted(found)


# Rule 5: the readings decide, not how they came.


def test_late_data_shortens_what_was_held_and_removing_it_brings_that_back() -> None:
    early = power(("00:00", 4), ("01:00", 4))
    late = power(("00:30", 8))

    assert answered([*early, *late])["00:45"] == (2, FULL)
    assert answered(early)["00:45"] == (1, FULL)


# Rule 7: two quantities of one channel.


def test_energy_goes_before_power_wherever_it_covers_any_part_and_keeps_its_own_coverage() -> None:
    readings = energy(("00:20", 1, MINUTE)) + power(("00:00", 4, HOUR))

    assert answered(readings) == full(t0000=1, t0030=1, t0045=1) | {"00:15": (1, 0.066667)}


def test_energy_of_zero_also_goes_before_power() -> None:
    readings = energy(("00:00", 0, MINUTE)) + power(("00:00", 4, HOUR))

    assert answered(readings)["00:00"] == (0, 0.066667)


def test_a_reading_of_the_other_quantity_is_no_next_and_no_before() -> None:
    readings = power(("00:00", 4), ("01:00", 4)) + energy(
        ("01:30", 8, BUCKET), ("00:30", 8, BUCKET)
    )

    assert answered(readings) == full(
        t0000=1, t0015=1, t0030=8, t0045=1, t0100=1, t0115=1, t0130=8, t0145=1
    )


def test_both_quantities_may_be_posted_for_one_instant() -> None:
    assert answered(power(("00:00", 4)) + energy(("00:00", 3))) == full(t0000=3)


# Rule 8: times.


@pytest.mark.parametrize(
    "text",
    [
        "2018-08-24T00:00:00Z",
        "2018-08-24T00:00:00.000Z",
        "2018-08-24T02:00:00+02:00",
        "2018-08-23T19:30:00-04:30",
        "2018-08-24T05:45:00+05:45",
    ],
)
def test_times_with_any_offset_are_one_instant(text: str) -> None:
    assert parse(text) == MIDNIGHT


def test_seconds_keep_a_fraction_to_the_millisecond() -> None:
    assert parse("2018-08-24T00:00:00.001Z") == MIDNIGHT + 1
    assert parse("2018-08-24T00:00:00.5Z") == MIDNIGHT + 500


@pytest.mark.parametrize("read", [parse, parse_query])
@pytest.mark.parametrize("text", ["2018-08-24T00:00:00", "2018-08-24", "2018-08-24 00:00", "noon"])
def test_naive_times_are_refused(read: Callable[[str], int], text: str) -> None:
    with pytest.raises(ValueError, match="Z or an offset"):
        read(text)


def test_queries_also_take_dashes_and_bodies_do_not() -> None:
    assert parse_query("2018-08-24T00-00-00Z") == MIDNIGHT
    assert parse_query("2018-08-24T00:00:00Z") == MIDNIGHT
    with pytest.raises(ValueError, match="Z or an offset"):
        parse("2018-08-24T00-00-00Z")


@pytest.mark.parametrize("read", [parse, parse_query])
@pytest.mark.parametrize(
    "text", ["1999-12-31T23:59:59.999Z", "2100-01-01T00:00:00Z", "2000-01-01T00:30:00+01:00"]
)
def test_years_before_2000_and_after_2099_are_refused(
    read: Callable[[str], int], text: str
) -> None:
    with pytest.raises(ValueError, match="2000 to 2099"):
        read(text)


def test_the_first_and_the_last_millisecond_are_accepted() -> None:
    assert parse("2000-01-01T00:00:00Z") < parse("2099-12-31T23:59:59.999Z")


def test_the_hour_that_clocks_go_back_through_is_two_hours() -> None:
    summer, winter = parse("2023-10-29T02:30:00+02:00"), parse("2023-10-29T02:30:00+01:00")

    assert winter - summer == HOUR


# Temperatures and humidities: so far in the model alone.


def test_a_gauge_is_averaged_over_the_covered_time_of_a_bucket() -> None:
    found = slow_gauges(gauge(("00:00", 60), ("00:05", 90)), MIDNIGHT, MIDNIGHT + BUCKET)

    assert found == {MIDNIGHT: Gauge(Fraction(75), Fraction(60), Fraction(90), 10 * MINUTE)}


def test_a_gauge_knows_the_extremes_of_values_that_began_earlier() -> None:
    readings = gauge(("00:00", 90), ("00:20", 60), ("01:20", 70))

    found = slow_gauges(readings, MIDNIGHT, MIDNIGHT + HOUR)

    assert found[at("00:15")] == Gauge(
        Fraction(90 * 5 + 60 * 10, 15), Fraction(60), Fraction(90), BUCKET
    )
    assert found[at("00:30")] == Gauge(Fraction(60), Fraction(60), Fraction(60), BUCKET)


def test_a_declared_gauge_is_cut_by_the_next_reading() -> None:
    found = slow_gauges(gauge(("00:00", -10, DMAX), ("00:10", 20, MINUTE)), MIDNIGHT, at("02:00"))

    assert found == {MIDNIGHT: Gauge(Fraction(-80, 11), Fraction(-10), Fraction(20), 11 * MINUTE)}


def test_volume_and_degree_days_are_spread_like_energy() -> None:
    readings = energy(("00:00", 24, 24 * HOUR))

    found = slow_amounts(readings, Kind.AMOUNT, MIDNIGHT, MIDNIGHT + 24 * HOUR)

    assert {b.energy for b in found.values()} == {Fraction(1, 4)}
