"""A house is what its catalogue entry says; what an entry does not say is as nothing."""

from quarterhour.energy.quantities import Quantity
from quarterhour.http.ingest.catalogues import CatalogueEntry
from quarterhour.http.origin import origin
from quarterhour.sites.catalogue import budget, check, house
from quarterhour.sites.house import Budget, Circuit
from quarterhour.sites.site import Channel, Device
from tests.catalogues import entry, full

USED = Channel("used", Quantity.ENERGY)


def test_a_house_has_its_devices_and_channels_in_the_order_of_the_entry() -> None:
    found = house(5, full())
    assert [one.id for one in found.devices] == [10, 2, 3, 4, 0]
    assert [one.name for one in found.devices[0].channels] == [
        "used",
        "solar",
        "ashp",
        "adjusted_load",
    ]
    assert [one.signed for one in found.devices[0].channels] == [False, True, False, False]
    assert [(one.priority, one.role, one.location) for one in found.devices] == [
        (-3, None, None),
        (None, None, None),
        (None, "main_water", None),
        (None, "hdd_station", None),
        (None, None, "outdoor"),
    ]


def test_what_is_null_is_as_if_it_was_not_there() -> None:
    device = {
        "id": 1,
        "name": "Panel",
        "channels": {"used": {"quantity": "energy"}},
        "location": None,
        "role": None,
        "priority": None,
    }
    found = house(5, entry(device, areas={"iga": None, "ega": 0}))
    assert found.devices == (Device(1, "Panel", (USED,)),)
    assert found.areas == {"ega": 0}


def test_what_may_be_left_out_may_be_left_out() -> None:
    least = {"name": "A", "sname": "a", "timezone": "UTC", "devices": []}
    found = house(5, least)
    check(found)
    assert (found.areas, found.devices, found.circuits) == ({}, (), ())
    assert CatalogueEntry.model_validate(least).entry() == least


def test_a_circuit_without_a_description_has_an_empty_one() -> None:
    found = house(5, entry(circuits=[{"circuit_id": "stove", "name": "Stove"}]))
    assert found.circuits == (Circuit("stove", "Stove", ""),)


def test_a_budget_says_four_things_at_most() -> None:
    every = {"solar": -1, "used": 2, "hdd": 3, "water": 4}
    assert budget(every) == Budget(-1, 2, 3, 4)
    assert budget({}) == budget(dict.fromkeys(every)) == Budget()


def test_urls_begin_where_the_client_asked() -> None:
    gateway = {"domainName": "abc.execute-api.eu-central-1.amazonaws.com"}
    behind = {"x-forwarded-proto": "https", "host": "api.example.org"}
    assert origin({"headers": behind, "requestContext": gateway}) == "https://api.example.org"
    alone = {"headers": {}, "requestContext": gateway}
    assert origin(alone) == f"https://{gateway['domainName']}"
    local = {"x-forwarded-proto": "http", "host": "127.0.0.1:3000"}
    assert origin({"headers": local, "requestContext": gateway}) == "http://127.0.0.1:3000"
