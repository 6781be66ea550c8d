"""Readings in pieces: whatever the pieces are, the buckets have the bytes of the whole."""

from collections.abc import Iterator, Sequence
from random import Random
from typing import Any
from unittest.mock import patch

import pytest

from quarterhour.energy import aggregate
from quarterhour.energy.lookback import still_felt
from quarterhour.energy.quantities import Quantity
from quarterhour.energy.readings import ENERGY_USED, USED, Reading, Series
from quarterhour.sites.sources import ship
from quarterhour.sites.virtual_meters import Meter
from quarterhour.store.read import raw
from quarterhour.store.read.raw import Raw, pieces
from quarterhour.store.read.rows import Reader
from quarterhour.store.table import keys
from quarterhour.store.table.calls import Calls, set_values
from quarterhour.store.table.codec import Readings, to_value
from quarterhour.store.table.parallel import side_by_side
from quarterhour.time.calendar import BUCKET_MS, DAY_MS, HOUR_MS, MINUTE_MS, bucket_of
from tests.models.dynamo import ModelDynamo

BEGIN, END = 1_535_068_800_000, 1_535_068_800_000 + 2 * DAY_MS
SHIP = ship(1)
SERIES = [
    *(Series(USED, Quantity.POWER), Series(USED, Quantity.ENERGY)),
    *(Series("cellar", Quantity.TEMPERATURE), Series("rain", Quantity.VOLUME)),
]
MEASURES = [ENERGY_USED, *SERIES[2:]]
LENGTHS = (0, 0, 0, MINUTE_MS, 20 * MINUTE_MS, 5 * HOUR_MS, DAY_MS)
STEPS = (1, MINUTE_MS, 17 * MINUTE_MS, 65 * MINUTE_MS, 66 * MINUTE_MS, 3 * HOUR_MS)


def some(random: Random) -> Readings:
    """Return readings at all spacings, of all series, declared and not."""
    found: Readings = {}
    for series in random.sample(SERIES, random.randint(1, len(SERIES))):
        at = BEGIN - DAY_MS - random.randrange(HOUR_MS)
        steps, lengths = (random.sample(of, 3) for of in (STEPS, LENGTHS))
        while at < END + 2 * HOUR_MS and len(found.get(series, [])) < 300:
            reading = Reading(at, random.uniform(-5, 5), random.choice(lengths))
            found.setdefault(series, []).append(reading)
            at += random.choice(steps) * random.randint(1, 9) // random.randint(1, 4) + 1
    return found


def stored(readings: Readings) -> Calls:
    """Return the calls of a table that has the readings."""
    table: Any = ModelDynamo()
    for series, values in readings.items():
        for reading in values:
            at = keys.bucket_partition(SHIP), keys.bucket_sort(bucket_of(reading.at_ms))
            value = {keys.attribute(series, reading.at_ms): to_value(reading)}
            table.update_item(TableName="model-table", **set_values(*at, value))
    return Calls(table, "model-table")


@pytest.fixture
def few() -> Iterator[None]:
    """Let a few readings be as many as may be in memory."""
    with patch.object(raw, "MOST_AT_ONCE", 20):
        yield


@pytest.mark.parametrize("seed", range(60))
@pytest.mark.usefixtures("few")
def test_pieces_give_the_buckets_of_the_whole(seed: int) -> None:
    readings = some(Random(seed))
    whole = aggregate.derived(readings, MEASURES, BEGIN, END)
    meter = Meter(SHIP, tuple(MEASURES))
    assert Raw(stored(readings)).buckets(meter, (BEGIN, END)) == whole


@pytest.mark.parametrize("seed", range(60))
def test_all_at_once_they_are_the_buckets_of_all_readings(seed: int) -> None:
    """Of the day before, only what may be felt is looked at."""
    random = Random(seed)
    readings = some(random)
    begin = BEGIN + random.choice((0, 0, 5 * HOUR_MS, DAY_MS))
    whole = aggregate.derived(readings, MEASURES, begin, END)
    assert Raw(stored(readings)).buckets(Meter(SHIP, tuple(MEASURES)), (begin, END)) == whole


@pytest.mark.parametrize("seed", range(30))
@pytest.mark.parametrize("measure", range(len(MEASURES)))
def test_channels_that_are_never_asked_for_are_not_decoded(seed: int, measure: int) -> None:
    readings, asked = some(Random(seed)), MEASURES[measure]
    meter, channel = Meter(SHIP, (asked,)), asked.channel
    whole = aggregate.derived(readings, [asked], BEGIN, END)
    assert Raw(stored(readings), channels={"": {channel}}).buckets(meter, (BEGIN, END)) == whole
    decoded = [of for _, of in pieces(stored(readings), SHIP, (BEGIN, END), None, {channel})]
    assert {series.channel for of in decoded for series in of} <= {channel}
    assert Raw(stored(readings), channels={"7": ()}).buckets(meter, (BEGIN, END)) == whole


