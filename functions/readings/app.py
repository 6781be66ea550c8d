"""What there is: readings as they are kept, the gaps between them, and what was taken back."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query

from quarterhour.energy import gaps
from quarterhour.energy.aggregate import QUARTER_HOURS
from quarterhour.energy.readings import USED
from quarterhour.http.answers.corrections import Corrections, corrections
from quarterhour.http.answers.forms import Answer, formed
from quarterhour.http.answers.gaps import DeviceGaps, ShipGaps, device_gaps, ship_gaps
from quarterhour.http.answers.houses import url
from quarterhour.http.answers.kept import (
    DeviceReadings,
    ShipReadings,
    device_readings,
    ship_readings,
)
from quarterhour.http.api import Api
from quarterhour.http.query.corrections import (
    BY_LENGTH,
    MAX_AUDITED,
    AuditParameters,
    GapsOfDevice,
    GapsOfShip,
    KeptOfDevice,
    KeptOfShip,
)
from quarterhour.http.query.parameters import DeviceId, HouseId, check_known
from quarterhour.sites.site import Site
from quarterhour.sites.sources import ship
from quarterhour.store.corrections import audit, kept_readings
from quarterhour.store.environment import house_entries
from quarterhour.store.readers import reader
from quarterhour.time.instants import FIRST_MS

DEVICE = "/api/houses/<house>/devices/<device>"

api = Api()


@api.route(
    "GET /data/readings",
    ShipReadings,
    404,
    name="getShipReadings",
    tag="Ships",
    summary="A ship's readings as they are kept",
)
def get_ship_readings(parameters: Annotated[KeptOfShip, Query()]) -> Answer:
    """Return a page of at most 1,000 readings, by time; `next` is the URL of the page after it."""
    check_known(api.query, KeptOfShip)
    ship_id, interval = parameters.spaceship_id, parameters.interval
    page = kept_readings(Site.of_ship(ship_id), ship(ship_id)).page(*interval, parameters.place)
    if not page.readings:
        reader().check_posted(ship(ship_id))
    where = f"{api.origin}/data/readings", api.query
    return ship_readings(ship_id, page, *where, parameters.form)


@api.route(
    f"GET {DEVICE}/readings",
    DeviceReadings,
    name="getDeviceReadings",
    tag="Houses",
    summary="A device's readings as they are kept",
)
def get_device_readings(
    house: HouseId, device: DeviceId, parameters: Annotated[KeptOfDevice, Query()]
) -> Answer:
    """Return a page of at most 1,000 values and period totals; `next` is the page after it."""
    check_known(api.query, KeptOfDevice)
    site = house_entries().get(house)
    source = site.source(site.known_device(device))
    page = kept_readings(site, source).page(*parameters.interval, parameters.place)
    where = url(api.origin, house, "devices", str(device), "readings"), api.query
    return device_readings({"house_id": house, "device": device}, page, *where, parameters.form)


@api.route(
    "GET /data/gaps", ShipGaps, 404, name="getShipGaps", tag="Ships", summary="A ship's gaps"
)
def get_ship_gaps(parameters: Annotated[GapsOfShip, Query()]) -> Answer:
    """Return the quarter hours, in a row, that no reading covers or that are covered in part."""
    check_known(api.query, GapsOfShip)
    table = reader(api.received_s)
    past = table.past(*parameters.interval)
    rows = table.rows(ship(parameters.spaceship_id), USED, *past, QUARTER_HOURS)
    found = gaps.coverage(rows, *past)
    by_length = parameters.order == BY_LENGTH
    return formed(ship_gaps(parameters.spaceship_id, found, by_length=by_length), parameters.form)


@api.route(
    f"GET {DEVICE}/gaps",
    DeviceGaps,
    name="getDeviceGaps",
    tag="Houses",
    summary="The gaps of a device's channels",
)
def get_device_gaps(
    house: HouseId, device: DeviceId, parameters: Annotated[GapsOfDevice, Query()]
) -> Answer:
    """Return the quarter hours, in a row, of which a channel has no data or only in part."""
    check_known(api.query, GapsOfDevice)
    site, table = house_entries().get(house), reader(api.received_s)
    of_device = site.known_device(device)
    measures = [channel.measure for channel in of_device.named(parameters.names)]
    past = table.past(*parameters.interval)
    rows = table.quarter_hours(site, site.source(of_device), measures, past)
    found = {measure.channel: gaps.coverage(each, *past) for measure, each in rows.items()}
    about, by_length = {"house_id": house, "device": device}, parameters.order == BY_LENGTH
    return formed(device_gaps(about, found, by_length=by_length), parameters.form)


@api.route(
    "GET /audit", Corrections, name="listCorrections", tag="Service", summary="What was deleted"
)
def get_audit(parameters: Annotated[AuditParameters, Query()]) -> Answer:
    """Return a page of at most 100 corrections, the oldest first; `next` is the page after it."""
    check_known(api.query, AuditParameters)
    since_ms = FIRST_MS if parameters.since is None else parameters.since
    page, more = audit().listed(since_ms, parameters.after or "", MAX_AUDITED)
    return corrections(page, api.origin, api.query, more=more)


handler = api.handler()
