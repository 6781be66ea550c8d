"""The promise of reads of the fleet (docs/table.md), from that of its ships' rows."""

from collections.abc import Iterable

from quarterhour.fleets.fleet import FleetRow
from tests.models.meters_by_hand import SHIP, USED
from tests.models.promise import CLOSE, Asked, Span, Truth, together
from tests.models.quarter_hours import Outcome
from tests.models.watched import Watched

Rows = dict[int, set[Outcome]]


class FleetTruth:
    """What can be said of the ships of a table during a span of instants, as `Truth` says it."""

    def __init__(
        self, watched: Watched, span: Span, ships: Iterable[str], now_ms: int | None = None
    ) -> None:
        self._ships = {ship: Truth(watched, span, ship, "UTC", now_ms) for ship in ships}

    def rows(self, asked: Asked) -> dict[str, Rows]:
        """Return the possible rows of each ship, by the instants at which they begin."""
        return {ship: truth.rows(SHIP, asked)[USED] for ship, truth in self._ships.items()}

    def totals(self, start_ms: int, end_ms: int) -> dict[str, set[Outcome]]:
        """Return what each ship's readings may come to in all of [start, end)."""
        return {ship: _sum(rows) for ship, rows in self.rows(("month", start_ms, end_ms)).items()}


def _sum(rows: Rows) -> set[Outcome]:
    outcomes: set[Outcome] = {None}
    for of_row in rows.values():
        outcomes = together(USED, outcomes, of_row)
    return outcomes


def check_fleet(truth: FleetTruth, asked: Asked, rows: Iterable[FleetRow]) -> None:
    """The fleet's rows are within the promise."""
    energy: Rows = {}
    counts: dict[int, set[int]] = {}
    for of_ship in truth.rows(asked).values():
        for start, outcomes in of_ship.items():
            energy[start] = together(USED, energy.get(start, {None}), outcomes)
            present = {int(outcome is not None) for outcome in outcomes}
            counts[start] = {a + b for a in counts.get(start, {0}) for b in present}
    found = {row.start_ms: (row.kwh, row.ships, row.covered_ms) for row in rows}
    assert found.keys() <= energy.keys(), "fleet: rows of nothing"
    for start, outcomes in energy.items():
        kwh, count, covered = found.get(start, (0.0, 0, 0))
        said = f"fleet {asked} at {start}: {found.get(start)}"
        assert any(
            _is_close(kwh, outcome) and covered == (outcome[1] if outcome else 0)
            for outcome in outcomes
        ), f"{said} is none of {outcomes}"
        assert count in counts[start], f"{said}, ships {counts[start]}"


def check_top(
    truth: FleetTruth, asked: tuple[int, int, int], ranked: Iterable[tuple[int, float]]
) -> None:
    """The `count` ships that used most in [start, end) are within the promise, in order."""
    start_ms, end_ms, count = asked
    listed = list(ranked)
    order = [(-round(kwh, 6), ship) for ship, kwh in listed]
    assert order == sorted(order), f"top users out of order: {listed}"
    assert len(listed) <= count
    found = dict(listed)
    for name, outcomes in truth.totals(start_ms, end_ms).items():
        ship = int(name[1:])
        if ship in found:
            right = any(_is_close(found[ship], outcome) for outcome in outcomes)
            assert right, f"{name}: {found[ship]} is none of {outcomes}"
            assert outcomes != {None}, f"{name} is listed and has nothing"
        elif len(listed) < count:
            assert None in outcomes, f"{name} is not listed: {outcomes}"
        else:
            last = order[-1]
            below = any(
                outcome is None or (-round(outcome[0], 6) + 2 * CLOSE, ship) > last
                for outcome in outcomes
            )
            assert below, f"{name} is not listed: {outcomes}, the last is {listed[-1]}"


def _is_close(kwh: float, outcome: Outcome) -> bool:
    return abs(kwh - (outcome[0] if outcome else 0.0)) <= CLOSE
