"""Bodies of CSV: lines of cells, within limits, under the names that the first line gives them."""

import csv
from collections.abc import Iterator
from io import StringIO
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from quarterhour.errors import BadRequest, Detail, TooLarge

# As much as a body of JSON may have: text of more lines and cells is only memory.
MAX_LINES = 200_000
MAX_CELLS = 400_000

TIMES = ("datetime", "date")
_LONGEST_ID = 16
_HEADER = "The first line of CSV must name the columns: datetime, and what there is at that time."


class CsvBody(str):
    """The text of a CSV body, with what its request's query says of it."""

    __slots__ = ("query",)
    query: str


class CsvLine(NamedTuple):
    """A line with any cells, and its number in the file: the first one is 1."""

    number: int
    cells: list[str]


class CsvTable(NamedTuple):
    """What a CSV body has: the columns' names, and the lines below them.

    `timezone` is that of times without an offset; None where none is given. Decimals have a comma
    where cells are separated by `;`, or a point.
    """

    columns: list[str]
    lines: list[CsvLine]
    timezone: str | None
    has_commas: bool


def members(body: CsvBody) -> dict[str, Any]:
    """Return what is posted as the members of a JSON body, its `data` a CsvTable.

    BadRequest where it is no CSV with a header, TooLarge beyond the limits.
    """
    query: dict[str, Any] = dict(parse_qsl(body.query, keep_blank_values=True))
    spaceship_id = query.get("spaceship_id", "")
    if spaceship_id.isascii() and spaceship_id.isdigit() and len(spaceship_id) <= _LONGEST_ID:
        query["spaceship_id"] = int(spaceship_id)
    return {**query, "data": _table(body, query.get("timezone"))}


def _table(text: str, timezone: str | None) -> CsvTable:
    if text.count("\n") + text.count("\r") > 2 * MAX_LINES:
        raise TooLarge(f"The body has more than {MAX_LINES} lines.")
    first = text.lstrip().partition("\n")[0].partition("\r")[0]
    separator = ";" if ";" in first else ","
    if text.count(separator) > MAX_CELLS:
        raise TooLarge(f"The body has more than {MAX_CELLS} cells.")
    found = _lines(text, separator)
    header = next(found, None)
    if header is None:
        raise BadRequest(_HEADER)
    columns = [name.strip().removeprefix("\ufeff") for name in header.cells]
    _check_columns(columns)
    return CsvTable(columns, [*found], timezone, separator == ";")


def _lines(text: str, separator: str) -> Iterator[CsvLine]:
    """Yield the lines that have any cells that are not empty."""
    reader = csv.reader(StringIO(text, newline=""), delimiter=separator, strict=True)
    number, count = 1, 0
    try:
        for cells in reader:
            count += 1
            if count > MAX_LINES:
                raise TooLarge(f"The body has more than {MAX_LINES} lines.")
            if any(cells):
                yield CsvLine(number, cells)
            number = reader.line_num + 1
    except csv.Error as error:
        raise BadRequest(
            "The body is not CSV.", [Detail(f"is not CSV: {error}", "data", number)]
        ) from None


def _check_columns(columns: list[str]) -> None:
    if sum(columns.count(name) for name in TIMES) != 1:
        raise BadRequest(
            _HEADER, [Detail("must have one column named datetime, or one named date", "data", 1)]
        )
    seen = set[str]()
    for name in filter(None, columns):
        if name in seen:
            raise BadRequest(
                "A column of the CSV is there twice.",
                [Detail("is there twice", name[:100], 1)],
            )
        seen.add(name)