def test_the_gap_before_a_reading_before_the_range_counts() -> None:
    """It lasts as long as that, as nothing comes for more than 65 minutes."""
    times = [BEGIN + minutes * MINUTE_MS for minutes in (-115, -50, 120)]
    power = {SERIES[0]: [Reading(at, 1.0) for at in times]}
    found = Raw(stored(power)).buckets(Meter(SHIP, (ENERGY_USED,)), (BEGIN, END))
    assert found == aggregate.derived(power, [ENERGY_USED], BEGIN, END)
    assert found[ENERGY_USED].starts[0] == BEGIN


def test_of_a_day_without_declared_readings_the_day_before_is_not_looked_at() -> None:
    power = SERIES[0]
    at = [BEGIN - nth * HOUR_MS for nth in range(-10, 24)]
    plain = {power: [Reading(each, 1.0) for each in sorted(at)]}
    ((_, found),) = pieces(stored(plain), SHIP, (BEGIN, END))
    assert [one.at_ms - BEGIN for one in found[power]][:3] == [-2 * HOUR_MS, -HOUR_MS, 0]
    declared = {power: [Reading(BEGIN - 20 * HOUR_MS - 1, 1.0, DAY_MS), *plain[power]]}
    ((_, found),) = pieces(stored(declared), SHIP, (BEGIN, END))
    assert found[power][0] == declared[power][0]
    assert len(found[power]) == 1 + 21 + 10


@pytest.mark.usefixtures("few")
def test_pieces_follow_each_other_and_hold_few_readings() -> None:
    power = SERIES[0]
    found = {power: [Reading(BEGIN + nth * MINUTE_MS, 1.0) for nth in range(2 * 24 * 60)]}
    parts = [(part, len(of[power])) for part, of in pieces(stored(found), SHIP, (BEGIN, END))]
    edges = [begin for (begin, _), _ in parts] + [parts[-1][0][1]]
    assert edges[0] == BEGIN
    assert edges[-1] == END
    assert [end for (_, end), _ in parts] == edges[1:]
    assert all(edge % BUCKET_MS == 0 for edge in edges)
    # Of 2,880: 130 minutes that may still be felt, and twice as many, a bucket and 65 minutes.
    assert max(size for _, size in parts) <= 3 * 130 + 15 + 65
    assert len(parts) > 5


@pytest.mark.usefixtures("few")
def test_of_the_day_before_a_range_no_more_are_held() -> None:
    """All of them are read: a declared one may run on."""
    power = SERIES[0]
    before = BEGIN - 24 * HOUR_MS + MINUTE_MS
    found = {power: [Reading(at, 1.0) for at in range(before, END, MINUTE_MS)]}
    parts = [(part, len(of[power])) for part, of in pieces(stored(found), SHIP, (BEGIN, END))]
    assert parts[0][0][0] == BEGIN
    assert max(size for _, size in parts) <= 3 * 130 + 15 + 65


@pytest.mark.parametrize("seed", range(300))
def test_what_is_not_felt_any_more_decides_nothing(seed: int) -> None:
    random = Random(seed)
    readings = some(random)
    at = BEGIN + random.randrange(150) * BUCKET_MS
    felt = {series: still_felt(values, at) for series, values in readings.items()}
    assert aggregate.derived(felt, MEASURES, at, END) == aggregate.derived(
        readings, MEASURES, at, END
    )


def of_power(*at_minutes: int, interval_ms: int = 0) -> Sequence[Reading]:
    return [Reading(BEGIN + at * MINUTE_MS, 1.0, interval_ms) for at in at_minutes]


def test_what_is_felt_are_the_last_130_minutes_and_what_was_declared_to_last() -> None:
    at = BEGIN + 200 * MINUTE_MS
    assert still_felt(of_power(0, 69, 70, 199), at) == of_power(70, 199)
    long = of_power(0, interval_ms=200 * MINUTE_MS + 1)
    assert still_felt([*long, *of_power(5, 10, 80)], at) == [*long, *of_power(5, 80)]
    short = of_power(0, interval_ms=200 * MINUTE_MS)
    assert still_felt([*short, *of_power(5, 10, 80)], at) == of_power(80)


