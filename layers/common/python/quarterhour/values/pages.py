"""Values page by page, each made of no more than its items need."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol, Self

from quarterhour.errors import BadRequest, Detail
from quarterhour.query.asked import AskedRange
from quarterhour.query.rows import Found, Grain, Plan
from quarterhour.sites.house import House
from quarterhour.sites.virtual_meters import Meter
from quarterhour.time.calendar import DAY_MS
from quarterhour.time.instants import FIRST_MS, LAST_MS
from quarterhour.time.intervals import Interval
from quarterhour.values.items import Item, Section, grain, items, plan
from quarterhour.values.windows import whole, windows

SIZE = 500
# Where data are sparser than windows grow long, a page ends before it is full.
MOST_WINDOWS = 20

_PLACE = re.compile(r"([0-9]{1,15})\.([a-z0-9_]*)")
_NO_PLACE = "must be as the `next` of a page has it"


class Place(NamedTuple):
    """Where a page ended: with an item, or with id "" just before the items of an instant."""

    at_ms: int
    id: str = ""

    @classmethod
    def read(cls, text: str) -> Self:
        """Return the place of a text; ValueError for what no page has as its `next`.

        >>> Place.read("1357362000000.5"), Place(1357362000000, "5").text
        (Place(at_ms=1357362000000, id='5'), '1357362000000.5')
        """
        written = _PLACE.fullmatch(text)
        # The first local day, or its year, may begin before the first accepted instant.
        if not written or not FIRST_MS - 367 * DAY_MS <= int(written[1]) <= LAST_MS + 1:
            raise ValueError(_NO_PLACE)
        return cls(int(written[1]), written[2])

    @property
    def text(self) -> str:
        """The place as `after` and `next` have it."""
        return f"{self.at_ms}.{self.id}"


class Page(NamedTuple):
    """Items, and where they end if more may come."""

    items: list[Item]
    end: Place | None = None


class HouseReader(Protocol):
    """The table as one request about a house sees it."""

    def read(self, house: House, plan: Plan) -> Found:
        """Return the rows of everything a plan wants."""

    def next_data(
        self, house: House, meters: Sequence[Meter], grain: Grain, at_ms: int
    ) -> int | None:
        """Return an instant, at or after `at_ms`, before which no row has data; None: nor after."""

    def end_of_data(self, house: House, meters: Sequence[Meter], grain: Grain) -> int | None:
        """Return an instant from which on no row has data; None where none has."""


class Pages:
    """The items of sections of a house, in the range that is asked for."""

    def __init__(
        self, reader: HouseReader, house: House, question: AskedRange, sections: Sequence[Section]
    ) -> None:
        self._reader = reader
        self._house = house
        self._question = question
        self._grain = grain(question.interval)
        self._whole = whole(question.interval, house.zone)
        self._sections = [section for section in sections if section.meter.measures]
        self._meters = [section.meter for section in self._sections]
        ids = (str(item_id) for section in sections for item_id in section.figures_of)
        self._places = {item_id: place for place, item_id in enumerate(["", *ids])}

    def page(self, after: Place | None = None, size: int = SIZE) -> Page:
        """Return the items after a place, at most `size`; BadRequest where no page ends so."""
        if after and after.id not in self._places:
            raise BadRequest("There is no such page.", [Detail(_NO_PLACE, "after")])
        page_items: list[Item] = []
        for nth, window in enumerate(self._windows(after, size), 1):
            page_items += self._items(window, after)
            if len(page_items) > size:
                return _cut(page_items, size)
            if nth == MOST_WINDOWS:
                return Page(page_items, Place(window[1]))
        return Page(page_items)

    def _windows(self, after: Place | None, size: int) -> Iterator[Interval]:
        """Yield what is read for a page, in its order."""
        if self._sections:
            room = size // sum(len(section.figures_of) for section in self._sections) + 1
            interval, zone = self._question.interval, self._house.zone
            yield from windows(self._range(after), interval, zone, room, self._next_data)

    def _range(self, after: Place | None) -> Interval:
        """Return what is asked for after a place, as far as there are data at all."""
        start_ms, end_ms = self._question.within(self._house.zone)
        begin, end = self._begin(after, start_ms), self._end(end_ms)
        if begin is None or end is None:
            return start_ms, start_ms
        begin_of, following = self._whole
        return max(start_ms, begin_of(begin)), min(end_ms, following(end))

    def _begin(self, after: Place | None, start_ms: int) -> int | None:
        if after:
            return after.at_ms
        if self._question.start_ms is not None:
            return start_ms
        return self._next_data(start_ms)

    def _end(self, end_ms: int) -> int | None:
        """Return where data end, of an open range; a page of hours or less hardly comes there."""
        if self._question.end_ms is not None or self._grain.is_within_days:
            return end_ms
        return self._reader.end_of_data(self._house, self._meters, self._grain)

    def _next_data(self, at_ms: int) -> int | None:
        return self._reader.next_data(self._house, self._meters, self._grain, at_ms)

    def _items(self, window: Interval, after: Place | None) -> list[Item]:
        """Return the items of a window, as far as they come after a place."""
        interval, zone = self._question.interval, self._house.zone
        results = self._reader.read(self._house, plan(self._sections, interval, *window))
        window_items = items(self._sections, results, interval, zone)
        if not after:
            return window_items
        passed = after.at_ms, self._places[after.id]
        return [item for item in window_items if (item.at_ms, self._places[str(item.id)]) > passed]


def _cut(page_items: list[Item], size: int) -> Page:
    """Return the first items."""
    *_, last = first_items = page_items[:size]
    return Page(first_items, Place(last.at_ms, str(last.id)))
