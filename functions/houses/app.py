"""/api/houses: what is put about houses, and what they have."""

from collections.abc import Sequence

from quarterhour import store
from quarterhour.http.answers import houses
from quarterhour.http.answers.forms import Answer, answer, json_answer
from quarterhour.http.answers.values import (
    CircuitValues,
    DeviceValues,
    Sent,
    TemperatureValues,
    circuit_values,
    device_values,
    temperature_values,
)
from quarterhour.http.api import Api
from quarterhour.http.documenting import READ, WRITE
from quarterhour.http.ingest.catalogues import Budgets, CatalogueEntry, KeptBudgets, Version, stored
from quarterhour.http.query import texts
from quarterhour.http.query.paths import HouseId
from quarterhour.http.query.value_parameters import (
    AskedValues,
    ValueParameters,
    circuit_ids,
    device_ids,
)
from quarterhour.sites import catalogue
from quarterhour.sites.house import House
from quarterhour.values import circuits as of_circuits
from quarterhour.values import devices as of_devices
from quarterhour.values import temperatures
from quarterhour.values.items import Section
from quarterhour.values.pages import Page, Pages

HOUSE = "/api/houses/<house>"

api = Api()


@api.get(
    "/api/houses",
    operation_id="listHouses",
    tags=["Houses"],
    summary="All houses",
    responses=api.documented(houses.Houses, *READ),
)
def get_houses() -> Answer:
    """Return the houses, by id."""
    return answer(houses.houses(api.origin, store.houses().listed()))


@api.get(
    HOUSE,
    operation_id="getHouse",
    tags=["Houses"],
    summary="A house",
    responses=api.documented(houses.OneHouse, *READ, 404),
)
def get_house(house: HouseId) -> Answer:
    """Return a house, and where to ask for what it has."""
    found = store.houses().get(house)
    return answer(houses.OneHouse(house=houses.house_card(api.origin, found)))


@api.put(
    HOUSE,
    operation_id="putHouse",
    tags=["Houses"],
    summary="Create or replace a house's catalogue entry",
    responses=api.documented(Version, 201, *WRITE, 404),
)
def put_house(house: HouseId, entry: CatalogueEntry) -> Answer:
    """Store a house, its devices and circuits; readings of a device that is left out stay."""
    put = entry.entry()
    catalogue.check(catalogue.house(house, put))
    return stored(house, store.houses().put(house, put))


@api.get(
    f"{HOUSE}/catalogue",
    operation_id="getHouseCatalogue",
    tags=["Houses"],
    summary="A house's catalogue entry",
    responses=api.documented(CatalogueEntry, *READ, 404),
)
def get_catalogue(house: HouseId) -> Answer:
    """Return the catalogue entry as it was put."""
    return json_answer(store.houses().entry(house))


@api.get(
    f"{HOUSE}/budgets",
    operation_id="getHouseBudgets",
    tags=["Houses"],
    summary="A house's budgets",
    responses=api.documented(KeptBudgets, *READ, 404),
)
def get_budgets(house: HouseId) -> Answer:
    """Return all budgets as they were put, by month."""
    kept = store.houses().budgets(house)
    return answer({"budgets": [{"month": month, **said} for month, said in kept.items()]})


@api.put(
    f"{HOUSE}/budgets",
    operation_id="putHouseBudgets",
    tags=["Houses"],
    summary="Replace the budgets of some months",
    responses=api.documented(Version, 201, *WRITE, 404),
)
def put_budgets(house: HouseId, months: Budgets) -> Answer:
    """Store budgets; a month that is not named keeps its own."""
    return stored(house, store.houses().put_budgets(house, months.by_month()))


@api.get(
    f"{HOUSE}/devices",
    operation_id="listDevices",
    tags=["Houses"],
    summary="A house's devices",
    responses=api.documented(houses.Devices, *READ, 404),
)
def get_devices(house: HouseId) -> Answer:
    """Return the devices, by id."""
    return answer(houses.devices(store.houses().get(house).devices))


