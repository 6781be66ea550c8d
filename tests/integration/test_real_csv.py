"""Two homes' files from their grid operators, posted as CSV: what is read back is what they say.

The sums of the files are plain arithmetic on their rows, here, without the project's code.
"""

import csv
import gzip
import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest

from local.template import ROOT
from tests.builders import in_range
from tests.catalogues import PATH, entry, meter
from tests.conftest import Call

DATA = Path(os.environ.get("QH_DATA", ROOT.parent / "shared" / "data"))

pytestmark = [
    pytest.mark.real_data,
    pytest.mark.integration,
    pytest.mark.skipif(not DATA.exists(), reason=f"{DATA} is not there"),
]

QUARTER = timedelta(minutes=15)
MOST_IN_A_POST = 20_000


class Line(NamedTuple):
    """A quarter hour of a file: its label, when it begins there by the clock, and its kWh."""

    label: datetime
    begin: datetime
    kwh: str


class File(NamedTuple):
    """What is posted of a file, and how."""

    lines: Sequence[Line]
    timezone: str
    label: str

    def texts(self) -> Iterator[str]:
        """Yield CSV of as many lines as a POST may have; numbers are as the file has them."""
        for first in range(0, len(self.lines), MOST_IN_A_POST):
            part = self.lines[first : first + MOST_IN_A_POST]
            rows = (f"{line.label:%Y-%m-%d %H:%M:%S};{line.kwh}\r\n" for line in part)
            yield f"\ufeffdatetime;value\r\n{''.join(rows)}"

    def by(self, form: str, zone: ZoneInfo | None = None) -> dict[str, float]:
        """Return the sums by a period of UTC, or of a zone; the first of twins is summer time."""
        local, seen = ZoneInfo(self.timezone), set[datetime]()
        sums: defaultdict[str, Decimal] = defaultdict(Decimal)
        for _, begin, kwh in self.lines:
            at = begin.replace(tzinfo=local, fold=int(begin in seen)).astimezone(UTC)
            seen.add(begin)
            if kwh:
                sums[at.astimezone(zone or UTC).strftime(form)] += Decimal(kwh.replace(",", "."))
        return {period: float(kwh) for period, kwh in sums.items()}


def rows_of(name: str, encoding: str) -> list[list[str]]:
    with gzip.open(DATA / name, "rt", encoding=encoding, newline="") as file:
        return list(csv.reader(file, delimiter=";"))


def fluvius(register: str) -> File:
    """Return one of two registers, whose quarter hours are named by their end."""
    _, *rows = rows_of("fluvius-15min-2023.csv.gz", "utf-8-sig")
    lines = [
        Line(_clock(f"{row[2]} {row[3]}", "/"), _clock(f"{row[0]} {row[1]}", "/"), row[8])
        for row in rows
        if row[7].startswith(register)
    ]
    return File(lines, "Europe/Brussels", "end")


def tinetz() -> File:
    """Return the right one of two tables, whose quarter hours are named by their begin."""
    rows = [row[3:6] for row in rows_of("tinetz-15min-2023.csv.gz", "latin-1")[5:] if row[5]]
    begins = [_clock(begin, ".") for begin, _, _ in rows]
    lines = [Line(begin, begin, row[2]) for begin, row in zip(begins, rows, strict=True)]
    return File(lines, "Europe/Vienna", "start")


def _clock(text: str, separator: str) -> datetime:
    return datetime.strptime(text, separator.join(("%d", "%m", "%Y %H:%M:%S")))  # noqa: DTZ007


FILES: dict[str, Callable[[], File]] = {
    "tinetz": tinetz,
    "offtake": partial(fluvius, "Offtake"),
    "injection": partial(fluvius, "Injection"),
}


def post(call: Call, path: str, texts: Iterable[str], **query: str) -> int:
    accepted = 0
    for text in texts:
        target = f"{path}?{urlencode({'units': 'kWh', 'interval': 'PT15M', **query})}"
        answer = call("POST", target, text.encode(), content_type="text/csv")
        assert answer.status == 200, answer.text[:1000]
        accepted += answer.json["accepted"]
    return accepted


@pytest.mark.parametrize("name", FILES)
def test_the_quarter_hours_of_a_file_are_those_it_has(call: Call, name: str) -> None:
    file = FILES[name]()
    asked = {"timezone": file.timezone, "label": file.label}
    accepted = post(call, "/data", file.texts(), spaceship_id="1", **asked)
    right = file.by("%Y-%m-%dT%H:%M:%SZ")
    assert accepted == len(right) > 6_000
    start, end = datetime(2023, 4, 1, tzinfo=UTC), datetime(2024, 1, 2, tzinfo=UTC)
    found = call("GET", in_range(start, end)).json["data"]
    assert {row["datetime"]: row["value"] for row in found} == right
    assert not any("coverage" in row for row in found)
    by_month = call("GET", in_range(start, end, interval="month")).json["data"]
    months = {row["datetime"][:7]: row["value"] for row in by_month}
    assert months == pytest.approx(file.by("%Y-%m"))


@pytest.mark.parametrize("name", FILES)
def test_the_local_days_of_a_house_are_those_of_its_file(call: Call, name: str) -> None:
    file = FILES[name]()
    call("PUT", PATH, entry(meter(1, "used"), timezone=file.timezone))
    texts = (text.replace("datetime;value", "date;used", 1) for text in file.texts())
    target = f"{PATH}devices/1/readings"
    post(call, target, texts, timezone=file.timezone, label=file.label)
    query = "interval=day&start=2023-04-01&end=2024-01-02"
    items = call("GET", f"{PATH}devices/1?{query}").json["items"]
    right = file.by("%Y-%m-%d", ZoneInfo(file.timezone))
    assert {item["date"]: item["used"] for item in items} == pytest.approx(right, abs=1e-6)
