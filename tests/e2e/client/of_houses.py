"""A house: what is put about it, what it has, and the readings of its devices."""

from datetime import timedelta
from typing import Any

from quarterhour_client import Client
from quarterhour_client.api.houses import (
    delete_device_readings,
    get_device_gaps,
    get_device_readings,
    get_house,
    get_house_budgets,
    get_house_catalogue,
    list_circuits,
    list_devices,
    list_houses,
    post_device_readings,
    put_house,
    put_house_budgets,
)
from quarterhour_client.models import (
    Budgets,
    CatalogueEntry,
    Circuits,
    DeviceDeleted,
    DeviceGaps,
    DeviceReadings,
    Devices,
    HouseBatch,
    Houses,
    HouseSaved,
    KeptBudgets,
    OneHouse,
    Refused,
    Version,
)

from tests.builders import channel_batch, readings
from tests.catalogues import budgets, circuit, entry, meter, sensor
from tests.e2e.client.answers import of
from tests.e2e.client.of_ships import START

HOUSE = 70_306
METER, OUTDOOR, HALL = 2, 0, 4
ENTRY = entry(
    meter(METER, "used", "solar", "ashp"),
    sensor(OUTDOOR, "outdoor"),
    sensor(HALL, "first_floor"),
    circuits=[circuit("ashp", description="In the yard")],
)
BUDGETS = budgets(m2007_03={"used": 820, "solar": -430})


def put_a_house(client: Client) -> None:
    body = CatalogueEntry.from_dict(ENTRY)
    assert of(Version, put_house.sync(client=client, house=HOUSE, body=body)).version == 1
    assert of(Version, put_house.sync(client=client, house=HOUSE, body=body)).version == 2
    entry = of(CatalogueEntry, get_house_catalogue.sync(client=client, house=HOUSE))
    assert entry.to_dict() == ENTRY


def put_its_budgets(client: Client) -> None:
    body = Budgets.from_dict(BUDGETS)
    assert of(Version, put_house_budgets.sync(client=client, house=HOUSE, body=body)).version == 1
    kept = of(KeptBudgets, get_house_budgets.sync(client=client, house=HOUSE))
    assert kept.to_dict() == BUDGETS


def read_what_it_has(client: Client) -> None:
    listed = of(Houses, list_houses.sync(client=client)).houses
    assert HOUSE in {one.house_id for one in listed}
    card = of(OneHouse, get_house.sync(client=client, house=HOUSE)).house
    assert (card.id, card.sname) == (HOUSE, "River")
    assert card.views.endswith(f"/api/houses/{HOUSE}/views/")
    devices = of(Devices, list_devices.sync(client=client, house=HOUSE)).devices
    assert [one.id for one in devices] == [OUTDOOR, METER, HALL]
    (heat_pump,) = of(Circuits, list_circuits.sync(client=client, house=HOUSE)).circuits
    assert heat_pump.to_dict() == ENTRY["circuits"][0]


def ask_for_a_house_that_is_not_there(client: Client) -> None:
    answer = of(Refused, get_house.sync(client=client, house=HOUSE + 1))
    assert answer.error == f"There is no house {HOUSE + 1}."


def post_a_day(client: Client) -> None:
    """Post 24 hours of every device."""
    degrees = {"temperature": "degF", "humidity": "%"}
    _post(client, METER, "Wh", used=900, solar=-100, ashp=400)
    _post(client, OUTDOOR, degrees, temperature=41, humidity=50)
    _post(client, HALL, degrees, temperature=68, humidity=40)


def _post(client: Client, device: int, units: Any, **values: float) -> None:
    times = readings([0] * 24, start=START)
    data = [{"datetime": one["datetime"], "values": values} for one in times]
    body = HouseBatch.from_dict(channel_batch(*data, units=units, interval="PT1H"))
    answer = post_device_readings.sync(client=client, house=HOUSE, device=device, body=body)
    saved = of(HouseSaved, answer)
    assert (saved.device, saved.accepted, saved.start) == (device, 24, START)


def delete_a_channel_of_a_day(client: Client) -> None:
    """Of a day that no view is asked for: it is posted, looked at, and deleted."""
    day = START + timedelta(days=40)
    data = [{"datetime": day.isoformat(), "values": {"used": 1, "solar": -2}}]
    body = HouseBatch.from_dict(channel_batch(*data, units="kWh", interval="PT1H"))
    of_meter: dict[str, Any] = {"client": client, "house": HOUSE, "device": METER}
    of_day: dict[str, Any] = of_meter | {"start": day, "end": day + timedelta(days=1)}
    assert of(HouseSaved, post_device_readings.sync(**of_meter, body=body)).accepted == 1
    kept = of(DeviceReadings, get_device_readings.sync(**of_day)).data
    assert [(one.channel, one.value, one.units) for one in kept] == [
        ("solar", -2, "kWh"),
        ("used", 1, "kWh"),
    ]
    deleted = of(DeviceDeleted, delete_device_readings.sync(**of_day, channels="solar"))
    assert (deleted.house_id, deleted.device, deleted.deleted) == (HOUSE, METER, 1)
    gaps = of(DeviceGaps, get_device_gaps.sync(**of_day, channels="used,solar"))
    assert gaps.coverage.to_dict() == {"used": 0.041667, "solar": 0}
    assert [(one.channel, one.hours) for one in gaps.data] == [("solar", 24), ("used", 23)]
    assert of(DeviceDeleted, delete_device_readings.sync(**of_day)).deleted == 1


PARTS = (
    put_a_house,
    put_its_budgets,
    read_what_it_has,
    ask_for_a_house_that_is_not_there,
    delete_a_channel_of_a_day,
    post_a_day,
)
