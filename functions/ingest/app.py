"""Readings in, all of a batch or what is valid of it: a ship's, and those of a house's devices."""

from functools import partial
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query

from quarterhour.errors import QuarterhourError
from quarterhour.http.answers.forms import Answer
from quarterhour.http.api import Api, count
from quarterhour.http.ingest.house import HouseBatch
from quarterhour.http.ingest.saved import Before, HouseSaved, How, Saved, saved, saved_of_house
from quarterhour.http.ingest.ship import ShipBatch
from quarterhour.http.query.parameters import DeviceId, HouseId
from quarterhour.http.query.posts import PostParameters, ShipPostParameters
from quarterhour.sites.batch import Batch
from quarterhour.sites.preview import preview
from quarterhour.store.write.writer import Writer
from quarterhour.store.writers import known_sites_and_writer, writer

api = Api()


@api.route(
    "POST /data",
    Saved,
    name="postShipReadings",
    tag="Ships",
    summary="Store a ship's readings",
)
def post_data(body: ShipBatch, parameters: Annotated[ShipPostParameters, Query()]) -> Answer:
    """Store power (kW, W) or energy (kWh, Wh) at any spacing; posting it twice changes nothing."""
    table = writer(api.received_s)
    batch = body.batch(table.now_ms, partial=parameters.partial)
    return saved(body.spaceship_id, batch, *_taken(table, batch, parameters))


@api.route(
    "POST /api/houses/<house>/devices/<device>/readings",
    HouseSaved,
    name="postDeviceReadings",
    tag="Houses",
    summary="Store readings of a house's device",
)
def post_readings(
    house: HouseId,
    device: DeviceId,
    body: HouseBatch,
    parameters: Annotated[PostParameters, Query()],
) -> Answer:
    """Store values of any of a device's channels at any spacing, or totals of months or years."""
    sites, table = known_sites_and_writer(api.received_s)
    read = partial(body.batch, device_id=device, now_ms=table.now_ms, partial=parameters.partial)
    try:
        batch = read(sites.get(house))
    except QuarterhourError:
        if sites.is_read(house):
            raise
        # A house as it is remembered may lack what was put since: it refuses nothing.
        batch = read(sites.read(house))
    return saved_of_house(house, batch, *_taken(table, batch, parameters))


def _taken(table: Writer, batch: Batch, parameters: PostParameters) -> tuple[Before, How]:
    """Store a batch, or look what it would make; return what its bucket held, where known."""
    if parameters.dry_run:
        table.check(batch)
        return {}, How(parameters.partial, preview(batch, table.now_ms))
    before = table.post(batch)
    count("ReadingsAccepted", batch.values)
    return before, How(parameters.partial)


handler = api.handler()
