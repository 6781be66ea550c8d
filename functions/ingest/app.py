"""Readings in, all of a batch or none: a ship's, and those of a house's devices."""

from functools import partial

from quarterhour.http.answers.forms import Answer
from quarterhour.http.api import Api, count
from quarterhour.http.ingest.house import HouseBatch, HouseSaved, saved_of_house
from quarterhour.http.ingest.ship import Saved, ShipBatch, saved
from quarterhour.http.query.paths import DeviceId, HouseId
from quarterhour.sites.sources import ship
from quarterhour.store import house_writer, writer

api = Api()


@api.route(
    "POST /data",
    Saved,
    name="postShipReadings",
    tag="Ships",
    summary="Store a ship's readings",
)
def post_data(batch: ShipBatch) -> Answer:
    """Store power (kW, W) or energy (kWh, Wh) at any spacing; posting it twice changes nothing."""
    readings = batch.readings()
    before = writer().post(ship(batch.spaceship_id), batch.stored(readings))
    count("ReadingsAccepted", len(readings))
    return saved(batch, readings, before)


@api.route(
    "POST /api/houses/<house>/devices/<device>/readings",
    HouseSaved,
    name="postDeviceReadings",
    tag="Houses",
    summary="Store readings of a house's device",
)
def post_readings(house: HouseId, device: DeviceId, batch: HouseBatch) -> Answer:
    """Store values of any of a device's channels at any spacing, or totals of months or years."""
    written = house_writer().post(house, partial(batch.posting, device_id=device))
    count("ReadingsAccepted", written.posting.values)
    return saved_of_house(written)


handler = api.handler()
