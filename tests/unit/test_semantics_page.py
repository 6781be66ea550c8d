"""docs/semantics.md says what the code does: examples are computed, tables compared."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import pytest

from quarterhour import errors
from quarterhour.energy import aggregate, gaps, period_totals, possible, quantities, warnings
from quarterhour.energy.aggregate import DAY, HOUR, QUARTER_HOURS, lengths_ms
from quarterhour.energy.period_totals import Total
from quarterhour.energy.profile import Row, profile
from quarterhour.energy.quantities import Quantity
from quarterhour.energy.readings import USED, Posted, Reading, Series
from quarterhour.http.answers.forms import number
from quarterhour.http.answers.range import coverage
from quarterhour.http.csv_body import CsvBody, members
from quarterhour.http.ingest.house import HouseBatch
from quarterhour.http.ingest.ship import ShipBatch
from quarterhour.sites.corrections import Correction
from quarterhour.sites.site import Channel, Device
from quarterhour.time import instants
from quarterhour.time.calendar import BUCKET_MS, HOUR_MS, MINUTE_MS, UTC, zone
from quarterhour.time.declared import Declared, interval_ms, until
from quarterhour.time.moments import moment
from tests.builders import channel_batch, values
from tests.house_builders import device, house
from tests.models.by_hand import SHIP, World
from tests.pages import (
    ROOT,
    Fence,
    constant,
    constants,
    fences,
    headings,
    plain,
    section,
    table,
)

SEMANTICS = ROOT / "docs" / "semantics.md"
LIMITS = ROOT / "docs" / "limits.md"
WARNINGS = Path(warnings.__file__)

MIDNIGHT = instants.parse("2018-08-24T00:00:00Z")
FROM, TO = instants.parse("2018-08-23T00:00:00Z"), instants.parse("2018-08-26T00:00:00Z")

_CLOCK = r"(\d\d):(\d\d)(?::(\d\d))?"
_READING = re.compile(
    rf"(held|first|second|deleted)?\s*{_CLOCK}\s+(-?[\d.]+) ([\w%]+)"
    rf"(?: for (PT?\w+)( before)?| until {_CLOCK})?"
)
_ROW = re.compile(rf"{_CLOCK}\s+([\d.]+)(?: from ([\d.]+) to ([\d.]+))?(?: \(([\d.]+)\))?")
_SPAN = re.compile(r"(\d\d:\d\d) to (\d\d:\d\d): ([\d.]+)")
_DATE = r"(\d{4}-\d\d-\d\d)"
_TOTAL = re.compile(rf"(first|second)?\s*{_DATE}\s+([\d.]+) (\w+) for (P1[MY]|P\d+D)")
_DAYS = re.compile(rf"{_DATE} to {_DATE}: ([\d.]+)")
NEW_YORK = zone("America/New_York")
Readings = dict[Series, list[Reading]]
_ROWS = {QUARTER_HOURS: aggregate.quarter_hours, HOUR: aggregate.hours, DAY: aggregate.days}


def examples(info: str) -> pytest.MarkDecorator:
    """Run a test for each block of this kind, under the line it begins at."""
    found = [fence for fence in fences(SEMANTICS) if fence.info.split()[0] == info]
    assert found
    return pytest.mark.parametrize("example", found, ids=[f"line-{each.line}" for each in found])


def _ms(hours: str, minutes: str, seconds: str | None) -> int:
    return MIDNIGHT + int(hours) * HOUR_MS + int(minutes) * MINUTE_MS + int(seconds or 0) * 1000


def _left(line: str) -> tuple[str, Series, Reading]:
    """Return the word before an example's reading (`held`: the bucket had it), and the reading."""
    found = _READING.fullmatch(line.partition("|")[0].strip())
    assert found, line
    word, *clock, value, unit_name, interval, before, hours, minutes, seconds = found.groups()
    unit, at_ms = quantities.unit(unit_name), _ms(*clock)
    lasts = interval_ms(interval) if interval else 0
    start_ms, length_ms = Declared(lasts, bool(before)).laid(at_ms, UTC)
    if hours:
        length_ms = until(at_ms, _ms(hours, minutes, seconds), None)
    assert isinstance(length_ms, int)
    reading = Reading(start_ms, unit.stored(float(value)), length_ms)
    return word or "", Series(USED, unit.quantity), reading


