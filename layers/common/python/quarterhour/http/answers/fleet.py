"""Answers about the fleet: its energy over time, and the ships that used most."""

from collections.abc import Iterable, Sequence
from functools import partial
from operator import truediv
from typing import NotRequired

from typing_extensions import TypedDict

from quarterhour.energy.aggregate import lengths_ms
from quarterhour.fleets.fleet import FleetRow
from quarterhour.fleets.ranking import Ranking
from quarterhour.http.answers.forms import Table, Time, compact, figures, number, times
from quarterhour.http.answers.range import coverage
from quarterhour.time.instants import iso

_WHOLE = (1, "")
# When, kWh, their mean, ships, coverage.
_Point = tuple[str, str, str, int, float | str]


class FleetPoint(TypedDict):
    """The energy of all ships in a period, kWh, and how many of them have data in it.

    `coverage` only where less than all of these ships' time is covered.
    """

    datetime: Time
    sum: float
    avg: float
    ships: int
    coverage: NotRequired[float]


class FleetRange(TypedDict):
    """The fleet's energy over a range, known up to `complete_until`."""

    units: str
    complete_until: Time
    data: list[FleetPoint]


class User(TypedDict):
    """A ship and what it used, kWh."""

    spaceship_id: int
    consumption: float


class TopUsers(TypedDict):
    """The ships that used most from `datetime` to `end`; no times where there is no data."""

    datetime: NotRequired[Time]
    end: NotRequired[Time]
    units: str
    complete_until: NotRequired[Time]
    ships: list[User]


def fleet_range(rows: Sequence[FleetRow], complete_until_ms: int, interval: str) -> Table:
    """Return the fleet's rows: JSON as `FleetRange`, and its members in columns.

    Coverage is absent, or empty, where it is unknown.
    """
    starts, kwh, ships, covered = zip(*rows, strict=True) if rows else ((), (), (), ())
    means = figures(map(truediv, kwh, ships))
    shares = map(_coverage, covered, ships, lengths_ms(starts, interval))
    points = zip(times(starts), figures(kwh), means, ships, shares, strict=True)
    return Table(
        partial(_range, points, iso(complete_until_ms)),
        ("datetime", "sum", "avg", "ships", "coverage"),
        points,
    )


def _coverage(covered_ms: int | None, ships: int, length_ms: int) -> float | str:
    return "" if covered_ms is None else coverage(covered_ms, ships * length_ms)


def _range(points: Iterable[_Point], complete_until: str) -> str:
    """Return a `FleetRange`, written by hand, as a year has 35,000 points."""
    data = ",".join(
        [
            f'{{"datetime":"{time}","sum":{kwh},"avg":{mean},"ships":{ships}}}'
            if covered in _WHOLE
            else f'{{"datetime":"{time}","sum":{kwh},"avg":{mean},"ships":{ships}'
            f',"coverage":{covered}}}'
            for time, kwh, mean, ships, covered in points
        ]
    )
    return f'{{"units":"kWh","complete_until":"{complete_until}","data":[{data}]}}'


def top_users(top: Ranking | None) -> Table:
    """Return the ships that used most: JSON as `TopUsers`, and spaceship_id, consumption."""
    users = [
        User(spaceship_id=user.ship, consumption=number(user.kwh))
        for user in (top.ships if top else ())
    ]
    return Table(
        lambda: compact(_top(top, users)),
        ("spaceship_id", "consumption"),
        ((user["spaceship_id"], user["consumption"]) for user in users),
    )


def _top(top: Ranking | None, users: list[User]) -> TopUsers:
    if top is None:
        return TopUsers(units="kWh", ships=users)
    return TopUsers(
        datetime=iso(top.start_ms),
        end=iso(top.end_ms),
        units="kWh",
        complete_until=iso(top.complete_until_ms),
        ships=users,
    )
