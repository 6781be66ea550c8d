"""Pages of values over HTTP: `next` leads on exactly, and a page costs no more than its items."""

from collections import Counter
from datetime import timedelta
from functools import partialmethod
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quarterhour.values.pages import Pages
from tests.catalogues import PATH, entry, meter, sensor
from tests.conftest import Call
from tests.counting import Counted, forget_blocks
from tests.fleets import settle
from tests.value_requests import local, pages, post, target

pytestmark = pytest.mark.integration

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
PATHS = ("devices/2,1", "devices/1", "circuits/used,all_other,ashp", "temperatures")


def joined(call: Call, target_: str) -> list[Any]:
    return [item for page in pages(call, target_) for item in page.json["items"]]


def of_size(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setattr(Pages, "page", partialmethod(PAGE, size=size))


PAGE = Pages.page


@pytest.fixture
def house(call: Call) -> Call:
    """Two meters and a sensor with gaps: days around both changes of clocks, and a year's end."""
    call(
        "PUT", PATH, entry(meter(1, "used", "solar", "ashp"), meter(2, "used"), sensor(3, "attic"))
    )
    for start in (local(2012, 12, 31, 20), local(2013, 3, 9, 22), local(2013, 11, 2, 23)):
        post(call, 1, start, used=range(1, 8), ashp=[0.5, None] * 3 + [1], solar=[-1] * 6 + [None])
        post(call, 2, start + 3 * HOUR, used=[9, None, 9])
        post(call, 3, start, units="degF", temperature=[40, None, 50, 51, 52])
    return call


@pytest.mark.parametrize("path", PATHS)
def test_pages_joined_are_the_whole(
    house: Call, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    """Whatever the size of a page: also where it breaks between two hours of one label."""
    sizes = {"15min": [23], "hour": [1, 7], "day": [1, 2], "month": [1, 4], "year": [1, 3]}
    for interval, each in sizes.items():
        of_size(monkeypatch, 500)
        (whole,) = pages(house, target(path, interval=interval, start="2012"))
        for size in each:
            of_size(monkeypatch, size)
            assert joined(house, target(path, interval=interval)) == whole.json["items"]


def test_any_range_and_size_of_page(house: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    dates = ["", "2012-12-31", "2013", "2013-03-10", "2013-03-11", "2013-11-03", "2013-11-04"]

    @settings(max_examples=25)
    @given(
        path=st.sampled_from(PATHS),
        interval=st.sampled_from(["hour", "days", "month"]),
        start=st.sampled_from(dates),
        end=st.sampled_from(dates),
        size=st.integers(4, 20),
    )
    def check(path: str, interval: str, start: str, end: str, size: int) -> None:
        if start and end and start > end:
            start, end = end, start
        asked = target(path, interval=interval, start=start, end=end)
        of_size(monkeypatch, 1000)
        (whole,) = pages(house, asked)
        of_size(monkeypatch, size)
        assert joined(house, asked) == whole.json["items"]

    check()


def test_the_next_page_keeps_the_path_and_every_parameter(
    house: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    of_size(monkeypatch, 2)
    asked = {
        "fields": "used,net",
        "interval": "hours",
        "start": "2013",
        "duration": "12months",
        "end": "",
    }
    answers = [*pages(house, target("devices/02,1,2", **asked))]
    assert len(answers) > 3
    for one in answers[:-1]:
        url = urlsplit(one.json["next"])
        assert (url.scheme, url.netloc, url.path) == (
            *("http", "example.org:8443"),
            "/api/houses/5/devices/2,1/",
        )
        said = dict(parse_qsl(url.query, keep_blank_values=True))
        assert said.pop("after")
        assert said == asked
        assert url.query.isascii()
        assert not set(url.query) & set(' "<>#')
    assert "next" not in answers[-1].json


def test_a_page_has_500_items(call: Call) -> None:
    call("PUT", PATH, entry(meter(1), meter(2), meter(3)))
    for device in (1, 2, 3):
        post(call, device, local(2013, 10, 25), used=range(1, 401))
    counts = [
        [len(one.json["items"]) for one in pages(call, target(path, interval=interval))]
        for path, interval in (("devices/1,2,3", "hour"), ("devices/1", "15min"))
    ]
    assert counts == [[500, 500, 200], [500, 500, 500, 100]]


def test_exactly_a_page_has_no_next(call: Call) -> None:
    call("PUT", PATH, entry(meter(1)))
    post(call, 1, local(2013, 10, 25), used=range(1, 501))
    (page,) = pages(call, target("devices/1", interval="hour"))
    assert len(page.json["items"]) == 500


@pytest.mark.parametrize("interval", ["hour", "day", "month"])
def test_what_is_posted_between_two_pages_takes_no_item_away(
    house: Call, monkeypatch: pytest.MonkeyPatch, interval: str
) -> None:
    asked = target("devices/1,2", interval=interval, fields="used")
    before = [(one["device"], one["date"][:7]) for one in joined(house, asked)]
    of_size(monkeypatch, 3)
    walk = pages(house, asked)
    found = [*next(walk).json["items"]]
    post(house, 2, local(2012, 12, 31, 21), used=[1])
    post(house, 2, local(2013, 3, 3), used=[1, 1])
    post(house, 1, local(2013, 11, 1), used=[1, 1])
    found += [item for page in walk for item in page.json["items"]]
    assert {*before} <= {(one["device"], one["date"][:7]) for one in found}
    if interval == "month":
        keys = [(one["device"], one["date"][:7]) for one in found]
        assert len({*keys}) == len(keys)


# --- Counts ---------------------------------------------------------------------------------------

START = {"start": "2013-01-02"}
TWO_DAYS = {"start": "2013-01-02", "duration": "2days"}

# Of every page: 1 Query of the catalogue entry, 1 of the mark counters. Of an open range: 1 of each
# device for where its data begin, and, of days and more, 1 for where they end.
SETTLED: list[tuple[str, dict[str, str], str, float]] = [
    ("devices/1", {"interval": "15min", **START}, "1 BatchGetItem, 2 Query", 18),
    ("devices/1", {"interval": "15min"}, "1 BatchGetItem, 3 Query", 19),
    ("devices/1", {"interval": "hour", **START}, "1 BatchGetItem, 2 Query", 48),
    ("devices/1", {"interval": "hour", "fields": "used", **START}, "3 Query", 4.5),
    ("devices/1", {"interval": "hour", **TWO_DAYS}, "1 BatchGetItem, 2 Query", 8),
    ("devices/1,2", {"interval": "hour", **START}, "1 BatchGetItem, 2 Query", 34.5),
    ("circuits/used,all_other", {"interval": "hour", **START}, "1 BatchGetItem, 2 Query", 21.5),
    ("temperatures", {"interval": "hour", **START}, "1 BatchGetItem, 2 Query", 25),
    ("devices/1", {"interval": "day", **START}, "4 Query", 3.5),
    ("devices/1,2", {"interval": "day", **START}, "1 BatchGetItem, 4 Query", 6),
    ("devices/1", {"interval": "month", "start": "2013", "duration": "1year"}, "3 Query", 2.5),
    ("devices/1", {"interval": "month"}, "5 Query", 4.5),
    ("devices/1", {"interval": "year"}, "5 Query", 4.5),
    ("circuits/used,all_other", {"interval": "month"}, "5 Query", 4.5),
    ("temperatures", {"interval": "day"}, "5 Query", 5),
]


def cost(call: Call, counted: Counted, target_: str) -> tuple[str, float]:
    """Return the calls of a page and its read units, by an environment that has kept nothing."""
    forget_blocks()
    counted.clear()
    assert call("GET", target_).status == 200
    numbers = sorted(Counter(counted.calls).items())
    return ", ".join(f"{number} {name}" for name, number in numbers), counted.read_units


@pytest.fixture
def weeks(call: Call) -> Call:
    """Eight weeks of hours of a meter of four channels, of another one and of a sensor."""
    call(
        "PUT", PATH, entry(meter(1, "used", "solar", "ashp", "barn"), meter(2), sensor(3, "attic"))
    )
    hours = 8 * 7 * 24
    energies: Any = {name: [1] * hours for name in ("used", "barn", "ashp")}
    post(call, 1, local(2013, 1, 1), **energies, solar=[-1] * hours)
    post(call, 2, local(2013, 1, 1), used=[2] * hours)
    post(call, 3, local(2013, 1, 1), units="degF", temperature=[50] * hours)
    return call


def test_pages_of_what_is_settled(weeks: Call, counted: Counted) -> None:
    settle()
    found = {
        target(path, **asked): cost(weeks, counted, target(path, **asked))
        for path, asked, _, _ in SETTLED
    }
    assert found == {target(path, **asked): (calls, units) for path, asked, calls, units in SETTLED}


@pytest.mark.parametrize("interval", ["15min", "hour"])
def test_a_page_costs_the_same_wherever_it_is(weeks: Call, counted: Counted, interval: str) -> None:
    """Settled or not: so it reads neither what lies before it nor what comes after it."""
    for _ in ("unsettled", "settled"):
        first, *following = (
            cost(weeks, counted, one)
            for one in (
                target("devices/2", interval=interval, start=start)
                for start in ("2013-01-02", "2013-01-12", "2013-01-22", "2013-02-02")
            )
        )
        assert [calls for calls, _ in following] == [first[0]] * 3
        assert all(abs(units - first[1]) <= 2 for _, units in following)
        assert first[1] <= 16
        settle()


def test_what_is_refused_reads_the_catalogue_at_most(weeks: Call, counted: Counted) -> None:
    counted.calls.clear()
    for wrong in ("interval=week", "interval=day&fields=used,x", "interval=day&after=1.1"):
        assert weeks("GET", f"{PATH}devices/1/?{wrong}").status == 400
    assert weeks("GET", f"{PATH}devices/1,4/?interval=day").status == 404
    assert weeks("GET", f"{PATH}circuits/x/?interval=day").status == 404
    assert counted.calls == ["Query"] * 5
