"""Blocks of sums: the days of a month, or the months of a year, of all measures of a source.

A block's figures are one packed attribute (docs/table.md, "Blocks of sums"): an update expression
names no more than 4 KB of attributes, and a house may have more channels than that. What would be
too large for an item is several items, each a block of its own of some of the measures: with its
own counter, valid or not by itself, so it does not matter that they are not written at once.
"""

import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import isnan, nan
from typing import Any, NamedTuple

from quarterhour.energy.profile import Profile, profile
from quarterhour.energy.quantities import Quantity
from quarterhour.energy.readings import Series
from quarterhour.store.table.blocks import RULE, Item
from quarterhour.store.table.codec import number
from quarterhour.time.calendar import Zone
from quarterhour.time.intervals import Interval

# RULE 2, packed. Releases that know only the form before it take such a block for one of another
# rule, and read what it is made from. What they wrote says RULE; it is read while it is valid.
PACKED = 3
MAX_ITEM_BYTES = 300_000  # of figures; an item may have 400 KB

FORM = 1
# The form of what follows, the number of parts, the number of measures.
_HEADER = struct.Struct("<BHH")
# The quantity's letter and the length of the channel's name, which follows.
_MEASURE = struct.Struct("<cB")
# The columns of a measure, a figure for each part: the sum and the milliseconds covered; of gauges
# the sum of the hours' means, the number of hours, the least and the most. NaN: nothing there.
_COLUMNS = {False: ("d", "I"), True: ("d", "I", "d", "d")}
_NOTHING = {False: (nan, 0), True: (nan, 0, nan, nan)}

Rows = Mapping[Series, Profile]
Columns = dict[Series, Sequence[Sequence[Any]]]


def sums_blocks(
    parts: Sequence[Interval], by_measure: Rows, marks: int, upto_ms: int, zone: Zone
) -> list[dict[str, Any]]:
    """Return the attributes of the items of a month or year block, complete up to `upto_ms`.

    The first says how many others there are: `more`, where there are any.
    """
    begins = [begin for begin, end in parts if end <= upto_ms]
    said = {
        "s": number(marks),
        "v": number(PACKED),
        "tz": {"S": zone.name},
        "upto": number(upto_ms),
    }
    blocks = [{**said, "p": {"B": _packed(begins, group)}} for group in _groups(begins, by_measure)]
    if len(blocks) > 1:
        blocks[0]["more"] = number(len(blocks) - 1)
    return blocks


def more(item: Item) -> int:
    """Return how many other items the block has whose first item this is."""
    return int(item["more"]["N"]) if "more" in item else 0


class Told(NamedTuple):
    """What a block tells: of which parts, and the parts that have data, measure by measure."""

    parts: Sequence[Interval]
    rows: Mapping[Series, Profile]

    def within(self, start_ms: int, end_ms: int) -> "Told":
        """Return what is told of the parts that lie in [start_ms, end_ms)."""
        parts = [part for part in self.parts if start_ms <= part[0] and part[1] <= end_ms]
        first, last = (parts[0][0], parts[-1][1]) if parts else (0, 0)
        return Told(parts, {one: rows.within(first, last) for one, rows in self.rows.items()})


NOTHING = Told((), {})


def kept_rows(
    parts: Sequence[Interval],
    items: Iterable[Item],
    marks: int,
    measures: Sequence[Series],
    zone: Zone,
) -> Told:
    """Return what the items of a block say of its period's parts.

    `marks` are the counters of the days that the period touches, all together, read after the
    items. Items that are not valid, of other rules or another zone say nothing; nor do all of them
    where they do not speak of all the measures.
    """
    columns: Columns = {}
    upto_ms = 0
    # What an older catalogue left beside an item is right as well, but may end earlier.
    valid = [item for item in items if _is_valid(item, marks, zone)]
    for item in sorted(valid, key=_upto_ms, reverse=True):
        found = _READ[_form(item)](item, [one for one in measures if one not in columns])
        columns |= found
        upto_ms = _upto_ms(item) if found or not upto_ms else upto_ms
    if len(columns) < len({*measures}):
        return NOTHING
    kept = [part for part in parts if part[1] <= upto_ms]
    return Told(kept, {one: _with_data(kept, columns[one]) for one in measures})


