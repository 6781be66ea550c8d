"""docs/semantics.md says what the code does: examples are computed, tables compared."""

import re
from collections.abc import Iterator

import pytest

from quarterhour import doubts, durations, errors, instants, ladder, resample, units
from quarterhour.calendar import HOUR_MS, MINUTE_MS
from quarterhour.http.answers import number
from quarterhour.http.points import coverage
from quarterhour.ladder import Row
from quarterhour.readings import USED, Posted, Reading, Series
from tests.pages import ROOT, Fence, constant, constants, fences, plain, section, table

SEMANTICS = ROOT / "docs" / "semantics.md"
DOUBTS = ROOT / "layers" / "common" / "python" / "quarterhour" / "doubts.py"

MIDNIGHT = instants.parse("2018-08-24T00:00:00Z")
FROM, TO = instants.parse("2018-08-23T00:00:00Z"), instants.parse("2018-08-26T00:00:00Z")

_CLOCK = r"(\d\d):(\d\d)(?::(\d\d))?"
_READING = re.compile(rf"(held)?\s*{_CLOCK}\s+([\d.]+) (\w+)(?: for (PT?\w+))?")
_ROW = re.compile(rf"{_CLOCK}\s+([\d.]+)(?: \(([\d.]+)\))?")


def examples(info: str) -> pytest.MarkDecorator:
    """Run a test for each block of this kind, under the line it begins at."""
    found = [fence for fence in fences(SEMANTICS) if fence.info.split()[0] == info]
    assert found
    return pytest.mark.parametrize("example", found, ids=[f"line-{each.line}" for each in found])


def _ms(hours: str, minutes: str, seconds: str | None) -> int:
    return MIDNIGHT + int(hours) * HOUR_MS + int(minutes) * MINUTE_MS + int(seconds or 0) * 1000


def _left(line: str) -> tuple[bool, Series, Reading]:
    """Return whether the bucket held it already, and the reading of an example's line."""
    found = _READING.fullmatch(line.partition("|")[0].strip())
    assert found, line
    held, *clock, value, unit_name, declared = found.groups()
    unit = units.unit(unit_name)
    reading = Reading(
        _ms(*clock),
        unit.stored(float(value)),
        durations.interval_ms(declared) if declared else 0,
    )
    return bool(held), Series(USED, unit.quantity), reading


def _right(line: str) -> Iterator[tuple[int, float, float]]:
    """Yield the rows of an example's line: beginning, kWh, coverage."""
    expected = line.partition("|")[2]
    assert not _ROW.sub("", expected).strip(), line
    for found in _ROW.finditer(expected):
        *clock, value, covered = found.groups()
        yield _ms(*clock), float(value), float(covered or 1)


def _answered(row: Row) -> tuple[int, float, float]:
    return row.start_ms, number(row.kwh), coverage(row)


@examples("example")
def test_an_example_becomes_what_the_page_says(example: Fence) -> None:
    lines = example.text.splitlines()
    posted: dict[Series, list[Reading]] = {}
    for _, series, reading in map(_left, lines):
        posted.setdefault(series, []).append(reading)
    found = resample.buckets({s: sorted(r) for s, r in posted.items()}, USED, FROM, TO)
    interval = example.info.partition(" ")[2] or "15min"
    expected = sorted(row for line in lines for row in _right(line))
    assert [_answered(row) for row in ladder.rows(found, interval)] == expected


@examples("warnings")
def test_a_warning_points_where_the_page_says(example: Fence) -> None:
    lines = example.text.splitlines()
    parsed = [(*_left(line), line.partition("|")[2].strip()) for line in lines]
    before = [reading for held, _, reading, _ in parsed if held]
    posted = [(series, reading, code) for held, series, reading, code in parsed if not held]
    batch = [Posted(index, r.at_ms, r.value) for index, (_, r, _) in enumerate(posted)]
    (series, reading, _), *_ = posted
    found = doubts.of_batch(batch, series.quantity, reading.interval_ms, before)
    expected = [(code, index) for index, (_, _, code) in enumerate(posted) if code]
    assert [(doubt.code, doubt.index) for doubt in found] == expected


def test_every_warning_has_an_example() -> None:
    codes = {
        line.partition("|")[2].strip() for f in fences(SEMANTICS) for line in f.text.split("\n")
    }
    named = set(re.findall(r"^`(\w+)`:", section(SEMANTICS, "Warnings"), re.MULTILINE))
    in_code = set(re.findall(r'Doubt\("(\w+)"', DOUBTS.read_text("utf-8")))
    assert named == in_code
    assert in_code <= codes


def test_the_quantities_and_their_units_are_those_of_the_code() -> None:
    rows = table(SEMANTICS, "Quantities")
    assert [row["quantity"] for row in rows] == [each.name.lower() for each in units.Quantity]
    for row in rows:
        posted = row["posted units"].split(", ")
        quantity = units.Quantity[row["quantity"].upper()]
        assert posted == [name for name, unit in units.UNITS.items() if unit.quantity is quantity]
        assert units.unit(row["stored as"]).stored(1.5) == 1.5


@pytest.mark.parametrize(
    "row", table(SEMANTICS, "2. Declared intervals"), ids=lambda r: r["written"]
)
def test_an_interval_is_read_as_the_page_says(row: dict[str, str]) -> None:
    expected = row["seconds, or why not"]
    if expected.isdigit():
        assert durations.interval_ms(row["written"].strip("`")) == int(expected) * 1000
        return
    with pytest.raises(ValueError, match=re.escape(expected)):
        durations.interval_ms(row["written"].strip("`"))


@pytest.mark.parametrize("row", table(SEMANTICS, "8. Times and values"), ids=lambda r: r["written"])
def test_a_time_is_read_as_the_page_says(row: dict[str, str]) -> None:
    written, expected = row["written"].strip("`"), row["instant, or why not"]
    if expected.startswith("2018"):
        assert instants.iso(instants.parse_query(written)) == expected
        return
    for parse in (instants.parse, instants.parse_query):
        with pytest.raises(ValueError, match=re.escape(expected)):
            parse(written)


def test_the_form_for_queries_is_for_queries_alone() -> None:
    written = table(SEMANTICS, "8. Times and values")[-1]["written"].strip("`")
    with pytest.raises(ValueError, match="must be an ISO 8601 time"):
        instants.parse(written)


@pytest.mark.parametrize(
    "row", table(SEMANTICS, "9. Numbers and sums"), ids=lambda r: r["computed"]
)
def test_a_number_is_answered_as_the_page_says(row: dict[str, str]) -> None:
    assert str(number(float(row["computed"]))) == row["answered"]


@pytest.mark.parametrize(
    ("heading", "column"), [("How far a reading reaches", "milliseconds"), ("Limits", "limit")]
)
def test_the_limits_are_those_of_the_code(heading: str, column: str) -> None:
    for row in table(SEMANTICS, heading):
        ((name, key),) = constants(row["constant"])
        assert constant(name, key) == plain(row[column]), row


def test_the_refusals_are_those_of_the_code() -> None:
    documented = {int(row["status"]) for row in table(SEMANTICS, "Refusals")}
    assert documented == {kind.status for kind in errors.QuarterhourError.__subclasses__()}
