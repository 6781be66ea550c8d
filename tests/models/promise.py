"""The promise of the table's reads (docs/table.md), as a judge of answers about sites.

A read that ran from instant x to instant y may answer, for every figure, what the exact rules make
of any readings that hold every item-write applied before x and, item by item, any of those applied
between x and y. So for each local day of each meter the judge knows a few outcomes, which are one
outcome while nobody writes. The quarter hours are tests.models.slow_resample's, who counts is
decided quarter hour by quarter hour, the calendar is that of zoneinfo.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise, product
from typing import NamedTuple, TypeVar

from tests.models import quarter_hours, totals_by_hand
from tests.models.local_time import instant, midnight, wall
from tests.models.meters_by_hand import Measured, Meter, Part
from tests.models.quarter_hours import HOUR, OfDevice, Outcome, Series, Way
from tests.models.slow_resample import Posted
from tests.models.totals_by_hand import Totals
from tests.models.watched import Watched

DAY = 24 * HOUR
MOST_OUTCOMES = 3_000
CLOSE = 1e-6
# More than any reading reaches, whatever the package takes for its reach.
BEFORE, AFTER = 30 * HOUR, 3 * HOUR

# The rows of an answer, from when to when: "15min", "hour", "day", "month".
Asked = tuple[str, int, int]
State = TypeVar("State")
WITHIN_DAYS = {"15min", "hour"}


class Unclear(Exception):
    """So much was written during a read that it would take too long to judge it."""


class Span(NamedTuple):
    """From which instant to which a read ran."""

    first: int
    last: int


class Truth:
    """What can be said of a site in a zone during a span of instants.

    By a reader whose clock said `now_ms` when it began: powers and gauges hold no further. None for
    what is kept, which is of all that was posted.
    """

    def __init__(
        self, watched: Watched, span: Span, owner: str, zone: str, now_ms: int | None = None
    ) -> None:
        self.watched = watched
        self.span = span
        self.owner = owner
        self._zone = zone
        self._now_ms = now_ms
        self._items: dict[str, dict[int, list[OfDevice]]] = {}

    def ways(self, meter: Meter, begin: int, end: int) -> list[Way]:
        """Return the possible quarter hours of [begin, end), by the measures they are made from."""
        wanted = {quarter_hours.bucketed(one) for one in meter.measures}
        of_parts = [self._of_part(part, begin, end) for part in meter.parts]
        if len(of_parts) == 1:
            return [{one: way.get(one, {}) for one in wanted} for way in of_parts[0]]
        return [quarter_hours.chosen(way, wanted) for way in every(of_parts)]

    def days_with_data(self, meter: Meter, begin: int, end: int) -> list[date]:
        """Return the local days of [begin, end) on which there may be data."""
        days = set()
        for part in meter.parts:
            for at in self._of_device(part.device):
                if begin - BEFORE <= at < end + AFTER:
                    days |= {
                        wall(self._zone, at + back * HOUR).date() for back in (-2, 0, 12, 24, 27)
                    }
        return sorted(day for day in days if self._cut(day, begin, end))

    def _cut(self, day: date, begin: int, end: int) -> range:
        """Return the instants of a local day that lie in [begin, end)."""
        midnights = (midnight(self._zone, at) for at in (day, day + timedelta(1)))
        return range(max(begin, next(midnights)), min(end, next(midnights)))

    def rows(
        self, meter: Meter, asked: Asked, *, with_totals: bool = True
    ) -> dict[Measured, dict[int, set[Outcome]]]:
        """Return the possible rows of each measure, by the instants at which they begin.

        The first and the last are cut where a range begins or ends inside of them.
        """
        grain, begin, end = asked
        found: dict[Measured, dict[int, set[Outcome]]] = {one: {} for one in meter.measures}
        is_spread = with_totals and grain not in WITHIN_DAYS
        totals = self._totals(meter, begin, end) if is_spread else [{}]
        days = {*self.days_with_data(meter, begin, end)}
        days |= {day for way in totals for of in way.values() for day in of}
        for day in sorted(days):
            stretch = self._cut(day, begin, end)
            for of_meter in _apart(meter):
                for one, rows in self._of_day(of_meter, grain, day, stretch, totals).items():
                    for at, outcomes in rows.items():
                        found[one][at] = together(one, found[one].get(at, {None}), outcomes)
        return found

    def _of_day(
        self, meter: Meter, grain: str, day: date, stretch: range, totals: list[Totals]
    ) -> dict[Measured, dict[int, set[Outcome]]]:
        begin, end = stretch.start, stretch.stop
        if grain in WITHIN_DAYS:
            rows_of = quarter_hours.hours if grain == "hour" else quarter_hours.quarters
            made = [rows_of(way, meter, self._zone) for way in self.ways(meter, begin, end)]
        else:
            row = midnight(self._zone, day if grain == "day" else day.replace(day=1))
            made = [
                {one: {row: outcome} for one, outcome in way.items()}
                for way in self._day_ways(meter, (begin, end), day, totals)
            ]
        found: dict[Measured, dict[int, set[Outcome]]] = {}
        for one in meter.measures:
            starts = {at for way in made for at in way[one]}
            found[one] = {at: {way[one].get(at) for way in made} for at in starts}
        return found

    def _day_ways(
        self, meter: Meter, stretch: tuple[int, int], day: date, totals: list[Totals]
    ) -> Iterator[dict[Measured, Outcome]]:
        """Yield what a local day can come to, with the totals of its devices."""
        of_parts = [self._of_part(part, *stretch) for part in meter.parts]
        shares = [*{tuple(totals_by_hand.shares(way, meter, day)) for way in totals}]
        wanted = {quarter_hours.bucketed(one) for one in meter.measures}
        made, measured = [], []
        for ways in every(of_parts):
            hours = quarter_hours.hours(
                ways[0] if len(ways) == 1 else quarter_hours.chosen(ways, wanted), meter, self._zone
            )
            made.append({one: quarter_hours.of_day(hours[one], one) for one in meter.measures})
            measured.append({one for of_part in ways for one, filled in of_part.items() if filled})
        is_read_twice = any(shares) and len(meter.parts) > 1
        pairs = _seen(made, measured) if is_read_twice else zip(made, measured, strict=True)
        for of_meter, of_parts_together in pairs:
            for shared in shares:
                yield of_meter | totals_by_hand.counted(shared, meter, of_parts_together)

    # What was posted

    def _of_device(self, device: str) -> dict[int, list[OfDevice]]:
        if device not in self._items:
            source = f"{self.owner}.{device}".removesuffix(".")
            states = self.watched.states(f"R#{source}", *self.span)
            self._items[device] = {
                instant(f"{sk}Z"): [quarter_hours.readings_of(instant(f"{sk}Z"), one) for one in of]
                for sk, of in states
            }
        return self._items[device]

    def _of_part(self, part: Part, begin: int, end: int) -> list[Way]:
        """Return the possible quarter hours of a device's measures, each UTC day for itself."""
        edges = [begin, *range(begin - begin % DAY + DAY, end, DAY), end]
        of_days = [self._of_piece(part, *piece) for piece in pairwise(edges)]
        return [quarter_hours.joined(ways) for ways in every(of_days)]

    def _of_piece(self, part: Part, begin: int, end: int) -> list[Way]:
        letters = {
            (one.channel, letter)
            for one in part.measures
            for letter in quarter_hours.LETTERS.get(one.code, one.code)
        }
        possible = [
            distinct(frozenset(one for one in state if one[0] in letters) for state in states)
            for at, states in sorted(self._of_device(part.device).items())
            if begin - BEFORE <= at < end + AFTER
        ]
        wanted = sorted({quarter_hours.bucketed(one) for one in part.measures})
        found: list[Way] = []
        for chosen in every(possible):
            by_series: dict[Series, set[Posted]] = {}
            for series, reading in frozenset[tuple[Series, Posted]]().union(*chosen):
                by_series.setdefault(series, set()).add(reading)
            way = {
                one: quarter_hours.filled(one, by_series, begin, end, self._now_ms)
                for one in wanted
            }
            if way not in found:
                found.append(way)
        return found

    def _totals(self, meter: Meter, begin: int, end: int) -> list[Totals]:
        """Return the possible shares of the days of [begin, end) in totals of periods."""
        devices = {part.device for part in meter.parts}
        possible: list[list[Totals]] = []
        for sk, states in self.watched.states(self.owner, *self.span):
            if sk.startswith("t#") and sk.split("#")[2] in devices:
                spread = [totals_by_hand.spread(self._zone, sk, one, begin, end) for one in states]
                possible.append([one for at, one in enumerate(spread) if one not in spread[:at]])
        return [totals_by_hand.added(chosen) for chosen in every(possible)]