def _with_data(parts: Sequence[Interval], columns: Sequence[Sequence[Any]]) -> Profile:
    begins = [begin for (begin, _), _ in zip(parts, columns[0], strict=False)]
    told = profile(begins, *(column[: len(begins)] for column in columns))
    return told.where([not isnan(total) for total in told.totals])


def _is_valid(item: Item, marks: int, zone: Zone) -> bool:
    return (
        _form(item) in _READ and int(item["s"]["N"]) == marks and bool(item["tz"]["S"] == zone.name)
    )


def _form(item: Item) -> int:
    """Return the form of an item; 0 where it is one that is not even told as a number."""
    return int(item.get("v", {}).get("N", 0))


def _upto_ms(item: Item) -> int:
    return int(item["upto"]["N"])


def _groups(begins: Sequence[int], by_measure: Rows) -> Iterator[Rows]:
    """Yield the measures in groups, in their order, whose figures an item has room for."""
    group: dict[Series, Profile] = {}
    room = MAX_ITEM_BYTES
    for measure, rows in by_measure.items():
        size = _size(measure, len(begins))
        if group and size > room:
            yield group
            group, room = {}, MAX_ITEM_BYTES
        group[measure] = rows
        room -= size
    yield group


def _size(measure: Series, parts: int) -> int:
    forms = _COLUMNS[measure.quantity.is_gauge]
    return _MEASURE.size + len(measure.channel) + parts * struct.calcsize("<" + "".join(forms))


def _packed(begins: Sequence[int], by_measure: Rows) -> bytes:
    named = [
        _MEASURE.pack(measure.quantity.encode(), len(measure.channel)) + measure.channel.encode()
        for measure in by_measure
    ]
    columns = [
        struct.pack(f"<{len(begins)}{form}", *column)
        for measure, rows in by_measure.items()
        for form, column in _filled(begins, measure, rows)
    ]
    return b"".join([_HEADER.pack(FORM, len(begins), len(by_measure)), *named, *columns])


def _filled(
    begins: Sequence[int], measure: Series, rows: Profile
) -> Iterator[tuple[str, list[Any]]]:
    """Yield a measure's columns with their forms."""
    nothing = _NOTHING[measure.quantity.is_gauge]
    figures = {row.start_ms: row[1 : 1 + len(nothing)] for row in rows.rows()}
    lines = [figures.get(begin, nothing) for begin in begins]
    for place, form in enumerate(_COLUMNS[measure.quantity.is_gauge]):
        yield form, [line[place] for line in lines]


def _packed_columns(item: Item, wanted: Sequence[Series]) -> Columns:
    packed: bytes = item["p"]["B"]
    form, parts, count = _HEADER.unpack_from(packed)
    if form != FORM:
        return {}
    at = _HEADER.size
    measures = []
    for _ in range(count):
        letter, length = _MEASURE.unpack_from(packed, at)
        at += _MEASURE.size
        name = packed[at : at + length].decode()
        at += length
        measures.append(Series(name, Quantity(letter.decode())))
    found: Columns = {}
    for measure in measures:
        columns = []
        for kind in _COLUMNS[measure.quantity.is_gauge]:
            column = struct.Struct(f"<{parts}{kind}")
            if measure in wanted:
                columns.append(column.unpack_from(packed, at))
            at += column.size
        if columns:
            found[measure] = columns
    return found


def _columns_before_packing(item: Item, wanted: Sequence[Series]) -> Columns:
    """Read an attribute for each measure, which has a line for each part; `of` names them."""
    named = {*item["of"]["S"].split()}
    found: Columns = {}
    for measure in wanted:
        name = f"{measure.channel}.{measure.quantity}"
        if name in named:
            line = struct.Struct("<" + "".join(_COLUMNS[measure.quantity.is_gauge]))
            found[measure] = [*zip(*line.iter_unpack(item[name]["B"]), strict=True)]
    return found


_READ = {PACKED: _packed_columns, RULE: _columns_before_packing}
