"""What is put about houses comes back as it was put, at once, and whole."""

import json
from typing import Any

import pytest

from quarterhour.sites.house import Budget
from quarterhour.store.environment import calls, environment, house_entries
from quarterhour.store.table import keys
from quarterhour.store.table.registry import Registry
from quarterhour.time.calendar import month_text, zone
from quarterhour.time.instants import parse
from tests.builders import channel_batch, values
from tests.catalogues import BUDGETS, PATH, budgets, circuit, entry, full, meter, sensor
from tests.conftest import Call
from tests.counting import Counted

pytestmark = pytest.mark.integration

HERE = {"host": "127.0.0.1:3000"}
THERE = "http://127.0.0.1:3000/api/houses"


def test_a_house_is_created_once_and_then_replaced(call: Call) -> None:
    answers = [call("PUT", PATH, entry()) for _ in range(3)]
    assert [one.status for one in answers] == [201, 200, 200]
    assert [one.json for one in answers] == [
        {"house_id": 5, "version": version} for version in (1, 2, 3)
    ]


def test_the_catalogue_comes_back_as_it_was_put(call: Call) -> None:
    call("PUT", PATH, full())
    answer = call("GET", f"{PATH}catalogue/")
    assert (answer.status, answer.json) == (200, full())
    assert list(answer.json["devices"][0]["channels"]) == [*full()["devices"][0]["channels"]]


def test_the_least_that_can_be_said_of_a_house(call: Call) -> None:
    least = {"name": "A", "sname": "a", "timezone": "UTC", "devices": []}
    assert call("PUT", PATH, least).status == 201
    assert call("GET", f"{PATH}catalogue").json == least
    assert call("GET", f"{PATH}devices/").json == {"devices": []}
    assert call("GET", f"{PATH}circuits/").json == {"circuits": []}


def test_numbers_come_back_as_they_were_written_but_for_minus_0(call: Call) -> None:
    call("PUT", PATH, entry(areas={"iga": 1500, "ciga": 1200.5, "ega": -0.0}))
    text = call("GET", f"{PATH}catalogue/").text
    assert '"areas":{"iga":1500,"ciga":1200.5,"ega":0.0}' in text


def test_what_is_not_known_here_is_ignored_at_every_level(call: Call) -> None:
    more = {"colour": "red", "nested": {"very": [None, "deep"]}}
    put = entry(
        {**meter(), "channels": {"used": {"quantity": "energy", **more}}, **more},
        areas={"iga": 1, **more},
        circuits=[{**circuit("stove"), **more}],
        **more,
    )
    assert call("PUT", PATH, put).status == 201
    kept = entry(meter(), areas={"iga": 1}, circuits=[circuit("stove")])
    assert call("GET", f"{PATH}catalogue/").json == kept


def test_a_replaced_entry_leaves_nothing_of_the_one_before(call: Call) -> None:
    call("PUT", PATH, full())
    put = entry(meter(7), name="Another", sname="Other")
    call("PUT", PATH, put)
    assert call("GET", f"{PATH}catalogue/").json == put
    assert call("GET", f"{PATH}devices/").json == {"devices": [{"id": 7, "name": "device 7"}]}
    (listed,) = call("GET", "/api/houses/").json["houses"]
    assert (listed["name"], listed["sname"]) == ("Another", "Other")


def test_there_are_no_houses_at_first(call: Call) -> None:
    answer = call("GET", "/api/houses/")
    assert (answer.status, answer.json) == (200, {"houses": []})