def _right(line: str) -> Iterator[tuple[int, float, float, float, float]]:
    """Yield the rows of an example's line: beginning, figure, the least, the most, coverage."""
    expected = line.partition("|")[2]
    assert not _ROW.sub("", expected).strip(), line
    for found in _ROW.finditer(expected):
        *clock, value, least, most, covered = found.groups()
        yield _ms(*clock), float(value), float(least or 0), float(most or 0), float(covered or 1)


def _answered(row: Row, length_ms: int) -> tuple[int, float, float, float, float]:
    return row.start_ms, number(row.total), 0, 0, coverage(row.covered, length_ms)


def _posted(lines: list[str], word: str = "") -> Readings:
    posted: Readings = {}
    for said, series, reading in map(_left, lines):
        if said == word:
            posted.setdefault(series, []).append(reading)
    return {series: sorted(readings) for series, readings in posted.items()}


def _quantity(series: Readings) -> Quantity:
    measured = {one.quantity for one in series} - {Quantity.POWER}
    return measured.pop() if measured else Quantity.ENERGY


@examples("example")
def test_an_example_becomes_what_the_page_says(example: Fence) -> None:
    lines = example.text.splitlines()
    posted = _posted(lines)
    found = aggregate.buckets(posted, Series(USED, _quantity(posted)), FROM, TO)
    interval = example.info.partition(" ")[2] or QUARTER_HOURS
    expected = sorted(row for line in lines for row in _right(line))
    rows = _ROWS[interval](found, _quantity(posted), UTC)
    assert [*map(_answered, rows.rows(), lengths_ms(rows.starts, interval))] == expected


@examples("seen")
def test_an_example_is_seen_at_a_time_as_the_page_says(example: Fence) -> None:
    lines = example.text.splitlines()
    posted = _posted(lines)
    hours, minutes = example.info.split()[1].split(":")
    now_ms = _ms(hours, minutes, None)
    found = aggregate.buckets(posted, Series(USED, _quantity(posted)), FROM, TO, now_ms)
    expected = sorted(row for line in lines for row in _right(line))
    assert [_answered(row, BUCKET_MS) for row in found.rows()] == expected


@examples("gauges")
def test_a_gauge_shows_what_the_page_says(example: Fence) -> None:
    lines = example.text.splitlines()
    posted = _posted(lines)
    kind = _quantity(posted)
    buckets = aggregate.buckets(posted, Series(USED, kind), FROM, TO)
    by_interval = {
        "": lambda: [*map(_shown, buckets.rows())],
        "hour": lambda: [*map(_in_hours, aggregate.hours(buckets, kind, UTC).rows())],
        "day": lambda: [*map(_in_hours, aggregate.days(buckets, kind, UTC).rows())],
    }
    expected = sorted(row for line in lines for row in _right(line))
    assert by_interval[example.info.partition(" ")[2]]() == expected


@examples("deleted")
def test_what_is_left_of_deleted_readings_is_what_the_page_says(example: Fence) -> None:
    lines = example.text.splitlines()
    process = World().process()
    for _, series, reading in map(_left, lines):
        process.put(SHIP, series, reading)
    for word, series, reading in map(_left, lines):
        if word:
            at_ms = reading.at_ms
            correction = Correction(SHIP, at_ms, at_ms + 1, series.quantity)
            assert process.deleter().delete(correction) == 1
    expected = sorted(row for line in lines for row in _right(line))
    rows = process.rows(SHIP, (FROM, TO))
    assert [*map(_answered, rows.rows(), lengths_ms(rows.starts, QUARTER_HOURS))] == expected


@examples("gaps")
def test_gaps_are_those_that_the_page_says(example: Fence) -> None:
    lines = example.text.splitlines()
    found = aggregate.buckets(_posted(lines), Series(USED), FROM, TO)
    said = [span for line in lines for span in _SPAN.findall(line.partition("|")[2])]
    assert [
        (*(instants.iso(at_ms)[11:16] for at_ms in gap[:2]), number(gap.coverage))
        for gap in gaps.coverage(found, MIDNIGHT, MIDNIGHT + 2 * HOUR_MS).gaps
    ] == [(first, last, float(share)) for first, last, share in said]