@pytest.mark.parametrize("most", [20, 10_000])
def test_a_range_that_was_read_is_not_read_again(most: int) -> None:
    power, rain = SERIES[0], SERIES[3]
    values = [Reading(BEGIN + nth * MINUTE_MS, 1.0) for nth in range(600)]
    calls = stored({power: values, rain: values})
    meters = [Meter(SHIP, measures) for measures in ((ENERGY_USED, rain), (rain,), (ENERGY_USED,))]
    with (
        patch.object(raw, "MOST_AT_ONCE", most),
        patch.object(calls, "query", wraps=calls.query) as query,
    ):
        memory, fresh = Raw(calls), Raw(calls, keeps=False)
        kept = [memory.buckets(meter, (BEGIN, END)) for meter in meters]
        assert query.call_count == 1
        assert [fresh.buckets(meter, (BEGIN, END)) for meter in meters] == kept
        assert query.call_count == 4


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("most", [20, 10_000])
def test_nor_is_what_lies_in_it(seed: int, most: int) -> None:
    random = Random(seed)
    readings, meter = some(random), Meter(SHIP, tuple(MEASURES))
    edges = sorted(random.sample(range(BEGIN, END + 1, BUCKET_MS), 2))
    part, whole = (edges[0], edges[1]), (BEGIN, END)
    calls = stored(readings)
    right = Raw(calls).buckets(meter, part)
    with (
        patch.object(raw, "MOST_AT_ONCE", most),
        patch.object(calls, "query", wraps=calls.query) as query,
    ):
        memory = Raw(calls)
        memory.read([(meter, whole)])
        memory.read([(meter, part)])
        assert memory.buckets(meter, part) == right
        assert query.call_count == 1
        memory.buckets(meter, (BEGIN - DAY_MS, END))
        assert query.call_count == 2


@pytest.mark.parametrize("most", [20, 10_000])
@pytest.mark.parametrize("keeps", [True, False])
def test_what_was_read_ahead_is_told_without_a_call(most: int, keeps: bool) -> None:  # noqa: FBT001
    """Whatever of a device is asked for; and read anew once it is forgotten, unless it is kept."""
    power, rain = SERIES[0], SERIES[3]
    values = [Reading(BEGIN + nth * MINUTE_MS, 1.0) for nth in range(600)]
    calls = stored({power: values, rain: values})
    meters = [Meter(SHIP, measures) for measures in ((ENERGY_USED,), (rain,))]
    days = (BEGIN, BEGIN + DAY_MS), (BEGIN + DAY_MS, END)
    wanted = [(meter, day) for meter in meters for day in days]
    right = [Raw(calls).buckets(*each) for each in wanted]
    with (
        patch.object(raw, "MOST_AT_ONCE", most),
        patch.object(calls, "query", wraps=calls.query) as query,
    ):
        memory = Raw(calls, keeps=keeps, side_by_side=side_by_side)
        memory.read(wanted)
        assert query.call_count == 2
        assert [memory.buckets(*each) for each in wanted] == right
        assert query.call_count == 2
        memory.forget(wanted)
        assert [memory.buckets(*each) for each in wanted] == right
        assert query.call_count == (2 if keeps else 6)


def test_a_reader_that_keeps_nothing_reads_what_was_posted_meanwhile() -> None:
    """A rollup has one reader for all that it does."""
    calls = stored({SERIES[0]: [Reading(BEGIN, 1.0)]})
    reader, meter = Reader(calls), Meter(SHIP, (ENERGY_USED,))
    (before,) = reader.derived_all([(meter, (BEGIN, END))])
    place = keys.bucket_partition(SHIP), keys.bucket_sort(BEGIN + HOUR_MS)
    value = {keys.attribute(SERIES[0], BEGIN + HOUR_MS): to_value(Reading(0, 2.0))}
    calls.update(set_values(*place, value))
    (after,) = reader.derived_all([(meter, (BEGIN, END))])
    assert len(after[ENERGY_USED]) > len(before[ENERGY_USED])


def test_what_one_thread_forgets_another_has_still_read() -> None:
    """The ships of a fleet are read side by side by one reader, each ship once."""
    calls, other = stored({SERIES[0]: [Reading(BEGIN, 1.0)]}), ship(2)
    ours, theirs = ((Meter(one, (ENERGY_USED,)), (BEGIN, END)) for one in (SHIP, other))
    memory = Raw(calls, keeps=False)
    with patch.object(calls, "query", wraps=calls.query) as query:
        memory.read([ours])
        memory.read([theirs])
        memory.forget([theirs])
        memory.buckets(*ours)
        assert query.call_count == 2


def test_what_could_not_be_derived_is_read_anew() -> None:
    calls = stored({SERIES[0]: [Reading(BEGIN, 1.0)]})
    reader, wanted = Reader(calls), [(Meter(SHIP, (ENERGY_USED,)), (BEGIN, END))]
    with (
        patch.object(Raw, "buckets", side_effect=ZeroDivisionError),
        pytest.raises(ZeroDivisionError),
    ):
        reader.derived_all(wanted)
    with patch.object(calls, "query", wraps=calls.query) as query:
        reader.derived_all(wanted)
        assert query.call_count == 1
