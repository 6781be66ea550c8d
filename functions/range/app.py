"""GET /data: a ship's energy over a range."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query

from quarterhour.energy.readings import USED
from quarterhour.http.answers.forms import Answer, formed
from quarterhour.http.answers.range import Range, ship_range
from quarterhour.http.api import Api
from quarterhour.http.query.ships import ShipParameters
from quarterhour.query.asked import check_range
from quarterhour.sites.sources import ship
from quarterhour.store.readers import reader

api = Api()


@api.route(
    "GET /data",
    Range,
    404,
    name="getShipEnergy",
    tag="Ships",
    summary="A ship's energy over a range",
)
def get_data(parameters: Annotated[ShipParameters, Query()]) -> Answer:
    """Return kWh by quarter hour, hour, day or month (UTC); periods without data are absent."""
    between = parameters.start, parameters.end, parameters.interval
    check_range(*between, is_packed=api.takes_gzip)
    rows = reader(api.received_s).rows(ship(parameters.spaceship_id), USED, *between)
    return formed(ship_range(parameters.spaceship_id, rows, parameters.interval), parameters.form)


handler = api.handler()
