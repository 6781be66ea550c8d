"""Readings in, all of a batch or none: a ship's, and those of a house's devices."""

from quarterhour.errors import QuarterhourError
from quarterhour.http.answers.forms import Answer
from quarterhour.http.api import Api, count
from quarterhour.http.ingest.house import HouseBatch
from quarterhour.http.ingest.saved import HouseSaved, Saved, saved, saved_of_house
from quarterhour.http.ingest.ship import ShipBatch
from quarterhour.http.query.parameters import DeviceId, HouseId
from quarterhour.store.writers import known_sites_and_writer, writer

api = Api()


@api.route(
    "POST /data",
    Saved,
    name="postShipReadings",
    tag="Ships",
    summary="Store a ship's readings",
)
def post_data(body: ShipBatch) -> Answer:
    """Store power (kW, W) or energy (kWh, Wh) at any spacing; posting it twice changes nothing."""
    table = writer(api.received_s)
    batch = body.batch(table.now_ms)
    before = table.post(batch)
    count("ReadingsAccepted", batch.values)
    return saved(body.spaceship_id, batch, before)


@api.route(
    "POST /api/houses/<house>/devices/<device>/readings",
    HouseSaved,
    name="postDeviceReadings",
    tag="Houses",
    summary="Store readings of a house's device",
)
def post_readings(house: HouseId, device: DeviceId, body: HouseBatch) -> Answer:
    """Store values of any of a device's channels at any spacing, or totals of months or years."""
    sites, table = known_sites_and_writer(api.received_s)
    try:
        batch = body.batch(sites.get(house), device, table.now_ms)
    except QuarterhourError:
        if sites.is_read(house):
            raise
        # A house as it is remembered may lack what was put since: it refuses nothing.
        batch = body.batch(sites.read(house), device, table.now_ms)
    before = table.post(batch)
    count("ReadingsAccepted", batch.values)
    return saved_of_house(house, batch, before)


handler = api.handler()