def test_houses_are_listed_by_their_number_of_all_shards(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHARDS", "4")
    environment.cache_clear()
    for house in (10, 9, 0, 2**53 - 1, 100):
        call("PUT", f"/api/houses/{house}/", entry(sname=f"house {house}"))
    listed = call("GET", "/api/houses/", **HERE).json["houses"]
    assert [one["house_id"] for one in listed] == [0, 9, 10, 100, 2**53 - 1]
    assert listed[1] == {
        "house_id": 9,
        "name": "A house by the river",
        "sname": "house 9",
        "url": f"{THERE}/9/",
    }


def test_a_house_says_where_to_ask_for_what_it_has(call: Call) -> None:
    call("PUT", PATH, entry())
    assert call("GET", PATH, **HERE).json == {
        "house": {
            "id": 5,
            "name": "A house by the river",
            "sname": "River",
            "devices": f"{THERE}/5/devices/",
            "circuits": f"{THERE}/5/circuits/",
            "views": f"{THERE}/5/views/",
        }
    }


def test_the_views_are_eight_in_this_order(call: Call) -> None:
    call("PUT", PATH, entry())
    names = ["default", "summary", "generation", "usage", "hdd", "water", "heatmap", "chart"]
    assert call("GET", f"{PATH}views/", **HERE).json == {
        "views": [f"{THERE}/5/views/{name}/" for name in names]
    }


def test_houses_are_listed_in_pages(call: Call) -> None:
    for house in (10, 9, 0, 100, 5):
        call("PUT", f"/api/houses/{house}/", entry(name=f"House {house}"))
    seen, target = list[list[int]](), "/api/houses/?limit=2"
    while target:
        page = call("GET", target).json
        seen.append([house["house_id"] for house in page["houses"]])
        _, path, query = page.get("next", "").partition("/api/houses/")
        target = path + query
    assert seen == [[0, 5], [9, 10], [100]]
    assert call("GET", "/api/houses/?limit=5").json.keys() == {"houses"}
    assert call("GET", "/api/houses/?after=100").json == {"houses": []}


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "limit=x", "after=-1", "after=1.5"])
def test_a_page_of_houses_that_cannot_be_is_refused(call: Call, query: str) -> None:
    answer = call("GET", f"/api/houses/?{query}")
    assert (answer.status, answer.json["details"][0]["field"]) == (400, query.partition("=")[0])


@pytest.mark.parametrize("target", ["/api/houses/", PATH, f"{PATH}views/"])
def test_the_urls_that_are_given_lead_somewhere(call: Call, target: str) -> None:
    call("PUT", PATH, entry())
    said = call("GET", target, **HERE).text.split('"')
    urls = [part for part in said if part.startswith(THERE) and "/views/" not in part]
    if target != f"{PATH}views/":
        assert urls
    for url in urls:
        assert call("GET", url.removeprefix("http://127.0.0.1:3000")).status == 200


def test_devices_are_of_this_house_only_and_by_id(call: Call) -> None:
    call("PUT", PATH, entry(meter(30), meter(4), sensor(100, "outdoor")))
    call("PUT", "/api/houses/6/", entry(meter(8)))
    assert call("GET", f"{PATH}devices/").json == {
        "devices": [
            {"id": 4, "name": "device 4"},
            {"id": 30, "name": "device 30"},
            {"id": 100, "name": "device 100"},
        ]
    }


def test_circuits_are_by_id_and_have_a_description_if_an_empty_one(call: Call) -> None:
    nameless = {"circuit_id": "ashp", "name": "Heat pump"}
    call("PUT", PATH, entry(circuits=[circuit("stove", description="Hot"), nameless]))
    assert call("GET", f"{PATH}circuits/").json == {
        "circuits": [
            {"circuit_id": "ashp", "name": "Heat pump", "description": ""},
            {"circuit_id": "stove", "name": "The stove", "description": "Hot"},
        ]
    }


# --- Budgets --------------------------------------------------------------------------------------

JANUARY = {"solar": -430, "used": 820.5, "hdd": 1300, "water": None}


def test_a_house_has_no_budgets_at_first(call: Call) -> None:
    call("PUT", PATH, entry())
    answer = call("GET", BUDGETS)
    assert (answer.status, answer.json) == (200, {"budgets": []})


