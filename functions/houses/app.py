"""/api/houses: what is put about houses, and what they have."""

from collections.abc import Sequence

from quarterhour import catalogues, store
from quarterhour.houses import House
from quarterhour.http import houses, texts
from quarterhour.http.answers import Answer, answer, json_answer
from quarterhour.http.api import Api
from quarterhour.http.catalogues import Budgets, CatalogueEntry, KeptBudgets, Version, stored
from quarterhour.http.paths import HouseId
from quarterhour.http.value_parameters import (
    AskedValues,
    ValueParameters,
    circuit_ids,
    device_ids,
)
from quarterhour.http.values import (
    CircuitValues,
    DeviceValues,
    Sent,
    TemperatureValues,
    circuit_values,
    device_values,
    temperature_values,
)
from quarterhour.values import circuits as of_circuits
from quarterhour.values import devices as of_devices
from quarterhour.values import temperatures
from quarterhour.values.items import Section
from quarterhour.values.pages import Page, Pages

HOUSE = "/api/houses/<house>"

api = Api()


@api.get("/api/houses", summary="All houses", responses=api.documented(houses.Houses))
def get_houses() -> Answer:
    """Return the houses, by id."""
    return answer(houses.houses(api.origin, store.houses().listed()))


@api.get(HOUSE, summary="A house", responses=api.documented(houses.OneHouse, 404))
def get_house(house: HouseId) -> Answer:
    """Return a house, and where to ask for what it has."""
    found = store.houses().get(house)
    return answer(houses.OneHouse(house=houses.house_card(api.origin, found)))


@api.put(
    HOUSE,
    summary="Create or replace a house's catalogue entry",
    responses=api.documented(Version, 201, 400, 404, 413, 415),
)
def put_house(house: HouseId, entry: CatalogueEntry) -> Answer:
    """Store a house, its devices and circuits; readings of a device that is left out stay."""
    put = entry.entry()
    catalogues.check(catalogues.house(house, put))
    return stored(house, store.houses().put(house, put))


@api.get(
    f"{HOUSE}/catalogue",
    summary="A house's catalogue entry",
    responses=api.documented(CatalogueEntry, 404),
)
def get_catalogue(house: HouseId) -> Answer:
    """Return the catalogue entry as it was put."""
    return json_answer(store.houses().entry(house))


@api.get(
    f"{HOUSE}/budgets", summary="A house's budgets", responses=api.documented(KeptBudgets, 404)
)
def get_budgets(house: HouseId) -> Answer:
    """Return all budgets as they were put, by month."""
    kept = store.houses().budgets(house)
    return answer({"budgets": [{"month": month, **said} for month, said in kept.items()]})


@api.put(
    f"{HOUSE}/budgets",
    summary="Replace the budgets of some months",
    responses=api.documented(Version, 201, 400, 404, 413, 415),
)
def put_budgets(house: HouseId, months: Budgets) -> Answer:
    """Store budgets; a month that is not named keeps its own."""
    return stored(house, store.houses().put_budgets(house, months.by_month()))


@api.get(
    f"{HOUSE}/devices", summary="A house's devices", responses=api.documented(houses.Devices, 404)
)
def get_devices(house: HouseId) -> Answer:
    """Return the devices, by id."""
    return answer(houses.devices(store.houses().get(house).devices))


@api.get(
    f"{HOUSE}/circuits",
    summary="A house's circuits",
    responses=api.documented(houses.Circuits, 404),
)
def get_circuits(house: HouseId) -> Answer:
    """Return the circuits that the catalogue names, by id."""
    return answer(houses.circuits(store.houses().get(house).circuits))


@api.get(f"{HOUSE}/views", summary="A house's views", responses=api.documented(houses.Views, 404))
def get_views(house: HouseId) -> Answer:
    """Return where the views are."""
    return answer(houses.views(api.origin, store.houses().get(house)))


# --- Values: what devices, circuits and temperatures measured ------------------------------------


@api.get(
    f"{HOUSE}/devices/<devices>",
    summary="What devices measured",
    responses=api.documented(DeviceValues, 400, 404),
)
def get_device_values(  # noqa: PLR0913  what all values have
    house: HouseId,
    devices: texts.DeviceIds,
    *,
    interval: texts.ValueInterval = "",
    start: texts.StartText = "",
    end: texts.EndText = "",
    duration: texts.DurationText = "",
    fields: texts.FieldsText = "",
    after: texts.AfterText = "",
) -> Answer:
    """Return a page of at most 500 items, by date; `next` is the URL of the page after it."""
    known, ids = store.houses().get(house), device_ids(devices)
    asked = ValueParameters(interval, start, end, duration, fields, after).asked(known.zone)
    sections = of_devices.sections(known, ids, asked.fields, asked.range.interval)
    return device_values(known, ids, asked, _page(known, asked, sections), _sent())


@api.get(
    f"{HOUSE}/circuits/<circuits>",
    summary="What circuits used",
    responses=api.documented(CircuitValues, 400, 404),
)
def get_circuit_values(  # noqa: PLR0913  what all values have
    house: HouseId,
    circuits: texts.CircuitIds,
    *,
    interval: texts.ValueInterval = "",
    start: texts.StartText = "",
    end: texts.EndText = "",
    duration: texts.DurationText = "",
    fields: texts.FieldsText = "",
    after: texts.AfterText = "",
) -> Answer:
    """Return a page of at most 500 items, by date; `next` is the URL of the page after it."""
    known, ids = store.houses().get(house), circuit_ids(circuits)
    asked = ValueParameters(interval, start, end, duration, fields, after).asked(known.zone)
    sections = of_circuits.sections(known, ids, asked.fields, asked.range.interval)
    return circuit_values(known, ids, asked, _page(known, asked, sections), _sent())


@api.get(
    f"{HOUSE}/temperatures",
    summary="What all sensors showed",
    responses=api.documented(TemperatureValues, 400, 404),
)
def get_temperatures(  # noqa: PLR0913  what all values have
    house: HouseId,
    *,
    interval: texts.ValueInterval = "",
    start: texts.StartText = "",
    end: texts.EndText = "",
    duration: texts.DurationText = "",
    fields: texts.FieldsText = "",
    after: texts.AfterText = "",
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
