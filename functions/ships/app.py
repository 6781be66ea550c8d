"""GET /ships: which ships there are, and how each stands."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query

from quarterhour.energy.aggregate import DAY, MONTH
from quarterhour.energy.readings import ENERGY_USED, USED
from quarterhour.http.answers.forms import Answer
from quarterhour.http.answers.ships import ShipNow, Ships, ship_now, ships
from quarterhour.http.api import Api
from quarterhour.http.query.parameters import ShipOfPath
from quarterhour.http.query.ships import ShipListParameters
from quarterhour.sites.sources import ship as source_of
from quarterhour.sites.virtual_meters import Meter
from quarterhour.store.readers import reader, ships_reader
from quarterhour.time.calendar import UTC
from quarterhour.values.standing import all_months, recent_days, standing

api = Api()


@api.route("GET /ships", Ships, name="listShips", tag="Ships", summary="All ships")
def get_ships(parameters: Annotated[ShipListParameters, Query()]) -> Answer:
    """Return a page of ships, by id; `next` is the URL of the page after it."""
    listed, more_follow = ships_reader(api.received_s).listed(parameters.after, parameters.limit)
    return ships(api.origin, listed, parameters.limit if more_follow else None)


@api.route("GET /ships/<ship>", ShipNow, name="getShip", tag="Ships", summary="A ship as it stands")
def get_ship(ship: ShipOfPath) -> Answer:
    """Return a ship's newest reading, and its kWh of days, of the month (UTC) and of all time."""
    created_ms, source = ships_reader(api.received_s).created_ms(ship), source_of(ship)
    table = reader(api.received_s)
    ends = table.ends(Meter(source, (ENERGY_USED,)))
    days = table.rows(source, USED, *recent_days(table.now_ms, UTC), DAY).by_start()
    months = table.rows(source, USED, *all_months(ends, table.now_ms, UTC), MONTH).by_start()
    return ship_now(ship, created_ms, ends, standing(days, months, table.now_ms, UTC))


handler = api.handler()
