"""Answers about the fleet: its energy over time, and the ships that used most."""

from collections.abc import Sequence
from typing import NotRequired

from typing_extensions import TypedDict

from quarterhour.fleets.fleet import FleetRow
from quarterhour.fleets.ranking import Ranking
from quarterhour.http.answers.forms import Answer, Time, answer, csv_answer, number
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


def fleet_json(rows: Sequence[FleetRow], complete_until_ms: int) -> Answer:
    """Return the fleet's rows as JSON."""
    return answer(
        FleetRange(
            units="kWh",
            complete_until=iso(complete_until_ms),
            data=[
                FleetPoint(
                    datetime=iso(row.start_ms),
                    sum=number(row.kwh),
                    avg=number(row.kwh / row.ships),
                    ships=row.ships,
                )
                for row in rows
            ],
        )
    )


def fleet_csv(rows: Sequence[FleetRow], _: int) -> Answer:
    """Return the fleet's rows as CSV: datetime, sum, avg, ships."""
    return csv_answer(
        ("datetime", "sum", "avg", "ships"),
        (
            (iso(row.start_ms), number(row.kwh), number(row.kwh / row.ships), row.ships)
            for row in rows
        ),
    )


def top_json(top: Ranking | None) -> Answer:
    """Return the top users as JSON."""
    if top is None:
        return answer(TopUsers(units="kWh", ships=[]))
    return answer(
        TopUsers(
            datetime=iso(top.start_ms),
            end=iso(top.end_ms),
            units="kWh",
            complete_until=iso(top.complete_until_ms),
            ships=[User(spaceship_id=one.ship, consumption=number(one.kwh)) for one in top.ships],
        )
    )


def top_csv(top: Ranking | None) -> Answer:
    """Return the top users as CSV: spaceship_id, consumption."""
    ships = top.ships if top else ()
    return csv_answer(
        ("spaceship_id", "consumption"), ((one.ship, number(one.kwh)) for one in ships)
    )


FLEET_FORMATS = {"json": fleet_json, "csv": fleet_csv}
TOP_FORMATS = {"json": top_json, "csv": top_csv}
