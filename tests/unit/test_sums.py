"""Blocks of sums: what is packed comes out as it was, in as many items as it needs."""

import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quarterhour.energy.profile import Row, of_rows
from quarterhour.energy.quantities import Quantity
from quarterhour.energy.readings import ENERGY_USED, Series
from quarterhour.sites.sources import device
from quarterhour.sites.virtual_meters import Meter, hourly
from quarterhour.store.table import keys, sums
from quarterhour.store.table.blocks import MONTHS, YEARS
from quarterhour.store.table.codec import number
from quarterhour.time.calendar import BUCKET_MS, DAY_MS, UTC, zone
from quarterhour.time.instants import parse
from tests.profiles import by_part

AUGUST, YEAR_2018 = parse("2018-08-01T00:00:00Z"), parse("2018-01-01T00:00:00Z")
SEPTEMBER = UTC.next_month(AUGUST)
PARTS = MONTHS.parts(UTC, AUGUST)
WARM = Series("cellar", Quantity.TEMPERATURE)
Item = dict[str, Any]


def days(number_of_days: int = 31) -> dict[int, Row]:
    starts = [AUGUST + nth * DAY_MS for nth in range(number_of_days) if nth != 4]
    return {at: Row(at, (at % 977) / 7, DAY_MS) for at in starts}


def august(marks: int, upto_ms: int = SEPTEMBER, measure: Series = ENERGY_USED) -> Item:
    (item,) = sums.sums_blocks(PARTS, {measure: of_rows(days().values())}, marks, upto_ms, UTC)
    return item


def kept(items: list[Item], marks: int, *measures: Series) -> Any:
    return by_part(sums.kept_rows(PARTS, items, marks, measures or [ENERGY_USED], UTC))


def unpacked(item: Item) -> Item:
    """Return a block as releases before the packed form wrote it: an attribute a measure."""
    parts = [part for part in PARTS if part[1] <= int(item["upto"]["N"])]
    packed = item["p"]["B"]
    (length,) = struct.unpack_from("<B", packed, 6)
    name, letter = packed[7 : 7 + length].decode(), packed[5:6].decode()
    totals = struct.unpack_from(f"<{len(parts)}d", packed, 7 + length)
    covered = struct.unpack_from(f"<{len(parts)}I", packed, 7 + length + 8 * len(parts))
    lines = [struct.pack("<dI", *line) for line in zip(totals, covered, strict=True)]
    rest = [struct.pack("<dI", float("nan"), 0)] * (len(PARTS) - len(parts))
    said = {name: value for name, value in item.items() if name != "p"}
    of = f"{name}.{letter}"
    return {**said, "v": number(2), "of": {"S": of}, of: {"B": b"".join([*lines, *rest])}}


def test_the_parts_of_a_month_are_its_days_and_of_a_year_its_months() -> None:
    assert len(PARTS) == 31
    assert PARTS[0] == (AUGUST, AUGUST + DAY_MS)
    assert len(YEARS.parts(UTC, YEAR_2018)) == 12
    assert YEARS.parts(UTC, YEAR_2018)[7] == (AUGUST, SEPTEMBER)


def test_a_block_has_these_bytes() -> None:
    """Whoever changes them makes another form, and reads this one."""
    rows = {
        ENERGY_USED: of_rows([Row(AUGUST, 1.5, 900_000), Row(AUGUST + 2 * DAY_MS, 0.25, DAY_MS)]),
        WARM: of_rows([Row(AUGUST + DAY_MS, 480.0, 24, 18.5, 21.0)], of_gauge=True),
    }
    (item,) = sums.sums_blocks(PARTS, rows, 7, AUGUST + 3 * DAY_MS, UTC)
    nan = "000000000000f87f"
    assert item == {
        "s": {"N": "7"},
        "v": {"N": "3"},
        "tz": {"S": "UTC"},
        "upto": {"N": str(AUGUST + 3 * DAY_MS)},
        "p": {
            "B": bytes.fromhex(
                "01 0300 0200"  # the form, three days, two measures
                "65 04 75736564"  # e used
                "74 06 63656c6c6172"  # t cellar
                f"000000000000f83f {nan} 000000000000d03f"
                "a0bb0d00 00000000 005c2605"
                f"{nan} 0000000000007e40 {nan}"
                "00000000 18000000 00000000"
                f"{nan} 0000000000803240 {nan}"
                f"{nan} 0000000000003540 {nan}"
            )
        },
    }
    found = kept([item], 7, ENERGY_USED, WARM)
    first, last = rows[ENERGY_USED].rows()
    (warm,) = rows[WARM].rows()
    assert [*found.values()] == [{ENERGY_USED: first}, {WARM: warm}, {ENERGY_USED: last}]