def check_rows(
    truth: Truth,
    meter: Meter,
    asked: Asked,
    found: Mapping[Measured, Mapping[int, tuple[float, ...]]],
) -> None:
    """A meter's rows are within the promise; each has the first figures of an outcome, or all."""
    assert found.keys() == {*meter.measures}, f"{[*found]}, not {meter.measures}"
    for one, possible in truth.rows(meter, asked).items():
        rows = found[one]
        of_site = f"{truth.owner} {one}"
        assert rows.keys() <= possible.keys(), f"{of_site}: rows of nothing in {asked}"
        assert [*rows] == sorted(rows), f"{of_site}: rows out of order"
        for at, outcomes in possible.items():
            said = f"{of_site} {asked} at {at}: {rows.get(at)} is none of {outcomes}"
            assert any(_is_close(rows.get(at), outcome) for outcome in outcomes), said


def distinct(states: Iterable[State]) -> list[State]:
    """Return the states that differ, in order."""
    return list(dict.fromkeys(states))


def every(possible: Sequence[Sequence[State]]) -> Iterator[tuple[State, ...]]:
    """Return all the ways to take one state of each; Unclear where they are too many."""
    ways = 1
    for states in possible:
        ways *= len(states)
    if ways > MOST_OUTCOMES:
        raise Unclear
    return product(*possible)


def _is_close(found: tuple[float, ...] | None, right: Outcome) -> bool:
    if found is None or right is None:
        return found is right
    return all(abs(a - b) <= CLOSE for a, b in zip(found, right, strict=False))


def _apart(meter: Meter) -> list[Meter]:
    """Return the measures of a single device one by one: each is for itself."""
    if len(meter.parts) > 1:
        return [meter]
    return [
        Meter((Part(part.device, (one,)),), (one,))
        for part in meter.parts
        for one in meter.measures
    ]


def together(one: Measured, left: set[Outcome], right: set[Outcome]) -> set[Outcome]:
    """Return what two stretches of time may come to together; Unclear where that is too much."""
    if len(left) * len(right) > MOST_OUTCOMES:
        raise Unclear
    return {quarter_hours.added(one, a, b) for a in left for b in right}


def _seen(
    made: Sequence[dict[Measured, Outcome]], measured: Sequence[set[Measured]]
) -> Iterator[tuple[dict[Measured, Outcome], set[Measured]]]:
    """Yield what may be seen of a day, and which measures are seen to have interval data.

    Of a meter of several devices the two are read one after the other, where there are totals.
    """
    found = [of for at, of in enumerate(measured) if of not in measured[:at]]
    return ((of_meter, of_parts) for of_meter in made for of_parts in found)
