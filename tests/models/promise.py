"""The promise of the table's reads (docs/table.md), as a judge of answers.

A read that ran from instant x to instant y may answer, for every figure, what the exact rules make
of any readings that hold every item-write applied before x and, item by item, any of those applied
between x and y. So for each day of each ship the judge knows a few outcomes, which are one outcome
while nobody writes. What the rules make of readings is tests.models.slow_resample's word.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from itertools import product
from typing import NamedTuple, TypeVar

from quarterhour.time.calendar import UTC
from tests.models.attributes import Item
from tests.models.slow_resample import BUCKET, Kind, Posted, covered_ms, overlap_ms, spans
from tests.models.watched import Watched

DAY = 96 * BUCKET
MOST_OUTCOMES = 3_000
CLOSE = 1e-6

# The energy in a period and how much of it is covered; (0, 0) where there is nothing.
Outcome = tuple[float, int]
NOTHING: Outcome = (0.0, 0)
Day = dict[int, Outcome]
State = TypeVar("State")
PERIODS: dict[str, Callable[[int], int]] = {
    "15min": lambda at: at,
    "hour": UTC.hour_of,
    "day": UTC.day_of,
    "month": UTC.month_of,
}


class Unclear(Exception):
    """So much was written during a read that it would take too long to judge it."""


class Span(NamedTuple):
    """From which instant to which a read ran."""

    first: int
    last: int


class Truth:
    """What can be said of the ships of a table during a span of instants."""

    def __init__(self, watched: Watched, span: Span) -> None:
        self.watched = watched
        self.span = span
        self._days: dict[str, dict[int, list[Day]]] = {}

    def days(self, ship: str) -> dict[int, list[Day]]:
        """Return the days on which a ship can have data, with their possible outcomes."""
        if ship not in self._days:
            self._days[ship] = dict(self._outcomes(ship))
        return self._days[ship]

    def _outcomes(self, ship: str) -> Iterator[tuple[int, list[Day]]]:
        items = {
            bucket_ms(sk): states for sk, states in self.watched.states(f"R#{ship}", *self.span)
        }
        near = {UTC.day_of(at) + move * DAY for at in items for move in (-1, 0, 1, 2)}
        for day in sorted(near):
            possible = [
                distinct(readings_of(at, state) for state in states)
                for at, states in sorted(items.items())
                if day - 2 * DAY <= at < day + 2 * DAY
            ]
            yield day, [_day(day, frozenset().union(*chosen)) for chosen in every(possible)]

    def periods(
        self, ship: str, start_ms: int, end_ms: int, interval: str
    ) -> dict[int, set[Outcome]]:
        """Return the possible outcomes of a ship's periods within [start, end)."""
        period_of = PERIODS[interval]
        found: dict[int, set[Outcome]] = {}
        for day, outcomes in self.days(ship).items():
            if day + DAY <= start_ms or end_ms <= day:
                continue
            for period, parts in _cut(outcomes, start_ms, end_ms, period_of).items():
                found[period] = _sums(found.get(period, {NOTHING}), parts)
        return found

    def total(self, ship: str, start_ms: int, end_ms: int) -> set[Outcome]:
        """Return the possible outcomes of all of [start, end)."""
        sums: set[Outcome] = {NOTHING}
        for of_month in self.periods(ship, start_ms, end_ms, "month").values():
            sums = _sums(sums, of_month)
        return sums


def check_rows(
    truth: Truth, ship: str, asked: tuple[int, int, str], rows: Iterable[tuple[int, float, int]]
) -> None:
    """A source's rows (begin, kWh, milliseconds covered) are within the promise."""
    possible = truth.periods(ship, *asked)
    found = {start: (kwh, covered) for start, kwh, covered in rows}
    assert found.keys() <= possible.keys(), f"{ship}: rows of nothing"
    for start, outcomes in possible.items():
        kwh, held_ms = found.get(start, (0.0, 0))
        held = any(
            _close(kwh, energy) and held_ms == covered and (start in found) == bool(covered)
            for energy, covered in outcomes
        )
        assert held, f"{ship} {asked} at {start}: {found.get(start)} is none of {outcomes}"


def check_fleet(
    truth: Truth,
    ships: Iterable[str],
    asked: tuple[int, int, str],
    rows: Iterable[tuple[int, float, int]],
) -> None:
    """The fleet's rows (begin, kWh, ships) are within the promise."""
    energy: dict[int, set[Outcome]] = {}
    counts: dict[int, set[int]] = {}
    for ship in ships:
        for start, outcomes in truth.periods(ship, *asked).items():
            energy[start] = _sums(energy.get(start, {NOTHING}), outcomes)
            present = {int(covered > 0) for _, covered in outcomes}
            counts[start] = {a + b for a in counts.get(start, {0}) for b in present}
    found = {start: (kwh, count) for start, kwh, count in rows}
    assert found.keys() <= energy.keys(), "fleet: rows of nothing"
    for start, outcomes in energy.items():
        kwh, count = found.get(start, (0.0, 0))
        said = f"fleet {asked} at {start}: {found.get(start)}"
        assert any(_close(kwh, one) for one, _ in outcomes), f"{said} is none of {outcomes}"
        assert count in counts[start], f"{said}, ships {counts[start]}"