@api.get(
    f"{HOUSE}/circuits",
    operation_id="listCircuits",
    tags=["Houses"],
    summary="A house's circuits",
    responses=api.documented(houses.Circuits, *READ, 404),
)
def get_circuits(house: HouseId) -> Answer:
    """Return the circuits that the catalogue names, by id."""
    return answer(houses.circuits(store.houses().get(house).circuits))


@api.get(
    f"{HOUSE}/views",
    operation_id="listViews",
    tags=["Views"],
    summary="A house's views",
    responses=api.documented(houses.Views, *READ, 404),
)
def get_views(house: HouseId) -> Answer:
    """Return where the views are."""
    return answer(houses.views(api.origin, store.houses().get(house)))


# --- Values: what devices, circuits and temperatures measured ------------------------------------


@api.get(
    f"{HOUSE}/devices/<devices>",
    operation_id="getDeviceValues",
    tags=["Values"],
    summary="What devices measured",
    responses=api.documented(DeviceValues, *READ, 404),
)
def get_device_values(  # noqa: PLR0913  what all values have
    house: HouseId,
    devices: texts.DeviceIds,
    *,
    interval: texts.ValueInterval = None,
    start: texts.StartText = None,
    end: texts.EndText = None,
    duration: texts.DurationText = None,
    fields: texts.FieldsText = None,
    after: texts.AfterText = None,
) -> Answer:
    """Return a page of at most 500 items, by date; `next` is the URL of the page after it."""
    known, ids = store.houses().get(house), device_ids(devices)
    asked = ValueParameters(interval, start, end, duration, fields, after).asked(known.zone)
    sections = of_devices.sections(known, ids, asked.fields, asked.range.interval)
    return device_values(known, ids, asked, _page(known, asked, sections), _sent())


@api.get(
    f"{HOUSE}/circuits/<circuits>",
    operation_id="getCircuitValues",
    tags=["Values"],
    summary="What circuits used",
    responses=api.documented(CircuitValues, *READ, 404),
)
def get_circuit_values(  # noqa: PLR0913  what all values have
    house: HouseId,
    circuits: texts.CircuitIds,
    *,
    interval: texts.ValueInterval = None,
    start: texts.StartText = None,
    end: texts.EndText = None,
    duration: texts.DurationText = None,
    fields: texts.FieldsText = None,
    after: texts.AfterText = None,
) -> Answer:
    """Return a page of at most 500 items, by date; `next` is the URL of the page after it."""
    known, ids = store.houses().get(house), circuit_ids(circuits)
    asked = ValueParameters(interval, start, end, duration, fields, after).asked(known.zone)
    sections = of_circuits.sections(known, ids, asked.fields, asked.range.interval)
    return circuit_values(known, ids, asked, _page(known, asked, sections), _sent())


@api.get(
    f"{HOUSE}/temperatures",
    operation_id="getTemperatures",
    tags=["Values"],
    summary="What all sensors showed",
    responses=api.documented(TemperatureValues, *READ, 404),
)
def get_temperatures(  # noqa: PLR0913  what all values have
    house: HouseId,
    *,
    interval: texts.ValueInterval = None,
    start: texts.StartText = None,
    end: texts.EndText = None,
    duration: texts.DurationText = None,
    fields: texts.FieldsText = None,
    after: texts.AfterText = None,
) -> Answer:
    """Return a page of at most 500 items, by date; `next` is the URL of the page after it."""
    known = store.houses().get(house)
    asked = ValueParameters(interval, start, end, duration, fields, after).asked(known.zone)
    sections = temperatures.sections(known, asked.fields)
    return temperature_values(known, asked, _page(known, asked, sections), _sent())


def _page(house: House, asked: AskedValues, sections: Sequence[Section]) -> Page:
    return Pages(store.house_reader(), house, asked.range, sections).page(asked.after)


def _sent() -> Sent:
    return Sent(api.origin, api.query)


handler = api.handler()
