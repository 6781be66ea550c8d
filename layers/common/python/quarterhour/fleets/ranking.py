"""The ships that used most: sums up the ladder, and no more refined than the order needs.

A `Ladder` is a period's energy by ship where that is known, else the ladders of its parts.
"""

from collections.abc import Callable, Mapping, Sequence
from math import fsum
from typing import NamedTuple

BATCH = 10

Ladder = Mapping[int, float] | Sequence["Ladder"]


class Ranked(NamedTuple):
    """A ship and what it used, rounded as it is answered."""

    ship: int
    kwh: float


class Ranking(NamedTuple):
    """The ships that used most in [start, end), which is known up to `complete_until_ms`."""

    start_ms: int
    end_ms: int
    complete_until_ms: int
    ships: list[Ranked]


def energy(ladder: Ladder, ship: int) -> float | None:
    """Return a ship's energy, each rung the fsum of the one below; None without data."""
    if isinstance(ladder, Mapping):
        return ladder.get(ship)
    parts = [kwh for part in ladder if (kwh := energy(part, ship)) is not None]
    return fsum(parts) if parts else None


def ships(ladder: Ladder) -> set[int]:
    """Return all ships a ladder knows."""
    if isinstance(ladder, Mapping):
        return set(ladder)
    return set().union(*map(ships, ladder))


def top(
    ladder: Ladder, count: int, refine: Callable[[Sequence[int]], None] | None = None
) -> list[Ranked]:
    """Return the `count` ships that used most, ties by id.

    With `refine`, a ship's figures are upper bounds until it was refined; only ships that can
    still be among the first are, a batch at a time.
    """
    bounds = sorted(_ranked(ladder, ship) for ship in ships(ladder))
    if refine is None:
        return [Ranked(ship, -kwh) for kwh, ship in bounds[:count]]
    exact: list[tuple[float, int]] = []
    while bounds and not (len(exact) >= count and exact[count - 1] < bounds[0]):
        batch = [ship for _, ship in bounds[: max(count - len(exact), BATCH)]]
        bounds = bounds[len(batch) :]
        refine(batch)
        exact = sorted([*exact, *(_ranked(ladder, ship) for ship in batch)])
    return [Ranked(ship, -kwh) for kwh, ship in exact[:count]]


def _ranked(ladder: Ladder, ship: int) -> tuple[float, int]:
    return -round(energy(ladder, ship) or 0.0, 6), ship