def test_a_month_keeps_its_days_and_says_which_have_no_data() -> None:
    found = kept([august(5)], 5)
    assert len(found) == 31
    assert {part[0]: one[ENERGY_USED] for part, one in found.items() if one} == days()
    assert found[(AUGUST + 4 * DAY_MS, AUGUST + 5 * DAY_MS)] == {}


def test_a_month_says_nothing_of_days_that_were_not_closed() -> None:
    assert len(kept([august(0, AUGUST + 7 * DAY_MS)], 0)) == 7
    assert kept([august(0, AUGUST)], 0) == {}


def test_a_block_says_nothing_of_a_measure_it_does_not_name() -> None:
    assert kept([august(0)], 0, Series("solar")) == {}
    assert kept([august(0)], 0, ENERGY_USED, Series("solar")) == {}
    assert kept([august(0)], 0, Series("used", Quantity.VOLUME)) == {}
    assert kept([august(0)], 0)


@pytest.mark.parametrize(
    ("items", "marks"),
    [
        ([], 0),
        ([august(4)], 5),
        ([august(6)], 5),
        ([{**august(0), "v": number(sums.PACKED + 1)}], 0),
        ([{**august(0), "p": {"B": b"\x02" + august(0)["p"]["B"][1:]}}], 0),
        ([{**august(0), "tz": {"S": "Europe/Vienna"}}], 0),
    ],
)
def test_a_block_that_is_not_valid_says_nothing(items: list[Item], marks: int) -> None:
    assert kept(items, marks) == {}


@pytest.mark.parametrize("upto_ms", [SEPTEMBER, AUGUST + 7 * DAY_MS])
def test_a_block_of_an_attribute_a_measure_is_read_as_before(upto_ms: int) -> None:
    old = unpacked(august(3, upto_ms))
    assert kept([old], 3) == kept([august(3, upto_ms)], 3)
    assert kept([old], 4) == kept([old], 3, Series("solar")) == {}
    left = {**old, "solar.e": old["used.e"]}  # by a catalogue that named it; `of` does not
    assert kept([left], 3, Series("solar")) == {}


def test_releases_before_take_a_packed_block_for_one_of_another_rule() -> None:
    """They look at `v` first, and do not know any attribute of this form."""
    assert august(0)["v"] != unpacked(august(0))["v"] == {"N": "2"}


# --- Several items --------------------------------------------------------------------------------

CHANNELS = [Series(f"circuit_{nth}") for nth in range(2_000)]


