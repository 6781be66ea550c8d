"""GET /data/fleet: the energy of all ships over a range."""

from quarterhour.http.answers.fleet import FLEET_FORMATS, FleetRange
from quarterhour.http.answers.forms import Answer
from quarterhour.http.api import Api
from quarterhour.http.documenting import READ
from quarterhour.http.query.parameters import Format, Instant, Interval
from quarterhour.query.ranges import check_range
from quarterhour.store import fleet_reader

api = Api()


@api.get(
    "/data/fleet",
    operation_id="getFleetEnergy",
    tags=["Fleet"],
    summary="The fleet's energy",
    responses=api.documented(FleetRange, *READ, csv=True),
)
def get_fleet(
    start: Instant, end: Instant, interval: Interval = "15min", form: Format = "json"
) -> Answer:
    """Return kWh of all ships, their mean and their number; periods without data are absent."""
    check_range(start, end, interval)
    rows, complete_until = fleet_reader().rows(start, end, interval)
    return FLEET_FORMATS[form](rows, complete_until)


handler = api.handler()
