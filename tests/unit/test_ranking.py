"""The top users: sums up the ladder, ties by id, and no ship looked at for nothing."""

from collections.abc import Callable, Sequence
from math import fsum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quarterhour.fleets import ranking
from quarterhour.fleets.ranking import Ladder, Ranked, energy, ships, top

KWH = st.floats(0, 1e6) | st.sampled_from([0.0, 1.0, 1.0000004, 1.000001])
OF_SHIPS = st.dictionaries(st.integers(0, 12), KWH)


def test_a_ship_s_energy_is_the_fsum_of_each_rung() -> None:
    parts = [0.1] * 10
    ladder: Ladder = [[{1: kwh} for kwh in parts], {1: 0.3}, {2: 9.0}]
    assert energy(ladder, 1) == fsum([fsum(parts), 0.3])
    assert energy(ladder, 2) == 9
    assert energy(ladder, 3) is None
    assert energy([], 1) is None


def test_a_ladder_knows_the_ships_of_all_its_rungs() -> None:
    assert ships([[{1: 1.0}, {}], {2: 0.0}, []]) == {1, 2}
    assert ships([]) == set()


def test_the_first_are_those_with_most_and_ties_go_by_id() -> None:
    assert top({5: 1.0, 3: 2.0, 4: 2.0, 9: 0.0}, 3) == [Ranked(3, 2), Ranked(4, 2), Ranked(5, 1)]
    assert top({9: 0.0}, 3) == [Ranked(9, 0)]
    assert top([], 3) == []


def test_figures_that_are_answered_alike_are_a_tie() -> None:
    assert [one.ship for one in top({2: 1.0000004, 1: 1.0, 3: 1.000001}, 3)] == [3, 1, 2]


def refining(
    bounds: dict[int, float], exact: dict[int, float]
) -> tuple[list[int], Callable[[Sequence[int]], None]]:
    """Return what makes bounds exact, and the ships it was asked for."""
    looked_at: list[int] = []

    def refine(of_ships: Sequence[int]) -> None:
        looked_at.extend(of_ships)
        bounds.update({ship: exact[ship] for ship in of_ships})

    return looked_at, refine


@given(OF_SHIPS, st.data(), st.integers(1, 14), st.integers(1, 5))
def test_bounds_that_are_refined_end_in_the_exact_ranking(
    exact: dict[int, float], data: st.DataObject, count: int, batch: int
) -> None:
    bounds = {ship: kwh + data.draw(KWH) for ship, kwh in exact.items()}
    looked_at, refine = refining(bounds, exact)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(ranking, "BATCH", batch)
        assert top(bounds, count, refine) == top(exact, count)
    assert len(looked_at) == len(set(looked_at))


def test_ships_that_cannot_be_among_the_first_are_not_refined(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ranking, "BATCH", 1)
    bounds = {1: 100.0, 2: 50.0, 3: 40.0, 4: 30.0}
    looked_at, refine = refining(bounds, {1: 45.0, 2: 44.0, 3: 40.0, 4: 30.0})
    assert top(bounds, 2, refine) == [Ranked(1, 45), Ranked(2, 44)]
    assert looked_at == [1, 2]


def test_no_more_than_a_batch_is_refined_for_nothing() -> None:
    exact = {ship: float(5 * ranking.BATCH - ship) for ship in range(5 * ranking.BATCH)}
    looked_at, refine = refining({**exact}, exact)
    assert [one.ship for one in top(exact, 3, refine)] == [0, 1, 2]
    assert looked_at == [*range(ranking.BATCH)]


@pytest.mark.parametrize("refined", [0.5, 1.0])
def test_a_bound_that_ties_with_the_last_of_the_first_is_looked_at(
    monkeypatch: pytest.MonkeyPatch, refined: float
) -> None:
    """It may still have the smaller id."""
    monkeypatch.setattr(ranking, "BATCH", 1)
    bounds = {7: 1.0, 3: 1.5}
    _, refine = refining(bounds, {7: 1.0, 3: refined})
    assert top(bounds, 1, refine) == [Ranked(3, 1) if refined == 1 else Ranked(7, 1)]
