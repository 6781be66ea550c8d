"""GET /data/fleet: the energy of all ships over a range."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query

from quarterhour.http.answers.fleet import FleetRange, fleet_range
from quarterhour.http.answers.forms import Answer, formed
from quarterhour.http.api import Api
from quarterhour.http.query.ships import FleetParameters
from quarterhour.query.asked import check_range
from quarterhour.store.readers import fleet_reader

api = Api()


@api.route(
    "GET /data/fleet",
    FleetRange,
    name="getFleetEnergy",
    tag="Fleet",
    summary="The fleet's energy",
)
def get_fleet(parameters: Annotated[FleetParameters, Query()]) -> Answer:
    """Return kWh of all ships, mean, number and coverage; periods without data are absent."""
    between = parameters.start, parameters.end, parameters.interval
    check_range(*between, is_packed=api.takes_gzip)
    rows, complete_until_ms = fleet_reader(api.received_s).rows(*between)
    return formed(fleet_range(rows, complete_until_ms, parameters.interval), parameters.form)


handler = api.handler()