def test_budgets_come_back_by_month_as_they_were_put(call: Call) -> None:
    call("PUT", PATH, entry())
    call("PUT", BUDGETS, budgets(m2014_02={"used": 1}, m2013_01=JANUARY, m2013_11={}))
    assert call("GET", BUDGETS).json == budgets(m2013_01=JANUARY, m2013_11={}, m2014_02={"used": 1})


def test_a_month_that_is_put_is_replaced_whole_and_no_other(call: Call) -> None:
    call("PUT", PATH, entry())
    call("PUT", BUDGETS, budgets(m2013_01=JANUARY, m2013_02=JANUARY))
    call("PUT", BUDGETS, budgets(m2013_02={"water": 7}, m2013_03={"used": 3}))
    assert call("GET", BUDGETS).json == budgets(
        m2013_01=JANUARY, m2013_02={"water": 7}, m2013_03={"used": 3}
    )


def test_budgets_have_versions_of_their_own(call: Call) -> None:
    call("PUT", PATH, entry())
    call("PUT", PATH, entry())
    answers = [call("PUT", BUDGETS, budgets(m2013_01=JANUARY)) for _ in range(2)]
    assert [(one.status, one.json["version"]) for one in answers] == [(201, 1), (200, 2)]
    assert call("PUT", PATH, entry()).json["version"] == 3


def test_a_new_entry_leaves_the_budgets_as_they_are(call: Call) -> None:
    call("PUT", PATH, entry())
    call("PUT", BUDGETS, budgets(m2013_01=JANUARY))
    call("PUT", PATH, full())
    assert call("GET", BUDGETS).json == budgets(m2013_01=JANUARY)


def test_a_month_given_twice_alike_counts_once(call: Call) -> None:
    call("PUT", PATH, entry())
    twice = {"budgets": [{"month": "2013-01", "used": 8, "solar": -1}] * 2}
    assert call("PUT", BUDGETS, twice).status == 201
    assert call("GET", BUDGETS).json == {"budgets": twice["budgets"][:1]}


def months(count: int) -> dict[str, Any]:
    """Return budgets of so many months from 2000 on, as long as they can be."""
    said = dict.fromkeys(("solar", "used", "hdd", "water"), -0.12345678901234568)
    month, begin = zone("UTC"), parse("2000-01-01T00:00:00Z")
    found = []
    for _ in range(count):
        found.append({"month": month_text(begin), **said})
        begin = month.next_month(begin)
    return {"budgets": found}


def test_twenty_years_of_budgets_are_put_at_once_and_a_hundred_are_kept(call: Call) -> None:
    call("PUT", PATH, entry())
    every = months(1200)["budgets"]
    for first in range(0, 1200, 240):
        assert call("PUT", BUDGETS, {"budgets": every[first : first + 240]}).status < 300
    assert call("GET", BUDGETS).json == {"budgets": every}
    assert len(house_entries().get(5).budgets) == 1200


# --- Limits ---------------------------------------------------------------------------------------


def wide(devices: int, channels: int) -> dict[str, Any]:
    """Return an entry of so many devices with so many channels of long names."""
    names = [f"channel_{nth:03}_of_forty_characters_in_all_x" for nth in range(channels)]
    return entry(*(meter(device, *names) for device in range(devices)))


def test_a_house_may_have_100_devices_and_a_device_100_channels(call: Call) -> None:
    assert call("PUT", PATH, wide(100, 3)).status == 201
    assert call("PUT", PATH, wide(3, 100)).status == 200
    assert call("GET", f"{PATH}catalogue/").json == wide(3, 100)


def as_long_as(size: int) -> dict[str, Any]:
    """Return an entry of so many bytes as compact JSON."""
    named = [{**circuit(f"c{nth}"), "name": "n" * 200} for nth in range(200)]
    put = wide(10, 100) | {"circuits": named}
    missing = size - len(json.dumps(put, separators=(",", ":")))
    for one in put["circuits"]:
        one["description"] = "d" * min(missing, 1000)
        missing -= len(one["description"])
    return put


