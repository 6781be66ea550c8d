"""The API itself, a ship and the fleet. No other test has readings of these days."""

from datetime import UTC, datetime, timedelta
from typing import Any

from quarterhour_client import Client
from quarterhour_client.api.fleet import get_fleet_energy, get_top_users
from quarterhour_client.api.service import get_health, get_open_api, list_corrections
from quarterhour_client.api.ships import (
    delete_ship_readings,
    get_ship,
    get_ship_energy,
    get_ship_gaps,
    get_ship_readings,
    list_ships,
    post_ship_readings,
)
from quarterhour_client.models import (
    Corrections,
    DeleteShipReadingsUnits,
    FleetRange,
    GetShipEnergyFormat,
    GetShipEnergyInterval,
    Health,
    OpenApi,
    PostedReading,
    Range,
    Refused,
    Saved,
    ShipBatch,
    ShipBatchUnits,
    ShipDeleted,
    ShipGaps,
    ShipNow,
    ShipReadings,
    Ships,
    TopUsers,
)

from tests.e2e.client.answers import of

SHIP = 7_003_006
START = datetime(2007, 3, 6, 5, tzinfo=UTC)
RANGE: dict[str, Any] = {"start": START, "end": START + timedelta(days=1)}
HOURS = [START + timedelta(hours=n) for n in range(3)]


def ask_the_service(client: Client) -> None:
    health = of(Health, get_health.sync(client=client))
    document = of(OpenApi, get_open_api.sync(client=client))
    assert (health.status, health.version) == ("ok", document.info["version"])
    assert "/data/fleet" in document.paths.additional_properties


def post_a_ship(client: Client) -> None:
    data = [PostedReading(datetime_=at, value=n + 1) for n, at in enumerate(HOURS)]
    batch = ShipBatch(spaceship_id=SHIP, units=ShipBatchUnits.KWH, interval="PT1H", data=data)
    saved = of(Saved, post_ship_readings.sync(client=client, body=batch))
    assert (saved.accepted, saved.start, saved.end) == (3, HOURS[0], HOURS[-1])
    assert saved.warnings == []


def read_its_range(client: Client) -> None:
    hourly = get_ship_energy.sync(
        client=client, spaceship_id=SHIP, interval=GetShipEnergyInterval.HOUR, **RANGE
    )
    points = [(one.datetime_, one.value) for one in of(Range, hourly).data]
    assert points == [(at, n + 1) for n, at in enumerate(HOURS)]


def read_its_range_as_csv(client: Client) -> None:
    """By the client's HTTP, as it reads the first form that the document has of an answer."""
    request = get_ship_energy._get_kwargs(
        spaceship_id=SHIP,
        interval=GetShipEnergyInterval.HOUR,
        format_=GetShipEnergyFormat.CSV,
        **RANGE,
    )
    answer = client.get_httpx_client().request(**request)
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.text.splitlines()[:2] == ["datetime,value,coverage", "2007-03-06T05:00:00Z,1,1"]


def ask_for_a_ship_that_never_posted(client: Client) -> None:
    answer = get_ship_energy.sync(client=client, spaceship_id=SHIP + 1, **RANGE)
    assert of(Refused, answer).error == "This ship has never posted."


def read_the_ship_as_it_stands(client: Client) -> None:
    ship = of(ShipNow, get_ship.sync(client=client, ship=SHIP))
    assert (ship.oldest, ship.newest, ship.newest_value) == (HOURS[0], HOURS[-1], 3)
    assert (ship.units, ship.today_kwh, ship.total_kwh) == ("kWh", 0, 6)
    listed = of(Ships, list_ships.sync(client=client, after=SHIP - 1, limit=1)).ships
    assert [(one.spaceship_id, one.newest) for one in listed] == [(SHIP, HOURS[-1])]
    assert of(Refused, get_ship.sync(client=client, ship=SHIP + 1)).error


def read_the_fleet(client: Client) -> None:
    fleet = of(FleetRange, get_fleet_energy.sync(client=client, **RANGE))
    assert [(one.sum_, one.avg, one.ships) for one in fleet.data][:1] == [(0.25, 0.25, 1)]
    assert sum(one.sum_ for one in fleet.data) == 6
    assert fleet.complete_until.tzinfo is not None


def read_the_top_users(client: Client) -> None:
    top = of(TopUsers, get_top_users.sync(client=client, count=1, **RANGE))
    assert [(one.spaceship_id, one.consumption) for one in top.ships] == [(SHIP, 6)]
    assert top.datetime_ == START


def delete_one_of_its_readings(client: Client) -> None:
    """After all that reads them; the other tests have no readings of these days."""
    ship: dict[str, Any] = {"client": client, "spaceship_id": SHIP}
    kept = of(ShipReadings, get_ship_readings.sync(**ship, **RANGE)).data
    assert [(one.datetime_, one.value, one.units, one.interval) for one in kept] == [
        (at, n + 1, "kWh", "PT1H") for n, at in enumerate(HOURS)
    ]
    hour: dict[str, Any] = {
        "start": HOURS[1],
        "end": HOURS[2],
        "units": DeleteShipReadingsUnits.KWH,
    }
    counted = of(ShipDeleted, delete_ship_readings.sync(**ship, **hour, dry_run=True))
    deleted = of(ShipDeleted, delete_ship_readings.sync(**ship, **hour))
    assert (counted.deleted, counted.dry_run) == (1, True)
    assert (deleted.deleted, deleted.dry_run) == (1, False)
    gaps = of(ShipGaps, get_ship_gaps.sync(**ship, start=START, end=HOURS[2]))
    assert [(one.start, one.end, one.hours, one.coverage) for one in gaps.data] == [
        (HOURS[1], HOURS[2], 1, 0)
    ]
    assert gaps.coverage == 0.5


def read_what_was_deleted(client: Client) -> None:
    since = datetime.now(UTC) - timedelta(hours=1)
    listed = of(Corrections, list_corrections.sync(client=client, since=since)).corrections
    (own,) = (one for one in listed if one.spaceship_id == SHIP)
    assert (own.who, own.planned, own.done, own.units) == ("local", 1, 1, "kWh")


PARTS = (
    ask_the_service,
    post_a_ship,
    read_its_range,
    read_its_range_as_csv,
    ask_for_a_ship_that_never_posted,
    read_the_ship_as_it_stands,
    read_the_fleet,
    read_the_top_users,
    delete_one_of_its_readings,
    read_what_was_deleted,
)