def _shown(one: Row) -> tuple[int, float, float, float, float]:
    covered = round(one.covered / BUCKET_MS, 6)
    return one.start_ms, number(one.total), one.least, one.most, covered


def _in_hours(one: Row) -> tuple[int, float, float, float, float]:
    return one.start_ms, number(one.mean), one.least, one.most, 1


@examples("heating")
def test_a_temperature_has_the_degree_days_that_the_page_says(example: Fence) -> None:
    lines = example.text.splitlines()
    heating = Series(USED, Quantity.HEATING)
    found = aggregate.hours(
        aggregate.buckets(_posted(lines), heating, FROM, TO), heating.quantity, UTC
    )
    expected = sorted(row[:2] for line in lines for row in _right(line))
    assert [(one[0], number(one[1])) for one in found.rows()] == expected


@examples("meters")
def test_the_meter_that_counts_is_the_one_that_the_page_says(example: Fence) -> None:
    lines = example.text.splitlines()
    used = Series(USED)
    members = [
        {used: aggregate.buckets(_posted(lines, word), used, FROM, TO)}
        for word in ("first", "second")
    ]
    expected = sorted(row[:2] for line in lines for row in _right(line))
    assert [*aggregate.chosen(members)[used].by_start().items()] == expected


def test_many_channels_are_stored_as_the_page_says() -> None:
    channels = tuple(
        Channel(row["channel"].strip("`"), quantities.BY_NAME[row["quantity"]], bool(row["signed"]))
        for row in table(SEMANTICS, "Many channels")
    )
    of_page = house(Device(1, "meter", channels), timezone="UTC")
    (body,) = (fence.text for fence in fences(SEMANTICS) if fence.info == "post")
    batch = HouseBatch.model_validate(json.loads(body)).batch(of_page, 1, instants.LAST_MS)
    stored = [
        (channel, instants.iso(one.at_ms)[11:16], str(number(one.value)), one.interval)
        for (channel, _), posted in batch.series.items()
        for one in posted
    ]
    rows = table(SEMANTICS, "What that stores")
    assert stored == [
        (row["channel"].strip("`"), row["instant"], row["stored"].split()[0], HOUR_MS)
        for row in rows
    ]
    accepted = re.findall(r"with a value, is (\d+):", section(SEMANTICS, "What that stores"))
    assert [batch.instants] == [int(number) for number in accepted]
    by_channel = {series.channel: series.quantity for series in batch.series}
    for row in rows:
        unit = quantities.UNITS[row["stored"].split()[1]]
        assert unit.quantity is by_channel[row["channel"].strip("`")]


@examples("lines")
def test_a_line_of_csv_gives_what_the_page_says(example: Fence) -> None:
    lines = [line.partition("|")[::2] for line in example.text.splitlines()]
    body = CsvBody("\n".join(left.strip() for left, _ in lines))
    body.query = f"spaceship_id=1&units=kWh&{example.info.partition(' ')[2]}"
    batch = ShipBatch.model_validate(members(body)).batch(instants.LAST_MS, partial=True)
    found = {one.index: f"{one.field}: {one.reason}" for one in batch.rejected.details}
    for one in batch.series[Series(USED)]:
        lasts = f" for {int(one.interval) // 1000} s" if one.interval else ""
        found[one.place] = f"{instants.iso(one.at_ms)}  {number(one.value)}{lasts}"
    assert found == {nth: text.strip() for nth, (_, text) in enumerate(lines, 1) if text.strip()}


@examples("totals")
def test_totals_are_shared_by_the_days_that_the_page_says(example: Fence) -> None:
    lines = [line.partition("|")[::2] for line in example.text.splitlines()]
    posted = [_total(left) for left, _ in lines if _TOTAL.match(left)]
    read = [re.findall(_DATE, left)[0] for left, _ in lines if "has readings" in left]
    (*_, last), expected = posted, set[tuple[Series, int, float]]()
    for left, right in lines:
        measure = _total(left).measure if _TOTAL.match(left) else last.measure
        expected |= {(measure, day, float(each)) for day, each in _each_day(right)}
    days = [*map(_day, read)]
    of_readings = profile(days, [0.5] * len(days), [BUCKET_MS] * len(days))
    rows = {one.measure: of_readings for one in posted}
    shares = period_totals.shares(posted, NEW_YORK, _day("2000-01-01"), _day("2099-01-01"))
    found = period_totals.with_totals(rows, shares, ("first", "second"), {})
    assert {
        (measure, one.start_ms, number(one.total))
        for measure, of in found.items()
        for one in of.rows()
        if not one.covered
    } == expected


