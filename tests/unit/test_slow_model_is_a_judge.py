"""The slow model catches wrong resampling: a plain implementation passes, each mutant falls."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import pytest
from hypothesis import Phase, find, given, settings

from tests.models.slow_resample import Kind, Posted, slow_buckets
from tests.models.strategies import all_of, channels

H, QUARTER, HOUR = 3_900_000, 900_000, 3_600_000
FAR = 10**15
EXAMPLES = 400
Found = dict[int, tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of a plain implementation, each a part that a mutant replaces."""

    next_holds: Callable[[int], bool] = lambda gap: gap <= H
    gap_before_holds: Callable[[int], bool] = lambda gap: gap <= H
    lonely: int = QUARTER
    gap_before_first: bool = False
    power_is_cut: bool = True
    energy_is_cut: bool = False
    declared_is_a_neighbour: bool = True
    coverage_is_a_union: bool = True
    zero_is_nothing: bool = False
    merge: Callable[[Found, Found], Found] = lambda energy, power: power | energy


RIGHT = Rules()


def summed(energy: Found, power: Found) -> Found:
    both = {at: (energy[at][0] + power[at][0], energy[at][1]) for at in energy.keys() & power}
    return power | energy | both


MUTANTS = {
    "hold not limited": replace(RIGHT, next_holds=lambda gap: gap < FAR // 2),
    "hold limited at a millisecond less": replace(RIGHT, next_holds=lambda gap: gap < H),
    "hold limited at a millisecond more": replace(RIGHT, next_holds=lambda gap: gap <= H + 1),
    "gap before ignored": replace(RIGHT, gap_before_holds=lambda _: False),
    "gap before not limited": replace(RIGHT, gap_before_holds=lambda gap: gap < FAR // 2),
    "gap before limited at a millisecond less": replace(RIGHT, gap_before_holds=lambda g: g < H),
    "gap before goes before the next": replace(RIGHT, gap_before_first=True),
    "lonely reading holds an hour": replace(RIGHT, lonely=HOUR),
    "lonely reading covers nothing": replace(RIGHT, lonely=0),
    "declared power not cut by the next": replace(RIGHT, power_is_cut=False),
    "declared energy cut by the next": replace(RIGHT, energy_is_cut=True),
    "declared readings are no neighbours": replace(RIGHT, declared_is_a_neighbour=False),
    "coverage summed": replace(RIGHT, coverage_is_a_union=False),
    "a covered zero is absent": replace(RIGHT, zero_is_nothing=True),
    "energy and power summed": replace(RIGHT, merge=summed),
    "power goes before energy": replace(RIGHT, merge=lambda energy, power: energy | power),
}


def plain(readings: Sequence[Posted], rules: Rules) -> Found:
    """Buckets of a channel, in floats, by the shortest straightforward code."""
    energy, power = (_one(readings, kind, rules) for kind in (Kind.AMOUNT, Kind.POWER))
    return rules.merge(energy, power)


def _one(readings: Sequence[Posted], kind: Kind, rules: Rules) -> Found:
    found: Found = {}
    covered_to = 0
    series = sorted((r for r in readings if r.kind is kind), key=lambda r: r.at_ms)
    for reading, end, length in _held(series, kind, rules):
        per = HOUR if kind is Kind.POWER else length
        for at, begin, until in _cut(reading.at_ms, end):
            energy, covered = found.get(at, (0.0, 0))
            fresh = begin if not rules.coverage_is_a_union else max(begin, covered_to)
            more = max(0, until - fresh)
            found[at] = energy + reading.value * (until - begin) / per, covered + more
        covered_to = max(covered_to, end)
    return {at: both for at, both in found.items() if not rules.zero_is_nothing or both[0]}


def _held(series: Sequence[Posted], kind: Kind, rules: Rules) -> Iterator[tuple[Posted, int, int]]:
    is_cut = rules.power_is_cut if kind is Kind.POWER else rules.energy_is_cut
    others = [r.at_ms for r in series if rules.declared_is_a_neighbour or not r.interval_ms]
    for reading in series:
        to_next = min((at - reading.at_ms for at in others if at > reading.at_ms), default=FAR)
        before = min((reading.at_ms - at for at in others if at < reading.at_ms), default=FAR)
        length = reading.interval_ms or _undeclared(before, to_next, rules)
        hold = min(length, to_next) if is_cut and reading.interval_ms else length
        if hold:
            yield reading, reading.at_ms + hold, hold


def _undeclared(before: int, to_next: int, rules: Rules) -> int:
    if rules.gap_before_first and rules.gap_before_holds(before):
        return before
    if rules.next_holds(to_next):
        return to_next
    return before if rules.gap_before_holds(before) else rules.lonely


def _cut(begin: int, end: int) -> Iterator[tuple[int, int, int]]:
    edges = [begin, *range(begin - begin % QUARTER + QUARTER, end, QUARTER), end]
    for left, right in pairwise(edges):
        yield left - left % QUARTER, left, right


def is_wrong(readings: Sequence[Posted], rules: Rules) -> bool:
    exact = slow_buckets(readings, *all_of(readings))
    size = 1e-6 * max(1.0, sum(abs(r.value) for r in readings))
    found = plain(readings, rules)
    return found.keys() != exact.keys() or any(
        covered != exact[at].covered_ms or abs(energy - float(exact[at].energy)) > size
        for at, (energy, covered) in found.items()
    )


@settings(max_examples=80, deadline=None, database=None)
@given(readings=channels())
def test_the_model_finds_nothing_wrong_with_a_right_implementation(
    readings: list[Posted],
) -> None:
    assert not is_wrong(readings, RIGHT)


@pytest.mark.parametrize("name", MUTANTS)
def test_the_model_catches_a_wrong_implementation(name: str) -> None:
    caught = find(
        channels(),
        lambda readings: is_wrong(readings, MUTANTS[name]),
        settings=settings(max_examples=EXAMPLES, database=None, phases=[Phase.generate]),
    )

    assert caught
