"""Pages of values: joined they are the whole, and none reads more than it needs."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from quarterhour.energy.readings import ENERGY_USED as USED
from quarterhour.errors import BadRequest
from quarterhour.query.intervals import LONG
from quarterhour.query.rows import Figures, Found, Grain, Plan
from quarterhour.sites.house import House
from quarterhour.sites.virtual_meters import Meter
from quarterhour.time.calendar import BUCKET_MS, DAY_MS, HOUR_MS, zone
from quarterhour.values import devices
from quarterhour.values.items import Item
from quarterhour.values.pages import MOST_WINDOWS, Page, Pages, Place
from quarterhour.values.windows import MOST_GROWTH
from tests.house_builders import NEW_YORK, asked_range, at, device, house, whole

HOME = house(*(device(one, "used") for one in range(1, 41)))
ZONE = zone(NEW_YORK)
GRAINS = {"15min": BUCKET_MS, "hour": HOUR_MS}
INTERVALS = ["15min", "hour", "day", "month", "year"]


class Shelf:
    """What a table has: by device the beginnings of rows; and what was read of it."""

    def __init__(self, rows: Mapping[int, Iterable[int]]) -> None:
        self.rows = {one: sorted(of) for one, of in rows.items()}
        self.read_at: list[tuple[int, int]] = []
        self.asked_at: list[int] = []
        self.ends_asked = 0

    def read(self, _: House, plan: Plan) -> Found:
        """Return the rows that begin in the range."""
        ((start_ms, end_ms),) = {(one.start_ms, one.end_ms) for one in plan.values()}
        self.read_at.append((start_ms, end_ms))
        rows = {
            name: dict.fromkeys(self._between(one.meter, start_ms, end_ms), 1.0)
            for name, one in plan.items()
        }
        return {name: Figures({USED: of}, {}, {USED: whole(of)}) for name, of in rows.items()}

    def next_data(self, _: House, meters: Sequence[Meter], __: Grain, at_ms: int) -> int | None:
        """Return the first row from an instant on."""
        self.asked_at.append(at_ms)
        firsts = [row for one in meters for row in self._between(one, at_ms, 1 << 62)[:1]]
        return min(firsts, default=None)

    def end_of_data(self, _: House, meters: Sequence[Meter], __: Grain) -> int | None:
        """Return when the last row has ended."""
        self.ends_asked += 1
        lasts = [row for one in meters for row in self._between(one, 0, 1 << 62)[-1:]]
        return max(lasts) + 1 if lasts else None

    def _between(self, meter: Meter, start_ms: int, end_ms: int) -> list[int]:
        rows = self.rows.get(int(meter.source.device), [])
        return rows[bisect_left(rows, start_ms) : bisect_left(rows, end_ms)]


def pages(shelf: Shelf, interval: str = "day", ids: Sequence[int] = (1,), **more: Any) -> Pages:
    sections = devices.sections(HOME, ids, (), interval)
    return Pages(shelf, HOME, asked_range(interval, **more), sections)


def keys(items: Iterable[Item]) -> list[tuple[int, Any]]:
    return [(one.at_ms, one.id) for one in items]


def walk(of: Pages, size: int, after: Place | None = None) -> Iterator[Page]:
    """Yield the pages after a place, each from where the one before ended."""
    for _ in range(300):
        page = of.page(after, size)
        yield page
        if page.end is None:
            return
        after = page.end
    pytest.fail("pages never end")


def joined(of: Pages, size: int, after: Place | None = None) -> list[Item]:
    return [item for page in walk(of, size, after) for item in page.items]


def rows_of(interval: str, numbers: Iterable[int]) -> set[int]:
    """Return the beginnings of rows: quarter hours, hours or days, around 2013-10-31."""
    begin = at("2013-10-31")
    if interval in GRAINS:
        return {begin + number * GRAINS[interval] for number in numbers}
    days = ZONE.days_between(begin - 400 * DAY_MS, begin + 400 * DAY_MS)
    return {days[number % len(days)] for number in numbers}


numbers = st.sets(st.integers(0, 790) | st.integers(0, 20), max_size=40)


@given(
    interval=st.sampled_from(INTERVALS),
    by_device=st.lists(numbers, min_size=1, max_size=3),
    size=st.integers(1, 12),
    start=st.sampled_from(["", "2013-10-31", "2013-11-03", "2012-05-05"]),
    end=st.sampled_from(["", "2013-11-04", "2013-11-03", "2014-02-28"]),
)
def test_pages_joined_are_the_whole(
    interval: str, by_device: list[set[int]], size: int, start: str, end: str
) -> None:
    shelf = Shelf({nth: rows_of(interval, of) for nth, of in enumerate(by_device, 1)})
    of = pages(shelf, interval, range(len(by_device), 0, -1), start=start, end=end)
    whole = of.page(size=1000)
    assert whole.end is None
    dates = [one.at_ms for one in whole.items]
    assert dates == sorted(dates)
    assert joined(of, size) == whole.items


@given(
    interval=st.sampled_from(INTERVALS),
    by_device=st.lists(numbers, min_size=1, max_size=3),
    size=st.integers(1, 12),
)
def test_every_page_but_the_last_is_full(
    interval: str, by_device: list[set[int]], size: int
) -> None:
    shelf = Shelf({nth: rows_of(interval, of) for nth, of in enumerate(by_device, 1)})
    of = pages(shelf, interval, range(1, len(by_device) + 1))
    *full, last = walk(of, size)
    assert [len(page.items) for page in full] == [size] * len(full)
    assert last.items or not full, "a page that is promised has something"


@given(
    interval=st.sampled_from(INTERVALS),
    before=st.lists(numbers, min_size=3, max_size=3),
    late=st.lists(numbers, min_size=3, max_size=3),
    size=st.integers(3, 9),
)
def test_late_data_neither_take_an_item_away_nor_give_it_twice(
    interval: str, before: list[set[int]], late: list[set[int]], size: int
) -> None:
    shelf = Shelf({nth: rows_of(interval, of) for nth, of in enumerate(before, 1)})
    of = pages(shelf, interval, (1, 2, 3))
    known = keys(of.page(size=1000).items)
    first = of.page(size=size)
    assume(first.end)
    for nth, numbers_ in enumerate(late, 1):
        shelf.rows[nth] = sorted({*shelf.rows[nth], *rows_of(interval, numbers_)})
    found = first.items + joined(of, size, first.end)
    given_ = keys(found)
    assert len(set(given_)) == len(given_)
    assert set(known) <= set(given_)


def test_a_page_may_break_between_two_hours_of_one_label() -> None:
    first, second = (at("2013-11-03 01", nth) for nth in (1, 2))
    of = pages(Shelf({1: [first, second]}), "hour")
    page = of.page(size=1)
    assert (keys(page.items), page.end) == ([(first, 1)], Place(first, "1"))
    assert of.page(page.end, 1) == Page(of.page().items[1:])


def test_a_page_may_break_between_two_devices_of_one_hour() -> None:
    of = pages(Shelf({1: [at("2013-01-05")], 2: [at("2013-01-05")]}), "hour", (2, 1))
    page = of.page(size=1)
    assert (keys(page.items), page.end) == ([(at("2013-01-05"), 2)], Place(at("2013-01-05"), "2"))
    assert keys(of.page(page.end).items) == [(at("2013-01-05"), 1)]


def test_a_page_may_break_within_a_month_which_late_data_do_not_date_anew() -> None:
    shelf = Shelf({1: [at("2013-02-07")], 2: [at("2013-02-05")], 3: [at("2013-02-09")]})
    of = pages(shelf, "month", (1, 2, 3), start="2013-01-20")
    page = of.page(size=2)
    assert keys(page.items) == [(at("2013-02-01"), 1), (at("2013-02-01"), 2)]
    shelf.rows[3] = [at("2013-02-03")]
    assert keys(of.page(page.end, 2).items) == [(at("2013-02-01"), 3)]


# --- What is read ---------------------------------------------------------------------------------

DENSE = {
    "15min": range(at("2010-01-01"), at("2013-01-01"), BUCKET_MS),
    "hour": range(at("2010-01-01"), at("2013-01-01"), HOUR_MS),
    **dict.fromkeys(LONG | {"day"}, ZONE.days_between(at("2001-01-01"), at("2080-01-01"))),
}


@pytest.mark.parametrize(
    ("interval", "many", "days"),
    [("15min", 1, 7), ("15min", 10, 2), ("hour", 1, 23), ("hour", 4, 8), ("day", 1, 504)],
)
def test_a_page_reads_once_and_hardly_more_than_its_items(
    interval: str, many: int, days: int
) -> None:
    shelf = Shelf(dict.fromkeys(range(1, many + 1), DENSE[interval]))
    of = pages(shelf, interval, range(1, many + 1), start="2011-02-03")
    page = of.page()
    assert (len(page.items), bool(page.end)) == (500, True)
    of.page(page.end)
    assert len(shelf.read_at) == 2
    assert all(end - begin <= days * DAY_MS + HOUR_MS for begin, end in shelf.read_at)
    assert shelf.asked_at == []


def test_months_and_years_are_read_as_far_as_a_page_has_room_for_them() -> None:
    shelf = Shelf(dict.fromkeys(range(1, 41), DENSE["month"]))
    pages(shelf, "month", range(1, 41), start="2011-01-01").page()
    assert shelf.read_at == [(at("2011-01-01"), at("2012-03-01"))]
    shelf.read_at.clear()
    pages(shelf, "year", range(1, 41), start="2011-01-01").page()
    assert shelf.read_at == [(at("2011-01-01"), at("2025-01-01"))]


def test_what_lies_before_the_first_data_is_not_read() -> None:
    shelf = Shelf({1: [at("2013-01-05 07")]})
    pages(shelf, "hour").page()
    assert shelf.asked_at[0] < at("2000-01-01 01")
    assert shelf.read_at == [(at("2013-01-05"), at("2013-01-27"))]


def test_nothing_is_read_where_nothing_is() -> None:
    shelf = Shelf({})
    assert pages(shelf, "hour").page() == Page([])
    assert (len(shelf.asked_at), shelf.read_at) == (1, [])


def test_what_lies_behind_the_last_data_is_not_read() -> None:
    shelf = Shelf({1: [at("2013-01-05 07")]})
    pages(shelf, "hour", start="2013-01-01").page()
    assert (len(shelf.asked_at), len(shelf.read_at)) == (1, 1)


@pytest.mark.parametrize(
    ("interval", "end"), [("day", "2013-03-06"), ("month", "2013-04-01"), ("year", "2014-01-01")]
)
def test_days_and_more_are_read_as_far_as_there_are_data(interval: str, end: str) -> None:
    shelf = Shelf({1: [at("2013-01-05")], 2: [at("2013-03-05")]})
    assert len(pages(shelf, interval, (1, 2), start="2013-01-02").page().items) == 2
    assert shelf.read_at == [(at("2013-01-02"), at(end))]
    assert (shelf.ends_asked, shelf.asked_at) == (1, [])


def test_a_range_with_an_end_is_read_to_its_end() -> None:
    shelf = Shelf({1: [at("2013-01-05")]})
    pages(shelf, "day", start="2013-01-02", end="2013-02-03").page()
    assert shelf.read_at == [(at("2013-01-02"), at("2013-02-03"))]
    assert shelf.ends_asked == 0


def test_a_range_behind_all_data_is_not_read() -> None:
    shelf = Shelf({1: [at("2013-01-05")]})
    assert pages(shelf, "day", start="2014-01-01").page() == Page([])
    assert pages(Shelf({}), "day", start="2014-01-01").page() == Page([])
    assert shelf.read_at == []


def test_years_without_data_are_passed_over() -> None:
    shelf = Shelf({1: [at("2003-01-05 07"), at("2019-06-07 23")]})
    page = pages(shelf, "15min", start="2000-01-01", end="2050-01-01").page()
    assert keys(page.items) == [(at("2003-01-05 07"), 1), (at("2019-06-07 23"), 1)]
    assert len(shelf.read_at) == 3


def test_nothing_is_read_outside_the_range() -> None:
    shelf = Shelf({1: DENSE["hour"]})
    page = pages(shelf, "hour", start="2011-02-03", end="2011-02-04").page()
    assert len(page.items) == 24
    assert shelf.read_at == [(at("2011-02-03"), at("2011-02-04"))]
    assert shelf.asked_at == []


@pytest.mark.parametrize("interval", ["15min", "hour", "day", "month"])
def test_a_range_is_read_to_the_instant_at_which_it_ends(interval: str) -> None:
    shelf = Shelf({1: [at("2013-01-05")]})
    pages(shelf, interval, start="2013-01-05", until_ms=at("2013-01-06 05")).page()
    assert shelf.read_at == [(at("2013-01-05"), at("2013-01-06 05"))]


@pytest.mark.parametrize("end", ["2013-02-01", "2013-01-01"])
def test_an_empty_range_is_an_empty_page(end: str) -> None:
    shelf = Shelf({1: [at("2013-01-15"), at("2013-02-01")]})
    of = pages(shelf, "day", start="2013-02-01", end=end)
    assert (of.page(), shelf.read_at) == (Page([]), [])


def test_sparse_data_are_read_in_ever_longer_stretches() -> None:
    weekly = ZONE.days_between(at("2010-01-01"), at("2013-01-01"))[::7]
    shelf = Shelf({1: weekly})
    page = pages(shelf, "15min", start="2010-01-01", end="2013-01-01").page()
    assert len(page.items) == len(weekly)
    days = [round((end - begin) / DAY_MS) for begin, end in shelf.read_at]
    assert days[:5] == [7, 13, 25, 50, 100]
    assert len(days) < 20
    assert max(days) <= MOST_GROWTH * 7


def test_a_page_ends_before_it_is_full_where_data_are_sparser_than_that() -> None:
    yearly = ZONE.days_between(at("2001-01-01"), at("2080-01-01"))[::365]
    shelf = Shelf({1: yearly})
    of = pages(shelf, "15min")
    page = of.page()
    assert (len(shelf.read_at), len(page.items)) == (MOST_WINDOWS, MOST_WINDOWS)
    assert page.end
    assert [row for row, _ in keys(joined(of, 500))] == yearly


def test_a_device_that_has_nothing_of_a_field_is_not_read() -> None:
    shelf = Shelf({1: DENSE["hour"]})
    sections = devices.sections(HOME, (1,), ("solar",), "hour")
    assert Pages(shelf, HOME, asked_range("hour"), sections).page() == Page([])
    assert (shelf.read_at, shelf.asked_at) == ([], [])


def test_no_page_ends_with_what_is_not_asked_for() -> None:
    with pytest.raises(BadRequest) as refused:
        pages(Shelf({})).page(Place(at("2013-01-05"), "7"))
    assert [one.field for one in refused.value.details] == ["after"]