def _total(left: str) -> Total:
    found = _TOTAL.fullmatch(left.strip())
    assert found, left
    word, day, amount, unit_name, period = found.groups()
    unit = quantities.unit(unit_name)
    measure = Series(USED, Quantity(unit.quantity.value))
    return Total(word or "first", measure, _day(day), period, unit.stored(float(amount)))


def _each_day(right: str) -> Iterator[tuple[int, str]]:
    for first, last, each in _DAYS.findall(right):
        day = date.fromisoformat(first)
        while day <= date.fromisoformat(last):
            yield NEW_YORK.begin(day), each
            day += timedelta(1)


def _day(text: str) -> int:
    return NEW_YORK.begin(date.fromisoformat(text))


@examples("warnings")
def test_a_warning_points_where_the_page_says(example: Fence) -> None:
    lines = example.text.splitlines()
    parsed = [(*_left(line), line.partition("|")[2].strip()) for line in lines]
    before = [reading for word, _, reading, _ in parsed if word == "held"]
    posted = [(series, reading, code) for word, series, reading, code in parsed if not word]
    batch = [Posted(index, *reading) for index, (_, reading, _) in enumerate(posted)]
    (series, *_), *_ = posted
    found = [*warnings.of_batch(batch, series.quantity, before)]
    found += warnings.of_humidities(possible.too_wet(series.quantity, batch))
    if arrival := example.info.partition(" ")[2]:
        hours, minutes = arrival.split(":")
        found += warnings.of_times(batch, _ms(hours, minutes, None))
    expected = [(code, index) for index, (_, _, code) in enumerate(posted) if code]
    assert [(warning.code, warning.index) for warning in found] == expected


@pytest.mark.parametrize(
    "row",
    table(SEMANTICS, "12. What cannot be"),
    ids=lambda r: r["posted"],
)
def test_a_value_can_be_what_the_page_says(row: dict[str, str]) -> None:
    value, unit = row["posted"].split()
    quantity = quantities.unit(unit).quantity
    body = channel_batch(values(outside=float(value)), units=unit)
    sensor = house(device(1, outside=quantity.word))
    read = partial(HouseBatch.model_validate(body).batch, sensor, 1, instants.LAST_MS)
    expected = row["stored, or why not"].split()
    if expected[0].lstrip("-")[0].isdigit():
        (posted,) = read().series[Series("outside", quantity)]
        assert number(posted.value) == float(expected[0])
        return
    with pytest.raises(errors.BadRequest) as refused:
        read()
    (detail,) = refused.value.details
    assert (detail.field, detail.reason) == ("outside", " ".join(expected))


def test_every_warning_has_an_example() -> None:
    codes = {
        line.partition("|")[2].strip() for f in fences(SEMANTICS) for line in f.text.split("\n")
    }
    named = set(re.findall(r"^`([\w?]+)`:", section(SEMANTICS, "Warnings"), re.MULTILINE))
    in_code = set(re.findall(r'BatchWarning\("([\w?]+)"', WARNINGS.read_text("utf-8")))
    assert named == in_code
    assert in_code <= codes


def test_the_quantities_and_their_units_are_those_of_the_code() -> None:
    rows = table(SEMANTICS, "Quantities")
    listed = [Quantity[row["quantity"].upper().replace(" ", "_")] for row in rows]
    assert listed == [*quantities.POSTED]
    for quantity, row in zip(listed, rows, strict=True):
        posted = row["posted units"].split(", ")
        assert posted == [
            name for name, unit in quantities.UNITS.items() if unit.quantity is quantity
        ]
        assert quantities.unit(row["stored as"]).stored(1.5) == 1.5