def check_top(
    truth: Truth,
    ships: Iterable[str],
    asked: tuple[int, int, int],
    ranked: Iterable[tuple[int, float]],
) -> None:
    """The `count` ships that used most in [start, end) are within the promise, in order."""
    start_ms, end_ms, count = asked
    listed = list(ranked)
    order = [(-round(kwh, 6), ship) for ship, kwh in listed]
    assert order == sorted(order), f"top users out of order: {listed}"
    assert len(listed) <= count
    found = dict(listed)
    for name in ships:
        ship = int(name[1:])
        outcomes = truth.total(name, start_ms, end_ms)
        if ship in found:
            right = any(_close(found[ship], energy) for energy, _ in outcomes)
            assert right, f"{name}: {found[ship]} is none of {outcomes}"
            assert outcomes != {NOTHING}, f"{name} is listed and has nothing"
        elif len(listed) < count:
            assert any(not covered for _, covered in outcomes), f"{name} is not listed: {outcomes}"
        else:
            last = order[-1]
            below = any(
                not covered or (-round(energy, 6) + 2 * CLOSE, ship) > last
                for energy, covered in outcomes
            )
            assert below, f"{name} is not listed: {outcomes}, the last is {listed[-1]}"


def readings_of(bucket_ms: int, item: Item) -> frozenset[Posted]:
    """Return the readings of a bucket item, from its attributes as the documents say."""
    kinds = {"p": Kind.POWER, "e": Kind.AMOUNT}
    found = []
    for name, value in item.items():
        if name in {"pk", "sk"}:
            continue
        seconds, _, ms = name[1:].partition("_")
        at = bucket_ms + int(seconds) * 1000 + int(ms or 0)
        number, _, declared = (value.get("N") or value["S"]).partition(";")
        found.append(Posted(kinds[name[0]], at, float(number), int(declared or 0) * 1000))
    return frozenset(found)


@lru_cache(maxsize=4096)
def _day(day: int, readings: frozenset[Posted]) -> Day:
    """Return the buckets of a day that have data: energy where that covers them, else power."""
    found: Day = {}
    for kind in (Kind.POWER, Kind.AMOUNT):
        covering = [one for one in spans(readings, kind) if one.start < day + DAY and one.end > day]
        edges = [(max(one.start, day), min(one.end, day + DAY)) for one in covering]
        touched = {at for a, b in edges for at in range(a // BUCKET * BUCKET, b, BUCKET)}
        for bucket in touched:
            inside = [one for one in covering if overlap_ms(one, bucket)]
            per = [3_600_000 if kind is Kind.POWER else one.end - one.start for one in inside]
            energy = sum(
                one.value * overlap_ms(one, bucket) / length
                for one, length in zip(inside, per, strict=True)
            )
            found[bucket] = (float(energy), covered_ms(inside, bucket))
    return found


@lru_cache(maxsize=4096)
def bucket_ms(sort: str) -> int:
    """Return the beginning of the quarter hour of a bucket item's sort key."""
    return round(datetime.fromisoformat(f"{sort}:00+00:00").timestamp()) * 1000


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


def _cut(
    outcomes: Iterable[Day], start_ms: int, end_ms: int, period_of: Callable[[int], int]
) -> dict[int, set[Outcome]]:
    """Return the possible outcomes of the periods of one day, as far as they are asked for."""
    days = [
        _summed_by({at: one for at, one in day.items() if start_ms <= at < end_ms}, period_of)
        for day in outcomes
    ]
    periods = {period for day in days for period in day}
    return {period: {day.get(period, NOTHING) for day in days} for period in periods}


def _summed_by(day: Day, period_of: Callable[[int], int]) -> Day:
    found: Day = {}
    for at, (energy, covered) in day.items():
        before = found.get(period_of(at), NOTHING)
        found[period_of(at)] = (before[0] + energy, before[1] + covered)
    return found


def _sums(left: set[Outcome], right: set[Outcome]) -> set[Outcome]:
    if left == {NOTHING}:
        return right
    if len(left) * len(right) > MOST_OUTCOMES:
        raise Unclear
    return {(round(a + b, 9), c + d) for a, c in left for b, d in right}


def _close(found: float, exact: float) -> bool:
    return abs(found - exact) <= CLOSE
