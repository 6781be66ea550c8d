"""Answers about the fleet: its energy over time, and the ships that used most."""

from collections.abc import Sequence
from typing import NotRequired

from typing_extensions import TypedDict

from quarterhour.fleets.fleet import FleetRow
from quarterhour.fleets.ranking import Ranking
from quarterhour.http.answers.forms import Table, Time, compact, number
from quarterhour.time.instants import iso


class FleetPoint(TypedDict):
    """The energy of all ships in a period, kWh, and how many of them have data in it."""

    datetime: Time
    sum: float
    avg: float
    ships: int


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


def fleet_range(rows: Sequence[FleetRow], complete_until_ms: int) -> Table:
    """Return the fleet's rows: JSON as `FleetRange`, and datetime, sum, avg, ships."""
    points = (
        FleetPoint(
            datetime=iso(row.start_ms),
            sum=number(row.kwh),
            avg=number(row.kwh / row.ships),
            ships=row.ships,
        )
        for row in rows
    )
    return Table(
        lambda: compact(
            FleetRange(units="kWh", complete_until=iso(complete_until_ms), data=[*points])
        ),
        ("datetime", "sum", "avg", "ships"),
        ((point["datetime"], point["sum"], point["avg"], point["ships"]) for point in points),
    )


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
