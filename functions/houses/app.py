"""/api/houses: what is put about houses, what they have, and what was measured there."""

from collections.abc import Sequence
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query

from quarterhour.http.answers import houses
from quarterhour.http.answers.forms import Answer, answer, json_answer
from quarterhour.http.answers.values import (
    CircuitValues,
    DeviceValues,
    TemperatureValues,
    ValuesPage,
    circuit_values,
    device_values,
    temperature_values,
)
from quarterhour.http.api import Api
from quarterhour.http.ingest.catalogues import Budgets, CatalogueEntry, KeptBudgets, Version, stored
from quarterhour.http.query.houses import AskedValues, ListParameters, ValueParameters
from quarterhour.http.query.parameters import (
    CircuitIds,
    DeviceIds,
    HouseId,
    circuit_ids,
    device_ids,
)
from quarterhour.sites import catalogue
from quarterhour.sites.house import House
from quarterhour.store import readers
from quarterhour.store.environment import house_entries
from quarterhour.values import circuits as of_circuits
from quarterhour.values import devices as of_devices
from quarterhour.values import temperatures
from quarterhour.values.items import Section
from quarterhour.values.pages import Pages

HOUSE = "/api/houses/<house>"

api = Api()


@api.route("GET /api/houses", houses.Houses, name="listHouses", tag="Houses", summary="All houses")
def get_houses(parameters: Annotated[ListParameters, Query()]) -> Answer:
    """Return a page of at most 1,000 houses, by id; `next` is the URL of the page after it."""
    listed, more_follow = house_entries().listed(parameters.after, parameters.limit)
    limit = parameters.limit if more_follow else None
    return answer(houses.houses(api.origin, listed, limit))


@api.route(f"GET {HOUSE}", houses.OneHouse, name="getHouse", tag="Houses", summary="A house")
def get_house(house: HouseId) -> Answer:
    """Return a house, and where to ask for what it has."""
    site = house_entries().get(house)
    return answer(houses.OneHouse(house=houses.house_card(api.origin, site)))


@api.route(
    f"PUT {HOUSE}",
    Version,
    name="putHouse",
    tag="Houses",
    summary="Create or replace a house's catalogue entry",
)
def put_house(house: HouseId, entry: CatalogueEntry) -> Answer:
    """Store a house, its devices and circuits; readings of a device that is left out stay."""
    document = entry.entry()
    catalogue.check(catalogue.house(house, document))
    return stored(house, house_entries(api.received_s).put(house, document))


@api.route(
    f"GET {HOUSE}/catalogue",
    CatalogueEntry,
    name="getHouseCatalogue",
    tag="Houses",
    summary="A house's catalogue entry",
)
def get_catalogue(house: HouseId) -> Answer:
    """Return the catalogue entry as it was put."""
    return json_answer(house_entries().entry(house))


@api.route(
    f"GET {HOUSE}/budgets",
    KeptBudgets,
    name="getHouseBudgets",
    tag="Houses",
    summary="A house's budgets",
)
def get_budgets(house: HouseId) -> Answer:
    """Return all budgets as they were put, by month."""
    budgets = house_entries().budgets(house)
    return answer({"budgets": [{"month": month, **budget} for month, budget in budgets.items()]})


@api.route(
    f"PUT {HOUSE}/budgets",
    Version,
    name="putHouseBudgets",
    tag="Houses",
    summary="Replace the budgets of some months",
)
def put_budgets(house: HouseId, months: Budgets) -> Answer:
    """Store budgets; a month that is not named keeps its own."""
    return stored(house, house_entries().put_budgets(house, months.by_month()))


@api.route(
    f"GET {HOUSE}/devices",
    houses.Devices,
    name="listDevices",
    tag="Houses",
    summary="A house's devices",
)
def get_devices(house: HouseId) -> Answer:
    """Return the devices, by id."""
    return answer(houses.devices(house_entries().get(house).devices))


@api.route(
    f"GET {HOUSE}/circuits",
    houses.Circuits,
    name="listCircuits",
    tag="Houses",
    summary="A house's circuits",
)
def get_circuits(house: HouseId) -> Answer:
    """Return the circuits that the catalogue names, by id."""
    return answer(houses.circuits(house_entries().get(house).circuits))


@api.route(
    f"GET {HOUSE}/views", houses.Views, name="listViews", tag="Views", summary="A house's views"
)
def get_views(house: HouseId) -> Answer:
    """Return where the views are."""
    return answer(houses.views(api.origin, house_entries().get(house)))


# --- Values: pages of at most 500 items -----------------------------------------------------------


@api.route(
    f"GET {HOUSE}/devices/<devices>",
    DeviceValues,
    name="getDeviceValues",
    tag="Values",
    summary="What devices measured",
)
def get_device_values(
    house: HouseId, devices: DeviceIds, parameters: Annotated[ValueParameters, Query()]
) -> Answer:
    """Return a page of at most 500 items, by date; `next` is the URL of the page after it."""
    site, ids = house_entries().get(house), device_ids(devices)
    question = parameters.asked(site.zone, api.query_names)
    sections = of_devices.sections(site, ids, question.fields, question.range.interval)
    return device_values(_page(site, question, sections), ids)


@api.route(
    f"GET {HOUSE}/circuits/<circuits>",
    CircuitValues,
    name="getCircuitValues",
    tag="Values",
    summary="What circuits used",
)
def get_circuit_values(
    house: HouseId, circuits: CircuitIds, parameters: Annotated[ValueParameters, Query()]
) -> Answer:
    """Return a page of at most 500 items, by date; `next` is the URL of the page after it."""
    site, ids = house_entries().get(house), circuit_ids(circuits)
    question = parameters.asked(site.zone, api.query_names)
    sections = of_circuits.sections(site, ids, question.fields, question.range.interval)
    return circuit_values(_page(site, question, sections), ids)


@api.route(
    f"GET {HOUSE}/temperatures",
    TemperatureValues,
    name="getTemperatures",
    tag="Values",
    summary="What all sensors showed",
)
def get_temperatures(house: HouseId, parameters: Annotated[ValueParameters, Query()]) -> Answer:
    """Return a page of at most 500 items, by date; `next` is the URL of the page after it."""
    site = house_entries().get(house)
    question = parameters.asked(site.zone, api.query_names)
    return temperature_values(_page(site, question, temperatures.sections(site, question.fields)))


def _page(house: House, question: AskedValues, sections: Sequence[Section]) -> ValuesPage:
    page = Pages(readers.reader(api.received_s), house, question.range, sections).page(
        question.after
    )
    return ValuesPage(
        house, question.range.interval, page, sections, question.form, api.origin, api.query
    )


handler = api.handler()