def test_many_channels_are_several_items_below_the_limit_in_order() -> None:
    rows = {one: of_rows([Row(AUGUST, nth + 1.0, 1)]) for nth, one in enumerate(CHANNELS)}
    items = sums.sums_blocks(PARTS, rows, 0, SEPTEMBER, UTC)
    assert [sums.more(item) for item in items] == [len(items) - 1, *[0] * (len(items) - 1)]
    sizes = [len(item["p"]["B"]) for item in items]
    assert len(items) == -(-sum(sizes) // sums.MAX_ITEM_BYTES) == 3
    assert all(size < sums.MAX_ITEM_BYTES + 100 for size in sizes)
    assert all(item.keys() - {"more"} == {"s", "v", "tz", "upto", "p"} for item in items)
    found = kept(items, 0, *CHANNELS)
    assert found[PARTS[0]] == {one: row for one, of in rows.items() for row in of.rows()}
    assert len(found) == 31


def test_each_item_is_valid_or_not_by_itself() -> None:
    rows = {one: of_rows([Row(AUGUST, 1.0, 1)]) for one in CHANNELS}
    first, *rest = sums.sums_blocks(PARTS, rows, 1, SEPTEMBER, UTC)
    older = [{**item, "s": number(0)} for item in rest]
    assert kept([first, *older], 1, CHANNELS[0])
    assert kept([first, *older], 1, CHANNELS[0], CHANNELS[-1]) == {}
    assert kept([*rest], 1, CHANNELS[0], CHANNELS[-1]) == {}


def test_of_two_items_that_speak_of_a_measure_the_one_that_goes_further_counts() -> None:
    week, month = august(0, AUGUST + 7 * DAY_MS), august(0)
    assert len(kept([week, month], 0)) == len(kept([month, week], 0)) == 31


def test_several_items_are_complete_as_far_as_the_shortest_of_them() -> None:
    other = august(0, AUGUST + 7 * DAY_MS, Series("solar"))
    assert len(kept([august(0), other], 0, ENERGY_USED, Series("solar"))) == 7


# --- Local periods, and any figures ---------------------------------------------------------------


def test_a_local_month_of_a_gauge_keeps_its_days() -> None:
    here = zone("America/New_York")
    march = here.month_of(parse("2014-03-15T00:00:00Z"))
    parts = MONTHS.parts(here, march)
    assert [(end - begin) // BUCKET_MS for begin, end in parts] == [96] * 8 + [92] + [96] * 22
    warm = Series("temperature", Quantity.TEMPERATURE)
    rows = [Row(begin, begin % 97 / 7, 24, -1.5, 40.25) for begin, _ in parts[:5]]
    of_warm = of_rows(rows, of_gauge=True)
    items = sums.sums_blocks(parts, {warm: of_warm}, 0, parts[6][1], here)
    found = by_part(sums.kept_rows(parts, items, 0, [warm], here))
    assert [*found] == parts[:7]
    assert [row[warm] for row in found.values() if row] == rows
    meter = Meter(device("H5", 2), (warm,))
    assert MONTHS.sort(zone("Europe/Berlin"), meter, march) == "m#2#2014-03"


def test_hours_have_blocks_of_their_own() -> None:
    march = UTC.month_of(parse("2014-03-15T00:00:00Z"))
    energy = Meter(device("H5", 2), (Series("used"),))
    assert MONTHS.sort(UTC, hourly(energy), march) == "m#2h#2014-03"
    assert keys.first_of_sums("m#2h#2014-03#1") == "m#2h#2014-03"


FIGURES = st.floats(allow_nan=False, allow_infinity=False)
WORDS = st.from_regex(r"[a-z][a-z0-9_]{0,39}", fullmatch=True)
SERIES = st.builds(Series, WORDS, st.sampled_from(Quantity))
MEASURES = st.lists(SERIES, min_size=1, max_size=5, unique=True)


@given(MEASURES, st.data())
def test_any_rows_come_out_as_they_went_in(measures: list[Series], data: st.DataObject) -> None:
    rows = {}
    for measure in measures:
        places = data.draw(st.sets(st.integers(0, 30), max_size=4))
        extremes = (FIGURES, FIGURES) if measure.quantity.is_gauge else (st.just(0.0),) * 2
        drawn = [
            Row(
                AUGUST + place * DAY_MS,
                *data.draw(st.tuples(FIGURES, st.integers(0, 2**32 - 1), *extremes)),
            )
            for place in sorted(places)
        ]
        rows[measure] = of_rows(drawn, of_gauge=measure.quantity.is_gauge)
    items = sums.sums_blocks(PARTS, rows, 0, SEPTEMBER, UTC)
    found = sums.kept_rows(PARTS, items, 0, measures, UTC)
    assert found.rows == rows
    assert found.parts == PARTS
