"""GET /data: a ship's energy over a range."""

from quarterhour.energy.readings import USED
from quarterhour.http.answers.forms import Answer
from quarterhour.http.answers.range import RANGE_FORMATS, Range
from quarterhour.http.api import Api
from quarterhour.http.documenting import READ
from quarterhour.http.query.parameters import Format, Instant, Interval, ShipId
from quarterhour.query.ranges import check_range
from quarterhour.sites.sources import ship
from quarterhour.store import reader

api = Api()


@api.get(
    "/data",
    operation_id="getShipEnergy",
    tags=["Ships"],
    summary="A ship's energy over a range",
    responses=api.documented(Range, *READ, 404, csv=True),
)
def get_data(
    spaceship_id: ShipId,
    start: Instant,
    end: Instant,
    interval: Interval = "15min",
    form: Format = "json",
) -> Answer:
    """Return kWh by quarter hour, hour, day or month (UTC); periods without data are absent."""
    check_range(start, end, interval)
    rows = reader().rows(ship(spaceship_id), USED, start, end, interval)
    return RANGE_FORMATS[form](spaceship_id, rows, interval)


handler = api.handler()
