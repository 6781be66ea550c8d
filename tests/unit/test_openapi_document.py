"""The OpenAPI document is valid, says what is required, and names things as a person would."""

import re
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.documented import DOCUMENT, Operation, faults, operation, operations, schemas

# What client programs call: a name that is gone breaks them.
OPERATION_IDS = {
    "GET /ships": "listShips",
    "GET /ships/{ship}": "getShip",
    "GET /api/houses/{house}/now": "getHouseNow",
    "GET /api/houses": "listHouses",
    "GET /api/houses/{house}": "getHouse",
    "PUT /api/houses/{house}": "putHouse",
    "GET /api/houses/{house}/budgets": "getHouseBudgets",
    "PUT /api/houses/{house}/budgets": "putHouseBudgets",
    "GET /api/houses/{house}/catalogue": "getHouseCatalogue",
    "GET /api/houses/{house}/circuits": "listCircuits",
    "GET /api/houses/{house}/circuits/{circuits}": "getCircuitValues",
    "GET /api/houses/{house}/devices": "listDevices",
    "GET /api/houses/{house}/devices/{devices}": "getDeviceValues",
    "DELETE /api/houses/{house}/devices/{device}/readings": "deleteDeviceReadings",
    "GET /api/houses/{house}/devices/{device}/readings": "getDeviceReadings",
    "POST /api/houses/{house}/devices/{device}/readings": "postDeviceReadings",
    "GET /api/houses/{house}/devices/{device}/gaps": "getDeviceGaps",
    "GET /api/houses/{house}/temperatures": "getTemperatures",
    "GET /api/houses/{house}/views": "listViews",
    "GET /api/houses/{house}/views/default": "getDefault",
    "GET /api/houses/{house}/views/defaults": "getDefaults",
    "GET /api/houses/{house}/views/{view}": "getView",
    "GET /audit": "listCorrections",
    "DELETE /data": "deleteShipReadings",
    "GET /data": "getShipEnergy",
    "POST /data": "postShipReadings",
    "GET /data/fleet": "getFleetEnergy",
    "GET /data/gaps": "getShipGaps",
    "GET /data/readings": "getShipReadings",
    "GET /health": "getHealth",
    "GET /openapi.json": "getOpenApi",
    "GET /topusers": "getTopUsers",
}
A_RANGE = {"start", "end"}
OF_A_SHIP = {"spaceship_id", *A_RANGE}
REQUIRED = {
    "DELETE /data": OF_A_SHIP,
    "GET /data/readings": OF_A_SHIP,
    "GET /data/gaps": OF_A_SHIP,
    "DELETE /api/houses/{house}/devices/{device}/readings": A_RANGE,
    "GET /api/houses/{house}/devices/{device}/readings": A_RANGE,
    "GET /api/houses/{house}/devices/{device}/gaps": A_RANGE,
    "GET /data": OF_A_SHIP,
    "GET /data/fleet": A_RANGE,
    "GET /api/houses/{house}/circuits/{circuits}": {"interval"},
    "GET /api/houses/{house}/devices/{devices}": {"interval"},
    "GET /api/houses/{house}/temperatures": {"interval"},
    "GET /api/houses/{house}/views/{view}": {"interval"},
}
OF_KNOWN_SHIPS = {"DELETE /data", "GET /data", "GET /data/gaps", "GET /data/readings"}
HAVE_NO_TABLE = {"/health", "/openapi.json"}
EVERY = pytest.mark.parametrize("one", operations(), ids=str)


def test_the_document_is_valid_openapi_3_1() -> None:
    assert DOCUMENT["openapi"].startswith("3.1.")
    assert [str(error) for error in OpenAPIV31SpecValidator(DOCUMENT).iter_errors()] == []


def test_no_default_and_no_example_is_outside_its_own_schema() -> None:
    said = [
        (value, schema)
        for schema in schemas()
        for value in (
            *([schema["default"]] if "default" in schema and "type" in schema else ()),
            *(schema.get("examples", ()) if "type" in schema else ()),
        )
    ]
    assert len(said) > 10
    assert [fault for value, schema in said for fault in faults(value, schema)] == []


@EVERY
def test_what_is_required_is_so_in_the_document(one: Operation) -> None:
    required = {each["name"] for each in one.parameters if each["required"]}
    in_path = set(re.findall(r"{(\w+)}", one.path))
    assert required == in_path | REQUIRED.get(str(one), set())


def test_every_operation_has_the_name_that_programs_know() -> None:
    assert {str(one): one.said["operationId"] for one in operations()} == OPERATION_IDS
    assert len(set(OPERATION_IDS.values())) == len(OPERATION_IDS)


@EVERY
def test_every_operation_says_what_it_is_and_where_it_belongs(one: Operation) -> None:
    described = {tag["name"] for tag in DOCUMENT["tags"] if tag["description"]}
    (tag,) = one.said["tags"]
    assert tag in described
    assert one.said["summary"]
    assert all(each["description"] for each in one.parameters)


def test_no_tag_is_described_in_vain() -> None:
    names = [tag["name"] for tag in DOCUMENT["tags"]]
    assert sorted(names) == sorted({one.said["tags"][0] for one in operations()})


@EVERY
def test_csv_is_among_the_answers_where_it_can_be_asked_for(one: Operation) -> None:
    forms = [each["schema"]["enum"] for each in one.parameters if each["name"] == "format"]
    named = set(one.said["responses"]["200"]["content"])
    assert named == {"application/json", *(["text/csv"] if forms else [])}
    assert forms in ([], [["json", "csv"]])


@EVERY
def test_every_refusal_that_can_come_is_described(one: Operation) -> None:
    """400 is a parameter given twice, 503 a busy table; what is written can be too much."""
    named = set(one.said["responses"])
    wanted = {"200", "400"}
    wanted |= set() if one.path in HAVE_NO_TABLE else {"503"}
    wanted |= {"403", "413", "415"} if one.method in {"POST", "PUT"} else set()
    wanted |= {"403"} if one.method == "DELETE" else set()
    wanted |= {"201"} if one.method == "PUT" else set()
    wanted |= {"404"} if "{" in one.path or str(one) in OF_KNOWN_SHIPS else set()
    assert named == wanted
    for status in named - {"200", "201"}:
        said = one.said["responses"][status]
        assert said["content"] == {
            "application/json": {"schema": {"$ref": "#/components/schemas/Refused"}}
        }
        assert ("Retry-After" in said.get("headers", {})) == (status == "503")


@pytest.mark.parametrize(
    ("form", "target", "name"),
    [
        *(("2013-01-31", "/api/houses/1/views/usage", name) for name in ("start", "end")),
        *((text, "/api/houses/1/temperatures", "start") for text in ("2013", "2013-01")),
        ("12months", "/api/houses/1/views/usage", "duration"),
        ("1day", "/api/houses/1/views/usage", "duration"),
    ],
)
def test_what_the_api_takes_is_as_the_document_says(form: Any, target: str, name: str) -> None:
    (said,) = (each for each in operation("GET", target).parameters if each["name"] == name)
    assert faults(form, said["schema"]) == []