def test_an_entry_of_300_000_bytes_fits_and_one_of_a_byte_more_does_not(call: Call) -> None:
    longest = as_long_as(300_000)
    assert call("PUT", PATH, longest).status == 201
    assert len(call("GET", f"{PATH}catalogue/").body) == 300_000
    answer = call("PUT", PATH, as_long_as(300_001))
    assert answer.status == 413
    assert "300,000 bytes" in answer.json["error"]
    assert call("GET", f"{PATH}catalogue/").json == longest


# --- Paths and methods ----------------------------------------------------------------------------

READS = ("", "catalogue", "budgets", "devices", "circuits", "views")


@pytest.mark.parametrize("path", READS)
def test_paths_work_with_and_without_a_slash_at_the_end(call: Call, path: str) -> None:
    call("PUT", PATH.rstrip("/"), full())
    call("PUT", BUDGETS.rstrip("/"), budgets(m2013_01=JANUARY))
    target = f"{PATH}{path}".rstrip("/")
    with_it, without = (call("GET", f"{target}{end}", **HERE) for end in ("/", ""))
    assert with_it.status == without.status == 200
    assert with_it.body == without.body != b""


@pytest.mark.parametrize("path", ["/api/houses/", *(f"{PATH}{path}" for path in READS)])
def test_a_head_is_the_get_without_its_body(call: Call, path: str) -> None:
    assert call("HEAD", path).status == call("GET", path).status
    call("PUT", PATH, full())
    head, get = call("HEAD", path), call("GET", path)
    assert (head.status, get.status, head.body) == (200, 200, b"")
    assert head.headers["content-type"] == get.headers["content-type"]


@pytest.mark.parametrize(
    "path", ["/data?spaceship_id=1&start=2018-08-24T00:00Z&end=2018-08-25T00:00Z", "/topusers"]
)
def test_a_head_is_answered_for_the_fleet_too(call: Call, path: str) -> None:
    head, get = call("HEAD", path), call("GET", path)
    assert (head.status, head.body) == (get.status, b"")


@pytest.mark.parametrize("path", [PATH, BUDGETS, "/api/houses/"])
def test_a_preflight_allows_no_put(call: Call, path: str) -> None:
    asked = {"origin": "https://bridge.example", "access-control-request-method": "PUT"}
    answer = call("OPTIONS", path, **asked)
    assert answer.status == 204
    assert set(answer.headers["access-control-allow-methods"].split(",")) == {
        "GET",
        "HEAD",
        "OPTIONS",
    }


# --- What the store says of a house ---------------------------------------------------------------


def test_a_house_is_read_with_its_budgets_in_one_strong_query(call: Call, counted: Counted) -> None:
    call("PUT", PATH, full())
    call("PUT", BUDGETS, budgets(m2013_01=JANUARY))
    counted.calls.clear()
    house = house_entries().get(5)
    assert counted.calls == ["Query"]
    assert [device.id for device in house.devices] == [10, 2, 3, 4, 0]
    assert house.budgets == {"2013-01": Budget(solar=-430, used=820.5, hdd=1300)}
    assert (house.version, house.has_totals, house.owner) == (1, False, "H5")


def test_a_house_remembers_when_it_was_first_put_and_that_it_has_totals(call: Call) -> None:
    call("PUT", PATH, entry())
    first = house_entries().get(5)
    body = channel_batch(values(used=1), interval="P1M")
    assert call("POST", f"{PATH}devices/1/readings/", body).status == 200
    call("PUT", PATH, full())
    house = house_entries().get(5)
    assert (house.created_ms, house.has_totals, house.version) == (first.created_ms, True, 2)
    registry = Registry(calls(), keys.HOUSES, shards=1)
    assert registry.created() == [house.created_ms]
    assert registry.owners(0) == ["H5"]
