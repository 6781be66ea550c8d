"""Readings taken back: a ship's, and those of a house's devices."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query

from quarterhour.http.answers.corrections import (
    DeviceDeleted,
    ShipDeleted,
    device_deleted,
    ship_deleted,
)
from quarterhour.http.answers.forms import Answer
from quarterhour.http.api import Api, count
from quarterhour.http.query.corrections import DeviceDeletion, ShipDeletion
from quarterhour.http.query.parameters import DeviceId, HouseId, check_known
from quarterhour.sites.corrections import Correction
from quarterhour.sites.site import Site
from quarterhour.store.corrections import deleter
from quarterhour.store.environment import house_entries
from quarterhour.store.readers import reader

api = Api()


@api.route(
    "DELETE /data",
    ShipDeleted,
    404,
    name="deleteShipReadings",
    tag="Ships",
    summary="Delete a ship's readings",
)
def delete_data(parameters: Annotated[ShipDeletion, Query()]) -> Answer:
    """Delete the readings that begin in a range of up to 400 days; safe to repeat."""
    check_known(api.query, ShipDeletion)
    correction, dry_run = parameters.correction, parameters.dry_run
    deleted = _deleted(correction, Site.of_ship(parameters.spaceship_id), dry_run=dry_run)
    if not deleted:
        reader(api.received_s).check_posted(correction.source)
    return ship_deleted(correction, deleted, dry_run=dry_run)


@api.route(
    "DELETE /api/houses/<house>/devices/<device>/readings",
    DeviceDeleted,
    name="deleteDeviceReadings",
    tag="Houses",
    summary="Delete readings of a house's device",
)
def delete_readings(
    house: HouseId, device: DeviceId, parameters: Annotated[DeviceDeletion, Query()]
) -> Answer:
    """Delete the values and period totals that begin in a range of up to 400 days."""
    check_known(api.query, DeviceDeletion)
    site = house_entries(api.received_s).get(house)
    correction = parameters.correction(site.source(site.known_device(device)))
    deleted = _deleted(correction, site, dry_run=parameters.dry_run)
    return device_deleted(correction, deleted, dry_run=parameters.dry_run)


def _deleted(correction: Correction, site: Site, *, dry_run: bool) -> int:
    table = deleter(api.received_s)
    if dry_run:
        return table.count(correction, site)
    deleted = table.delete(correction, site)
    count("ReadingsDeleted", deleted)
    return deleted


handler = api.handler()
