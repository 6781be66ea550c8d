"""POST /data: a ship's readings in, all of them or none."""

from quarterhour.http.answers import Answer
from quarterhour.http.api import Api, count
from quarterhour.http.batches import Saved, ShipBatch, saved
from quarterhour.sources import ship
from quarterhour.store import writer

api = Api()


@api.post(
    "/data", summary="Store a ship's readings", responses=api.documented(Saved, 400, 413, 415)
)
def post_data(batch: ShipBatch) -> Answer:
    """Store power (kW, W) or energy (kWh, Wh) at any spacing; posting it twice changes nothing."""
    readings = batch.readings()
    before = writer().post(ship(batch.spaceship_id), batch.stored(readings))
    count("ReadingsAccepted", len(readings))
    return saved(batch, readings, before)


handler = api.handler()