@pytest.mark.parametrize("row", table(SEMANTICS, "Conversions"), ids=lambda r: r["posted"])
def test_a_unit_is_converted_as_the_page_says(row: dict[str, str]) -> None:
    (posted, unit_name), (stored, stored_name) = row["posted"].split(), row["stored"].split()
    unit = quantities.unit(unit_name)
    assert quantities.unit(stored_name).quantity is unit.quantity
    assert number(unit.stored(float(posted))) == float(stored)


def test_amounts_and_gauges_are_the_quantities_that_the_page_says() -> None:
    amounts = {"energy", "volume", "degree days"}
    assert "Energy, volume and degree days are *amounts*" in section(SEMANTICS, "Quantities")
    for row in table(SEMANTICS, "Quantities"):
        quantity = Quantity[row["quantity"].upper().replace(" ", "_")]
        assert quantity.is_amount == (row["quantity"] in amounts)
        assert quantity.is_gauge == (not quantity.is_amount and quantity is not Quantity.POWER)


@pytest.mark.parametrize(
    "row", table(SEMANTICS, "2. Declared intervals"), ids=lambda r: r["written"]
)
def test_an_interval_is_read_as_the_page_says(row: dict[str, str]) -> None:
    expected = row["seconds, or why not"]
    if expected.isdigit():
        assert interval_ms(row["written"].strip("`")) == int(expected) * 1000
        return
    with pytest.raises(ValueError, match=re.escape(expected)):
        interval_ms(row["written"].strip("`"))


@pytest.mark.parametrize("row", table(SEMANTICS, "8. Times and values"), ids=lambda r: r["written"])
def test_a_time_is_read_as_the_page_says(row: dict[str, str]) -> None:
    written, expected = row["written"].strip("`"), row["instant, or why not"]
    if written == row["written"]:
        assert _outcome(lambda: instants.iso(instants.of_unix(json.loads(written)))) == expected
        return
    if expected.startswith("2018"):
        assert instants.iso(instants.parse_query(written)) == expected
        return
    for parse in (instants.parse, instants.parse_query):
        with pytest.raises(ValueError, match=re.escape(expected)):
            parse(written)


def _outcome(ask: Callable[[], str]) -> str:
    try:
        return ask()
    except ValueError as error:
        return str(error)


FOR_QUERIES = table(SEMANTICS, "In queries")


@pytest.mark.parametrize("row", FOR_QUERIES, ids=lambda row: row["written"])
def test_a_time_of_a_query_is_read_as_the_page_says(row: dict[str, str]) -> None:
    assert instants.iso(instants.parse_query(row["written"].strip("`"))) == row["instant"]


def test_the_forms_for_queries_are_for_queries_alone() -> None:
    for row in (table(SEMANTICS, "8. Times and values")[-1], *FOR_QUERIES):
        with pytest.raises(ValueError, match="must be an ISO 8601 time"):
            instants.parse(row["written"].strip("`"))


@pytest.mark.parametrize(
    "row", table(SEMANTICS, "Values of a house"), ids=lambda row: row["written"]
)
def test_a_moment_of_a_house_is_read_as_the_page_says(row: dict[str, str]) -> None:
    at_ms = moment(row["written"].strip("`"), zone("America/New_York"))
    assert instants.iso(at_ms) == row["instant"]


@pytest.mark.parametrize(
    "row", table(SEMANTICS, "9. Numbers and sums"), ids=lambda r: r["computed"]
)
def test_a_number_is_answered_as_the_page_says(row: dict[str, str]) -> None:
    assert str(number(float(row["computed"]))) == row["answered"]


@pytest.mark.parametrize(
    ("page", "heading", "column"),
    [
        (SEMANTICS, "How far a reading reaches", "milliseconds"),
        *((LIMITS, heading, "limit") for heading in headings(LIMITS)),
    ],
)
def test_the_limits_are_those_of_the_code(page: Path, heading: str, column: str) -> None:
    for row in table(page, heading):
        ((name, key),) = constants(row["constant"])
        assert constant(name, key) == plain(row[column]), row


def test_the_refusals_are_those_of_the_code() -> None:
    documented = {int(row["status"]) for row in table(SEMANTICS, "Refusals")}
    assert documented == {kind.status for kind in errors.QuarterhourError.__subclasses__()}
